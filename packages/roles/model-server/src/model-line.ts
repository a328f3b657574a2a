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
import { barValues, FeatureStream, type BarValues } from '@monsta/features';
import { calibrate } from '@monsta/models';
import type { Prediction } from '@monsta/ports';
import { absences, type Absence } from './absence.ts';
import type { ModelServerConfig } from './config.ts';
import type { TrainedModel } from './training.ts';

/** Feeds in these states say nothing new; a feed under repair still does. */
const STALE: ReadonlySet<FeedStatus> = new Set<FeedStatus>(['connecting', 'stale', 'gap', 'ended']);

export interface Serving {
  readonly trained: TrainedModel;
  readonly trainedAtUs: TimestampUs;
}

/** One model: an instrument and an interval. Knows the newest bars, the feed's state and the trained model, and from these what to say. */
export class ModelLine {
  readonly instrument: InstrumentId;
  readonly interval: Interval;
  readonly #config: ModelServerConfig;
  #features: FeatureStream;
  #serving: Serving | null = null;
  #untrained: Absence = absences.training('the model has not been trained yet: waiting for the price history');
  #feed: { readonly status: FeedStatus; readonly reason: string | null } | null = null;

  constructor(instrument: InstrumentId, interval: Interval, config: ModelServerConfig) {
    this.instrument = instrument;
    this.interval = interval;
    this.#config = config;
    this.#features = new FeatureStream(interval);
  }

  get serving(): Serving | null {
    return this.#serving;
  }

  /** Close of the newest bar; null before the first. */
  get newestCloseMs(): number | null {
    return this.#features.nextOpenTimeMs;
  }

  /** True when the newest bars do not make a row, so that another look at the history may help. */
  get lacksBars(): boolean {
    return this.#features.current().kind === 'short';
  }

  setFeed(status: FeedStatus, reason: string | null): void {
    this.#feed = { status, reason };
  }

  /** Why there is no model; without effect once there is one, which serves on until the next is ready. */
  setUntrained(absence: Absence): void {
    this.#untrained = absence;
  }

  serve(trained: TrainedModel, trainedAtUs: TimestampUs): void {
    this.#serving = { trained, trainedAtUs };
  }

  /** True when retraining is due at this time of the venue. */
  retrainDue(nowUs: TimestampUs): boolean {
    return this.#serving !== null && nowUs - this.#serving.trainedAtUs >= usFromMs(this.#config.retrainMs);
  }

  /** Takes a closed bar from the stream; says whether it followed on, was known already, skipped others or was unsound. */
  push(bar: BarValues): 'next' | 'known' | 'after_gap' | 'invalid' {
    const expected = this.#features.nextOpenTimeMs;
    const pushed = this.#features.push(bar);
    if (!pushed.ok) return pushed.fault.code === 'bars_disordered' ? 'known' : 'invalid';
    return expected === null || bar.openTimeMs === expected ? 'next' : 'after_gap';
  }

  /**
   * Replaces what is known of the newest bars by what the history holds, unless that ends earlier.
   * `bars`: closed, oldest first. Bars that can't be used are left out, which leaves a gap; returns how many.
   */
  resync(bars: readonly Bar[], instrument: Pick<Instrument, 'tick'>): number {
    const fresh = new FeatureStream(this.interval);
    let unusable = 0;
    for (const bar of bars) if (!fresh.push(barValues(bar, instrument)).ok) unusable += 1;
    const known = this.#features.nextOpenTimeMs;
    if (known === null || (fresh.nextOpenTimeMs ?? 0) >= known) this.#features = fresh;
    return unusable;
  }

  /** What the model says as of the newest bar, or why it has nothing to say. `nowUs` is the venue's time. */
  predict(nowUs: TimestampUs): Prediction {
    const closeMs = this.newestCloseMs;
    const said = this.#say(closeMs, msFromUs(nowUs));
    const absent = typeof said !== 'number';
    const calibration = this.#serving?.trained.calibration ?? null;
    return {
      instrument: this.instrument,
      model: 'logistic-regression',
      interval: this.interval,
      horizonMs: this.#config.horizonMs,
      tsEventUs: closeMs === null ? nowUs : usFromMs(closeMs),
      probabilityUp: absent ? null : calibration === null ? said : calibrate(calibration, said),
      rawProbabilityUp: absent ? null : said,
      calibrated: !absent && calibration !== null,
      score: this.#serving?.trained.score ?? null,
      // Who says nothing has no vote, however skilled.
      hasVote: !absent && this.#serving !== null && this.#serving.trained.hasVote,
      trainedAtUs: this.#serving?.trainedAtUs ?? null,
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
    const outcome = this.#features.current();
    if (outcome.kind === 'undefined') return absences.featureUndefined(interval);
    if (outcome.kind === 'short') {
      return outcome.afterGap
        ? absences.historyGap(interval, outcome.contiguous, outcome.needed)
        : absences.historyTooShort(interval, outcome.contiguous, outcome.needed, 'a prediction');
    }
    const { executor, model } = this.#serving.trained;
    return executor.probabilityUp(model, outcome.values, 0);
  }
}
