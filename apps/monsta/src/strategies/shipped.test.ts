import { SHIPPED_STRATEGIES, validateStrategy, type StrategyDefinition } from '@monsta/trading';
import { describe, expect, it, test } from 'vitest';
import { runStrategy, type TestPrediction } from '../testing/index.ts';

const named = (name: string): StrategyDefinition => {
  const found = SHIPPED_STRATEGIES.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no shipped strategy is called ${name}`);
  return found;
};

const flat = (count: number, at = 100): number[] => Array.from({ length: count }, () => at);
/** From one price to another in equal steps. */
const line = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => from + ((to - from) * (index + 1)) / count);
/** Up and down around 100, with a few hard falls. */
const wild = (count: number): number[] =>
  Array.from(
    { length: count },
    (_, index) => 100 + 4 * Math.sin(index / 5) + 2 * Math.sin(index / 1.7) - (index % 41 === 0 ? 3 : 0),
  );

/** Parameters with which each does something within some hundred bars of a minute. */
const QUICK: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'buy-and-hold': { interval: '1m' },
  'sma-cross': { fast: 3, slow: 8, interval: '1m' },
  'ema-cross': { fast: 3, slow: 8, interval: '1m' },
  'rsi-reversal': { period: 4, oversold: 40, exit: 60, stop: 0.02, interval: '1m' },
  'bollinger-breakout': { period: 8, width: 1, trailingBps: 150, interval: '1m' },
  grid: { levels: 3, spacing: 0.01, interval: '1m' },
  dca: { amount: 20, everyHours: 0.5 },
  'volatility-target': { target: 1, period: 20, interval: '1m' },
  'model-driven': { moveBars: 20, interval: '1m' },
};

/** A model that speaks at each bar but every seventh, now for a rise and now for a fall; with the confidence that risk asks for. */
const outlooks = (bars: number): TestPrediction[] =>
  Array.from({ length: bars }, (_, atBar) => ({ atBar, probabilityUp: atBar % 9 < 4 ? 0.85 : 0.3 })).filter(
    ({ atBar }) => atBar % 7 !== 0,
  );

describe.each(SHIPPED_STRATEGIES.map((each) => [each.name, each] as const))('%s', (name, definition) => {
  const parameters = QUICK[name] ?? {};

  it('is valid, and trades on a lively market', () => {
    expect(validateStrategy(definition)).toMatchObject({ ok: true });
    const market = { parameters, closes: wild(400), predictions: outlooks(400), interval: '1m' } as const;
    const { fills, failure } = runStrategy(definition, market);
    expect(failure).toBeNull();
    expect(fills.length).toBeGreaterThan(0);
  });

  it('decides the same whether or not later bars exist', () => {
    const closes = wild(300);
    const whole = runStrategy(definition, { parameters, closes, predictions: outlooks(300), interval: '1m' });
    for (const until of [60, 137, 250]) {
      const known = { closes: closes.slice(0, until), predictions: outlooks(until) };
      const part = runStrategy(definition, { parameters, ...known, interval: '1m' });
      // What is said after the last close meets the next open there where one comes, and waits for it here.
      const lastMs = part.equities.at(-1)?.timeMs ?? 0;
      const decided = part.decisions.filter(({ timeMs }) => timeMs <= lastMs);
      expect(decided.length).toBeGreaterThan(0);
      expect(whole.decisions.slice(0, decided.length)).toEqual(decided);
    }
  });
});

test('buy-and-hold buys once, keeps it, and buys nothing again that was sold', () => {
  const { orders, position } = runStrategy(named('buy-and-hold'), {
    parameters: QUICK['buy-and-hold'] ?? {},
    closes: [...flat(5), ...line(100, 150, 30), ...line(150, 60, 30)],
    interval: '1m',
  });
  expect(orders).toHaveLength(1);
  expect(orders[0]).toMatchObject({ side: 'buy', status: 'filled' });
  // Less the fee, which is paid in what was bought.
  expect(position.quantity).toBeCloseTo((orders[0]?.quantity ?? 0) * 0.999, 4);
});

test('rsi-reversal comes in with a stop that rests below the entry, and leaves when the market has recovered', () => {
  const parameters = QUICK['rsi-reversal'] ?? {};
  const closes = [...flat(60), ...line(100, 92, 8), ...line(92, 97, 6), ...flat(3, 97)];
  const { orders } = runStrategy(named('rsi-reversal'), { parameters, closes, interval: '1m' });
  const entry = orders.find(({ tag }) => tag === 'entry');
  expect(entry).toMatchObject({ side: 'buy', status: 'filled' });
  expect(orders.find(({ tag }) => tag === 'stop')).toMatchObject({ side: 'sell', type: 'stop_loss_limit' });
  expect(orders.at(-1)).toMatchObject({ side: 'sell', status: 'filled' });
});

test('bollinger-breakout is stopped out by the stop that followed the highest price', () => {
  const parameters = { ...QUICK['bollinger-breakout'], period: 20, width: 2 };
  const closes = [...flat(30), ...line(100, 120, 20), ...line(120, 117, 3)];
  const { orders } = runStrategy(named('bollinger-breakout'), { parameters, closes, interval: '1m' });
  const stop = orders.find(({ tag, status }) => tag === 'stop' && status === 'filled');
  expect(stop).toMatchObject({ side: 'sell' });
});

test('grid buys level by level on the way down, and sells each purchase one level higher on the way up', () => {
  const parameters = { levels: 3, spacing: 0.01, interval: '1m' };
  const closes = [...flat(3), ...line(100, 97.5, 10), ...line(97.5, 101, 20)];
  const { orders, fills, position } = runStrategy(named('grid'), { parameters, closes, interval: '1m' });
  // Bars that open beyond a level fill at their open, which is better.
  const beyond = [99, 98, 99, 100].map((at, index) =>
    ((index < 2 ? 1 : -1) * (at - (fills[index]?.price ?? 0))).toFixed(2),
  );
  expect(fills.map(({ side }) => side)).toEqual(['buy', 'buy', 'sell', 'sell']);
  expect(beyond.every((better) => Number(better) >= 0 && Number(better) < 0.5)).toBe(true);
  const filled = orders.filter(({ status }) => status === 'filled').map(({ tag }) => tag);
  expect(new Set(filled)).toEqual(new Set(['buy-1', 'buy-2', 'sell-1', 'sell-2']));
  expect(position.quantity).toBeLessThan(0.01);
});

test('grid sells everything when the market closes below it', () => {
  const parameters = { levels: 2, spacing: 0.01, interval: '1m' };
  const closes = [...flat(3), ...line(100, 95, 20), ...flat(4, 95)];
  const { decisions, position } = runStrategy(named('grid'), { parameters, closes, interval: '1m' });
  expect(decisions.some(({ wanted }) => JSON.stringify(wanted).includes('is below the grid'))).toBe(true);
  // What the fees left is less than a lot.
  expect(position.quantity).toBeLessThan(0.00001);
});

test('dca buys for the same amount at each time, until its allocation is used up', () => {
  const { orders, decisions } = runStrategy(named('dca'), {
    parameters: { amount: 300, everyHours: 0.5 },
    closes: flat(300),
    interval: '1m',
  });
  // A fourth would make the position larger than 10 % of the equity, which risk does not allow.
  expect(orders.map(({ side, status, quantity }) => `${side} ${status} ${quantity}`)).toEqual(
    Array.from({ length: 3 }, () => 'buy filled 3'),
  );
  expect(JSON.stringify(decisions.at(-1)?.risk)).toContain('position_max');
});

test('volatility-target holds less the wilder the market is', () => {
  const run = (swing: number): number => {
    const closes = Array.from({ length: 120 }, (_, index) => 100 + (index % 2 === 0 ? swing : -swing));
    return runStrategy(named('volatility-target'), {
      parameters: { target: 1, period: 20, interval: '1m' },
      closes,
      interval: '1m',
    }).position.quantity;
  };
  expect(run(0.01)).toBeGreaterThan(2 * run(0.4));
  expect(run(0.4)).toBeGreaterThan(0);
});
