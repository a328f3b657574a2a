import { expectOk, seededRandom } from '@monsta/core';
import { indicator, sma, type IndicatorBar } from '@monsta/features/indicators';
import { defineStrategy, parseParameters, SHIPPED_STRATEGIES } from '@monsta/trading';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configured, optionsOf, seriesOf, type TestBar } from '../backtest/backtest.test-support.ts';
import type { BacktestOptions } from '../backtest/backtest-options.ts';
import { lookaheadSteps, type LookaheadReport } from './lookahead.ts';
import { warmUpSteps, type WarmUpReport } from './warm-up-check.ts';

function resultOf<T>(steps: Generator<unknown, T>): T {
  for (let next = steps.next(); ; next = steps.next()) if (next.done === true) return next.value;
}

const lookahead = (options: BacktestOptions, cuts = 6): LookaheadReport =>
  resultOf(lookaheadSteps(options, { cuts, seed: 7 }));
const warmUp = (options: BacktestOptions): WarmUpReport => resultOf(warmUpSteps(options));

/** Bars of a seeded random walk. */
function walk(seed: number, count: number): readonly TestBar[] {
  const random = seededRandom(seed);
  const cents = (value: number): number => Math.round(value * 100) / 100;
  let last = 100;
  return Array.from({ length: count }, () => {
    const open = last;
    last = Math.max(1, cents(last * Math.exp(0.01 * random.gaussian())));
    return [open, cents(Math.max(open, last) + random.next()), cents(Math.min(open, last) * 0.995), last] as const;
  });
}

const market = (definition: unknown, seed = 1, count = 240, parameters = {}): BacktestOptions =>
  optionsOf([configured(definition, parameters)], [seriesOf(walk(seed, count))]);

const honest = () =>
  defineStrategy({
    name: 'honest',
    parameters: {},
    intervals: () => ['1m'],
    indicators: () => ({ mean: sma(5) }),
    onBar(context) {
      context.setTarget(context.bar.close > context.indicators.mean ? 1 : 0);
    },
  });

/** Remembers what it has seen in other runs: buys before it rises. */
function peeking() {
  const known = new Map<number, number>();
  return defineStrategy({
    name: 'peeking',
    parameters: {},
    intervals: () => ['1m'],
    indicators: () => ({ mean: sma(5) }),
    onBar(context) {
      const { openTimeMs, closeTimeMs, close } = context.bar;
      known.set(openTimeMs, close);
      const next = known.get(closeTimeMs);
      context.setTarget((next ?? context.indicators.mean) > close ? 1 : 0);
    },
  });
}

/** Its indicator is measured against the largest value that was ever seen, in whatever run. */
function scaledByTheFuture() {
  let largest = 0;
  const scaled = indicator('scaled', 3, (bars: readonly IndicatorBar[]) => {
    const close = bars.at(-1)?.close ?? Number.NaN;
    largest = Math.max(largest, close);
    return close / largest;
  });
  return defineStrategy({
    name: 'scaled',
    parameters: {},
    intervals: () => ['1m'],
    indicators: () => ({ scaled, mean: sma(5) }),
    onBar(context) {
      context.setTarget(context.bar.close > context.indicators.mean ? 1 : 0);
    },
  });
}

describe('looking for look-ahead', () => {
  it('catches a strategy that peeks and names the ask, on any market; its honest twin is not accused', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (seed) => {
        const caught = lookahead(market(peeking(), seed, 120), 4);
        expect(caught.findings).toContainEqual(expect.objectContaining({ kind: 'ask', name: 'onBar' }));
        expect(lookahead(market(honest(), seed, 120), 4).findings).toEqual([]);
      }),
      { numRuns: 6 },
    );
  });

  it('names an indicator that knows the future, though the strategy does not look at it', () => {
    const { findings } = lookahead(market(scaledByTheFuture()));
    expect(findings).toEqual([expect.objectContaining({ kind: 'indicator', name: 'scaled', strategyId: 'scaled' })]);
    const [finding] = findings;
    expect(Number(finding?.whole)).not.toBe(Number(finding?.altered));
  });

  it.each(SHIPPED_STRATEGIES)('finds nothing in $name', (definition) => {
    const parameters = expectOk(
      parseParameters(definition, 'interval' in definition.parameters ? { interval: '1m' } : {}),
    );
    const report = lookahead(market(definition, 3, 300, parameters), 2);
    expect(report).toMatchObject({ runs: 4, findings: [] });
  });

  it('says with both runs what was asked for', () => {
    const [finding] = lookahead(market(peeking())).findings;
    expect(`${finding?.whole} ${finding?.altered}`).toMatch(/^setTarget\([01]\) setTarget\([01]\)$/);
  });
});

describe('checking the warm-up', () => {
  it('finds nothing in a strategy that says what it needs', () => {
    const report = warmUp(market(honest()));
    expect(report).toMatchObject({ neededBars: 6, findings: [] });
    expect(report.tried).toEqual([6, 12, 24, 48]);
  });

  it('names what depends on when somebody began to watch', () => {
    let seen = 0;
    const counting = defineStrategy({
      name: 'counting',
      parameters: {},
      intervals: () => ['1m'],
      indicators: () => ({ count: indicator('count', 1, () => (seen += 1)) }),
      onBar(context) {
        context.setTarget(context.indicators.count % 11 === 0 ? 1 : 0);
      },
    });
    const { findings } = warmUp(market(counting));
    expect(findings.map(({ kind, name }) => [kind, name])).toEqual(
      expect.arrayContaining([
        ['indicator', 'count'],
        ['ask', 'onBar'],
      ]),
    );
  });

  it('says how many bars are missing before the start', () => {
    expect(() => warmUp({ ...market(honest()), fromMs: 1_723_075_200_000 + 3 * 60_000 })).toThrow(
      'the strategies need 6 bars before they trade',
    );
  });
});
