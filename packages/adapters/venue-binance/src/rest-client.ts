import { err, MS_PER_SECOND, ok, type Random, type Result } from '@monsta/core';
import type { Clock, Counter, Gauge, HttpResponse, Logger, Metrics, Transport } from '@monsta/ports';
import { backoffMs } from './backoff.ts';
import type { BinanceMarketDataConfig } from './config.ts';
import { decodeError } from './replies.ts';
import type { WeightBudget } from './weight-budget.ts';

export interface RestCall {
  /** Below `/api/v3/`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly weight: number;
  /** True for work that can wait: it leaves room in the budget for repairs and snapshots. */
  readonly background?: boolean;
  readonly signal?: AbortSignal;
}

export interface RestReply {
  readonly body: string;
  /** Monotonic times of the attempt that succeeded. */
  readonly sentMs: number;
  readonly receivedMs: number;
}

export interface RestClientParts {
  readonly restUrl: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly config: BinanceMarketDataConfig;
  readonly budget: WeightBudget;
}

const RETRY_DELAYS = { minMs: 300, maxMs: 10_000 };
/** Where a 429 or 418 does not say how long: a window, and the shortest ban. */
const LIMITED_MS = 60_000;
const BANNED_MS = 120_000;
const FIREWALL_MS = 300_000;
const UNKNOWN_SYMBOL = -1121;

/** Seconds in `Retry-After`; null when absent or unreadable. */
function retryAfterMs(response: HttpResponse): number | null {
  const text = response.headers['retry-after'];
  const seconds = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * MS_PER_SECOND : null;
}

/** What to do after an answer that was no success. */
type Verdict =
  | { readonly again: true; readonly result: Result<RestReply> }
  | { readonly again: false; readonly result: Result<RestReply> };

/**
 * Public REST calls to a Binance-compatible venue: within the weight budget, each attempt with a deadline, repeated with
 * backoff and jitter where that is safe (all of them are reads). After a 429 nothing is sent until its Retry-After has
 * passed; during a ban (418) every call fails at once and says until when.
 *
 * Faults: `venue_unreachable`, `venue_limited` (with `retryAfterMs`), `venue_protocol`, `instrument_unknown`.
 */
export class RestClient {
  readonly #parts: RestClientParts;
  readonly #requests: Counter;
  readonly #usedWeight: Gauge;
  #active = 0;
  readonly #queue: (() => void)[] = [];
  #stopped = false;

  constructor(parts: RestClientParts) {
    this.#parts = parts;
    this.#requests = parts.metrics.counter({
      name: 'monsta_binance_rest_requests_total',
      help: 'REST calls to the venue by outcome',
      labels: ['outcome'],
    });
    this.#usedWeight = parts.metrics.gauge({
      name: 'monsta_binance_rest_used_weight_count',
      help: 'Request weight used in the present minute, as the venue counts it',
    });
  }

  /** Fails every call that waits and takes no more. */
  stop(): void {
    this.#stopped = true;
    for (const wake of this.#queue.splice(0)) wake();
  }

  async get(call: RestCall): Promise<Result<RestReply>> {
    const { config } = this.#parts;
    if (this.#stopped) return this.#aborted(call);
    if (this.#active >= config.requestsAtOnceMax) {
      if (this.#queue.length >= config.requestQueueMax) {
        return err('venue_limited', `${call.path}: ${config.requestQueueMax} calls are waiting already`, {
          retry: 'retryable',
          retryAfterMs: 1_000,
        });
      }
      await new Promise<void>((resolve) => {
        // Urgent calls go before background ones.
        if (call.background === true) this.#queue.push(resolve);
        else this.#queue.unshift(resolve);
      });
    } else this.#active += 1;
    try {
      return await this.#attempts(call);
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#active -= 1;
      else next();
    }
  }

  async #attempts(call: RestCall): Promise<Result<RestReply>> {
    const { clock, config, random } = this.#parts;
    for (let attempt = 0; ; attempt += 1) {
      const held = await this.#awaitTurn(call);
      if (held !== null) return held;
      const { again, result } = await this.#attempt(call);
      if (result.ok || !again || attempt + 1 >= config.requestAttemptsMax) return result;
      await clock.sleep(backoffMs(attempt, RETRY_DELAYS, random), call.signal);
    }
  }

  /** Waits for the budget and for the end of a short block; a fault for a ban, an abort or the end. */
  async #awaitTurn(call: RestCall): Promise<Result<RestReply> | null> {
    const { budget, clock } = this.#parts;
    for (;;) {
      if (this.#stopped || call.signal?.aborted === true) return this.#aborted(call);
      const block = budget.blockAt(clock.monotonicMs());
      if (block !== null && block.leftMs > LIMITED_MS) {
        return err(
          'venue_limited',
          `${call.path}: ${block.reason}; no call for another ${Math.ceil(block.leftMs / MS_PER_SECOND)} s`,
          {
            retry: 'retryable',
            retryAfterMs: Math.ceil(block.leftMs),
          },
        );
      }
      const waitMs = block?.leftMs ?? budget.waitMs(call.weight, call.background === true);
      if (waitMs === 0) break;
      await clock.sleep(waitMs, call.signal);
    }
    budget.spend(call.weight);
    return null;
  }

  async #attempt(call: RestCall): Promise<Verdict> {
    const { clock, config, restUrl, transport, budget } = this.#parts;
    const query = Object.entries(call.query ?? {}).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
    const url = `${restUrl}/api/v3/${call.path}${query.length === 0 ? '' : `?${query.join('&')}`}`;
    const sentMs = clock.monotonicMs();
    const sent = await transport.request({
      method: 'GET',
      url,
      timeoutMs: config.requestTimeoutMs,
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    });
    const receivedMs = clock.monotonicMs();
    if (!sent.ok) {
      this.#requests.add(1, { outcome: sent.fault.code });
      const result = err('venue_unreachable', `${call.path}: ${sent.fault.message}`, {
        retry: 'retryable',
        cause: sent.fault,
      });
      return { again: sent.fault.code !== 'transport_aborted', result };
    }
    const response = sent.value;
    const used = Number(response.headers['x-mbx-used-weight-1m'] ?? Number.NaN);
    if (Number.isFinite(used)) budget.reported(used);
    this.#usedWeight.set(budget.used);
    this.#requests.add(1, { outcome: String(response.status) });
    if (response.status === 200) return { again: false, result: ok({ body: response.body, sentMs, receivedMs }) };
    return this.#refused(call, response);
  }

  #refused(call: RestCall, response: HttpResponse): Verdict {
    const { status } = response;
    const said = decodeError(response.body);
    const detail = said === null ? `status ${status}` : `status ${status}, ${said.code} ${said.message}`;
    if (status === 429)
      return this.#limited(call, retryAfterMs(response) ?? LIMITED_MS, `over the venue's request limit (${detail})`);
    if (status === 418)
      return this.#limited(call, retryAfterMs(response) ?? BANNED_MS, `the venue has banned this address (${detail})`);
    if (status === 403)
      return this.#limited(call, FIREWALL_MS, `the venue's firewall refuses this address (${detail})`);
    const details = { status, ...(said === null ? {} : { venueCode: said.code }) };
    if (status >= 500)
      return {
        again: true,
        result: err('venue_unreachable', `${call.path}: the venue failed (${detail})`, { retry: 'retryable', details }),
      };
    if (status === 451) {
      return {
        again: false,
        result: err('venue_unreachable', `${call.path}: the venue does not serve this location (${detail})`, {
          details,
        }),
      };
    }
    if (said?.code === UNKNOWN_SYMBOL)
      return { again: false, result: err('instrument_unknown', `${call.path}: ${said.message}`, { details }) };
    return {
      again: false,
      result: err('venue_protocol', `${call.path}: the venue refused the request (${detail})`, { details }),
    };
  }

  #limited(call: RestCall, blockMs: number, reason: string): Verdict {
    const { budget, clock, logger } = this.#parts;
    budget.block(clock.monotonicMs() + blockMs, reason);
    logger.warn('all REST calls stop', { reason, path: call.path, forMs: blockMs });
    const result = err(
      'venue_limited',
      `${call.path}: ${reason}; no call for ${Math.ceil(blockMs / MS_PER_SECOND)} s`,
      {
        retry: 'retryable',
        retryAfterMs: blockMs,
      },
    );
    // A short block is waited for in the next turn; a ban is not.
    return { again: blockMs <= LIMITED_MS, result };
  }

  #aborted(call: RestCall): Result<RestReply> {
    return err('venue_unreachable', `${call.path}: given up, the client is stopping`, { retry: 'retryable' });
  }
}
