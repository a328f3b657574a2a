import {
  intervalMs,
  msFromUs,
  usFromMs,
  type Bar,
  type FeedStatus,
  type Instrument,
  type InstrumentId,
  type Interval,
  type TimestampUs,
} from '@monsta/core';
import { barValues, type BarValues, type FeatureStream } from '@monsta/features';
import { calibrate, type Executor } from '@monsta/models';
import type { Prediction } from '@monsta/ports';
import { absences, type Absence } from './absence.ts';
import type { ModelServerConfig } from './config.ts';
import { effortOf, openExecutor, type ExecutorChoice } from './executors.ts';
import { featuresOf, type ServedFeatures } from './feature-sets.ts';
import type { ModelLineName } from './line-name.ts';
import type { TrainedModel } from './trained-model.ts';

/** Feeds in these states say nothing new; a feed under repair still does. */
const STALE: ReadonlySet<FeedStatus> = new Set<FeedStatus>(['connecting', 'stale', 'gap', 'ended']);

export interface Serving {
  /** Of the model. */
  readonly id: string;
  readonly trained: TrainedModel;
  readonly trainedAtUs: TimestampUs;
}

/** One line of models: an instrument, an interval and an executor. Knows the newest bars, the feed's state and the model that serves, and from these what to say. */
export class ModelLine implements ModelLineName {
  readonly instrument: InstrumentId;
  readonly interval: Interval;
  readonly executor: ExecutorChoice;
  readonly features: ServedFeatures;
  readonly #config: ModelServerConfig;
  #stream: FeatureStream;
  #serving: { readonly of: Serving; readonly executor: Executor<unknown> } | null = null;
  #untrained: Absence = absences.training('the model has not been trained yet: waiting for the price history');
  #feed: { readonly status: FeedStatus; readonly reason: string | null } | null = null;

  constructor(instrument: InstrumentId, interval: Interval, executor: ExecutorChoice, config: ModelServerConfig) {
    this.instrument = instrument;
    this.interval = interval;
    this.executor = executor;
    this.features = featuresOf(executor.name);
    this.#config = config;
    this.#stream = this.features.stream(interval);
  }

  get model(): string {
    return this.executor.name;
  }

  /** Trained within seconds: the program is ready with such lines. */
  get isQuick(): boolean {
    return effortOf(this.model) === 'quick';
  }

  get serving(): Serving | null {
    return this.#serving?.of ?? null;
  }

  /** Close of the newest bar; null before the first. */
  get newestCloseMs(): number | null {
    return this.#stream.nextOpenTimeMs;
  }

  /** True when the newest bars do not make a row, so that another look at the history may help. */
  get lacksBars(): boolean {
    return this.#stream.current().kind === 'short';
  }

  /** True where the next training may wait for its time: a model serves, or a person wanted that none does. */
  get awaitsSchedule(): boolean {
    return this.#serving !== null || this.#untrained.code === 'retired';
  }

  setFeed(status: FeedStatus, reason: string | null): void {
    this.#feed = { status, reason };
  }

  /** Why there is no model; without effect once there is one, which serves on until the next is ready. */
  setUntrained(absence: Absence): void {
    this.#untrained = absence;
  }

  /** Lets a model speak. Throws where its executor can't be opened: whoever trained or read it has opened it. */
  serve(serving: Serving): void {
    const opened = openExecutor(serving.trained.executor);
    if (!opened.ok) throw new Error(opened.fault.message);
    this.#serving = { of: serving, executor: opened.value };
  }

  /** No model speaks any more, for this reason. */
  withdraw(absence: Absence): void {
    this.#serving = null;
    this.#untrained = absence;
  }

  /** Takes a closed bar from the stream; says whether it followed on, was known already, skipped others or was unsound. */
  push(bar: BarValues): 'next' | 'known' | 'after_gap' | 'invalid' {
    const expected = this.#stream.nextOpenTimeMs;
    const pushed = this.#stream.push(bar);
    if (!pushed.ok) return pushed.fault.code === 'bars_disordered' ? 'known' : 'invalid';
    return expected === null || bar.openTimeMs === expected ? 'next' : 'after_gap';
  }

  /**
   * Replaces what is known of the newest bars by what the history holds, unless that ends earlier.
   * `bars`: closed, oldest first. Bars that can't be used are left out, which leaves a gap; returns how many.
   */
  resync(bars: readonly Bar[], instrument: Pick<Instrument, 'tick'>): number {
    const fresh = this.features.stream(this.interval);
    let unusable = 0;
    for (const bar of bars) if (!fresh.push(barValues(bar, instrument)).ok) unusable += 1;
    const known = this.#stream.nextOpenTimeMs;
    if (known === null || (fresh.nextOpenTimeMs ?? 0) >= known) this.#stream = fresh;
    return unusable;
  }

  /** What the model says as of the newest bar, or why it has nothing to say. `nowUs` is the venue's time. */
  predict(nowUs: TimestampUs): Prediction {
    const closeMs = this.newestCloseMs;
    const said = this.#say(closeMs, msFromUs(nowUs));
    const absent = typeof said !== 'number';
    const serving = this.serving;
    const calibration = serving?.trained.calibration ?? null;
    return {
      instrument: this.instrument,
      model: this.model,
      interval: this.interval,
      horizonMs: this.#config.horizonMs,
      tsEventUs: closeMs === null ? nowUs : usFromMs(closeMs),
      probabilityUp: absent ? null : calibration === null ? said : calibrate(calibration, said),
      rawProbabilityUp: absent ? null : said,
      calibrated: !absent && calibration !== null,
      score: serving?.trained.score ?? null,
      // Who says nothing has no vote, however skilled.
      hasVote: !absent && serving !== null && serving.trained.hasVote,
      trainedAtUs: serving?.trainedAtUs ?? null,
      absence: absent ? said : null,
    };
  }

  #say(closeMs: number | null, nowMs: number): number | Absence {
    if (this.#serving === null) return this.#untrained;
    if (this.#feed !== null && STALE.has(this.#feed.status))
      return absences.feedStale(this.#feed.status, this.#feed.reason);
    const { interval } = this;
    if (closeMs !== null && nowMs >= closeMs + 2 * intervalMs(interval))
      return absences.historyEnds(interval, closeMs, nowMs);
    if (closeMs !== null && nowMs >= closeMs + intervalMs(interval) + this.#config.barOverdueMs)
      return absences.barOverdue(interval, closeMs, nowMs);
    const outcome = this.#stream.current();
    if (outcome.kind === 'undefined') return absences.featureUndefined(interval);
    if (outcome.kind === 'short') {
      return outcome.afterGap
        ? absences.historyGap(interval, outcome.contiguous, outcome.needed)
        : absences.historyTooShort(interval, outcome.contiguous, outcome.needed, 'a prediction');
    }
    const { executor, of } = this.#serving;
    return executor.probabilityUp(of.trained.model, outcome.values, 0);
  }
}
