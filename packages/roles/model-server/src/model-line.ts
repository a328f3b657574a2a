import {
  intervalMs,
  msFromUs,
  usFromMs,
  type FeedStatus,
  type InstrumentId,
  type Interval,
  type TimestampUs,
} from '@monsta/core';
import { barValues, type BarValues } from '@monsta/features';
import { calibrate, type Executor } from '@monsta/models';
import type { Prediction } from '@monsta/ports';
import { absences, type Absence } from './absence.ts';
import { BarJoin } from './bar-join.ts';
import type { ClosedBars } from './closed-bars.ts';
import type { ModelServerConfig } from './config.ts';
import { effortOf, type ExecutorChoice } from './executor-kinds.ts';
import { openExecutor } from './executors.ts';
import type { ServedFeatures } from './feature-sets.ts';
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
  #join: BarJoin;
  #serving: { readonly of: Serving; readonly executor: Executor<unknown> } | null = null;
  #untrained: Absence = absences.training('the model has not been trained yet: waiting for the price history');
  #feed: { readonly status: FeedStatus; readonly reason: string | null } | null = null;

  constructor(
    instrument: InstrumentId,
    interval: Interval,
    executor: ExecutorChoice,
    features: ServedFeatures,
    config: ModelServerConfig,
  ) {
    this.instrument = instrument;
    this.interval = interval;
    this.executor = executor;
    this.features = features;
    this.#config = config;
    this.#join = this.#emptyJoin();
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

  /** Close of the newest bar that a row was made of; null before the first. */
  get newestCloseMs(): number | null {
    return this.#join.newestCloseMs;
  }

  /** Until when a bar waits for those of other instruments, on the venue's clock; null where none does. */
  get waitsUntilMs(): number | null {
    return this.#join.waitsUntilMs;
  }

  /** True when the newest row lacks bars, made though it may be, so that another look at the history may help. */
  get lacksBars(): boolean {
    return this.#join.lacksBars;
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
  push(bar: BarValues): ReturnType<BarJoin['push']> {
    return this.#join.push(bar);
  }

  /** Takes a closed bar of another instrument that the features read; `late`: a row was made without it. */
  pushOther(instrument: InstrumentId, bar: BarValues): ReturnType<BarJoin['pushOther']> {
    return this.#join.pushOther(instrument, bar);
  }

  /**
   * Replaces what is known of the newest bars by what the history holds, unless that ends earlier, or waits for another instrument's bar that a row was made with.
   * Bars that can't be used are left out, which leaves a gap; returns how many.
   */
  resync({ bars, instrument, others }: ClosedBars): number {
    const fresh = this.#emptyJoin();
    let unusable = 0;
    const take = (how: ReturnType<BarJoin['push' | 'pushOther']>): void => {
      if (how === 'invalid') unusable += 1;
    };
    const beside = others.map((other) => ({ ...other, taken: 0 }));
    const takeOthers = (untilUs: TimestampUs | null): void => {
      for (const other of beside)
        for (let bar = other.bars[other.taken]; bar !== undefined; bar = other.bars[other.taken]) {
          if (untilUs !== null && bar.openTimeUs > untilUs) break;
          other.taken += 1;
          take(fresh.pushOther(other.instrument.id, barValues(bar, other.instrument)));
        }
    };
    for (const bar of bars) {
      takeOthers(bar.openTimeUs);
      take(fresh.push(barValues(bar, instrument)));
    }
    takeOthers(null);
    fresh.adopt(this.#join);
    const { nextOpenTimeMs, newestCloseMs } = this.#join;
    const reaches = (fresh.nextOpenTimeMs ?? 0) >= (nextOpenTimeMs ?? 0);
    if (reaches && (fresh.newestCloseMs ?? 0) >= (newestCloseMs ?? 0)) this.#join = fresh;
    return unusable;
  }

  /** What the model says as of the newest bar, or why it has nothing to say. `nowUs` is the venue's time. */
  predict(nowUs: TimestampUs): Prediction {
    this.#join.settle(msFromUs(nowUs));
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
    const outcome = this.#join.current();
    const { hole } = this.#join;
    const holeCloseMs = hole === null ? Number.NaN : hole.openTimeMs + intervalMs(interval);
    // What the newest row looks for in vain is told even where the others suffice for a row: they did not come, and nobody knows why.
    if (hole !== null && (holeCloseMs === closeMs || outcome.kind === 'undefined'))
      return absences.otherMissing(interval, hole.of, holeCloseMs, holeCloseMs === closeMs);
    if (outcome.kind === 'undefined') return absences.featureUndefined(interval);
    if (outcome.kind === 'short') {
      return outcome.afterGap
        ? absences.historyGap(interval, outcome.contiguous, outcome.needed)
        : absences.historyTooShort(interval, outcome.contiguous, outcome.needed, 'a prediction');
    }
    const { executor, of } = this.#serving;
    return executor.probabilityUp(of.trained.model, outcome.values, 0);
  }

  #emptyJoin(): BarJoin {
    const { others, lookbackBars } = this.features;
    return new BarJoin(this.features.stream(this.interval), {
      ...{ others, lookbackBars, waitMs: this.#config.otherBarWaitMs },
    });
  }
}
