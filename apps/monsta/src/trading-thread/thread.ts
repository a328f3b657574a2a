import { err, msFromUs, ok, type Result } from '@monsta/core';
import { topics, type FeedMessage } from '@monsta/contracts';
import type { Counter, Readiness, Role, Timer } from '@monsta/ports';
import type { ClockSample } from '../runtime/venue-clock.ts';
import { TradingLife } from './life.ts';
import type { TradingThreadOptions } from './options.ts';
import type { FromTradingThread } from './protocol.ts';
import type { StuckCall } from './strategy-calls.ts';

const CLOCK_INTERVAL_MS = 1_000;
/** An exchange that is slow to tell of an account has its own deadline before. */
const START_TIMEOUT_MS = 120_000;
const METRICS_TIMEOUT_MS = 1_000;
/** Clock messages in a row that the thread may leave unanswered, one a second. Counted, so that a suspended machine does not count. */
const UNANSWERED_MAX = 15;

const BEGINNING: Readiness = { ready: false, waitingFor: ['the trading thread'] };

/**
 * The role `ai-trading` in a worker thread of its own, so that neither a broadcast nor a training run delays it. A strategy that does not return is cut off with its thread, and
 * another thread recovers from the ledger and goes on without it; a thread that dies of anything else ends the process.
 */
export class TradingThread implements Role {
  readonly name = 'ai-trading';
  readonly #options: TradingThreadOptions;
  readonly #cutOffs: Counter;
  #life: TradingLife | null = null;
  #clockTimer: Timer | null = null;
  #readiness: Readiness = BEGINNING;
  #stopping = false;
  #settled = false;
  #nextMetrics = 1;
  #unanswered = 0;
  /** Not yet known to be in the ledger as failed. */
  #stuck: readonly StuckCall[] = [];
  #death: string | null = null;
  #replacing: Promise<void> = Promise.resolve();

  constructor(options: TradingThreadOptions) {
    this.#options = options;
    // Here, and not in the thread, whose counters end with it.
    this.#cutOffs = options.metrics.counter({
      name: 'monsta_trading_cut_offs_total',
      help: 'Trading threads that were replaced because a strategy did not return',
    });
  }

  start(): Promise<Result<null>> {
    return this.#begin();
  }

  readiness(): Readiness {
    return this.#readiness;
  }

  async drain(): Promise<void> {
    this.#stopping = true;
    await this.#replacing;
    if (this.#life === null) return;
    this.#life.send({ kind: 'drain' });
    const drained = await this.#life.waitFor('drained', 6_000);
    this.#settled = drained?.kind === 'drained' && drained.settled;
  }

  /** After a drain: true when nothing rests at the venue that should not. */
  get settled(): boolean {
    return this.#settled;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#replacing;
    const life = this.#life;
    if (life === null) return;
    this.#clockTimer?.cancel();
    life.send({ kind: 'stop' });
    await life.waitFor('stopped', 3_000);
    this.#life = null;
    await life.end();
  }

  /** Ends trading at once and for good, in the middle of whatever it does. */
  async abandon(): Promise<void> {
    this.#stopping = true;
    const life = this.#life;
    this.#life = null;
    this.#clockTimer?.cancel();
    this.#readiness = { ready: false, waitingFor: ['a restart: trading was halted'] };
    await life?.end();
  }

  /** The thread's own metrics as Prometheus text; empty when it does not answer. */
  async metricsText(): Promise<string> {
    if (this.#life === null || this.#stopping) return '';
    const id = this.#nextMetrics;
    this.#nextMetrics += 1;
    this.#life.send({ kind: 'metrics', id });
    const answer = await this.#life.waitFor(`metrics:${id}`, METRICS_TIMEOUT_MS);
    return answer?.kind === 'metrics' ? answer.body : '';
  }

  async #begin(): Promise<Result<null>> {
    const begun = TradingLife.begin({
      ...this.#options,
      sample: this.#sample(),
      stuck: this.#stuck,
      onMessage: (message) => this.#receive(message),
      onStuck: (call) => this.#cutOff(call),
      onOverflow: (dropped) => this.#reportOverflow(dropped),
      onDeath: (reason) => this.#died(reason),
    });
    if (!begun.ok) return begun;
    const life = begun.value;
    this.#life = life;
    this.#unanswered = 0;
    const answer = await life.waitFor('started', START_TIMEOUT_MS);
    if (answer?.kind === 'failed') return err(answer.code, answer.message);
    if (this.#life !== life)
      return err('trading_thread_died', `the trading thread ended: ${this.#death ?? 'it was cut off'}`);
    if (answer === null)
      return err('start_timeout', `the trading thread did not start within ${START_TIMEOUT_MS / 1000} s`);
    this.#tickClock();
    return ok(null);
  }

  #receive(message: FromTradingThread): void {
    if (message.kind === 'alive') this.#unanswered = 0;
    else if (message.kind === 'readiness') {
      this.#readiness = message.readiness;
      // What was to be recorded of strategies that were cut off is durable by then.
      if (message.readiness.ready) this.#stuck = [];
    } else if (message.kind === 'fatal') {
      this.#readiness = { ready: false, waitingFor: [`a restart: ${message.message}`] };
      if (!this.#stopping) this.#options.onDeath(`${message.code}: ${message.message}`);
    }
  }

  /** Nothing of the input that the strategy was asked at has left the thread: it is as if the process had been killed, and recovered as that is. */
  #cutOff(call: StuckCall): void {
    const life = this.#life;
    if (life === null || this.#stopping) return;
    this.#options.logger.error('a strategy does not return; its thread is ended, and another goes on without it', {
      code: 'strategy_stuck',
      ...call,
    });
    this.#cutOffs.add();
    this.#life = null;
    this.#clockTimer?.cancel();
    this.#readiness = BEGINNING;
    this.#stuck = [...this.#stuck.filter(({ strategyIndex }) => strategyIndex !== call.strategyIndex), call];
    this.#replacing = this.#replace(life).catch((thrown: unknown) => this.#options.onDeath(String(thrown)));
  }

  async #replace(life: TradingLife): Promise<void> {
    await life.end();
    if (this.#stopping) return;
    const begun = await this.#begin();
    if (!begun.ok && !this.#stopping) this.#died(`${begun.fault.code}: ${begun.fault.message}`);
  }

  #died(reason: string): void {
    const life = this.#life;
    if (life === null) return;
    this.#life = null;
    this.#death = reason;
    this.#clockTimer?.cancel();
    void life.end();
    this.#readiness = { ready: false, waitingFor: ['the trading thread, which has ended'] };
    if (!this.#stopping) this.#options.onDeath(reason);
  }

  #sample(): ClockSample {
    const { venue, clock, rate, endUs } = this.#options;
    return { venueUs: venue.nowUs(), systemUs: clock.nowUs(), rate, endUs };
  }

  #tickClock(): void {
    this.#clockTimer = this.#options.clock.setTimer(CLOCK_INTERVAL_MS, () => {
      this.#unanswered += 1;
      if (this.#unanswered > UNANSWERED_MAX) {
        this.#died(`it has not answered for ${UNANSWERED_MAX} s`);
        return;
      }
      this.#life?.send({ kind: 'clock', sample: this.#sample() });
      this.#tickClock();
    });
  }

  /** What was dropped on the way is a gap in the feed: the kernel then trades nothing but exits. */
  #reportOverflow(inFlight: number): void {
    const { instruments, stream, venue, logger } = this.#options;
    const reason = `the trading thread did not keep up: more than ${inFlight} messages were waiting and some were dropped`;
    logger.error(reason);
    for (const instrument of instruments) {
      const nowUs = venue.nowUs();
      const message: FeedMessage = { instrument, status: 'gap', reason, timeMs: msFromUs(nowUs) };
      stream.publish(topics.feed(instrument), message, { tsEventUs: nowUs });
    }
  }
}
