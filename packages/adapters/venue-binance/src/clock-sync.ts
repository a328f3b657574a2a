import { err, MS_PER_SECOND, ok, type Result } from '@monsta/core';
import type { Clock, Gauge, Logger, Metrics, Timer } from '@monsta/ports';
import type { BinanceRestConfig } from './config.ts';
import { decodeBody, decodeServerTime } from './replies.ts';
import type { RestClient } from './rest-client.ts';
import type { VenueTime } from './venue-time.ts';

export interface ClockSyncOptions {
  readonly client: RestClient;
  readonly time: VenueTime;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly config: BinanceRestConfig;
  /** The host's name in metrics. */
  readonly name: string;
}

interface Sample {
  readonly serverMs: number;
  readonly sentMs: number;
  readonly receivedMs: number;
}

/** When the clock is measured after the start: soon again, because the rate takes three measurements. */
const FIRST_SYNCS_MS = [1_000, 1_000, 5_000, 15_000];

/** Measures the venue's clock by its time service: a few times in a row, of which the fastest answer counts, at the start, on schedule and when asked. */
export class ClockSync {
  readonly #options: ClockSyncOptions;
  readonly #offset: Gauge;
  readonly #error: Gauge;
  #running: Promise<Result<null>> | null = null;
  #timer: Timer | null = null;
  #syncs = 0;
  #stopped = false;

  constructor(options: ClockSyncOptions) {
    this.#options = options;
    this.#offset = options.metrics.gauge({
      name: 'monsta_binance_clock_offset_seconds',
      help: 'The venue’s clock less ours',
      labels: ['venue'],
    });
    this.#error = options.metrics.gauge({
      name: 'monsta_binance_clock_error_seconds',
      help: 'How wrong the measured offset may be: half of the fastest round trip',
      labels: ['venue'],
    });
  }

  /** Measures now; who asks while that goes on gets the same answer. Faults are those of `RestClient`. */
  measure(): Promise<Result<null>> {
    this.#running ??= this.#measure().finally(() => (this.#running = null));
    return this.#running;
  }

  /** Measures again and again from now on. */
  schedule(): void {
    if (this.#stopped) return;
    const { clock, config, logger } = this.#options;
    const delayMs = FIRST_SYNCS_MS[this.#syncs] ?? config.clockSyncIntervalMs;
    this.#syncs += 1;
    this.#timer?.cancel();
    this.#timer = clock.setTimer(delayMs, () => {
      void this.measure().then((measured) => {
        if (this.#stopped) return;
        if (!measured.ok)
          logger.warn('the venue’s clock could not be asked', {
            code: measured.fault.code,
            reason: measured.fault.message,
          });
        this.schedule();
      });
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #measure(): Promise<Result<null>> {
    const { config, name, time } = this.#options;
    let best: Sample | null = null;
    let failure: Result<null> = err('venue_unreachable', 'the venue’s clock was not asked');
    for (let asked = 0; asked < config.clockSamples && !this.#stopped; asked += 1) {
      const sample = await this.#sample();
      if (!sample.ok) {
        failure = sample;
        break;
      }
      const { sentMs, receivedMs } = sample.value;
      if (best === null || receivedMs - sentMs < best.receivedMs - best.sentMs) best = sample.value;
    }
    if (best === null) return failure;
    time.measured(best.serverMs, best.sentMs, best.receivedMs);
    if (time.offsetMs !== null) this.#offset.set(time.offsetMs / MS_PER_SECOND, { venue: name });
    if (time.errorMs !== null) this.#error.set(time.errorMs / MS_PER_SECOND, { venue: name });
    return ok(null);
  }

  async #sample(): Promise<Result<Sample>> {
    const reply = await this.#options.client.call({
      method: 'GET',
      path: '/api/v3/time',
      security: 'public',
      weight: 1,
      priority: 'trading',
    });
    if (!reply.ok) return reply;
    const { body, sentMs, receivedMs } = reply.value;
    const serverMs = decodeBody(body, 'time', decodeServerTime);
    return serverMs.ok ? ok({ serverMs: serverMs.value, sentMs, receivedMs }) : serverMs;
  }
}
