import type { Price } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Exchange } from './exchange.ts';
import type { ExchangeListener } from './exchange-context.ts';
import type { ExecutionReport } from './execution-report.ts';
import { ANN, BEN, BTC, CYD, OPEN_RULES, SYMBOL, USDT, money, ticks } from './exchange.test-support.ts';
import { commandOf, draws, execute, MIDDLE, type Draw } from './random-commands.test-support.ts';
import { isFinalAtExchange, type ExchangeTrade } from './vocabulary.ts';

interface Working {
  readonly isBuy: boolean;
  readonly price: Price;
  /** The report that told of its coming to the book. */
  readonly since: number;
}

/** Follows the reports alone, and holds every trade's maker against all others that stood in the book. */
class PriorityWitness implements ExchangeListener {
  readonly working = new Map<number, Working>();
  readonly faults: string[] = [];
  trades = 0;
  /** Trades that had a choice between several makers of one price. */
  chosen = 0;

  onReport(report: ExecutionReport): void {
    const { orderId, status, executionType, workingUs, executionId, side, price } = report;
    if (isFinalAtExchange(status)) this.working.delete(orderId);
    else if (executionType === 'NEW' && workingUs >= 0) {
      this.working.set(orderId, { isBuy: side === 'buy', price, since: executionId });
    }
  }

  onTrade({ buyerOrderId, sellerOrderId, buyerIsMaker, tradeId, price }: ExchangeTrade): void {
    const [makerId, takerId] = buyerIsMaker ? [buyerOrderId, sellerOrderId] : [sellerOrderId, buyerOrderId];
    this.trades += 1;
    const maker = this.working.get(makerId);
    if (maker === undefined || maker.price !== price) {
      this.faults.push(`trade ${tradeId} at ${price}: its maker ${makerId} does not stand there`);
      return;
    }
    for (const [id, other] of this.working) {
      if (id === makerId || id === takerId || other.isBuy !== buyerIsMaker) continue;
      if (buyerIsMaker ? other.price > price : other.price < price)
        this.faults.push(`trade ${tradeId}: ${id} is better`);
      if (other.price !== price) continue;
      this.chosen += 1;
      if (other.since < maker.since) this.faults.push(`trade ${tradeId}: ${id} came before ${makerId}`);
    }
  }

  onBest(): void {
    // Priority shows in trades and reports alone.
  }
  onListStatus(): void {
    // As above.
  }
  onAccount(): void {
    // As above.
  }
}

/** Runs commands without icebergs, whose parts queue again and again. */
function run(drawn: readonly Draw[]): PriorityWitness {
  const witness = new PriorityWitness();
  const exchange = new Exchange({
    symbols: [{ rules: OPEN_RULES, openingPrice: ticks(MIDDLE) }],
    listener: witness,
  });
  for (const account of [ANN, BEN, CYD]) {
    exchange.addAccount(account, { balances: [BTC, USDT].map((asset) => ({ asset, free: money('100') })) });
  }
  for (const [at, draw] of drawn.entries()) {
    const command = commandOf({ ...draw, extra: Math.max(1, draw.extra) }, exchange);
    execute(exchange, command, 1_700_000_000_000_000 + at);
  }
  expect(exchange.openOrders(ANN, SYMBOL).every(({ status }) => !isFinalAtExchange(status))).toBe(true);
  return witness;
}

describe('price and time', () => {
  it(
    'decide whose order trades: no better price and no older order of that price is passed over',
    { timeout: 60_000 },
    () => {
      let trades = 0;
      let chosen = 0;
      fc.assert(
        fc.property(draws(200), (drawn) => {
          const witness = run(drawn);
          expect(witness.faults).toEqual([]);
          trades += witness.trades;
          chosen += witness.chosen;
        }),
        { numRuns: 150 },
      );
      expect(trades).toBeGreaterThan(500);
      expect(chosen).toBeGreaterThan(150);
    },
  );
});
