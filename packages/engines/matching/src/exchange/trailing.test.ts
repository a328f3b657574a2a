import { expectOk } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { ANN, BEN, CYD, SYMBOL, limit, openExchange, order } from './exchange.test-support.ts';

/** The documented scenarios of trailing orders with a stop price: the last price is 40,000 when the order comes. */
const SCENARIOS = [
  {
    name: 'a STOP_LOSS_LIMIT that buys 5 % above the lowest price since 44,000 was reached',
    draft: { side: 'buy', type: 'STOP_LOSS_LIMIT', stopPrice: 44_000, trailingDelta: 500, price: 45_000 },
    waits: [37_000, 38_900, 44_000, 45_000, 46_000, 42_000, 44_099],
    triggers: 44_100,
  },
  {
    name: 'a STOP_LOSS_LIMIT that sells 10 % below the highest price since 39,000 was reached',
    draft: { side: 'sell', type: 'STOP_LOSS_LIMIT', stopPrice: 39_000, trailingDelta: 1_000, price: 38_000 },
    waits: [41_500, 39_000, 37_000, 41_000, 36_901],
    triggers: 36_900,
  },
  {
    name: 'a TAKE_PROFIT_LIMIT that buys 8.5 % above the lowest price since 38,000 was reached',
    draft: { side: 'buy', type: 'TAKE_PROFIT_LIMIT', stopPrice: 38_000, trailingDelta: 850, price: 38_500 },
    waits: [42_000, 38_000, 37_000, 39_000, 38_000, 40_144],
    triggers: 40_145,
  },
  {
    name: 'a TAKE_PROFIT_LIMIT that sells 7.5 % below the highest price since 42,000 was reached',
    draft: { side: 'sell', type: 'TAKE_PROFIT_LIMIT', stopPrice: 42_000, trailingDelta: 750, price: 41_000 },
    waits: [41_500, 39_000, 42_000, 45_000, 44_000, 46_500, 43_013],
    triggers: 43_012,
  },
] as const;

describe('a trailing order with a stop price', () => {
  it.each(SCENARIOS)('$name', ({ draft, waits, triggers }) => {
    const { exchange, heard } = openExchange(undefined, { openingPrice: 40_000 });
    const { orderId } = expectOk(exchange.place(order(BEN, { ...draft, timeInForce: 'gtc', quantity: 5 }), 1));
    const told = (): readonly string[] =>
      heard.reports.filter((report) => report.orderId === orderId).map((report) => `${report.workingUs >= 0}`);
    const trade = (at: number, us: number): void => {
      expectOk(exchange.place(limit(ANN, 'sell', at, 1), us));
      expectOk(exchange.place(limit(CYD, 'buy', at, 1), us));
    };
    for (const [at, price] of waits.entries()) trade(price, at + 2);
    expect(told()).toEqual(['false']);
    trade(triggers, 100);
    expect(told()).toEqual(['false', 'true']);
    const resting = exchange.depth(SYMBOL, 1);
    expect(draft.side === 'buy' ? resting?.bids : resting?.asks).toEqual([[draft.price, 5]]);
  });
});
