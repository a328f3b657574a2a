import { usFromMs, type Fault, type Random } from '@monsta/core';
import { LOOKBACK_BARS } from '@monsta/features';
import type { Clock, Logger, Metrics } from '@monsta/ports';
import { absences } from './absence.ts';
import type { ModelServerConfig } from './config.ts';
import type { HistoryReader } from './history-reader.ts';
import type { ModelLine, Serving } from './model-line.ts';
import { runYielding } from './steps.ts';
import { trainingSteps, type TrainedModel } from './training.ts';

interface TrainingLoopOptions {
  readonly reader: HistoryReader;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly random: Random;
  readonly config: ModelServerConfig;
  readonly signal: AbortSignal;
  /** A line has a new model or a new reason for having none. */
  readonly onOutcome: (line: ModelLine) => Promise<void>;
}

/** When a line is looked at next, on the monotonic clock, and how long the wait after that. */
interface Schedule {
  dueMs: number;
  waitMs: number;
  settled: boolean;
  /** The model whose successor was asked for, so that a request repeated while trainings fail does not cut their waits short. */
  requestedAfter: Serving | null;
}

/** Trains the lines one after the other: at start as soon as there is history, again while the history still grows backwards, then on request. */
export class TrainingLoop {
  readonly #options: TrainingLoopOptions;
  readonly #schedules = new Map<ModelLine, Schedule>();
  readonly #seconds;
  readonly #trainings;
  #wake = new AbortController();

  constructor(options: TrainingLoopOptions) {
    this.#options = options;
    this.#seconds = options.metrics.histogram({
      name: 'monsta_model_training_seconds',
      help: 'Time a training with its scoring took, pauses for others included',
      labels: ['interval'],
      buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    });
    this.#trainings = options.metrics.counter({
      name: 'monsta_model_trainings_total',
      help: 'Trainings by outcome: ok, or the fault',
      labels: ['interval', 'outcome'],
    });
  }

  /** True when the first training has come to an answer: a model, or a reason for none other than that the history is not there yet. */
  settled(line: ModelLine): boolean {
    return this.#schedules.get(line)?.settled ?? false;
  }

  /** Asks for a new training of a line that has a model. */
  request(line: ModelLine): void {
    const schedule = this.#schedules.get(line);
    if (schedule === undefined || schedule.requestedAfter === line.serving) return;
    schedule.requestedAfter = line.serving;
    schedule.dueMs = this.#options.clock.monotonicMs();
    schedule.waitMs = this.#options.config.retryMs;
    this.#wake.abort();
  }

  /** Runs until stopped. */
  async run(lines: readonly ModelLine[]): Promise<void> {
    const { clock, config, signal } = this.#options;
    for (const line of lines) {
      this.#schedules.set(line, {
        dueMs: clock.monotonicMs(),
        waitMs: config.retryMs,
        settled: false,
        requestedAfter: null,
      });
    }
    while (!signal.aborted) {
      this.#wake = new AbortController();
      for (const [line, schedule] of this.#schedules) {
        if (signal.aborted) return;
        if (schedule.dueMs <= clock.monotonicMs()) await this.#attend(line, schedule);
      }
      const dueMs = Math.min(...[...this.#schedules.values()].map((schedule) => schedule.dueMs));
      // Whole milliseconds, rounded up: a timer that fires a fraction too early would spin here until the fraction has passed.
      const waitMs = Math.ceil(Math.max(0, dueMs - clock.monotonicMs()));
      await clock.sleep(Math.min(waitMs, config.retryMsMax), AbortSignal.any([signal, this.#wake.signal]));
    }
  }

  /** Brings the newest bars of a line up to what the history holds. */
  async resync(line: ModelLine): Promise<void> {
    // One bar more than the features need, so that a gap right before them is seen as one.
    const found = await this.#options.reader.closedBars(line, LOOKBACK_BARS + 1);
    if (!found.ok) return;
    const unusable = line.resync(found.value.bars, found.value.instrument);
    if (unusable > 0)
      this.#options.logger.warn('bars of the history can not be used', {
        instrument: line.instrument,
        interval: line.interval,
        bars: unusable,
      });
  }

  async #attend(line: ModelLine, schedule: Schedule): Promise<void> {
    const { serving } = line;
    const { clock, reader, config, signal } = this.#options;
    const nowUs = await reader.nowUs(usFromMs(line.newestCloseMs ?? 0));
    // The backfill goes on behind the newest bars: a model of few bars is followed by one of more.
    const growth = serving !== null && !line.retrainDue(nowUs);
    if (growth && !(await reader.hasOlder(line, serving.trained.oldestOpenTimeUs))) {
      this.#later(schedule);
      return;
    }
    const startedMs = clock.monotonicMs();
    const outcome = await this.#train(line);
    if (outcome === null || signal.aborted) return;
    this.#trainings.add(1, { interval: line.interval, outcome: outcome.code });
    if (outcome.code === 'ok') {
      this.#seconds.observe((clock.monotonicMs() - startedMs) / 1_000, { interval: line.interval });
      if (serving === null) schedule.waitMs = config.retryMs;
    }
    schedule.settled ||= outcome.settles;
    this.#later(schedule);
    // As many bars as are asked for, or all that the history gives out at once: more will not come.
    const bars = line.serving?.trained.bars ?? 0;
    const all = bars >= config.historyBarsMax || (growth && bars <= serving.trained.bars);
    if (outcome.code === 'ok' && all) schedule.dueMs = Number.POSITIVE_INFINITY;
    await this.#options.onOutcome(line);
  }

  #later(schedule: Schedule): void {
    const { clock, config, random } = this.#options;
    schedule.dueMs = clock.monotonicMs() + schedule.waitMs * (0.75 + 0.5 * random.next());
    schedule.waitMs = Math.min(2 * schedule.waitMs, config.retryMsMax);
  }

  /** Null when stopped meanwhile. */
  async #train(line: ModelLine): Promise<{ readonly code: string; readonly settles: boolean } | null> {
    const { reader, clock, config, signal } = this.#options;
    const found = await reader.closedBars(line, config.historyBarsMax);
    if (!found.ok) {
      line.setUntrained(absences.training(`waiting for the price history: ${found.fault.message}`));
      return { code: found.fault.code, settles: false };
    }
    const { bars, instrument } = found.value;
    const newest = bars.at(-1);
    const trained = await runYielding(trainingSteps(bars, instrument, line.interval, config), clock, signal);
    if (trained === null) return null;
    if (!trained.value.ok) return this.#failed(line, trained.value.fault, bars.length);
    line.serve(trained.value.value, await reader.nowUs(newest?.closeTimeUs ?? clock.nowUs()));
    await this.resync(line);
    this.#report(line, trained.value.value);
    return { code: 'ok', settles: true };
  }

  #failed(line: ModelLine, fault: Fault, bars: number): { readonly code: string; readonly settles: boolean } {
    const { interval, instrument } = line;
    const needed = fault.details?.['barsNeeded'];
    if (fault.code === 'rows_too_few' && typeof needed === 'number') {
      line.setUntrained(absences.historyTooShort(interval, bars, needed, 'training'));
    } else {
      line.setUntrained(absences.trainingFailed(`the model could not be trained: ${fault.message}`));
      this.#options.logger.warn('a model could not be trained', {
        instrument,
        interval,
        code: fault.code,
        reason: fault.message,
      });
    }
    return { code: fault.code, settles: true };
  }

  #report({ instrument, interval }: ModelLine, { score, hasVote, bars }: TrainedModel): void {
    this.#options.logger.info('a model was trained', {
      instrument,
      interval,
      bars,
      rowsScored: score.rows,
      accuracy: score.accuracy.value,
      skill: score.skill.value,
      skillLow: score.skill.low,
      skillHigh: score.skill.high,
      hasVote,
      calibrated: score.calibration !== null,
      uncalibrated: score.uncalibrated,
      brierRaw: score.calibration?.before.brier ?? null,
      brierCalibrated: score.calibration?.after.brier ?? null,
    });
  }
}
