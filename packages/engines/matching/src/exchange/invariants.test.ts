import { expectOk, parseDecimal } from '@monsta/core';
import type { AccountId, Amount } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Exchange } from './exchange.ts';
import type { ExecutionReport } from './execution-report.ts';
import { ANN, BEN, BNB, BTC, CYD, OPEN_RULES, Recorder, SYMBOL, USDT, money, ticks } from './exchange.test-support.ts';
import { commandOf, draws, execute, MIDDLE, type Draw } from './random-commands.test-support.ts';
import { isFinalAtExchange, type DepthSnapshot } from './vocabulary.ts';

const RUNS = { numRuns: 60 };

function setUp(): { readonly exchange: Exchange; readonly heard: Recorder } {
  const heard = new Recorder();
  const exchange = new Exchange({
    symbols: [{ rules: OPEN_RULES, openingPrice: ticks(MIDDLE) }],
    listener: heard,
    discount: { asset: BNB, payPpm: 750_000 },
  });
  exchange.setDiscountPrice(USDT, expectOk(parseDecimal('260')));
  for (const account of [ANN, BEN, CYD]) {
    exchange.addAccount(account, {
      balances: [
        { asset: BTC, free: money('0.05') },
        { asset: USDT, free: money('0.6') },
        { asset: BNB, free: money('0.00002') },
      ],
      paysInDiscountAsset: account === CYD,
    });
  }
  return { exchange, heard };
}

/** Runs drawn commands and looks at the exchange after each. */
function each(drawn: readonly Draw[], look: (at: ReturnType<typeof setUp>) => void): ReturnType<typeof setUp> {
  const opened = setUp();
  let us = 1_700_000_000_000_000;
  for (const draw of drawn) {
    us += draw.waitsMs * 1_000;
    execute(opened.exchange, commandOf(draw, opened.exchange), us);
    look(opened);
  }
  return opened;
}

const lineOf = (report: ExecutionReport): string =>
  [
    report.executionId,
    report.orderId,
    report.executionType,
    report.status,
    report.cumulativeQuantity,
    report.cumulativeQuote,
    report.execution?.commission,
    report.timeUs,
  ].join(' ');

describe('whatever is asked of the exchange', () => {
  it('its book is never crossed, and its levels are in order', () => {
    fc.assert(
      fc.property(draws(150), (drawn) => {
        each(drawn, ({ exchange }) => {
          const { bids, asks } = exchange.depth(SYMBOL, 1_000) ?? { bids: [], asks: [] };
          const prices = [...bids.map(([price]) => price).toReversed(), ...asks.map(([price]) => price)];
          expect(prices.every((price, at) => at === 0 || price > (prices[at - 1] ?? 0))).toBe(true);
          expect([...bids, ...asks].every(([, quantity]) => quantity > 0)).toBe(true);
        });
      }),
      RUNS,
    );
  });

  it('no unit of any asset comes or goes, fees counted', () => {
    fc.assert(
      fc.property(draws(150), (drawn) => {
        const sumOf = (exchange: Exchange): Map<string, bigint> => {
          const sums = new Map<string, bigint>(exchange.feesCollected());
          for (const account of [ANN, BEN, CYD]) {
            for (const { asset, free, locked } of exchange.positions(account)) {
              expect(free >= 0n && locked >= 0n).toBe(true);
              sums.set(asset, (sums.get(asset) ?? 0n) + free + locked);
            }
          }
          return sums;
        };
        const start = sumOf(setUp().exchange);
        each(drawn, ({ exchange }) => expect(sumOf(exchange)).toEqual(start));
      }),
      RUNS,
    );
  });

  it('every order reaches exactly one final state, and holds nothing afterwards', () => {
    fc.assert(
      fc.property(draws(150), (drawn) => {
        const { exchange, heard } = each(drawn, () => undefined);
        for (const account of [ANN, BEN, CYD]) exchange.cancelAll(account, SYMBOL, 1_800_000_000_000_000);
        const finals = new Map<number, number>();
        for (const { orderId, status } of heard.reports) {
          expect(finals.get(orderId) ?? 0, `order ${orderId} was told of after its end`).toBe(0);
          finals.set(orderId, isFinalAtExchange(status) ? 1 : 0);
        }
        expect([...finals.values()].every((count) => count === 1)).toBe(true);
        for (const account of [ANN, BEN, CYD]) {
          expect(exchange.positions(account).every(({ locked }) => locked === 0n)).toBe(true);
        }
        expect(exchange.depth(SYMBOL, 10)).toMatchObject({ bids: [], asks: [] });
      }),
      RUNS,
    );
  });

  it('a list is done when, and only when, none of its orders is open any more', () => {
    fc.assert(
      fc.property(draws(150), (drawn) => {
        each(drawn, ({ exchange, heard }) => {
          const types = new Map(heard.lists.map(({ orderListId, listStatusType }) => [orderListId, listStatusType]));
          const going = [...types].filter(([, type]) => type !== 'ALL_DONE').map(([id]) => id);
          const open = [ANN, BEN, CYD].flatMap((account) => exchange.openOrders(account, SYMBOL));
          const ofLists = open.map(({ orderListId }) => orderListId).filter((id) => id !== -1);
          expect(new Set(ofLists)).toEqual(new Set(going));
        });
      }),
      RUNS,
    );
  });

  it('what an order executed is the sum of its trades, and both sides of a trade agree', () => {
    fc.assert(
      fc.property(draws(150), (drawn) => {
        const { heard } = each(drawn, () => undefined);
        const executed = new Map<number, { quantity: number; quote: bigint }>();
        for (const report of heard.reports) {
          const sum = executed.get(report.orderId) ?? { quantity: 0, quote: 0n };
          sum.quantity += report.execution?.quantity ?? 0;
          sum.quote += report.lastQuote;
          executed.set(report.orderId, sum);
          expect([report.cumulativeQuantity, report.cumulativeQuote]).toEqual([sum.quantity, sum.quote]);
          expect(report.cumulativeQuantity + report.preventedQuantity).toBeLessThanOrEqual(report.quantity);
          expect(report.status === 'FILLED').toBe(report.cumulativeQuantity === report.quantity);
        }
        for (const { tradeId, price, quantity, buyerOrderId, sellerOrderId } of heard.trades) {
          const sides = heard.reports.filter(({ execution }) => execution?.tradeId === tradeId);
          expect(new Set(sides.map(({ orderId }) => orderId))).toEqual(new Set([buyerOrderId, sellerOrderId]));
          expect(sides).toHaveLength(2);
          expect(sides.every(({ execution }) => execution?.price === price && execution.quantity === quantity)).toBe(
            true,
          );
        }
      }),
      RUNS,
    );
  });

  it('a book kept from its deltas is the book, and so are the best prices that it tells', () => {
    fc.assert(
      fc.property(draws(150), fc.integer({ min: 1, max: 9 }), (drawn, every) => {
        const bids = new Map<number, number>();
        const asks = new Map<number, number>();
        let lastId = 0;
        let commands = 0;
        each(drawn, ({ exchange, heard }) => {
          commands += 1;
          if (commands % every > 0) return;
          const delta = exchange.drainDepth(SYMBOL);
          if (delta === null) return;
          if (delta === 'overflowed') throw new Error('so few levels cannot overflow');
          expect(delta.firstUpdateId).toBe(lastId + 1);
          lastId = delta.lastUpdateId;
          for (const [side, levels] of [
            [bids, delta.bids],
            [asks, delta.asks],
          ] as const) {
            for (const [price, quantity] of levels) {
              if (quantity === 0) side.delete(price);
              else side.set(price, quantity);
            }
          }
          const kept: DepthSnapshot = {
            lastUpdateId: lastId,
            bids: [...bids].toSorted(([left], [right]) => right - left) as unknown[] as DepthSnapshot['bids'],
            asks: [...asks].toSorted(([left], [right]) => left - right) as unknown[] as DepthSnapshot['asks'],
          };
          expect(exchange.depth(SYMBOL, 1_000)).toEqual(kept);
          const told = heard.bests.at(-1);
          const now = exchange.best(SYMBOL);
          expect([told?.bidPrice ?? 0, told?.bidQuantity ?? 0, told?.askPrice ?? 0, told?.askQuantity ?? 0]).toEqual([
            now?.bidPrice,
            now?.bidQuantity,
            now?.askPrice,
            now?.askQuantity,
          ]);
        });
      }),
      RUNS,
    );
  });

  it('an account that adds up what it is told of has its balances', () => {
    fc.assert(
      fc.property(draws(100), (drawn) => {
        const { exchange, heard } = each(drawn, () => undefined);
        const told = new Map<AccountId, Map<string, readonly [Amount, Amount]>>();
        for (const { account, positions } of heard.accounts) {
          const known = told.get(account) ?? new Map<string, readonly [Amount, Amount]>();
          for (const { asset, free, locked } of positions) known.set(asset, [free, locked]);
          told.set(account, known);
        }
        for (const [account, known] of told) {
          for (const { asset, free, locked } of exchange.positions(account)) {
            const last = known.get(asset);
            if (last !== undefined) expect(last).toEqual([free, locked]);
          }
        }
        expect(told.size).toBeGreaterThan(0);
      }),
      RUNS,
    );
  });

  it('the same commands give the same reports, to the letter', () => {
    fc.assert(
      fc.property(draws(100), (drawn) => {
        const first = each(drawn, () => undefined).heard;
        const second = each(drawn, () => undefined).heard;
        expect(second.reports.map(lineOf)).toEqual(first.reports.map(lineOf));
        expect(second.trades).toEqual(first.trades);
      }),
      RUNS,
    );
  });
});
