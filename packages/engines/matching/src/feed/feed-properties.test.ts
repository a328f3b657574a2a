import { amount, notional, pow10 } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ANN, BTC, money, OPEN_RULES, RICH, USDT } from '../exchange/exchange.test-support.ts';
import type { HeardReport } from './feed-messages.ts';
import { barDesk, tickDesk, type BarShape, type Desk, type DeskOptions, type Draft } from './feed.test-support.ts';
import type { RestingRule } from './fill-rules.ts';

const POOR = [
  { asset: BTC, free: money('0.02') },
  { asset: USDT, free: money('0.3') },
];
const FEES = { makerPpm: 700, takerPpm: 1_300 };
const SYMBOL = { ...OPEN_RULES, selfTradeModeDefault: 'EXPIRE_MAKER' as const };

const side = fc.constantFrom('buy' as const, 'sell' as const);
const size = fc.integer({ min: 1, max: 40 });
const near = fc.integer({ min: 900, max: 1_100 });
const delta = fc.integer({ min: 100, max: 1_000 });
const gtc = { timeInForce: 'gtc' as const };

const draft: fc.Arbitrary<Draft> = fc.oneof(
  fc.record({ side, quantity: size, type: fc.constant('MARKET' as const) }),
  fc
    .record({
      side,
      quantity: size,
      price: near,
      timeInForce: fc.constantFrom('gtc' as const, 'ioc' as const, 'fok' as const),
    })
    .map((terms) => ({ ...terms, type: 'LIMIT' as const })),
  fc.record({ side, quantity: size, price: near, type: fc.constant('LIMIT_MAKER' as const) }),
  fc
    .record({ side, quantity: size, price: near, icebergQuantity: fc.integer({ min: 1, max: 5 }) })
    .map((terms) => ({ ...terms, ...gtc, type: 'LIMIT' as const })),
  fc.record({
    side,
    quantity: size,
    stopPrice: near,
    type: fc.constantFrom('STOP_LOSS' as const, 'TAKE_PROFIT' as const),
  }),
  fc.record({
    side,
    quantity: size,
    trailingDelta: delta,
    type: fc.constantFrom('STOP_LOSS' as const, 'TAKE_PROFIT' as const),
  }),
  fc
    .record({ side, quantity: size, stopPrice: near, price: near })
    .chain((terms) =>
      fc
        .constantFrom('STOP_LOSS_LIMIT' as const, 'TAKE_PROFIT_LIMIT' as const)
        .map((type) => ({ ...terms, ...gtc, type })),
    ),
);

type Act =
  | { readonly kind: 'order'; readonly draft: Draft }
  | { readonly kind: 'pair'; readonly entry: Draft | null; readonly above: Draft; readonly below: Draft }
  | { readonly kind: 'cancel'; readonly orderId: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 5, arbitrary: draft.map((each): Act => ({ kind: 'order', draft: each })) },
  {
    weight: 3,
    arbitrary: fc
      .record({
        size,
        entry: fc.option(near),
        high: fc.integer({ min: 1, max: 60 }),
        low: fc.integer({ min: 1, max: 60 }),
      })
      .map(({ size: quantity, entry, high, low }): Act => {
        const at = entry ?? 1_000;
        return {
          kind: 'pair',
          entry: entry === null ? null : { side: 'buy', type: 'LIMIT', ...gtc, price: entry, quantity },
          above: { side: 'sell', type: 'LIMIT_MAKER', price: at + high, quantity },
          below: { side: 'sell', type: 'STOP_LOSS', stopPrice: Math.max(1, at - low), quantity },
        };
      }),
  },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 30 }).map((orderId): Act => ({ kind: 'cancel', orderId })) },
);

function apply(desk: Desk, each: Act): void {
  if (each.kind === 'order') desk.place(each.draft);
  else if (each.kind === 'cancel') desk.cancel(each.orderId);
  else if (each.entry === null) desk.oco(each.above, each.below);
  else desk.otoco(each.entry, each.above, each.below);
}

const shape: fc.Arbitrary<BarShape> = fc
  .record({ open: near, close: near, up: fc.nat({ max: 60 }), down: fc.nat({ max: 60 }), lots: fc.nat({ max: 500 }) })
  .map(({ open, close, up, down, lots }): BarShape => [
    open,
    Math.max(open, close) + up,
    Math.max(1, Math.min(open, close) - down),
    close,
    lots,
  ]);
const day = fc.array(fc.record({ bar: shape, acts: fc.array(act, { maxLength: 3 }) }), { minLength: 1, maxLength: 12 });

const reportsOf = (desk: Desk, from = 0): readonly HeardReport[] =>
  desk.messages.slice(from).flatMap((message) => (message.kind === 'report' ? [message.report] : []));
const traded = (reports: readonly HeardReport[]): readonly HeardReport[] =>
  reports.filter(({ execution }) => execution !== null);

/** What the fills and their fees leave of the opening balances is what there is, to the last digit; canceling everything unlocks everything. */
function expectConserved(desk: Desk, balances: DeskOptions['balances'] = RICH): void {
  const held = new Map<string, bigint>(balances.map(({ asset, free }) => [asset, free]));
  const add = (asset: string, value: bigint): void => void held.set(asset, (held.get(asset) ?? 0n) + value);
  for (const { side: way, execution } of traded(reportsOf(desk))) {
    if (execution === null) continue;
    const value = notional(execution.price, execution.quantity, SYMBOL);
    const base = amount(BigInt(execution.quantity) * pow10(15));
    add('USDT', way === 'buy' ? -value : value);
    add('BTC', way === 'buy' ? base : -base);
    add(execution.commissionAsset, -execution.commission);
  }
  const totals = () =>
    new Map<string, bigint>(
      desk.exchange.exchange.positions(ANN).map(({ asset, free, locked }) => [asset, free + locked]),
    );
  expect(totals()).toEqual(held);
  for (const { orderId } of desk.exchange.exchange.openOrders(ANN, null)) desk.cancel(orderId);
  if (desk.bars > 0) desk.bar(1_000, 1_000, 1_000, 1_000, 0);
  const open = desk.exchange.exchange.openOrders(ANN, null);
  const locked = desk.exchange.exchange.positions(ANN).map((position) => position.locked);
  if (open.length === 0) expect(locked.every((value) => value === 0n)).toBe(true);
}

const accounts: readonly DeskOptions[] = [
  { symbol: SYMBOL, fees: FEES },
  { symbol: SYMBOL, fees: FEES, feesFrom: 'quote' },
  // Some 30 lots' worth: the fees matter.
  { symbol: SYMBOL, fees: FEES, feesFrom: 'quote', balances: POOR },
];

describe('on bars, whatever is ordered', () => {
  test('no fill is outside its bar, better than its limit, better than its stop, or elsewhere than at the open for a market order', () => {
    fc.assert(
      fc.property(day, fc.constantFrom('through' as const, 'touch' as const), (minutes, limits) => {
        const desk = barDesk({ limits }, accounts[0]);
        for (const { bar, acts } of minutes) {
          const from = desk.messages.length;
          desk.bar(...bar);
          const [open, high, low] = bar;
          for (const report of traded(reportsOf(desk, from))) {
            const { execution, type, side: way, price, stopPrice } = report;
            const at = execution?.price ?? 0;
            expect(at).toBeGreaterThanOrEqual(low);
            expect(at).toBeLessThanOrEqual(high);
            const sign = way === 'buy' ? 1 : -1;
            if (price > 0) expect(sign * (price - at)).toBeGreaterThanOrEqual(0);
            if (type === 'STOP_LOSS' && stopPrice > 0) expect(sign * (at - stopPrice)).toBeGreaterThanOrEqual(0);
            if (type === 'MARKET') expect(at).toBe(open);
            // A limit is bettered by the open and by nothing else, once a stop has not set it going inside the bar.
            if (type === 'LIMIT' && at !== price) expect(at).toBe(open);
          }
          for (const each of acts) apply(desk, each);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('money and coins are conserved, with fees of either kind, slippage and a share of the volume', () => {
    fc.assert(
      fc.property(
        day,
        fc.constantFrom(...accounts),
        fc.option(fc.integer({ min: 0, max: 300_000 })),
        (minutes, options, share) => {
          const desk = barDesk({ volumeSharePpm: share, slippage: { kind: 'square-root', ppm: 20_000 } }, options);
          for (const { bar, acts } of minutes) {
            const from = desk.messages.length;
            desk.bar(...bar);
            const lots = traded(reportsOf(desk, from)).reduce(
              (sum, { execution }) => sum + (execution?.quantity ?? 0),
              0,
            );
            if (share !== null) expect(lots * 1_000_000).toBeLessThanOrEqual((bar[4] ?? 0) * share);
            for (const each of acts) apply(desk, each);
          }
          expectConserved(desk, options.balances);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('no fill depends on what comes later: neither on later bars, nor, at an open, on the rest of the bar', () => {
    fc.assert(
      fc.property(day, shape, fc.nat({ max: 60 }), (minutes, other, up) => {
        const run = (bars: readonly BarShape[]): readonly string[][] => {
          const desk = barDesk({}, accounts[0]);
          return bars.map((bar, index) => {
            const from = desk.messages.length;
            desk.bar(...bar);
            const told = traded(reportsOf(desk, from)).map(
              ({ timeUs, orderId, execution }) => `${timeUs} ${orderId} ${execution?.quantity}@${execution?.price}`,
            );
            for (const each of minutes[index]?.acts ?? []) apply(desk, each);
            return told;
          });
        };
        const bars = minutes.map(({ bar }) => bar);
        const last = bars.length - 1;
        const [open] = bars[last] as BarShape;
        const whole = run(bars);
        expect(run([...bars.slice(0, last), other]).slice(0, last)).toEqual(whole.slice(0, last));
        const changed = run([...bars.slice(0, last), [open, open + up, 1, open]]);
        const atOpen = (told: readonly string[] = []) =>
          told.filter((each) => each.startsWith(`${last * 60_000_000} `));
        expect(atOpen(changed[last])).toEqual(atOpen(whole[last]));
      }),
      { numRuns: 200 },
    );
  });
});

const tick = fc.oneof(
  fc.record({
    kind: fc.constant('quote' as const),
    bid: near,
    spread: fc.integer({ min: 1, max: 20 }),
    bidLots: fc.nat({ max: 60 }),
    askLots: fc.nat({ max: 60 }),
  }),
  fc.record({ kind: fc.constant('trade' as const), at: near, size, taker: side }),
);
type Tick = typeof tick extends fc.Arbitrary<infer T> ? T : never;

function feed(desk: Desk, each: Tick): void {
  if (each.kind === 'quote') desk.quote(each.bid, each.bid + each.spread, each.bidLots, each.askLots);
  else desk.trade(each.at, each.size, each.taker);
}

describe('on quotes and trades, whatever is ordered', () => {
  const course = fc.array(fc.oneof({ weight: 3, arbitrary: tick }, { weight: 2, arbitrary: act }), {
    minLength: 5,
    maxLength: 60,
  });
  const rule = fc.constantFrom<RestingRule>('through', 'queue', 'queue-probable', 'touch');

  test('money and coins are conserved, takers get no better price than is shown, and makers exactly their own', () => {
    fc.assert(
      fc.property(course, rule, fc.constantFrom(...accounts), (steps, resting, options) => {
        const desk = tickDesk({ resting, slippage: { kind: 'rate', ppm: 3_000 }, beyondPpm: 10_000 }, options);
        let best = { bid: 0, ask: 0 };
        desk.quote(1_000, 1_001);
        best = { bid: 1_000, ask: 1_001 };
        for (const step of steps) {
          const from = desk.messages.length;
          if (step.kind === 'quote') best = { bid: step.bid, ask: step.bid + step.spread };
          if (step.kind === 'quote' || step.kind === 'trade') feed(desk, step);
          else apply(desk, step);
          for (const { execution, side: way, price } of traded(reportsOf(desk, from))) {
            if (execution === null) continue;
            if (execution.isMaker) expect(execution.price).toBe(price);
            else if (way === 'buy') expect(execution.price).toBeGreaterThanOrEqual(best.ask);
            else expect(execution.price).toBeLessThanOrEqual(best.bid);
          }
        }
        expectConserved(desk, options.balances);
      }),
      { numRuns: 300 },
    );
  });

  test('a resting order fills the later the more careful the rule is, and no rule fills it better than touching would', () => {
    fc.assert(
      fc.property(fc.array(tick, { maxLength: 60 }), side, near, (ticks, way, at) => {
        const desks = (['through', 'queue', 'queue-probable', 'touch'] as const).map((resting) =>
          tickDesk({ resting }).quote(999, 1_001, 50, 50).limit(way, at, 30),
        );
        const filled = (desk: Desk): number =>
          traded(reportsOf(desk)).reduce((sum, { execution }) => sum + (execution?.quantity ?? 0), 0);
        for (const each of ticks) {
          for (const desk of desks) feed(desk, each);
          const lots = desks.map(filled);
          expect(lots).toEqual(lots.toSorted((left, right) => left - right));
        }
      }),
      { numRuns: 300 },
    );
  });
});
