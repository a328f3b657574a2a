import {
  childTraceparent,
  err,
  instrumentId,
  msFromUs,
  ok,
  usFromMs,
  type InstrumentId,
  type Interval,
  type Random,
  type Result,
  type TimestampUs,
} from '@monsta/core';
import { barSchema, encodePrediction, feedSchema, topics } from '@monsta/contracts';
import type {
  Clock,
  EventStream,
  Logger,
  MarketHistory,
  Metrics,
  ModelDesk,
  ModelRecord,
  ModelServer,
  Prediction,
  Readiness,
  Role,
  Subscription,
} from '@monsta/ports';
import type { ModelServerConfig } from './config.ts';
import { absences } from './absence.ts';
import { withUsual } from './executor-kinds.ts';
import { chosenFeatures, type DeclaredSets, type ServedFeatures } from './feature-sets.ts';
import { HistoryReader } from './history-reader.ts';
import { lineKey } from './line-name.ts';
import { ModelLibrary } from './model-library.ts';
import { messageValues } from './message-values.ts';
import { ModelLine } from './model-line.ts';
import type { ModelShelf } from './model-shelf.ts';
import type { Trainer } from './trainer.ts';
import { TrainingLoop } from './training-loop.ts';

export interface ModelServerOptions {
  readonly history: MarketHistory;
  readonly stream: EventStream;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Spreads retries. */
  readonly random: Random;
  readonly config: ModelServerConfig;
  /** The sets that `models.executors` name and that do not ship. */
  readonly featureSets: DeclaredSets;
  /** Where models are trained; the caller closes it after the role has stopped. */
  readonly trainer: Trainer;
  /** Where models are kept for the next start. */
  readonly shelf: ModelShelf;
}

const BARS_WAITING_MAX = 1_000;
const FEED_STATES_WAITING_MAX = 100;
/** Between two looks at a bar that waits for those of other instruments. */
const [OTHERS_LOOK_MS_MIN, OTHERS_LOOK_MS_MAX] = [50, 500] as const;

const isClosedBar = (payload: unknown): boolean =>
  typeof payload === 'object' && payload !== null && 'closed' in payload && payload.closed === true;

class ModelServerRole implements Role, ModelServer, ModelDesk {
  readonly name = 'model-server';
  readonly #options: ModelServerOptions;
  readonly #reader: HistoryReader;
  readonly #stop = new AbortController();
  readonly #library: ModelLibrary;
  readonly #training: TrainingLoop;
  /** By executor; or what is wrong with them. */
  readonly #features: Result<ReadonlyMap<string, ServedFeatures>>;
  readonly #predictions;
  readonly #votes;
  readonly #messages;
  /** Null until the instruments are known. */
  #lines: ReadonlyMap<InstrumentId, readonly ModelLine[]> | null = null;
  readonly #newest = new Map<ModelLine, Prediction>();
  readonly #published = new Map<ModelLine, string>();
  /** Lines whose bar waits for those of other instruments, and is looked at again. */
  readonly #awaiting = new Set<ModelLine>();
  readonly #subscriptions: Subscription[] = [];
  #loops: Promise<unknown> = Promise.resolve();
  #started = false;

  constructor(options: ModelServerOptions) {
    this.#options = options;
    this.#reader = new HistoryReader(options.history);
    this.#features = featuresByExecutor(options);
    const { shelf, logger, config } = options;
    this.#library = new ModelLibrary({ shelf, logger, keptMax: config.keptMax });
    this.#training = new TrainingLoop({
      ...options,
      reader: this.#reader,
      library: this.#library,
      signal: this.#stop.signal,
      onOutcome: (line) => this.#restate(line),
    });
    this.#predictions = options.metrics.counter({
      name: 'monsta_model_predictions_total',
      help: 'Predictions published, and absences stated instead',
      labels: ['interval', 'model', 'outcome'],
    });
    this.#votes = options.metrics.gauge({
      name: 'monsta_model_serving_votes',
      help: '1 where a model serves that has a vote, 0 where none does',
      labels: ['instrument', 'interval', 'model'],
    });
    this.#messages = options.metrics.counter({
      name: 'monsta_model_refused_messages_total',
      help: 'Messages of the event stream that could not be used',
      labels: ['topic'],
    });
  }

  start(): Promise<Result<null>> {
    if (this.#started) return Promise.resolve(err('state_conflict', 'the model server was started already'));
    const features = this.#features;
    if (!features.ok) return Promise.resolve(features);
    this.#started = true;
    this.#loops = this.#run(features.value);
    return Promise.resolve(ok(null));
  }

  readiness(): Readiness {
    if (this.#lines === null) return { ready: false, waitingFor: ['the list of instruments'] };
    const waitingFor = [...this.#lines.values()]
      .flat()
      .filter((line) => this.#training.isAwaited(line))
      .map((line) => {
        const why = this.#training.lacks(line);
        return `the first training of ${line.instrument} ${line.interval}${why === null ? '' : `: ${why}`}`;
      });
    return { ready: waitingFor.length === 0, waitingFor };
  }

  latest(instrument: InstrumentId): Promise<Result<readonly Prediction[]>> {
    if (this.#lines === null)
      return Promise.resolve(
        err('not_ready', 'the instruments are not known yet; try again shortly', { retry: 'retryable' }),
      );
    const lines = this.#lines.get(instrument);
    if (lines === undefined)
      return Promise.resolve(
        err(
          'instrument_unknown',
          `no model forecasts '${instrument.slice(0, 30)}'; those that are: ${[...this.#lines.keys()].join(', ')}`,
        ),
      );
    return Promise.resolve(ok(lines.flatMap((line) => this.#newest.get(line) ?? [])));
  }

  drain(): Promise<void> {
    this.#stop.abort();
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    await this.drain();
    await this.#loops;
    await this.#library.settled();
  }

  models(): ReturnType<ModelDesk['models']> {
    const lines = this.#allLines();
    if (!lines.ok) return Promise.resolve(lines);
    const models = lines.value.flatMap((line) => this.#library.records(line));
    return Promise.resolve(ok({ models, training: this.#training.underWay }));
  }

  async promote(id: string): Promise<Result<ModelRecord>> {
    const found = this.#lineOf(id);
    if (!found.ok) return found;
    const { line, record } = found.value;
    if (record.state === 'serving') return err('state_conflict', `the model ${id} serves already`);
    const trained = await this.#library.read(line, id);
    if (!trained.ok) return trained;
    this.#library.setServing(line, id);
    line.serve({ id, trained: trained.value, trainedAtUs: record.trainedAtUs });
    return this.#changed(line, id, 'a model was promoted by hand');
  }

  async retire(id: string): Promise<Result<ModelRecord>> {
    const found = this.#lineOf(id);
    if (!found.ok) return found;
    const { line, record } = found.value;
    if (record.state !== 'serving')
      return err('state_conflict', `the model ${id} does not serve: it is ${record.state}`);
    this.#library.setServing(line, null);
    line.withdraw(absences.retired(id));
    return this.#changed(line, id, 'a model was retired by hand');
  }

  async #changed(line: ModelLine, id: string, message: string): Promise<Result<ModelRecord>> {
    const { logger } = this.#options;
    logger.warn(message, { id, instrument: line.instrument, interval: line.interval, model: line.model });
    await this.#restate(line);
    await this.#library.settled();
    const record = this.#library.find(id);
    return record === null ? unknownModel(id) : ok(record);
  }

  #allLines(): Result<readonly ModelLine[]> {
    return this.#lines === null
      ? err('not_ready', 'the instruments are not known yet; try again shortly', { retry: 'retryable' })
      : ok([...this.#lines.values()].flat());
  }

  #lineOf(id: string): Result<{ readonly line: ModelLine; readonly record: ModelRecord }> {
    const lines = this.#allLines();
    if (!lines.ok) return lines;
    const record = this.#library.find(id);
    const line = lines.value.find((each) => record !== null && lineKey(each) === lineKey(record));
    return record === null || line === undefined ? unknownModel(id) : ok({ line, record });
  }

  async #run(features: ReadonlyMap<string, ServedFeatures>): Promise<void> {
    const lines = await this.#findLines(features);
    if (lines === null) return;
    this.#lines = Map.groupBy(lines, (line) => line.instrument);
    for (const instrument of this.#lines.keys()) this.#subscribeFeed(instrument);
    for (const interval of this.#options.config.intervals) {
      const ours = lines.filter((line) => line.interval === interval);
      const read = new Set(ours.flatMap((line) => [line.instrument, ...line.features.others]));
      for (const instrument of read) this.#subscribeBars(instrument, interval, ours);
    }
    await this.#readFeeds();
    for (const line of lines) await this.#restore(line);
    await Promise.all(lines.map((line) => this.#restate(line)));
    await Promise.all([this.#training.run(lines), this.#watch(lines)]);
  }

  /** Waits until the instruments are known; null when stopped before. */
  async #findLines(features: ReadonlyMap<string, ServedFeatures>): Promise<readonly ModelLine[] | null> {
    const { config, clock, logger, random } = this.#options;
    const { signal } = this.#stop;
    for (let waitMs = config.retryMs; !signal.aborted; waitMs = Math.min(2 * waitMs, config.retryMsMax)) {
      const found = await this.#options.history.instruments();
      if (found.ok && found.value.length > 0) {
        const known = found.value.map(({ id }) => id);
        const wanted = config.instruments?.map(instrumentId) ?? known;
        const missing = wanted.filter((id) => !known.includes(id));
        if (missing.length > 0)
          logger.warn('instruments to forecast are not collected, and so have no model', { instruments: missing });
        return wanted
          .filter((id) => known.includes(id))
          .flatMap((id) => config.intervals.map((interval) => [id, interval] as const))
          .flatMap(([id, interval]) =>
            config.executors.flatMap((executor) => {
              const read = features.get(executor.name);
              // An instrument is none of its own others.
              return read === undefined || read.others.includes(id)
                ? []
                : [new ModelLine(id, interval, withUsual(executor), read, config)];
            }),
          );
      }
      await clock.sleep(waitMs * (0.75 + 0.5 * random.next()), signal);
    }
    return null;
  }

  /** What a former life of the program kept of a line serves at once. */
  async #restore(line: ModelLine): Promise<void> {
    const { clock, config, logger } = this.#options;
    const nowUs = await this.#reader.nowUs(clock.nowUs());
    const { serving, refused } = await this.#library.restore(line, config.horizonMs, nowUs);
    const about = { instrument: line.instrument, interval: line.interval, model: line.model };
    if (refused !== null) {
      logger.warn('a kept model is not served', { ...about, code: refused.code, reason: refused.message });
      line.setUntrained(absences.training(refused.message));
    }
    if (serving === null) {
      const retired = this.#library.records(line).find(({ state }) => state === 'retired');
      if (refused === null && retired !== undefined) line.withdraw(absences.retired(retired.id));
      return;
    }
    line.serve(serving);
    await this.#training.resync(line);
    logger.info('a kept model serves', { ...about, id: serving.id, hasVote: serving.trained.hasVote });
  }

  /** Bars of an instrument for its own lines and for those whose features read them beside their own. */
  #subscribeBars(instrument: InstrumentId, interval: Interval, lines: readonly ModelLine[]): void {
    const subject = topics.bars(instrument, interval);
    const own = lines.filter((line) => line.instrument === instrument);
    const beside = lines.filter((line) => line.features.others.includes(instrument));
    this.#subscribe(subject, 'bars', BARS_WAITING_MAX, async (payload, traceparent) => {
      if (!isClosedBar(payload)) return true;
      const parsed = barSchema.safeParse(payload);
      if (!parsed.success) return false;
      const bar = messageValues(parsed.data);
      const pushed = [
        ...own.map((line) => [line, line.push(bar)] as const),
        ...beside.map((line) => [line, line.pushOther(instrument, bar)] as const),
      ];
      if (pushed.some(([, how]) => how === 'invalid')) return false;
      for (const [line, how] of pushed) {
        if (how === 'known') continue;
        if (how === 'late' || (line.instrument === instrument && line.lacksBars)) await this.#training.resync(line);
        await this.#restate(line, traceparent);
      }
      return true;
    });
  }

  #subscribeFeed(instrument: InstrumentId): void {
    this.#subscribe(topics.feed(instrument), 'feed', FEED_STATES_WAITING_MAX, async (payload) => {
      const parsed = feedSchema.safeParse(payload);
      if (!parsed.success) return false;
      for (const line of this.#lines?.get(instrument) ?? []) {
        line.setFeed(parsed.data.status, parsed.data.reason);
        await this.#restate(line);
      }
      return true;
    });
  }

  /** Dropping the oldest is right here: what a full queue loses, the next look at the history brings back. */
  #subscribe(
    subject: string,
    topic: string,
    queueMax: number,
    take: (payload: unknown, traceparent: string | null) => Promise<boolean>,
  ): void {
    const { stream, logger } = this.#options;
    const subscribed = stream.subscribe({
      subject,
      queueMax,
      overflow: 'drop-oldest',
      onMessage: async ({ payload, traceparent }) => {
        if (await take(payload, traceparent)) return;
        this.#messages.add(1, { topic });
        logger.warn('a message could not be used', { subject });
      },
      onEnd: (code, reason) => {
        if (!this.#stop.signal.aborted) logger.error('a subscription ended', { subject, code, reason });
      },
    });
    if (subscribed.ok) this.#subscriptions.push(subscribed.value);
    else logger.error('a subject could not be subscribed to', { subject, fault: subscribed.fault });
  }

  /** The states the feeds were in before we listened. */
  async #readFeeds(): Promise<void> {
    const feeds = await this.#options.history.feeds();
    if (!feeds.ok) return;
    for (const { instrument, status, reason } of feeds.value)
      for (const line of this.#lines?.get(instrument) ?? []) line.setFeed(status, reason);
  }

  /** Judges staleness even when nothing arrives: that is when it matters. */
  async #watch(lines: readonly ModelLine[]): Promise<void> {
    const { clock, config } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      for (const line of lines) await this.#restate(line);
      await clock.sleep(config.watchMs, signal);
    }
  }

  /** Looks again until a bar has waited long enough for those of other instruments: it waits by the venue's clock, which in a replay goes faster or slower than ours, or stands. */
  #awaitOthers(line: ModelLine, nowUs: TimestampUs): void {
    const untilMs = line.waitsUntilMs;
    if (untilMs === null || this.#awaiting.has(line)) return;
    this.#awaiting.add(line);
    const lookMs = Math.min(Math.max(untilMs - msFromUs(nowUs), OTHERS_LOOK_MS_MIN), OTHERS_LOOK_MS_MAX);
    void this.#options.clock.sleep(lookMs, this.#stop.signal).then(() => {
      this.#awaiting.delete(line);
      return this.#restate(line);
    });
  }

  /** Says anew what the model has to say, and publishes it where it differs from what was published last, in the trace of what led to it. */
  async #restate(line: ModelLine, traceparent: string | null = null): Promise<void> {
    // Our own clock says nothing of a venue's: until its time is known, it is the newest bar's close.
    const closeMs = line.newestCloseMs;
    const nowUs = await this.#reader.nowUs(closeMs === null ? this.#options.clock.nowUs() : usFromMs(closeMs));
    if (this.#stop.signal.aborted) return;
    const prediction = line.predict(nowUs);
    this.#awaitOthers(line, nowUs);
    if (this.#training.isDue(line, nowUs)) this.#training.request(line);
    this.#votes.set(line.serving?.trained.hasVote === true ? 1 : 0, {
      instrument: line.instrument,
      interval: line.interval,
      model: line.model,
    });
    this.#newest.set(line, prediction);
    // Without a bar the stamp is the present, which alone makes no news.
    const text = JSON.stringify(line.newestCloseMs === null ? { ...prediction, tsEventUs: null } : prediction);
    if (this.#published.get(line) === text) return;
    const sent = this.#options.stream.publish(topics.predictions(line.instrument), encodePrediction(prediction), {
      tsEventUs: prediction.tsEventUs,
      traceparent: childTraceparent(traceparent, this.#options.random),
    });
    if (!sent.ok) {
      this.#options.logger.error('a prediction could not be published', {
        instrument: line.instrument,
        interval: line.interval,
        model: line.model,
        fault: sent.fault,
      });
      return;
    }
    this.#published.set(line, text);
    this.#predictions.add(1, {
      interval: line.interval,
      model: line.model,
      outcome: prediction.absence === null ? 'said' : prediction.absence.code,
    });
  }
}

/** What each executor learns from. Faults: those of `chosenFeatures`. */
function featuresByExecutor({ config, featureSets }: ModelServerOptions): Result<ReadonlyMap<string, ServedFeatures>> {
  const found = new Map<string, ServedFeatures>();
  for (const executor of config.executors) {
    const features = chosenFeatures(executor, featureSets);
    if (!features.ok) return features;
    found.set(executor.name, features.value);
  }
  return ok(found);
}

const unknownModel = (id: string): Result<never> =>
  err('model_unknown', `no model '${id.slice(0, 80)}' is kept; 'monsta models list' shows those that are`);

/** The role that trains models for each instrument and interval, and says at each closed bar what it forecasts or why it does not. */
export function createModelServer(options: ModelServerOptions): Role & ModelServer & ModelDesk {
  return new ModelServerRole(options);
}
