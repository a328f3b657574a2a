import { assetId, baseAmount, clientOrderId, isFinal, notional, price, quantity, timestampUs } from '@monsta/core';
import type { Fill } from '@monsta/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AccountChange } from './changes.ts';
import { FeedMatching } from './feed-matching.ts';
import { DEFAULT_FILL_MODEL } from './fill-model.ts';
import { BTCUSDT, NOTHING, orderOf, quoteAt, tradeAt, usdt } from './market.test-support.ts';
import { VenueAccount } from './venue-account.ts';

const step = fc.oneof(
  fc.record({
    kind: fc.constant('quote' as const),
    bid: fc.integer({ min: 900, max: 1_100 }),
    spread: fc.integer({ min: 1, max: 20 }),
    shown: fc.integer({ min: 0, max: 900_000 }),
  }),
  fc.record({
    kind: fc.constant('trade' as const),
    at: fc.integer({ min: 880, max: 1_120 }),
    size: fc.integer({ min: 1, max: 900_000 }),
  }),
  fc.record({
    kind: fc.constant('order' as const),
    buy: fc.boolean(),
    size: fc.integer({ min: 0, max: 900_000 }),
    limit: fc.option(fc.integer({ min: 880, max: 1_120 })),
    timeInForce: fc.constantFrom('gtc' as const, 'ioc' as const, 'fok' as const),
  }),
  fc.record({ kind: fc.constant('cancel' as const), id: fc.nat({ max: 60 }) }),
);
const scenario = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 80, size: 'max' }),
  feeAsset: fc.constantFrom('received' as const, 'quote' as const),
  beyond: fc.constantFrom(null, 700),
});

function run({ steps, feeAsset, beyond }: typeof scenario extends fc.Arbitrary<infer T> ? T : never) {
  const engine = new FeedMatching(
    { ...DEFAULT_FILL_MODEL, feeAsset, beyondTouchSlippagePpm: beyond },
    new VenueAccount(),
  );
  engine.setInstruments([BTCUSDT]);
  const changes: AccountChange[] = [
    ...engine.open([
      { asset: assetId('BTC'), free: usdt('10'), locked: NOTHING },
      { asset: assetId('USDT'), free: usdt('100'), locked: NOTHING },
    ]),
  ];
  steps.forEach((each, index) => {
    const us = 1_000 + index;
    if (each.kind === 'quote')
      changes.push(...engine.observe(quoteAt(each.bid, each.bid + each.spread, us, each.shown, each.shown)));
    else if (each.kind === 'trade') changes.push(...engine.observe(tradeAt(each.at, each.size, us)));
    else if (each.kind === 'cancel') changes.push(...engine.cancel(clientOrderId(`o${each.id}`), timestampUs(us)));
    else {
      const { buy, size, limit, timeInForce } = each;
      const side = buy ? ('buy' as const) : ('sell' as const);
      const limitPrice = limit === null ? null : price(limit);
      changes.push(
        ...engine.submit(
          orderOf(`o${index}`, { side, quantity: quantity(size), limitPrice, timeInForce, createdUs: timestampUs(us) }),
        ),
      );
    }
  });
  return { engine, changes };
}

const fillsOf = (changes: readonly AccountChange[]): Fill[] =>
  changes.flatMap((change) => (change.kind === 'filled' ? [change.fill] : []));

test('money and coins are conserved to the last digit, and nothing stays locked without an open order', () => {
  let fillsSeen = 0;
  fc.assert(
    fc.property(scenario, (input) => {
      const { engine, changes } = run(input);
      const fills = fillsOf(changes);
      fillsSeen += fills.length;
      let money: bigint = usdt('100');
      let coins: bigint = usdt('10');
      for (const fill of fills) {
        const sign = fill.side === 'buy' ? 1n : -1n;
        money -= sign * notional(fill.price, fill.quantity, BTCUSDT);
        coins += sign * baseAmount(fill.quantity, BTCUSDT);
        if (fill.feeAsset === BTCUSDT.quote) money -= fill.fee;
        else coins -= fill.fee;
      }
      const [btc, cash] = engine.account.balances();
      expect((btc?.free ?? 0n) + (btc?.locked ?? 0n)).toBe(coins);
      expect((cash?.free ?? 0n) + (cash?.locked ?? 0n)).toBe(money);
      for (const order of engine.account.snapshot().orders) {
        expect(isFinal(order.status) && order.locked !== 0n).toBe(false);
        expect(order.filled).toBeLessThanOrEqual(order.request.quantity);
        expect(order.filled).toBe(order.fills.reduce((sum, fill) => sum + fill.quantity, 0));
      }
      const open = engine.account.openOrders();
      const held = open.reduce((sum, order) => sum + order.locked, 0n);
      expect((btc?.locked ?? 0n) + (cash?.locked ?? 0n)).toBe(held);
    }),
    { numRuns: 300, seed: 7 },
  );
  expect(fillsSeen).toBeGreaterThan(500);
});

test('the account is rebuilt from its changes alone', () => {
  fc.assert(
    fc.property(scenario, (input) => {
      const { engine, changes } = run(input);
      const rebuilt = new VenueAccount();
      for (const change of changes) rebuilt.apply(change);
      expect(rebuilt.snapshot()).toEqual(engine.account.snapshot());
      expect(VenueAccount.restore(rebuilt.snapshot()).snapshot()).toEqual(engine.account.snapshot());
    }),
    { numRuns: 100 },
  );
});

test('the same requests and events give the same changes', () => {
  fc.assert(
    fc.property(scenario, (input) => {
      expect(run(input).changes).toEqual(run(input).changes);
    }),
    { numRuns: 50 },
  );
});

test('a limit order never fills worse than its limit', () => {
  fc.assert(
    fc.property(scenario, (input) => {
      const { engine, changes } = run(input);
      for (const fill of fillsOf(changes)) {
        const limit = engine.account.order(fill.clientOrderId)?.request.limitPrice ?? null;
        const within = limit === null || (fill.side === 'buy' ? fill.price <= limit : fill.price >= limit);
        expect(within).toBe(true);
      }
    }),
    { numRuns: 100 },
  );
});
