import { intervalMs, msFromUs, usFromMs, type Fault, type Random, type TimestampUs } from '@monsta/core';
import { barColumnsSteps, type BarColumns } from '@monsta/features';
import type { Clock, Logger, Metrics, TrainingUnderWay } from '@monsta/ports';
import { absences } from './absence.ts';
import type { ModelServerConfig } from './config.ts';
import type { HistoryReader } from './history-reader.ts';
import type { Decision, ModelLibrary } from './model-library.ts';
import { judgementOf, type LineLook } from './looks.ts';
import type { ModelLine } from './model-line.ts';
import { decide, OVERTAKEN } from './promotion.ts';
import type { Trainer } from './trainer.ts';
import type { TrainingResult, TrainingTask } from './training.ts';

interface TrainingLoopOptions {
  readonly reader: HistoryReader;
  readonly trainer: Trainer;
  readonly library: ModelLibrary;
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
  /** True when the first training has come to an answer: a model, or a reason for none other than that the history is not there yet. */
  settled: boolean;
  /** What history its training last lacked. */
  lacks: string | null;
  /** The training whose successor was asked for, so that a request repeated while trainings fail does not cut their waits short. */
  requestedAfter: string | null;
}

interface Outcome {
  readonly code: string;
  /** What history is not there yet; null where the training has come to an answer. */
  readonly lacks: string | null;
}

/** A training that died or took too long costs much: it is tried again later and later, up to this. */
const BROKEN_WAIT_MS_MAX = 3_600_000;
const BROKEN: ReadonlySet<string> = new Set(['training_broken', 'training_timeout']);

/**
 * Trains the lines one after the other: at start as soon as there is history, again while the history still grows backwards, then on request. The quick ones go
 * first, and the others wait until each of them has its first answer, or has waited for history so long that it seems to get none.
 */
export class TrainingLoop {
  readonly #options: TrainingLoopOptions;
  readonly #schedules = new Map<ModelLine, Schedule>();
  readonly #seconds;
  readonly #trainings;
  readonly #decisions;
  #wake = new AbortController();
  #underWay: TrainingUnderWay | null = null;

  constructor(options: TrainingLoopOptions) {
    this.#options = options;
    const { metrics } = options;
    this.#seconds = metrics.histogram({
      name: 'monsta_model_training_seconds',
      help: 'Time a training with its scoring took',
      labels: ['interval', 'model'],
      buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600, 1_800],
    });
    this.#trainings = metrics.counter({
      name: 'monsta_model_trainings_total',
      help: 'Trainings by outcome: ok, or the fault',
      labels: ['interval', 'model', 'outcome'],
    });
    this.#decisions = metrics.counter({
      name: 'monsta_model_decisions_total',
      help: 'Newly trained models by whether they serve: first, not_worse, uncompared; or worse or overtaken, and do not',
      labels: ['interval', 'model', 'decision'],
    });
  }

  get underWay(): TrainingUnderWay | null {
    return this.#underWay;
  }

  /** True where others, and whoever asks whether the program is ready, wait for the first training of a line: of a quick one, as long as its history may still come soon. */
  isAwaited(line: ModelLine): boolean {
    const schedule = this.#schedules.get(line);
    if (!line.isQuick || schedule === undefined) return line.isQuick;
    const { settled, lacks, waitMs } = schedule;
    return !settled && (lacks === null || waitMs < this.#options.config.retryMsMax);
  }

  /** What history a line's training lacked; null where it lacked none. */
  lacks(line: ModelLine): string | null {
    return this.#schedules.get(line)?.lacks ?? null;
  }

  /** True when a new training is due at this time of the venue: after a while, and where the configuration has other parameters now. */
  isDue(line: ModelLine, nowUs: TimestampUs): boolean {
    const newest = this.#options.library.newestOf(line);
    if (newest === null) return false;
    const { retrainMs } = this.#options.config;
    return (
      nowUs - newest.trainedAtUs >= usFromMs(retrainMs) ||
      JSON.stringify(newest.parameters) !== JSON.stringify(line.executor.parameters)
    );
  }

  /** Asks for a new training of a line that has a model. */
  request(line: ModelLine): void {
    const schedule = this.#schedules.get(line);
    const newest = this.#options.library.newestOf(line)?.id ?? null;
    if (schedule === undefined || schedule.requestedAfter === newest) return;
    schedule.requestedAfter = newest;
    schedule.dueMs = this.#options.clock.monotonicMs();
    schedule.waitMs = this.#options.config.retryMs;
    this.#wake.abort();
  }

  /** Runs until stopped. Lines that serve already have been settled by a former life of the program. */
  async run(lines: readonly ModelLine[]): Promise<void> {
    const { clock, config, signal } = this.#options;
    for (const line of lines) {
      this.#schedules.set(line, {
        dueMs: clock.monotonicMs(),
        waitMs: config.retryMs,
        settled: line.awaitsSchedule,
        lacks: null,
        requestedAfter: null,
      });
    }
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const candidates = this.#candidates();
      const next = this.#firstDue(candidates);
      if (next !== null) {
        await this.#attend(...next);
        continue;
      }
      const dueMs = Math.min(...candidates.map(([, schedule]) => schedule.dueMs));
      // Whole milliseconds, rounded up: a timer that fires a fraction too early would spin here until the fraction has passed.
      const waitMs = Math.ceil(Math.max(0, dueMs - clock.monotonicMs()));
      await clock.sleep(Math.min(waitMs, config.retryMsMax), AbortSignal.any([signal, this.#wake.signal]));
    }
  }

  /** The lines that may be trained: the quick ones, and all once those have their first answers. */
  #candidates(): readonly (readonly [ModelLine, Schedule])[] {
    const all = [...this.#schedules];
    return all.some(([line]) => this.isAwaited(line)) ? all.filter(([line]) => line.isQuick) : all;
  }

  /** The line whose turn it is: of those that are due a quick one, then one of the fewest bars a day. */
  #firstDue(candidates: readonly (readonly [ModelLine, Schedule])[]): readonly [ModelLine, Schedule] | null {
    const nowMs = this.#options.clock.monotonicMs();
    const [first] = candidates
      .filter(([, { dueMs }]) => dueMs <= nowMs)
      .toSorted(
        ([one], [other]) =>
          Number(other.isQuick) - Number(one.isQuick) || intervalMs(other.interval) - intervalMs(one.interval),
      );
    return first ?? null;
  }

  /** Brings the newest bars of a line up to what the history holds. */
  async resync(line: ModelLine): Promise<void> {
    // One bar more than the features need, so that a gap right before them is seen as one.
    const found = await this.#options.reader.closedBars(line, line.features.lookbackBars + 1);
    if (!found.ok) return;
    const unusable = line.resync(found.value);
    if (unusable > 0)
      this.#options.logger.warn('bars of the history can not be used', {
        instrument: line.instrument,
        interval: line.interval,
        bars: unusable,
      });
  }

  async #attend(line: ModelLine, schedule: Schedule): Promise<void> {
    const { clock, reader, library, config, signal } = this.#options;
    const { interval, model } = line;
    // A model that was kept begins with the newest bars as soon as there are any.
    if (line.serving !== null && line.lacksBars) {
      await this.resync(line);
      await this.#options.onOutcome(line);
    }
    const before = line.awaitsSchedule ? library.newestOf(line) : null;
    const nowUs = await reader.nowUs(usFromMs(line.newestCloseMs ?? 0));
    // The backfill goes on behind the newest bars: a model of few bars is followed by one of more.
    const growth = before !== null && !this.isDue(line, nowUs);
    const isFull = growth && before.bars >= config.historyBarsMax;
    if (isFull && !line.lacksBars) {
      schedule.dueMs = Number.POSITIVE_INFINITY;
      return;
    }
    if (growth && (isFull || !(await reader.hasOlder(line, before.trainedFromUs)))) {
      this.#later(schedule, config.retryMsMax);
      return;
    }
    const startedMs = clock.monotonicMs();
    const outcome = await this.#train(line, growth ? before.trainedFromUs : null);
    if (outcome === null || signal.aborted) return;
    if (outcome.code === 'complete') {
      schedule.dueMs = Number.POSITIVE_INFINITY;
      return;
    }
    this.#trainings.add(1, { interval, model, outcome: outcome.code });
    if (outcome.code === 'ok') {
      this.#seconds.observe((clock.monotonicMs() - startedMs) / 1_000, { interval, model });
      if (before === null) schedule.waitMs = config.retryMs;
    }
    schedule.settled ||= outcome.lacks === null;
    schedule.lacks = outcome.lacks;
    const wasAwaited = this.isAwaited(line);
    this.#later(schedule, BROKEN.has(outcome.code) ? BROKEN_WAIT_MS_MAX : config.retryMsMax);
    if (wasAwaited && !this.isAwaited(line))
      this.#options.logger.warn('a model lacks history still; the program is ready without it', {
        ...{ instrument: line.instrument, interval, model },
        reason: outcome.lacks,
      });
    // More will not come than is asked for.
    const bars = library.newestOf(line)?.bars ?? 0;
    if (outcome.code === 'ok' && bars >= config.historyBarsMax) schedule.dueMs = Number.POSITIVE_INFINITY;
    await this.#options.onOutcome(line);
  }

  #later(schedule: Schedule, waitMsMax: number): void {
    const { clock, random } = this.#options;
    schedule.dueMs = clock.monotonicMs() + schedule.waitMs * (0.75 + 0.5 * random.next());
    schedule.waitMs = Math.max(Math.min(2 * schedule.waitMs, waitMsMax), schedule.waitMs);
  }

  /** Null when stopped meanwhile. `olderThanUs`: only on bars that begin before it; `complete` where the history gives out none. */
  async #train(line: ModelLine, olderThanUs: TimestampUs | null): Promise<Outcome | null> {
    const { reader, clock, config, signal, trainer } = this.#options;
    const found = await reader.closedBars(line, config.historyBarsMax);
    if (!found.ok) {
      return this.#waits(line, found.fault.code, `waiting for the price history: ${found.fault.message}`);
    }
    const { instrument, others } = found.value;
    const empty = others.find((other) => other.bars.length === 0);
    if (empty !== undefined) {
      const reason = `waiting for the price history of ${empty.instrument.id}, which the features ${line.features.id} read`;
      return this.#waits(line, 'history_too_short', reason);
    }
    // What is learnt from begins where all of them have bars.
    const fromUs = Math.max(0, ...others.map((other) => other.bars[0]?.openTimeUs ?? 0));
    const bars = found.value.bars.filter(({ openTimeUs }) => openTimeUs >= fromUs);
    const [oldest, newest] = [bars[0], bars.at(-1)];
    if (olderThanUs !== null && (oldest?.openTimeUs ?? olderThanUs) >= olderThanUs)
      return { code: 'complete', lacks: null };
    const { interval, model } = line;
    const columns = await this.#unhurried(barColumnsSteps(bars, interval, instrument));
    if (columns === null) return null;
    if (!columns.ok) return this.#failed(line, columns.fault, bars.length);
    const beside = new Map<string, BarColumns>();
    for (const other of others) {
      const made = await this.#unhurried(barColumnsSteps(other.bars, interval, other.instrument));
      if (made === null) return null;
      if (!made.ok) return this.#failed(line, made.fault, bars.length);
      beside.set(other.instrument.id, made.value);
    }
    const told = (share: number): void => {
      this.#underWay = { instrument: line.instrument, interval, model, share };
    };
    told(0);
    const newestCloseUs = newest?.closeTimeUs ?? clock.nowUs();
    const { openTimeMs } = columns.value;
    const judgement = judgementOf(
      line,
      config,
      this.#options.library.lookOf(line),
      openTimeMs,
      msFromUs(newestCloseUs),
    );
    const { serving } = line;
    const task: TrainingTask = {
      ...{ interval, config, columns: columns.value, others: beside, judgement },
      ...{ instrument: line.instrument, executor: line.executor, features: line.features.declaration },
      serving: serving?.trained ?? null,
    };
    const answer = await trainer.train(task, { signal, onProgress: told, urgent: this.isAwaited(line) });
    this.#underWay = null;
    if (signal.aborted) return null;
    if (!answer.ok) return this.#failed(line, answer.fault, bars.length);
    const nowUs = await reader.nowUs(newestCloseUs);
    const decision = line.serving?.id === serving?.id ? decide(answer.value, serving !== null) : OVERTAKEN;
    this.#take(line, answer.value, decision, nowUs, judgement.look);
    await this.resync(line);
    return { code: 'ok', lacks: null };
  }

  /** The columns of bars are made here, in steps of some milliseconds; null when stopped. */
  async #unhurried<T>(steps: Generator<void, T>): Promise<T | null> {
    const { clock, signal } = this.#options;
    for (;;) {
      const next = steps.next();
      if (next.done === true) return next.value;
      await clock.sleep(0, signal);
      if (signal.aborted) return null;
    }
  }

  /** A trained model serves from now on, or is kept for a person to look at. */
  #take(line: ModelLine, result: TrainingResult, decision: Decision, nowUs: TimestampUs, look: LineLook): void {
    const { library, config, logger } = this.#options;
    const record = library.keep(line, config.horizonMs, result, nowUs, decision, look);
    if (decision.serves) line.serve({ id: record.id, trained: result.trained, trainedAtUs: nowUs });
    this.#decisions.add(1, { interval: line.interval, model: line.model, decision: decision.code });
    const { score, hasVote, bars } = result.trained;
    logger.info('a model was trained', {
      ...{ id: record.id, instrument: line.instrument, interval: line.interval, model: line.model, bars },
      ...{ serves: decision.serves, decision: decision.code, why: decision.reason },
      rowsScored: score.rows,
      accuracy: score.accuracy.value,
      skill: score.skill.value,
      skillLow: score.skill.low,
      skillHigh: score.skill.high,
      hasVote,
      look: look.count,
      calibrated: score.calibration !== null,
      uncalibrated: score.uncalibrated,
      brierRaw: score.calibration?.before.brier ?? null,
      brierCalibrated: score.calibration?.after.brier ?? null,
    });
  }

  #waits(line: ModelLine, code: string, reason: string): Outcome {
    line.setUntrained(absences.training(reason));
    return { code, lacks: reason };
  }

  #failed(line: ModelLine, fault: Fault, bars: number): Outcome {
    const { interval, instrument, model } = line;
    const needed = fault.details?.['barsNeeded'];
    const unknown = fault.details?.['unknown'];
    if (fault.code === 'rows_too_few' && typeof needed === 'number') {
      const without = typeof unknown === 'number' ? unknown : 0;
      line.setUntrained(absences.historyTooShort(interval, bars, needed, 'training', without));
    } else {
      line.setUntrained(absences.trainingFailed(`the model could not be trained: ${fault.message}`));
      this.#options.logger.warn('a model could not be trained', {
        ...{ instrument, interval, model },
        code: fault.code,
        reason: fault.message,
      });
    }
    return { code: fault.code, lacks: null };
  }
}
