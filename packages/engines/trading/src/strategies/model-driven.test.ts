import type { OrderSide } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  atMs,
  barInput,
  BTC,
  CONFIG,
  configured,
  EMPTY,
  fillAll,
  only,
  quoteInput,
  running,
  startInputs,
  tradeInput,
} from '../kernel.test-support.ts';
import { Kernel } from '../kernel.ts';
import type { KernelConfig, KernelInput, KernelOutput } from '../kernel-types.ts';
import type { DecisionRecord, StrategyRecord } from '../index.ts';
import type { StrategyPrediction } from '../strategy/vocabulary.ts';
import { expectedGainBps, roundTripCosts } from './expected-edge.ts';
import { modelDriven } from './model-driven.ts';

const MINUTE_MS = 60_000;
const PRICE = 6_000_000;
const BARS = 22;
/** So that (2p − 1) · 100 bps is the expected gain: each bar moves by 1 %. */
const closeOf = (minute: number): number => (minute % 2 === 0 ? PRICE : Math.round(PRICE * Math.exp(0.01)));
const PARAMETERS = { interval: '1m', moveBars: 20, minEdgeBps: 5, feeBps: 10, slippageBps: 2, graceSeconds: 30 };
const START_MS = atMs(0) / 1_000;

const tick = (ms: number): KernelInput => ({ kind: 'tick', tsUs: atMs(ms) });

/** What a model says at the close of a minute. */
function predictionInput(minute: number, change: Partial<StrategyPrediction> = {}): KernelInput {
  const closeMs = (minute + 1) * MINUTE_MS;
  const prediction = {
    instrument: BTC.id,
    model: 'logistic-regression',
    interval: '1m' as const,
    horizonMs: MINUTE_MS,
    timeMs: START_MS + closeMs,
    probabilityUp: 0.7,
    rawProbabilityUp: 0.72,
    calibrated: true,
    hasVote: true,
    skillLow: 0.01,
    absence: null,
    ...change,
  };
  return { kind: 'prediction', tsUs: atMs(closeMs), prediction };
}

const absent = (code: string): Partial<StrategyPrediction> => ({
  probabilityUp: null,
  rawProbabilityUp: null,
  calibrated: false,
  hasVote: false,
  absence: { code, reason: `it is ${code}` },
});

/** A kernel whose strategy has all its bars, and a quote 1 bp wide around the last close. */
function world(parameters: Readonly<Record<string, unknown>> = {}, config: KernelConfig = CONFIG) {
  const strategy = configured(modelDriven, { ...PARAMETERS, ...parameters });
  const kernel = running([strategy], PRICE, config);
  const outputs: KernelOutput[] = [];
  const give = (...inputs: readonly KernelInput[]): DecisionRecord[] => {
    const said = inputs.flatMap((input) => kernel.handle(input));
    outputs.push(...said);
    return only(said, 'decision').map(({ decision }) => decision);
  };
  /** The bar of a minute closes, with the market where it closed. */
  const bar = (minute: number): DecisionRecord[] => {
    const [ms, close] = [(minute + 1) * MINUTE_MS, closeOf(minute)];
    return give(quoteInput(ms, close - 300, close + 300), tradeInput(ms, close, ms), barInput(minute, close));
  };
  /** A model speaks a fifth of a second after the close. */
  const said = (minute: number, change: Partial<StrategyPrediction> = {}): DecisionRecord[] =>
    give(tick((minute + 1) * MINUTE_MS + 200), predictionInput(minute, change));
  /** Everything that was ordered since the last time is filled, for a fee of 0.95 USDT unless given. */
  let filled = 0;
  const fill = (ms: number, feeUnits = 95n * 10n ** 16n): OrderSide[] => {
    const submits = only(outputs, 'submit').slice(filled);
    filled += submits.length;
    outputs.push(...fillAll(kernel, submits, closeOf(LAST), ms, feeUnits));
    return submits.map(({ request }) => request.side);
  };
  for (let minute = 0; minute < BARS; minute += 1) bar(minute);
  return { kernel, strategy, outputs, give, bar, said, fill };
}

const reasonOf = (decisions: readonly DecisionRecord[]): string =>
  (decisions.at(-1)?.wanted as { readonly reason: string } | undefined)?.reason ?? '';
const LAST = BARS - 1;
const AFTER = BARS * MINUTE_MS + 300;

/** A world that holds a position since the model spoke of the last bar. */
function holding(parameters: Readonly<Record<string, unknown>> = {}) {
  const made = world(parameters);
  expect(made.said(LAST)).toMatchObject([{ action: 'enter' }]);
  expect(made.fill(AFTER)).toEqual(['buy']);
  return made;
}

describe('the expected edge', () => {
  it('is the expected gain less a round trip’s costs, each side’s named', () => {
    expect(expectedGainBps(0.6, 0.005)).toBeCloseTo(10, 10);
    expect(expectedGainBps(0.5, 0.005)).toBe(0);
    const costs = roundTripCosts({ bid: 9_999, ask: 10_001 }, 10, 2, { fills: 0, bps: null });
    expect(costs?.totalBps).toBeCloseTo(20 + 2 + 4, 10);
    expect(roundTripCosts({ bid: null, ask: 1 }, 10, 2, { fills: 0, bps: null })).toBeNull();
  });

  it('takes slippage as it was measured once there are twenty fills, never below half the spread', () => {
    const quote = { bid: 9_999, ask: 10_001 };
    const total = (fills: number, bps: number): number | undefined =>
      roundTripCosts(quote, 10, 2, { fills, bps })?.totalBps;
    expect(total(19, 8)).toBeCloseTo(26, 10);
    // Half the spread, 1 bp, is in the measured 8.
    expect(total(20, 8)).toBeCloseTo(20 + 2 + 2 * 7, 10);
    expect(total(20, -5)).toBeCloseTo(22, 10);
  });

  it('never pays for less than the fees and the spread, and grows with the probability', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        share,
        share,
        fc.double({ min: 0, max: 0.2, noNaN: true }),
        fc.nat({ max: 100 }),
        (one, other, move, spread) => {
          const [low, high] = [Math.min(one, other), Math.max(one, other)];
          expect(expectedGainBps(low, move)).toBeLessThanOrEqual(expectedGainBps(high, move));
          const costs = roundTripCosts({ bid: 10_000, ask: 10_000 + spread }, 10, 1, { fills: 50, bps: spread - 50 });
          expect(costs?.totalBps).toBeGreaterThanOrEqual((costs?.feesBps ?? NaN) + (costs?.spreadBps ?? NaN));
        },
      ),
    );
  });
});

describe('model-driven comes in', () => {
  it('when the calibrated edge pays for a round trip, for the size that is set, with its probability as confidence', () => {
    const { said, outputs } = world({ size: 0.5 });
    const [decision] = said(LAST);
    expect(decision).toMatchObject({
      action: 'enter',
      wanted: { target: 0.5, confidence: 0.7 },
      prediction: [{ probabilityUp: 0.7, rawProbabilityUp: 0.72, calibrated: true, hasVote: true }],
    });
    expect(reasonOf(decision === undefined ? [] : [decision])).toBe(
      'logistic-regression 1m says 70.0 % up, expected move 100.0 bps, costs 25.0 bps (fees 20.0, spread 1.0, slippage 4.0), edge 15.0 bps: entered, because the edge is at least 5.0 bps',
    );
    const [submit] = only(outputs, 'submit');
    // 4.75 % of 10,000 USDT at the ask.
    expect(submit?.request).toMatchObject({ side: 'buy', type: 'market' });
    expect(submit?.request.quantity).toBeGreaterThan(770);
    expect(submit?.request.quantity).toBeLessThan(792);
  });

  it.each<[string, Partial<StrategyPrediction>, RegExp]>([
    ['the edge is too small', { probabilityUp: 0.64 }, /edge 3\.0 bps: no trade, because the edge is below 5\.0 bps/],
    ['a fall is expected', { probabilityUp: 0.2 }, /edge -85\.0 bps: no trade, because the edge is below/],
    [
      'the probability is not calibrated',
      { calibrated: false },
      /edge unknown: no trade, because .* is not calibrated/,
    ],
    [
      'the model has no vote',
      { hasVote: false },
      /no trade, because logistic-regression 1m has no vote: its skill is not proven/,
    ],
    [
      'its skill reaches zero',
      { hasVote: false, evidence: { skill: { low: -0.0123, high: 0.02 }, netBps: null } },
      /no vote: its skill over the best baseline, -1\.23 to 2\.00 points, is not above zero \(it says 70\.0 % up\)/,
    ],
    [
      'its costs eat what it earns',
      { hasVote: false, evidence: { skill: { low: 0.01, high: 0.02 }, netBps: { low: -0.456, high: 0.1 } } },
      /no vote: its result after costs, -0\.46 to 0\.10 bps a bar, is not above zero/,
    ],
    [
      'hardly any forecast of it pays',
      { hasVote: false, evidence: { skill: { low: 0.01, high: 0.02 }, netBps: null } },
      /no vote: too few of its forecasts pay for their costs/,
    ],
    ['the model says nothing', absent('history_gap'), /no trade, because .* has nothing to say \(it is history_gap\)/],
  ])('not while %s, and says so with the figures', (_why, change, reason) => {
    const { said, outputs } = world();
    const decisions = said(LAST, change);
    expect(decisions).toMatchObject([{ action: 'hold', wanted: { target: 0 } }]);
    expect(reasonOf(decisions)).toMatch(reason);
    expect(reasonOf(decisions)).toContain('expected move 100.0 bps, costs 25.0 bps');
    expect(only(outputs, 'submit')).toEqual([]);
  });

  it('not before a model has spoken, nor at a bar that it has not spoken of yet', () => {
    const { bar, said } = world();
    expect(reasonOf(bar(BARS))).toContain('no trade, because no model has spoken that looks 1 bars of 1m ahead');
    expect(reasonOf(said(BARS, { probabilityUp: 0.5 }))).toContain('no trade, because the edge is below');
    // Whatever it said, it was asked a bar ago.
    said(BARS, { probabilityUp: 0.63 });
    expect(reasonOf(bar(BARS + 1))).toContain(
      'no trade, because logistic-regression 1m has not spoken of the newest bar yet',
    );
  });

  it('not on what looks further or is of other bars', () => {
    const { said, bar } = world();
    expect(said(LAST, { horizonMs: 12 * MINUTE_MS })).toEqual([]);
    expect(said(LAST, { interval: '5m' })).toEqual([]);
    expect(reasonOf(bar(BARS))).toContain('no model has spoken that looks 1 bars of 1m ahead');
  });

  it('on the best vote of several: the highest proven skill, whoever spoke last', () => {
    const { said } = world();
    said(LAST, { model: 'first', skillLow: 0.03, probabilityUp: 0.5 });
    const second = said(LAST, { model: 'second', skillLow: 0.01, probabilityUp: 0.9 });
    expect(reasonOf(second)).toMatch(/^first 1m says 50\.0 % up/);
    const unfit = said(LAST, { model: 'first', skillLow: 0.03, probabilityUp: 0.5, hasVote: false });
    expect(reasonOf(unfit)).toMatch(/^second 1m says 90\.0 % up.*entered/);
  });

  it('on the model that is named alone, whatever others say', () => {
    const { said, bar } = world({ model: 'xgboost' });
    expect(said(LAST, { model: 'lightgbm', skillLow: 0.05, probabilityUp: 0.9 })).toEqual([]);
    expect(reasonOf(bar(BARS))).toContain('no trade, because no model has spoken');
    expect(reasonOf(said(BARS, { model: 'xgboost', probabilityUp: 0.9 }))).toMatch(
      /^xgboost 1m says 90\.0 % up.*entered/,
    );
  });

  it('not where risk asks for more confidence: the decision names the rule', () => {
    const config = { ...CONFIG, limits: { ...CONFIG.limits, confidencePpmMin: 750_000 } };
    const { said, outputs } = world({}, config);
    expect(said(LAST)).toMatchObject([{ action: 'hold', risk: { result: 'denied', rule: 'confidence_min' } }]);
    expect(only(outputs, 'submit')).toEqual([]);
  });
});

describe('model-driven holds on', () => {
  it('while the gain that is still expected is not below zero: the entry is paid for', () => {
    const { bar, said, fill } = holding();
    expect(reasonOf(bar(BARS))).toContain('held, because holding on is worth 40.0 bps');
    const decisions = said(BARS, { probabilityUp: 0.501 });
    expect(decisions).toMatchObject([{ action: 'hold' }]);
    expect(reasonOf(decisions)).toContain('edge -24.8 bps: held, because holding on is worth 0.2 bps');
    expect(fill(AFTER + MINUTE_MS)).toEqual([]);
  });

  it('to all of a position that has grown beyond its allocation, since nothing can ask for more than that', () => {
    const { give, said, fill } = holding();
    const [ms, dear] = [(BARS + 1) * MINUTE_MS, 1.4 * PRICE];
    give(quoteInput(ms, dear - 300, dear + 300), tradeInput(ms, dear, ms));
    const held = expect.stringContaining('held, because holding on is') as string;
    expect(said(BARS)).toMatchObject([{ action: 'hold', wanted: { target: null, log: [held] } }]);
    expect(fill(AFTER + MINUTE_MS)).toEqual([]);
  });

  it.each(['training', 'feed_stale', 'other_missing'])(
    'through a silence that passes (%s), as long as what was said last holds',
    (code) => {
      const { said, give, fill } = holding();
      expect(reasonOf(said(LAST, absent(code)))).toMatch(
        /edge unknown: held, because .* and what was said last still holds/,
      );
      // Its horizon of a minute, and half a minute of grace.
      expect(give(tick((BARS + 1) * MINUTE_MS + 29_000))).toEqual([]);
      const decisions = give(tick((BARS + 1) * MINUTE_MS + 30_002));
      expect(decisions).toMatchObject([{ action: 'exit' }]);
      expect(reasonOf(decisions)).toMatch(/left, because .* has nothing to say/);
      expect(fill(AFTER + 2 * MINUTE_MS)).toEqual(['sell']);
    },
  );
});

describe('model-driven leaves', () => {
  it.each<[string, Partial<StrategyPrediction>, RegExp]>([
    ['a fall is expected', { probabilityUp: 0.49 }, /edge -27\.0 bps: left, because holding on is worth -2\.0 bps/],
    ['the vote is lost', { hasVote: false }, /left, because .* has no vote/],
    ['the calibration is lost', { calibrated: false }, /left, because .* is not calibrated/],
    [
      'the model has nothing to say',
      absent('history_gap'),
      /left, because .* has nothing to say \(it is history_gap\)/,
    ],
  ])('when %s', (_why, change, reason) => {
    const { bar, said, fill } = holding();
    bar(BARS);
    const decisions = said(BARS, change);
    expect(decisions).toMatchObject([{ action: 'exit', wanted: { target: 0 } }]);
    expect(reasonOf(decisions)).toMatch(reason);
    expect(fill(AFTER + MINUTE_MS)).toEqual(['sell']);
  });

  it('when what was said is older than its horizon, though no bar has closed', () => {
    const { give } = holding();
    const decisions = give(tick((BARS + 1) * MINUTE_MS + 30_001));
    expect(decisions).toMatchObject([{ action: 'exit' }]);
    expect(reasonOf(decisions)).toContain(
      'left, because what logistic-regression 1m said last (70.0 % up) is older than its horizon',
    );
  });
});

describe('model-driven over a restart', () => {
  const recordOf = (outputs: readonly KernelOutput[]): StrategyRecord => {
    const record = only(outputs, 'strategy').at(-1)?.strategy;
    if (record === undefined) throw new Error('nothing was recorded');
    return record;
  };

  it('remembers what its fills cost and when a model spoke last', () => {
    const { outputs, fill, said, bar } = holding();
    bar(BARS);
    said(BARS, { probabilityUp: 0.4 });
    // 0.475 USDT for 950: 5 bps.
    fill(AFTER + MINUTE_MS, 475n * 10n ** 15n);
    const state = (recordOf(outputs).state as Readonly<Record<string, { saidMs: number; feeBps: number }>>)['BTCUSDT'];
    expect(state?.saidMs).toBe(START_MS + (BARS + 1) * MINUTE_MS);
    expect(state?.feeBps).toBeGreaterThan(4.9);
    expect(state?.feeBps).toBeLessThan(5.2);
    bar(BARS + 1);
    // The fee that was paid counts from now on.
    expect(reasonOf(said(BARS + 1))).toMatch(/fees 10\.\d/);
  });

  it('holds on to its position while the model is trained anew, and leaves when its horizon is over', () => {
    const before = holding();
    const records = [recordOf(before.outputs)];
    const positions = only(before.outputs, 'position')
      .slice(-1)
      .map(({ position }) => position);
    const kernel = new Kernel(CONFIG, [before.strategy]);
    const ms = BARS * MINUTE_MS + 5_000;
    const window = Array.from({ length: BARS }, (_, minute) => barInput(minute, closeOf(minute))).flatMap((input) =>
      input.kind === 'market' && input.event.kind === 'bar' ? [input.event] : [],
    );
    const balances = before.kernel.account().balances;
    const inputs: KernelInput[] = [
      ...startInputs(ms, balances, { ...EMPTY, balances, positions, strategies: records }),
      { kind: 'warm-up', tsUs: atMs(ms), bars: window },
      tradeInput(ms, PRICE, ms),
      quoteInput(ms, PRICE - 300, PRICE + 300),
      tick(ms + 100),
      predictionInput(LAST, absent('training')),
    ];
    const said = inputs.flatMap((input) => kernel.handle(input));
    expect(reasonOf(only(said, 'decision').map(({ decision }) => decision))).toContain(
      'what was said last still holds',
    );
    expect(only(said, 'submit')).toEqual([]);
    const late = kernel.handle(tick((BARS + 1) * MINUTE_MS + 30_002));
    expect(only(late, 'submit').map(({ request }) => request.side)).toEqual(['sell']);
  });
});
