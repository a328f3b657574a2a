import {
  addAmounts,
  approximateAmount,
  barAt,
  baseAmount,
  emptyBarSeries,
  intervalMs,
  notional,
  quantity,
  type Amount,
  type BarSeries,
} from '@monsta/core';
import { DEFAULT_BAR_RULES, type BarRules } from '@monsta/matching';
import { Backtest, type BacktestOptions, type BacktestOutcome } from '@monsta/simulation/backtest';
import { defineStrategy } from '@monsta/trading';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { START_MS, MINUTE_MS, testOptions, testSeries, type TestBar } from './backtest-world.test-support.ts';

const CENT = 100;

/** A bar's shape in cents about the close before: open, and how far it goes. */
const shape = fc.record({
  gap: fc.integer({ min: -300, max: 300 }),
  move: fc.integer({ min: -400, max: 400 }),
  above: fc.integer({ min: 0, max: 300 }),
  below: fc.integer({ min: 0, max: 300 }),
});
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

/** Prices of whole cents, never below one unit of money. */
function marketOf(shapes: readonly Shape[]): readonly TestBar[] {
  let last = 100 * CENT;
  return shapes.map(({ gap, move, above, below }) => {
    const open = Math.max(CENT, last + gap);
    last = Math.max(CENT, open + move);
    const [high, low] = [Math.max(open, last) + above, Math.max(1, Math.min(open, last) - below)];
    return [open / CENT, high / CENT, low / CENT, last / CENT];
  });
}

/** What is asked for at a close; distances are shares of it, so that it means the same at any scale of prices. */
const ask = fc.record({
  kind: fc.constantFrom('buy', 'sell', 'limit', 'stop', 'bracket', 'trail', 'cancel', 'nothing', 'nothing'),
  lots: fc.integer({ min: 1, max: 2_000 }),
  distance: fc.integer({ min: 1, max: 40 }),
});
type Ask = typeof ask extends fc.Arbitrary<infer T> ? T : never;

const days = fc.array(fc.record({ shape, ask }), { minLength: 2, maxLength: 25 });

/** Asks at each close for what is written; prices lie whole cents away from it. */
const scripted = (asks: readonly Ask[], cents = 1, interval: '1m' | '5m' = '1m') =>
  defineStrategy({
    name: 'scripted',
    parameters: {},
    intervals: () => [interval],
    onBar(context) {
      const today = asks[Math.round((context.bar.openTimeMs - START_MS) / intervalMs(interval))];
      if (today === undefined) return;
      const size = today.lots / 1_000;
      const away = (today.distance * 10 * cents) / CENT;
      const { close } = context.bar;
      if (today.kind === 'buy') context.order({ side: 'buy', type: 'market', quantity: size });
      else if (today.kind === 'sell') context.order({ side: 'sell', type: 'market', quantity: size });
      else if (today.kind === 'limit')
        context.order({ side: 'buy', type: 'limit', quantity: size, limitPrice: Math.max(0.01, close - away) });
      else if (today.kind === 'stop')
        context.order({ side: 'buy', type: 'stop_loss', quantity: size, stopPrice: close + away });
      else if (today.kind === 'bracket')
        context.bracket({
          quantity: size,
          stopPrice: Math.max(0.01, close - away),
          takeProfitPrice: close + away,
        });
      else if (today.kind === 'trail')
        context.order({ side: 'sell', type: 'stop_loss', quantity: size, trailingBps: today.distance * 10 });
      else if (today.kind === 'cancel') context.cancelAll();
    },
  });

type Commission = NonNullable<Parameters<typeof testOptions>[0]['commission']>;

const amountOf = (hundredths: number): string => (hundredths / 100).toFixed(2);
const NO_COMMISSION: Commission = { perOrder: '0', perUnit: '0', minimum: '0' };

const PLAIN: BarRules = { ...DEFAULT_BAR_RULES, slippage: { kind: 'none' } };

const moments = fc.constantFrom('next-open' as const, 'next-close' as const, 'this-close' as const);

const optionsOf = (
  bars: readonly TestBar[],
  strategy: unknown,
  part: { feePpm?: number; rules?: BarRules; cash?: string; commission?: Commission } = {},
) =>
  testOptions({
    strategy,
    series: [testSeries(bars)],
    cash: part.cash ?? '1000000',
    rules: part.rules ?? PLAIN,
    feePpm: part.feePpm ?? 1_000,
    ...(part.commission === undefined ? {} : { commission: part.commission }),
  });

function played(options: BacktestOptions): BacktestOutcome {
  const backtest = new Backtest(options);
  while (backtest.step(1_000));
  return backtest.outcome();
}

/** Bars of five minutes put together from those of one. */
function fiveOf(minutes: BarSeries): BarSeries {
  const count = minutes.length / 5;
  const longer = emptyBarSeries(minutes.instrument, '5m', count);
  for (let index = 0; index < count; index += 1) {
    const [from, to] = [index * 5, index * 5 + 5];
    longer.openTimeMs[index] = minutes.openTimeMs[from] ?? Number.NaN;
    longer.open[index] = minutes.open[from] ?? Number.NaN;
    longer.close[index] = minutes.close[to - 1] ?? Number.NaN;
    longer.high[index] = Math.max(...minutes.high.subarray(from, to));
    longer.low[index] = Math.min(...minutes.low.subarray(from, to));
    longer.volume[index] = minutes.volume.subarray(from, to).reduce((sum, each) => sum + each, 0);
  }
  return longer;
}

const split = (given: readonly { readonly shape: Shape; readonly ask: Ask }[]) => ({
  bars: marketOf(given.map((day) => day.shape)),
  asks: given.map((day) => day.ask),
});

describe('whatever the market and whatever is asked for', () => {
  it('equity is cash and the positions at the mark, at every close, to the last digit', () => {
    fc.assert(
      fc.property(days, fc.constantFrom('1000000', '300'), fc.boolean(), moments, (given, cash, charges, acts) => {
        const { bars, asks } = split(given);
        // A sale that brings less than its fee leaves a debt: that, too, is in the equity.
        const commission = charges ? { perOrder: '3', perUnit: '0.7', minimum: '40' } : NO_COMMISSION;
        const options = optionsOf(bars, scripted(asks), { cash, commission, rules: { ...PLAIN, acts } });
        const [series] = options.series;
        const backtest = new Backtest(options);
        for (let index = 0; backtest.step(1); index += 1) {
          if (series === undefined) throw new Error('there is a series');
          const { balances, equity } = backtest.kernel.account();
          const { close } = barAt(series, index);
          let sum = 0n as Amount;
          for (const { asset, free, locked } of balances) {
            const all = addAmounts(free, locked);
            const oneLot = baseAmount(quantity(1), series.instrument);
            sum = addAmounts(
              sum,
              asset === 'USDT' ? all : notional(close, quantity(Number(all / oneLot)), series.instrument),
            );
          }
          expect(equity).toBe(sum);
          // The curve is of binary numbers, for statistics: as near as these come.
          const [curve, exact] = [backtest.outcome().curve.equity.at(-1) ?? Number.NaN, approximateAmount(sum)];
          expect(Math.abs(curve - exact)).toBeLessThanOrEqual(exact * 1e-12);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('no fill lies outside its bar, or before the close that asked for it', () => {
    fc.assert(
      fc.property(days, fc.constantFrom('through' as const, 'touch' as const), (given, limits) => {
        const { bars, asks } = split(given);
        const { fills, orders } = played(optionsOf(bars, scripted(asks), { rules: { ...PLAIN, limits } }));
        const created = new Map(orders.map((order) => [order.clientOrderId, order.createdUs]));
        for (const { price, tsEventUs, clientOrderId } of fills) {
          const index = Math.floor((tsEventUs / 1_000 - START_MS) / MINUTE_MS);
          const [, high = Number.NaN, low = Number.NaN] = bars[index] ?? [];
          expect(price / CENT).toBeGreaterThanOrEqual(low);
          expect(price / CENT).toBeLessThanOrEqual(high);
          expect(tsEventUs).toBeGreaterThanOrEqual(created.get(clientOrderId) ?? Infinity);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('prices ten times as high make ten times the profit with the same fills', () => {
    fc.assert(
      fc.property(days, (given) => {
        const { bars, asks: written } = split(given);
        // What a stop follows at, and sells at for worst, are shares of prices put on the tick, which does not grow with them.
        const inShares = (kind: Ask['kind']): boolean => kind === 'trail' || kind === 'bracket';
        const asks = written.map((each) => (inShares(each.kind) ? { ...each, kind: 'nothing' as const } : each));
        const tenfold = (price: number): number => Math.round(price * 1_000) / CENT;
        const higher = bars.map(([open, high, low, close]): TestBar => [
          tenfold(open),
          tenfold(high),
          tenfold(low),
          tenfold(close),
        ]);
        const one = played(optionsOf(bars, scripted(asks), { cash: '1000000' }));
        const ten = played(optionsOf(higher, scripted(asks, 10), { cash: '10000000' }));
        expect(ten.fills.map(({ side, price, quantity: size }) => [side, price, size])).toEqual(
          one.fills.map(({ side, price, quantity: size }) => [side, price * 10, size]),
        );
        for (const [index, trade] of one.trades.entries())
          expect(Number(ten.trades[index]?.profit)).toBeCloseTo(Number(trade.profit) * 10, 6);
        expect(ten.trades.length).toBe(one.trades.length);
      }),
      { numRuns: 40 },
    );
  });

  it('higher fees never help', () => {
    fc.assert(
      fc.property(
        days,
        fc.integer({ min: 0, max: 5_000 }),
        fc.integer({ min: 1, max: 5_000 }),
        (given, feePpm, more) => {
          const { bars, asks } = split(given);
          const cheap = played(optionsOf(bars, scripted(asks), { feePpm }));
          const dear = played(optionsOf(bars, scripted(asks), { feePpm: feePpm + more }));
          for (const [index, equity] of dear.curve.equity.entries())
            expect(equity).toBeLessThanOrEqual(cheap.curve.equity[index] ?? Number.NaN);
          if (cheap.fillCount > 0)
            expect(dear.curve.equity.at(-1)).toBeLessThan(cheap.curve.equity.at(-1) ?? Number.NaN);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('higher commissions never help, whichever of their parts is higher', () => {
    const part = fc.integer({ min: 0, max: 500 });
    fc.assert(
      fc.property(
        days,
        fc.record({ perOrder: part, perUnit: part, minimum: part }),
        fc.constantFrom('perOrder' as const, 'perUnit' as const, 'minimum' as const),
        fc.integer({ min: 1, max: 500 }),
        (given, hundredths, which, more) => {
          const { bars, asks } = split(given);
          const commissionOf = (of: typeof hundredths): Commission => ({
            perOrder: amountOf(of.perOrder),
            perUnit: amountOf(of.perUnit),
            minimum: amountOf(of.minimum),
          });
          const dearer = { ...hundredths, [which]: hundredths[which] + more };
          const cheap = played(optionsOf(bars, scripted(asks), { commission: commissionOf(hundredths) }));
          const dear = played(optionsOf(bars, scripted(asks), { commission: commissionOf(dearer) }));
          for (const [index, equity] of dear.curve.equity.entries())
            expect(equity).toBeLessThanOrEqual(cheap.curve.equity[index] ?? Number.NaN);
          if (cheap.fillCount > 0 && which === 'perUnit' && hundredths.minimum === 0)
            expect(dear.curve.equity.at(-1)).toBeLessThan(cheap.curve.equity.at(-1) ?? Number.NaN);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('an order costs what its terms say, in however many fills', () => {
    fc.assert(
      fc.property(
        days,
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 0, max: 400 }),
        (given, perUnit, minimum) => {
          const { bars, asks } = split(given);
          const commission = { perOrder: '1.25', perUnit: amountOf(perUnit), minimum: amountOf(minimum) };
          const rules: BarRules = { ...PLAIN, volumeSharePpm: 500 };
          const { fills } = played(optionsOf(bars, scripted(asks), { commission, rules, feePpm: 0 }));
          const orders = Map.groupBy(fills, ({ clientOrderId }) => clientOrderId);
          for (const all of orders.values()) {
            const lots = all.reduce((sum, { quantity: size }) => sum + BigInt(size), 0n);
            const paid = all.reduce((sum, { fee }) => sum + fee, 0n);
            const cent = 10n ** 16n;
            const parts = 125n * cent + (BigInt(perUnit) * cent * lots) / 1_000n;
            const least = BigInt(minimum) * cent;
            expect(paid).toBe(parts > least ? parts : least);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  // What the kernel watches itself, as an exit whose price a later purchase is past, sees the closes of the strategy's own bars alone: exits are asked for by themselves, further away than an open may gap.
  const orders = ask.map((each) => (each.kind === 'bracket' ? { ...each, kind: 'nothing' as const } : each));
  const exits = ask.map((each) => ({
    ...each,
    kind: each.lots % 2 ? ('bracket' as const) : ('nothing' as const),
    distance: 40,
  }));

  it.each([
    ['orders', orders],
    ['exits', exits],
  ])(
    'finer bars of the same path give %s the same fills, whether they are the market or explain longer bars',
    (_, asked) => {
      fc.assert(
        fc.property(
          fc.array(shape, { minLength: 10, maxLength: 60 }),
          fc.array(asked, { maxLength: 12 }),
          (shapes, asks) => {
            const whole = shapes.slice(0, shapes.length - (shapes.length % 5));
            const finer = testSeries(marketOf(whole));
            const longer = fiveOf(finer);
            const strategy = scripted(asks, 1, '5m');
            const terms = { strategy, cash: '1000000', feePpm: 1_000 };
            const one = played(testOptions({ ...terms, series: [finer], rules: PLAIN }));
            const other = played({ ...testOptions({ ...terms, series: [longer], rules: PLAIN }), finer: [finer] });
            expect(
              other.fills.map(({ side, price, quantity: size, tsEventUs }) => [side, price, size, tsEventUs]),
            ).toEqual(one.fills.map(({ side, price, quantity: size, tsEventUs }) => [side, price, size, tsEventUs]));
          },
        ),
        { numRuns: 25 },
      );
    },
  );

  it('what is decided at a close has nothing to do with what happens before the next, at which it acts', () => {
    fc.assert(
      fc.property(days, days, (given, others) => {
        const acts = 'next-close' as const;
        const { bars, asks } = split(given);
        // Other highs, lows and opens, the same closes; nothing that rests.
        const market = asks.map((each) =>
          each.kind === 'buy' || each.kind === 'sell' ? each : { ...each, kind: 'nothing' as const },
        );
        const other = bars.map(([open, high, low, close], index): TestBar => {
          const { above, below } = others[index % others.length]?.shape ?? { above: 0, below: 0 };
          const elsewhere = Math.min(high + above / CENT, Math.max(0.01, low - below / CENT, open - 1));
          return [elsewhere, Math.max(high, elsewhere) + above / CENT, Math.min(low, elsewhere), close];
        });
        const told = (of: readonly TestBar[]) =>
          played(optionsOf(of, scripted(market), { rules: { ...PLAIN, acts } })).fills.map(
            ({ side, price, quantity: size, tsEventUs }) => [side, price, size, tsEventUs],
          );
        expect(told(other)).toEqual(told(bars));
      }),
      { numRuns: 40 },
    );
  });

  it('the same options give the same outcome', () => {
    fc.assert(
      fc.property(days, (given) => {
        const { bars, asks } = split(given);
        expect(played(optionsOf(bars, scripted(asks)))).toEqual(played(optionsOf(bars, scripted(asks))));
      }),
      { numRuns: 10 },
    );
  });
});
