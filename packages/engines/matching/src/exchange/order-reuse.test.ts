import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from './compared.test-support.ts';
import { Exchange } from './exchange.ts';
import type { ExecutionReport } from './execution-report.ts';
import {
  ANN,
  BEN,
  BTC,
  CYD,
  limit,
  money,
  openExchange,
  Recorder,
  SYMBOL,
  ticks,
  USDT,
} from './exchange.test-support.ts';
import type { OrderView } from './order-view.ts';
import { commandOf, draws, execute, MIDDLE } from './random-commands.test-support.ts';
import { isFinalAtExchange } from './vocabulary.ts';

/** All that can be read of an order. */
const readingOf = (order: OrderView): readonly unknown[] => [
  order.symbol,
  order.orderId,
  order.orderListId,
  order.clientOrderId,
  order.side,
  order.type,
  order.timeInForce,
  order.status,
  order.price,
  order.stopPrice,
  order.trailingDelta,
  order.icebergQuantity,
  order.quantity,
  order.quoteOrderQuantity,
  order.executed,
  order.prevented,
  order.cumulativeQuote,
  order.selfTradeMode,
  order.strategyId,
  order.strategyType,
  order.createdUs,
  order.updatedUs,
  order.workingUs,
  order.trailingUs,
  order.isWorking,
  order.preventedMatchId,
];

const readingOfReport = (report: ExecutionReport): readonly unknown[] => [
  ...readingOf(report),
  report.account,
  report.executionId,
  report.executionType,
  report.originalClientOrderId,
  report.expiryReason,
  report.execution?.tradeId,
  report.lastQuote,
];

/** What never changes in an order's life. */
const identityOf = ({ orderId, side, type, price, createdUs, selfTradeMode, stopPrice }: OrderView): string =>
  [orderId, side, type, price, createdUs, selfTradeMode, stopPrice].join(' ');

describe('an order that takes the place of one that has ended', () => {
  it.each(SETTINGS.map((setting, index) => [index, setting] as const))(
    'changes nothing of what was told of the other (setting %i)',
    { timeout: 60_000 },
    (_, { rules, exchangeRules }) => {
      let ended = 0;
      fc.assert(
        fc.property(draws(150), (drawn) => {
          const heard = new Recorder();
          const told: { readonly order: OrderView; readonly was: readonly unknown[] }[] = [];
          const exchange = new Exchange({
            symbols: [{ rules, openingPrice: ticks(MIDDLE) }],
            listener: heard,
            rules: exchangeRules,
          });
          for (const account of [ANN, BEN, CYD]) {
            const balances = [BTC, USDT].map((asset) => ({ asset, free: money('0.4') }));
            exchange.addAccount(account, { balances, tradeGroupId: account === CYD ? null : 7 });
          }
          const reports: (readonly [ExecutionReport, readonly unknown[]])[] = [];
          const identities = new Map<number, string>();
          let us = 1_700_000_000_000_000;
          for (const draw of drawn) {
            us += draw.waitsMs * 1_000;
            const from = heard.reports.length;
            execute(exchange, commandOf(draw, exchange), us);
            for (const report of heard.reports.slice(from)) {
              reports.push([report, readingOfReport(report)]);
              const identity = identityOf(report);
              expect(identities.get(report.orderId) ?? identity).toBe(identity);
              identities.set(report.orderId, identity);
              if (isFinalAtExchange(report.status)) ended += 1;
            }
            const open = [ANN, BEN, CYD].flatMap((account) => exchange.openOrders(account, SYMBOL));
            for (const order of open) {
              expect(identityOf(order)).toBe(identities.get(order.orderId));
              told.push({ order, was: readingOf(order) });
            }
            // The snapshot counts the orders that are kept: none that has ended is, but in a list that has not.
            exchange.snapshot();
          }
          for (const [report, was] of reports) expect(readingOfReport(report)).toEqual(was);
          for (const { order, was } of told.filter((_each, at) => at % 17 === 0)) {
            expect(readingOf(order)).toEqual(was);
          }
        }),
        { numRuns: 30 },
      );
      expect(ended).toBeGreaterThan(80);
    },
  );

  it('answers a placed order as it was last told of, and no more', () => {
    const { exchange, heard } = openExchange();
    const placed = exchange.place(limit(ANN, 'buy', 100, 5), 1);
    if (!placed.ok) throw new Error(placed.fault.message);
    expect(placed.value).toBe(heard.reports.at(-1));
    const reference = { account: ANN, symbol: SYMBOL, orderId: placed.value.orderId, clientOrderId: null };
    expect(exchange.isOpen(reference)).toBe(true);
    exchange.place(limit(BEN, 'sell', 100, 5), 2);
    expect(placed.value).toMatchObject({ status: 'NEW', executed: 0 });
    expect(exchange.isOpen(reference)).toBe(false);
    expect(exchange.order(reference)).toBeNull();
    const next = exchange.place(limit(BEN, 'sell', 101, 7), 3);
    expect(next).toMatchObject({ ok: true, value: { price: 101, quantity: 7, status: 'NEW' } });
    expect(placed.value).toMatchObject({ orderId: 1, price: 100, quantity: 5 });
  });
});
