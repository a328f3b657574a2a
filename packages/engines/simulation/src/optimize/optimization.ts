import type { AnyParameterValues } from '@monsta/trading';
import type { BacktestOutcome } from '../backtest/outcome.ts';
import { probabilityOfOverfitting, type BlockMoments, type Overfitting } from '../statistics/overfitting.ts';
import { median, planMaps, stabilityScore, type MapPlan } from './stability-map.ts';
import { Study, type RankedTrial, type StudyOptions, type TrialOutcome } from './study.ts';
import type { Span, WalkForwardWindow } from './walk-forward.ts';

export interface OptimizationOptions extends Omit<StudyOptions, 'seed'> {
  readonly seed: number;
  /** Where parameters are chosen and where they are judged, oldest first. Without a test there is one window, and nothing says what the choice is worth. */
  readonly windows: readonly (WalkForwardWindow | { readonly train: Span; readonly test: null })[];
  /** Steps on each side of the best that the map shows; 0: no map. */
  readonly mapReach: number;
}

/** A run that is to be done somewhere, and told of by its id. `values` are those of the searched parameters. */
export type OptimizationTask = { readonly id: string; readonly span: Span; readonly values: AnyParameterValues } & (
  | { readonly kind: 'trial'; readonly lossLimits: readonly number[] }
  /** The best of a window again, with all its statistics. */
  | { readonly kind: 'best' }
  /** The best of a window on what it has not seen; `cash` is what the test before ended with, null: as at the beginning. */
  | { readonly kind: 'test'; readonly cash: number | null }
  /** A neighbour of the best; it is looked at, and nothing is chosen by it. */
  | { readonly kind: 'map' }
);

/** What came of a trial, or of a neighbour. */
export type TrialResult =
  | (Exclude<TrialOutcome, { readonly kind: 'failed' }> & {
      /** Over one return, not annualised; of a trial that was stopped, of what it ran. */
      readonly sharpe: number | null;
      /** Of a trial that was finished: what the probability of overfitting is reckoned from. */
      readonly blocks: BlockMoments | null;
    })
  | { readonly kind: 'failed'; readonly message: string };

/** What came of a whole run. */
export type RunResult =
  | { readonly kind: 'run'; readonly value: number | null; readonly outcome: BacktestOutcome }
  | { readonly kind: 'failed'; readonly message: string };

/** A trial as it is listed. */
export interface TrialRecord {
  readonly window: number;
  readonly number: number;
  readonly values: AnyParameterValues;
  readonly kind: TrialResult['kind'];
  readonly value: number | null;
  readonly sharpe: number | null;
}

export interface WindowState {
  readonly train: Span;
  readonly test: Span | null;
  readonly best: RankedTrial | null;
  readonly counts: Study['counts'];
  /** What failed trials said, and how many of them said so; at most five different. */
  readonly failures: ReadonlyMap<string, number>;
  readonly inSample: RunResult | null;
  readonly outOfSample: RunResult | null;
  readonly overfitting: Overfitting | null;
}

export interface StabilityMap extends MapPlan {
  /** Objective of each cell of `cells`; null where it failed or is not known. */
  readonly values: readonly (number | null)[];
  readonly score: number | null;
}

/** The probability of overfitting is reckoned from so many trials of a window at most, its first: half a kilobyte each. */
const OVERFITTING_TRIALS_MAX = 4_000;
const FAILURES_MAX = 5;

interface WindowRun {
  readonly index: number;
  readonly study: Study;
  readonly failures: Map<string, number>;
  readonly blocks: Map<number, BlockMoments>;
  overfitting: Overfitting | null;
  closed: boolean;
  /** Null: not yet; of a window without a best, there is none. */
  inSample: RunResult | null;
  outOfSample: RunResult | null;
}

/**
 * A whole optimisation: which runs are to be done, in which order, and what has come of them. It runs nothing itself. Runs may be told of in any order; the same options and the same
 * results give the same tasks, and a task whose result is known already is told as soon as it is given out: so an optimisation that was broken off goes on where it was.
 */
export class Optimization {
  readonly #options: OptimizationOptions;
  readonly #windows: WindowRun[] = [];
  readonly #trials: TrialRecord[] = [];
  readonly #running = new Map<string, OptimizationTask & { readonly window: number; readonly number: number }>();
  #maps: readonly MapPlan[] | null = null;
  readonly #mapValues = new Map<string, number | null>();

  constructor(options: OptimizationOptions) {
    this.#options = options;
  }

  /** All trials told so far, by window and number: the same list whichever came first. */
  get trials(): readonly TrialRecord[] {
    return this.#trials.toSorted((left, right) => left.window - right.window || left.number - right.number);
  }

  get trialCount(): number {
    return this.#trials.length;
  }

  /** The trial that was told last. */
  get newest(): TrialRecord | null {
    return this.#trials.at(-1) ?? null;
  }

  /** The next run; `wait`: not before others are told; null: all is done. */
  next(): OptimizationTask | 'wait' | null {
    const task = this.#ofWindows() ?? this.#ofMaps();
    if (task === null) return this.#running.size > 0 ? 'wait' : null;
    this.#running.set(task.id, task);
    const { window: _window, number: _number, ...given } = task;
    return given;
  }

  /** What came of a trial or a neighbour. Throws a RangeError for one that is not running. */
  tellTrial(id: string, result: TrialResult): void {
    const { kind, window, number, values } = this.#take(id);
    const value = result.kind === 'failed' ? null : result.value;
    if (kind === 'map') {
      this.#mapValues.set(id, result.kind === 'finished' ? value : null);
      return;
    }
    const run = this.#windows[window];
    if (run === undefined || kind !== 'trial') throw new RangeError(`${id} is no trial`);
    const sharpe = result.kind === 'failed' ? null : result.sharpe;
    this.#trials.push({ window, number, values, kind: result.kind, value, sharpe });
    if (result.kind === 'failed') {
      const known = run.failures.get(result.message);
      if (known !== undefined || run.failures.size < FAILURES_MAX) run.failures.set(result.message, (known ?? 0) + 1);
    } else if (result.blocks !== null && number < OVERFITTING_TRIALS_MAX) run.blocks.set(number, result.blocks);
    run.study.tell(number, result);
  }

  /** What came of a whole run. Throws a RangeError for one that is not running. */
  tellRun(id: string, result: RunResult): void {
    const { kind, window } = this.#take(id);
    const run = this.#windows[window];
    if (run === undefined || (kind !== 'best' && kind !== 'test')) throw new RangeError(`${id} is no whole run`);
    if (kind === 'best') run.inSample = result;
    else run.outOfSample = result;
  }

  get windows(): readonly WindowState[] {
    return this.#windows.map(({ index, study, failures, inSample, outOfSample, overfitting }) => ({
      train: this.#options.windows[index]?.train ?? { fromMs: 0, toMs: 0 },
      test: this.#options.windows[index]?.test ?? null,
      best: study.best,
      counts: study.counts,
      failures,
      inSample,
      outOfSample,
      overfitting,
    }));
  }

  /** The neighbourhood of the last window's best, once it has been looked at. */
  get maps(): readonly StabilityMap[] {
    const study = this.#windows.at(-1)?.study;
    const best = study?.best ?? null;
    if (study === undefined || best === null) return [];
    const middle = median(study.values);
    return (this.#maps ?? []).map((plan) => {
      const values = plan.cells.map(({ key }) => this.#mapValues.get(mapId(key)) ?? null);
      const neighbours = values.filter((_, index) => {
        const cell = plan.cells[index];
        return cell !== undefined && (cell.row !== plan.best.row || cell.column !== plan.best.column);
      });
      return { ...plan, values, score: stabilityScore(best.value, middle, neighbours, this.#options.direction) };
    });
  }

  #take(id: string) {
    const task = this.#running.get(id);
    if (task === undefined) throw new RangeError(`${id} is not running`);
    this.#running.delete(id);
    return task;
  }

  /** What the windows need: whole runs of those that are done first, then trials of the earliest that has one. */
  #ofWindows() {
    for (let index = 0; index < this.#options.windows.length; index += 1) {
      const task = this.#wholeRun(index);
      if (task !== null) return task;
    }
    for (const [index, { train }] of this.#options.windows.entries()) {
      const { study } = this.#open(index);
      const trial = study.next();
      if (trial === null || trial === 'wait') continue;
      const { number, values, lossLimits } = trial;
      return {
        id: `${index}/${number}`,
        kind: 'trial',
        window: index,
        number,
        span: train,
        values,
        lossLimits,
      } as const;
    }
    return null;
  }

  #wholeRun(index: number) {
    const run = this.#windows[index];
    const window = this.#options.windows[index];
    if (run === undefined || window === undefined || !run.study.done) return null;
    this.#close(run);
    const { best } = run.study;
    if (best === null) return null;
    const { values } = best;
    const common = { window: index, number: best.number, values };
    const bestId = `${index}/best`;
    if (run.inSample === null && !this.#running.has(bestId))
      return { id: bestId, kind: 'best', span: window.train, ...common } as const;
    const testId = `${index}/test`;
    if (window.test === null || run.outOfSample !== null || this.#running.has(testId)) return null;
    const cash = this.#cashBefore(index);
    return cash === 'unknown' ? null : ({ id: testId, kind: 'test', span: window.test, cash, ...common } as const);
  }

  /** What the test before a window ended with; a window without a best, or whose run failed, left it as it was. */
  #cashBefore(index: number): number | null | 'unknown' {
    for (let at = index - 1; at >= 0; at -= 1) {
      const before = this.#windows[at];
      if (before === undefined || !before.study.done) return 'unknown';
      if (before.study.best === null || before.outOfSample?.kind === 'failed') continue;
      return before.outOfSample === null ? 'unknown' : (before.outOfSample.outcome.curve.equity.at(-1) ?? null);
    }
    return null;
  }

  #open(index: number): WindowRun {
    const known = this.#windows[index];
    if (known !== undefined) return known;
    const { windows: _windows, mapReach: _reach, seed, ...options } = this.#options;
    // Windows search on their own: each its own numbers, by the one seed.
    const study = new Study({ ...options, seed: (seed + Math.imul(index, 0x9e3779b1)) >>> 0 });
    const blank = { overfitting: null, closed: false, inSample: null, outOfSample: null };
    const run: WindowRun = { index, study, failures: new Map(), blocks: new Map(), ...blank };
    this.#windows[index] = run;
    return run;
  }

  #close(run: WindowRun): void {
    if (run.closed) return;
    run.closed = true;
    // In the order of the trials: of equals the first is the best.
    const blocks = [...run.blocks].toSorted(([left], [right]) => left - right).map(([, each]) => each);
    const [first] = blocks;
    run.overfitting = probabilityOfOverfitting(blocks.filter(({ length }) => length === first?.length));
    run.blocks.clear();
  }

  #ofMaps() {
    const index = this.#options.windows.length - 1;
    const last = this.#windows[index];
    const window = this.#options.windows[index];
    const best = last?.study.best ?? null;
    if (last === undefined || window === undefined || best === null || !last.study.done) return null;
    const { space, mapReach, accepts } = this.#options;
    this.#maps ??= mapReach === 0 ? [] : planMaps(space, best.point, mapReach, accepts);
    for (const { cells } of this.#maps) {
      for (const { key, values } of cells) {
        const id = mapId(key);
        if (this.#mapValues.has(id) || this.#running.has(id)) continue;
        return { id, kind: 'map', window: index, number: -1, span: window.train, values } as const;
      }
    }
    return null;
  }
}

const mapId = (key: string): string => `map/${key}`;
