import { expectOk, seededRandom } from '@monsta/core';
import type { AnyParameterValues } from '@monsta/trading';
import { describe, expect, it } from 'vitest';
import type { BacktestOutcome } from '../backtest/outcome.ts';
import { Optimization, type OptimizationOptions, type OptimizationTask, type TrialResult } from './optimization.ts';
import { searchSpace } from './space.ts';
import { stitched } from './stitch.ts';
import { walkForwardWindows, type Span } from './walk-forward.ts';

const integer = { kind: 'integer', default: 10, min: 1, max: 40 } as const;
const SPACE = expectOk(searchSpace({ fast: integer, slow: integer }, null));
const WINDOWS = expectOk(
  walkForwardWindows({ fromMs: 0, toMs: 100 }, { trainMs: 40, testMs: 20, anchored: false, embargoMs: 0 }),
);
const accepts = ({ fast, slow }: AnyParameterValues): boolean => Number(fast) < Number(slow);
const OPTIONS: OptimizationOptions = {
  space: SPACE,
  accepts,
  sampler: 'tpe',
  seed: 5,
  trials: 40,
  ahead: 4,
  direction: 'max',
  stopping: { kind: 'none' },
  windows: WINDOWS,
  mapReach: 1,
};

/** A market in which what is best moves with time. */
type Market = (ms: number) => number;
const drifting: Market = (ms) => 10 + ms / 10;

function worth({ fast, slow }: AnyParameterValues, { fromMs, toMs }: Span, market: Market): number {
  let sum = 0;
  for (let ms = fromMs; ms < toMs; ms += 1) sum -= Math.abs(Number(fast) - market(ms)) + Number(slow) / 100;
  return sum / (toMs - fromMs);
}

function outcomeOf(values: AnyParameterValues, span: Span, cash: number, market: Market): BacktestOutcome {
  const end = cash * (1.5 + worth(values, span, market) / 100);
  const equity = Float64Array.of(cash, end);
  return {
    startMs: span.fromMs,
    endMs: span.toMs,
    bars: 1,
    initialCash: cash,
    curve: { timeMs: Float64Array.of(span.fromMs, span.toMs), equity, exposure: Float64Array.of(0, 1) },
    benchmark: Float64Array.of(cash, cash * 1.1),
    trades: [],
    orders: [],
    fills: [],
    decisions: [],
    orderCount: 2,
    fillCount: 2,
    turnover: 3 * cash,
    slippage: 1,
    denials: { cash: 1 },
    failures: [],
  };
}

const trialOf = (values: AnyParameterValues, span: Span, market: Market): TrialResult =>
  Number(values['slow']) === 13
    ? { kind: 'failed', message: 'unlucky' }
    : { kind: 'finished', value: worth(values, span, market), checks: [], sharpe: 0.1, blocks: null };

interface Way {
  readonly market?: Market;
  readonly workers?: number;
  readonly order?: number;
  /** What is known of trials from before. */
  readonly known?: ReadonlyMap<string, TrialResult>;
  /** Broken off after so many trials. */
  readonly trialsMax?: number;
}

function optimise(
  options: OptimizationOptions,
  { market = drifting, workers = 1, order = 1, known, trialsMax = Infinity }: Way = {},
) {
  const optimization = new Optimization(options);
  const random = seededRandom(order);
  const running: OptimizationTask[] = [];
  const log = new Map<string, TrialResult>();
  const tasks: OptimizationTask[] = [];
  for (;;) {
    while (running.length < workers) {
      const task = optimization.next();
      if (task === null || task === 'wait') break;
      tasks.push(task);
      running.push(task);
    }
    const [task] = running.splice(random.integer(Math.max(1, running.length)), 1);
    if (task === undefined || log.size >= trialsMax) return { optimization, log, tasks };
    if (task.kind === 'test' || task.kind === 'best') {
      const cash = (task.kind === 'test' ? task.cash : null) ?? 1000;
      optimization.tellRun(task.id, {
        kind: 'run',
        value: 1,
        outcome: outcomeOf(task.values, task.span, cash, market),
      });
    } else {
      const result = known?.get(task.id) ?? trialOf(task.values, task.span, market);
      log.set(task.id, result);
      optimization.tellTrial(task.id, result);
    }
  }
}

describe('an optimisation', () => {
  it('chooses in each window by what is past there, and judges the choice on what comes', () => {
    const { optimization, tasks } = optimise({ ...OPTIONS, trials: 300 });
    const { windows } = optimization;
    expect(windows.map(({ best }) => best?.values['fast'])).toEqual([12, 14, 16]);
    expect(tasks.filter(({ kind }) => kind === 'test').map(({ span }) => span)).toEqual(
      WINDOWS.map(({ test }) => test),
    );
    expect(tasks.filter(({ kind }) => kind === 'trial').length).toBe(900);
    expect(windows[0]?.counts).toMatchObject({ asked: 300, told: 300 });
    expect(optimization.trials).toHaveLength(900);
  });

  it('goes on in each test with the cash that the one before ended with', () => {
    const { optimization } = optimise(OPTIONS);
    const parts = optimization.windows.flatMap(({ outOfSample }) =>
      outOfSample?.kind === 'run' ? [outOfSample.outcome] : [],
    );
    const whole = stitched(parts);
    const equity = [...(whole?.curve.equity ?? [])];
    expect(equity).toHaveLength(4);
    expect(equity[0]).toBe(1000);
    expect(equity.slice(1)).toEqual(parts.map(({ curve }) => curve.equity.at(-1)));
    expect(parts.map(({ initialCash }) => initialCash)).toEqual(equity.slice(0, 3));
    expect([...(whole?.curve.timeMs ?? [])]).toEqual([40, 60, 80, 100]);
    expect([...(whole?.benchmark ?? [])].map((value) => Math.round(value))).toEqual([1000, 1100, 1210, 1331]);
    expect(whole).toMatchObject({ bars: 3, orderCount: 6, denials: { cash: 3 }, startMs: 40, endMs: 100 });
    expect(stitched([])).toBeNull();
  });

  it('is not changed in earlier windows by anything that comes later', () => {
    const sane = optimise(OPTIONS).optimization;
    const garbage = optimise(OPTIONS, { market: (ms) => (ms < 60 ? drifting(ms) : (ms * 7_919) % 40) }).optimization;
    const [first] = sane.windows;
    expect(garbage.windows[0]).toEqual(first);
    expect(garbage.trials.filter(({ window }) => window === 0)).toEqual(
      sane.trials.filter(({ window }) => window === 0),
    );
    expect(garbage.windows[1]?.best).toEqual(sane.windows[1]?.best);
    expect(garbage.windows[1]?.outOfSample).not.toEqual(sane.windows[1]?.outOfSample);
    expect(garbage.windows[2]?.best).not.toEqual(sane.windows[2]?.best);
  });

  it('comes to the same whichever worker is the fastest', () => {
    const one = optimise(OPTIONS);
    const other = optimise(OPTIONS, { workers: 4, order: 99 });
    const byId = ({ log }: typeof one) => [...log.keys()].toSorted();
    expect(byId(other)).toEqual(byId(one));
    expect(other.optimization.windows).toEqual(one.optimization.windows);
    expect(other.optimization.maps).toEqual(one.optimization.maps);
  });

  it.each([0, 1, 37, 60, 119])('broken off after %i trials goes on to the same end', (trialsMax) => {
    const whole = optimise(OPTIONS);
    const { log } = optimise(OPTIONS, { trialsMax, workers: 3 });
    const rest = optimise(OPTIONS, { known: log, workers: 2, order: 3 });
    expect(rest.optimization.windows).toEqual(whole.optimization.windows);
    expect(rest.optimization.maps).toEqual(whole.optimization.maps);
  });

  it('counts trials that failed and keeps what they said', () => {
    const { optimization } = optimise({ ...OPTIONS, sampler: 'grid', trials: 2_000 });
    const [first] = optimization.windows;
    expect(first?.counts).toMatchObject({ asked: 780, failed: 12, refused: 820 });
    expect([...(first?.failures ?? [])]).toEqual([['unlucky', 12]]);
  });

  it('without a test says nothing of what the choice is worth', () => {
    const windows = [{ train: { fromMs: 0, toMs: 100 }, test: null }];
    const { optimization, tasks } = optimise({ ...OPTIONS, windows });
    expect(tasks.some(({ kind }) => kind === 'test')).toBe(false);
    expect(optimization.windows[0]).toMatchObject({ outOfSample: null, inSample: { kind: 'run' } });
  });

  it('looks at the neighbours of the last choice, and chooses nothing by them', () => {
    const { optimization } = optimise({ ...OPTIONS, sampler: 'grid', trials: 2_000 });
    const [map] = optimization.maps;
    expect(map?.cells.length).toBeGreaterThan(3);
    expect(map?.values.every((value) => value === null || value <= (optimization.windows[2]?.best?.value ?? 0))).toBe(
      true,
    );
    expect(map?.score).toBeGreaterThan(0.5);
    expect(optimise({ ...OPTIONS, mapReach: 0 }).optimization.maps).toEqual([]);
  });

  it('with nothing that works ends without a choice', () => {
    const { optimization } = optimise({
      ...OPTIONS,
      space: expectOk(searchSpace({ slow: integer }, { slow: { values: [13] } })),
      accepts: () => true,
    });
    expect(optimization.windows.map(({ best, outOfSample }) => [best, outOfSample])).toEqual([
      [null, null],
      [null, null],
      [null, null],
    ]);
    expect(optimization.maps).toEqual([]);
  });
});
