import { randomBytes } from 'node:crypto';
import type { BacktestDesk } from '@monsta/api-gateway';
import {
  backtestSummarySchema,
  topics,
  type BacktestChoices,
  type BacktestCurve,
  type BacktestDetail,
  type BacktestPrices,
  type BacktestResult,
  type BacktestSpec,
  type BacktestSummary,
  type BacktestTradeMessage,
} from '@monsta/contracts';
import { err, msFromUs, ok, type Result } from '@monsta/core';
import type { Clock, EventStream, Job, Jobs, JobWatch, Logger, MarketHistory, Page, PageRequest } from '@monsta/ports';
import type { BacktestStore } from '../backtest/store.ts';
import { VERSION } from '../version.ts';
import { ChoiceList, instanceOf } from './choices.ts';
import type { Places } from './places.ts';
import type { RemoteShelf } from './shelf-protocol.ts';
import { contradictions, refused, type SpecFault } from './spec-faults.ts';

export interface BacktestDeskOptions {
  readonly store: BacktestStore;
  readonly shelf: RemoteShelf;
  readonly places: Places;
  readonly jobs: Jobs;
  /** False: the program runs without the role that would take jobs. */
  readonly takesJobs: boolean;
  readonly history: MarketHistory;
  readonly stream: EventStream;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly attemptsMax: number;
}

const KIND = 'backtest';
const isFinal = (state: BacktestSummary['state']): boolean => state !== 'queued' && state !== 'running';

/** Backtests of the running program: what is asked for becomes a folder and a job of the same id; what is told of it comes from both. */
export class Desk implements BacktestDesk {
  readonly #options: BacktestDeskOptions;
  readonly #choices: ChoiceList;
  readonly #watch: JobWatch;

  constructor(options: BacktestDeskOptions) {
    this.#options = options;
    this.#choices = new ChoiceList(options.places, options.shelf, options.history);
    this.#watch = options.jobs.watch((job) => this.#tell(job));
  }

  close(): void {
    this.#watch.stop();
  }

  choices(): Promise<Result<BacktestChoices>> {
    return this.#choices.all();
  }

  async list(page: PageRequest): Promise<Result<Page<BacktestSummary>>> {
    const found = await this.#options.shelf.list(page, 'backtest');
    if (!found.ok) return found;
    const items: BacktestSummary[] = [];
    for (const summary of found.value.items) items.push(await this.#now(summary));
    return ok({ items, nextCursor: found.value.nextCursor });
  }

  async detail(id: string): Promise<Result<BacktestDetail>> {
    const run = await this.#options.shelf.run(id);
    if (!run.ok) return known(run);
    const { spec, summary } = run.value;
    return ok({
      ...(await this.#now(summary)),
      spec: this.#options.places.shownSpec(spec),
      result: this.#shownResult(run.value.result),
    });
  }

  async submit(asked: BacktestSpec): Promise<Result<BacktestSummary>> {
    const { store, jobs, clock, attemptsMax, takesJobs } = this.#options;
    if (!takesJobs) return err('worker_off', 'MONSTA runs without the role worker, which does backtests; add it');
    const spec = await this.#resolved(asked);
    if (!spec.ok) return spec;
    const nowMs = msFromUs(clock.nowUs());
    const folder = store.create(nowMs, randomBytes(3).toString('hex'));
    if (!folder.ok) return err('backtest_unreadable', folder.fault.message, { retry: 'retryable' });
    const { id } = folder.value;
    const summary: BacktestSummary = {
      ...{ id, kind: KIND, state: 'queued', createdMs: nowMs, finishedMs: null, progress: 0 },
      ...{ strategy: asked.strategy, instruments: asked.instruments, interval: asked.interval },
      ...{ startMs: null, endMs: null, statistics: null, fault: null },
    };
    folder.value.writeSpec({ version: VERSION, spec: spec.value, records: true });
    folder.value.writeSummary(summary);
    const job = await jobs.submit({ id, kind: KIND, payload: summary, attemptsMax });
    if (job.ok) return ok(summary);
    store.remove(id);
    return job;
  }

  async cancel(id: string): Promise<Result<BacktestSummary>> {
    const canceled = await this.#options.jobs.cancel(id);
    if (canceled.ok) return ok(this.#summaryOf(canceled.value));
    if (canceled.fault.code === 'job_final') return err('backtest_final', `the backtest ${id} has ended`);
    if (canceled.fault.code !== 'job_unknown') return canceled;
    const run = await this.#options.shelf.run(id);
    if (!run.ok) return known(run);
    const { state } = run.value.summary;
    return err(
      'backtest_final',
      isFinal(state) ? `the backtest ${id} is ${state}` : `the backtest ${id} runs on the command line, and ends there`,
    );
  }

  async remove(id: string): Promise<Result<null>> {
    const { jobs, shelf } = this.#options;
    const job = await jobs.get(id);
    if (!job.ok) return job;
    if (job.value !== null && (job.value.state === 'queued' || job.value.state === 'running'))
      return err('backtest_unfinished', `the backtest ${id} is ${job.value.state}; cancel it first`);
    const removed = await shelf.remove(id);
    if (removed.ok && job.value !== null) await jobs.remove(id);
    return removed.ok ? removed : known(removed);
  }

  async trades(id: string, page: PageRequest): Promise<Result<Page<BacktestTradeMessage>>> {
    return known(await this.#options.shelf.trades(id, page));
  }

  async equity(id: string, points: number): Promise<Result<BacktestCurve>> {
    return known(await this.#options.shelf.curve(id, points));
  }

  async prices(id: string, instrument: string | null, points: number): Promise<Result<BacktestPrices>> {
    return known(await this.#options.shelf.prices(id, instrument, points));
  }

  async report(id: string, language: 'en' | 'ko'): Promise<Result<string>> {
    return known(await this.#options.shelf.report(id, language));
  }

  /** The specification with every name as the engines take it. */
  async #resolved(spec: BacktestSpec): Promise<Result<BacktestSpec>> {
    const { places } = this.#options;
    const faults: SpecFault[] = [...contradictions(spec), ...(await this.#notCollected(spec))];
    const at = <T>(where: string, result: Result<T>): T | null => {
      if (result.ok) return result.value;
      faults.push({ code: result.fault.code, where: `body.${where}`, message: result.fault.message });
      return null;
    };
    const all = (where: string, paths: readonly string[]): string[] =>
      paths.flatMap((path, index) => at(`${where}.${index}`, places.data(path)) ?? []);
    const strategy = at('strategy', places.strategy(spec.strategy));
    const data = spec.data.kind === 'file' ? { ...spec.data, paths: all('data.paths', spec.data.paths) } : spec.data;
    const finer = spec.finer === null ? null : { paths: all('finer.paths', spec.finer.paths) };
    if (strategy !== null) faults.push(...(await this.#parameterFaults(strategy, spec)));
    if (faults.length > 0 || strategy === null) return refused(faults);
    return ok({ ...spec, strategy, data, finer });
  }

  async #notCollected({ data, instruments }: BacktestSpec): Promise<readonly SpecFault[]> {
    if (data.kind !== 'collected') return [];
    const collected = await this.#options.history.instruments();
    const missing = collected.ok ? instruments.filter((id) => !collected.value.some((each) => each.id === id)) : [];
    if (missing.length === 0) return [];
    return [{ code: 'backtest_spec', where: 'body.instruments', message: `not collected: ${missing.join(', ')}` }];
  }

  async #parameterFaults(strategy: string, { params }: BacktestSpec): Promise<readonly SpecFault[]> {
    const { shelf } = this.#options;
    const instance = instanceOf(strategy);
    const whole = await shelf.checkParameters(strategy, instance, params);
    if (whole.ok) return [];
    const { code, message } = whole.fault;
    if (code !== 'parameters_invalid') return [{ code, where: 'body.strategy', message }];
    const face = await shelf.describe(strategy, instance);
    const specs = face.ok ? (face.value.parameterSpecs ?? {}) : {};
    // Each by itself, so that it can be told beside its field; what only shows together is told of all.
    const single = await Promise.all(
      Object.entries(params).map(async ([name, value]) => {
        const alone = await shelf.checkParameters(strategy, instance, { [name]: value });
        const own =
          !alone.ok &&
          alone.fault.code === code &&
          (!Object.hasOwn(specs, name) || alone.fault.message.includes(`'${name}'`));
        return own ? [{ code, where: `body.params.${name}`, message: alone.fault.message }] : [];
      }),
    );
    const faults = single.flat();
    return faults.length > 0 ? faults : [{ code, where: 'body.params', message }];
  }

  /** Without what the detail has beside it already. */
  #shownResult(result: BacktestResult | null): BacktestDetail['result'] {
    if (result === null) return null;
    const { id: _id, createdMs: _createdMs, spec: _spec, ...rest } = result;
    const { places } = this.#options;
    return { ...rest, data: rest.data.map((facts) => ({ ...facts, source: places.shownData(facts.source) })) };
  }

  /** A summary as it is at this moment: of one that is under way the job knows better. */
  async #now(summary: BacktestSummary): Promise<BacktestSummary> {
    const shown = { ...summary, strategy: this.#options.places.shownStrategy(summary.strategy) };
    if (summary.state === 'done') return shown;
    const job = await this.#options.jobs.get(summary.id);
    return job.ok && job.value !== null ? this.#summaryOf(job.value) : shown;
  }

  #summaryOf(job: Job): BacktestSummary {
    const { state, progress, finishedMs, fault } = job;
    const base = backtestSummarySchema.parse(job.payload);
    const done = state === 'done' ? backtestSummarySchema.safeParse(job.result) : null;
    if (done?.success === true) return { ...done.data, strategy: base.strategy };
    return { ...base, state, finishedMs, progress: progress.share, fault: state === 'failed' ? fault : null };
  }

  #tell(job: Job): void {
    if (job.kind !== KIND) return;
    const { stream, clock, logger, store } = this.#options;
    const summary = this.#summaryOf(job);
    const told = stream.publish(topics.backtests, summary, { tsEventUs: clock.nowUs() });
    if (!told.ok) logger.warn('the state of a backtest was not told', { id: job.id, code: told.fault.code });
    if (job.state !== 'failed' && job.state !== 'canceled') return;
    // The folder outlives the job: one that never ran, or whose program went, would be told as waiting for ever.
    const folder = store.open(job.id);
    if (folder.ok && !isFinal(folder.value.summary()?.state ?? 'done')) folder.value.writeSummary(summary);
  }
}

/** The store speaks of the command line's own faults too: of those the API has no word, it has `backtest_unreadable`. */
function known<T>(result: Result<T>): Result<T> {
  if (result.ok || !['backtest_damaged', 'backtest_store', 'internal'].includes(result.fault.code)) return result;
  return err('backtest_unreadable', result.fault.message);
}
