import { err, msFromUs, ok, type Fault, type Random, type Result } from '@monsta/core';
import type { Clock, Counter, HttpResponse, Logger, Metrics, Transport } from '@monsta/ports';
import { Backoff } from './backoff.ts';
import type { BreakerPass, CircuitBreaker } from './breaker.ts';
import type { BinanceRestConfig } from './config.ts';
import type { RequestBudget } from './request-budget.ts';
import { limited, type Priority } from './request-lanes.ts';
import { refusalOf, type Refusal } from './rest-answers.ts';
import { formOf, signedForm, type BinanceCredentials, type Parameters } from './signing.ts';
import type { VenueTime } from './venue-time.ts';

export interface RestCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Whole: `/api/v3/order`, `/sapi/v1/account/apiRestrictions`. */
  readonly path: string;
  /** Sent in this order, all of them in the query. */
  readonly parameters?: Parameters;
  /** `key`: with the API key; `signed`: with the key, `recvWindow`, `timestamp` and the signature. */
  readonly security: 'public' | 'key' | 'signed';
  /** Request weight that the documentation gives, at least 1. */
  readonly weight: number;
  /** New orders it counts for; default 0. */
  readonly orders?: number;
  readonly priority: Priority;
  /** Times of the answer in microseconds instead of milliseconds. */
  readonly microseconds?: boolean;
  readonly signal?: AbortSignal;
}

export interface RestReply {
  readonly body: string;
  /** Names in lower case. */
  readonly headers: HttpResponse['headers'];
  /** Monotonic times of the attempt that succeeded. */
  readonly sentMs: number;
  readonly receivedMs: number;
}

/** Who calls: the key to sign with, and the account whose orders are counted. */
export interface RestAccount {
  readonly name: string;
  readonly credentials: BinanceCredentials;
}

export interface RestClientParts {
  readonly restUrl: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly config: BinanceRestConfig;
  readonly budget: RequestBudget;
  readonly breaker: CircuitBreaker;
  readonly time: VenueTime;
  /** Measures the venue's clock now. */
  readonly measureClock: () => Promise<Result<null>>;
  /** Null: public calls only. */
  readonly account: RestAccount | null;
}

const RETRY_DELAYS = { minMs: 300, maxMs: 10_000 };
/** A call that changes something is refused this long after probes began, at most. */
const PROBING_MS = 1_000;

/** What became of one attempt, and whether a further one may follow. */
interface Attempt {
  readonly result: Result<RestReply>;
  readonly again: 'no' | 'later' | 'with-the-right-time';
}

const isDone = (status: number): boolean => status >= 200 && status < 300;

/**
 * REST calls to a Binance-compatible venue: within the shared budget, behind the breaker, each attempt with a deadline, signed with the time on
 * the venue's clock. Reads are repeated with backoff and jitter; a call that changes something is sent once, but for one that the venue
 * refused for its time.
 *
 * Faults:
 * - `venue_unreachable`: no answer to a read; or a call that certainly never arrived (refused connection, breaker open, given up). Retryable.
 * - `outcome_unknown` (retry class `unknown_outcome`): a change that was sent, of which nothing certain is known.
 * - `venue_limited`, with `retryAfterMs`: 429, 418, −1003, −1015, or our own budget; the call was not carried out.
 * - `venue_clock`: refused for its time, also after the clock was measured again. `venue_key`: the key, its signature or its permissions.
 * - `venue_rejected`: refused for what it is; `details` are `{status, venueCode, venueMessage, venueData}`.
 * - `venue_protocol`: an answer of another kind than documented.
 */
export class RestClient {
  readonly #parts: RestClientParts;
  readonly #requests: Counter;

  constructor(parts: RestClientParts) {
    this.#parts = parts;
    this.#requests = parts.metrics.counter({
      name: 'monsta_binance_rest_requests_total',
      help: 'REST calls to the venue by outcome',
      labels: ['outcome'],
    });
  }

  async call(call: RestCall): Promise<Result<RestReply>> {
    const { clock, config, measureClock, random } = this.#parts;
    const backoff = new Backoff(RETRY_DELAYS, random);
    let corrected = false;
    for (let attempt = 1; ; attempt += 1) {
      const { again, result } = await this.#attempt(call);
      if (again === 'with-the-right-time' && !corrected) {
        corrected = true;
        const measured = await measureClock();
        if (!measured.ok) return result;
        continue;
      }
      if (again !== 'later' || call.method !== 'GET' || attempt >= config.requestAttemptsMax) return result;
      await clock.sleep(backoff.next(), call.signal);
    }
  }

  async #attempt(call: RestCall): Promise<Attempt> {
    const { account, breaker, budget, measureClock, time } = this.#parts;
    const kind = call.method === 'GET' ? 'read' : 'change';
    const ready = this.#usable(call);
    if (!ready.ok) return { again: 'no', result: ready };
    if (!breaker.admits(kind)) return this.#heldBack(call);
    if (call.security === 'signed' && !time.known) {
      const measured = await measureClock();
      if (!measured.ok) return { again: 'no', result: measured };
    }
    const orders = call.orders ?? 0;
    const permit = await budget.acquire({
      what: call.path,
      weight: call.weight,
      orders,
      account: orders === 0 ? null : (account?.name ?? null),
      priority: call.priority,
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    });
    if (!permit.ok) return { again: 'no', result: permit };
    try {
      const pass = breaker.enter(kind);
      return pass === null ? this.#heldBack(call) : await this.#send(call, pass);
    } finally {
      permit.value.release();
    }
  }

  #usable({ path, security }: RestCall): Result<null> {
    if (security === 'public' || this.#parts.account !== null) return ok(null);
    return err('venue_key', `${path} needs an API key, and there is none`);
  }

  #heldBack(call: RestCall): Attempt {
    const retryAfterMs = Math.ceil(Math.max(this.#parts.breaker.openForMs, PROBING_MS));
    const result = err('venue_unreachable', `${call.path}: not sent, because the venue has failed too often`, {
      retry: 'retryable',
      retryAfterMs,
    });
    return { again: 'no', result };
  }

  async #send(call: RestCall, pass: BreakerPass): Promise<Attempt> {
    const { account, clock, config, restUrl, transport } = this.#parts;
    const query = this.#queryOf(call);
    const headers = {
      ...(call.security === 'public' || account === null ? {} : { 'X-MBX-APIKEY': account.credentials.apiKey }),
      ...(call.microseconds === true ? { 'X-MBX-TIME-UNIT': 'MICROSECOND' } : {}),
    };
    const sentMs = clock.monotonicMs();
    const sent = await transport.request({
      method: call.method,
      url: `${restUrl}${call.path}${query === '' ? '' : `?${query}`}`,
      timeoutMs: config.requestTimeoutMs,
      ...(Object.keys(headers).length === 0 ? {} : { headers }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    });
    const receivedMs = clock.monotonicMs();
    if (!sent.ok) {
      const aborted = sent.fault.code === 'transport_aborted';
      if (aborted) pass.dropped();
      else pass.failed();
      this.#requests.add(1, { outcome: sent.fault.code });
      return { again: aborted ? 'no' : 'later', result: this.#unanswered(call, sent.fault) };
    }
    const response = sent.value;
    if (response.status >= 500) pass.failed();
    else pass.succeeded();
    this.#requests.add(1, { outcome: String(response.status) });
    this.#countsOf(response, sentMs, receivedMs);
    const { body, headers: told } = response;
    if (isDone(response.status)) return { again: 'no', result: ok({ body, headers: told, sentMs, receivedMs }) };
    return this.#refused(call, refusalOf(call, response));
  }

  #queryOf({ parameters = {}, security }: RestCall): string {
    const { account, config, time } = this.#parts;
    return security === 'signed' && account !== null
      ? signedForm(parameters, account.credentials, {
          recvWindowMs: config.recvWindowMs,
          timestampMs: msFromUs(time.measuredNowUs()),
        })
      : formOf(parameters);
  }

  /** Hands on the venue's own counts of what the address and the account have used; the answer doesn't wait for that. */
  #countsOf({ headers }: HttpResponse, sentMs: number, receivedMs: number): void {
    const { account, budget } = this.#parts;
    const count = (name: string): number => Number(headers[name] ?? Number.NaN);
    void budget.weightReported(count('x-mbx-used-weight-1m'), sentMs, receivedMs);
    if (account === null) return;
    void budget.ordersReported('orders10s', account.name, count('x-mbx-order-count-10s'), sentMs, receivedMs);
    void budget.ordersReported('orders1d', account.name, count('x-mbx-order-count-1d'), sentMs, receivedMs);
  }

  #unanswered(call: RestCall, cause: Fault): Result<never> {
    return cause.retry === 'unknown_outcome'
      ? err('outcome_unknown', `${call.path}: it may have been carried out: ${cause.message}`, {
          retry: 'unknown_outcome',
          cause,
        })
      : err('venue_unreachable', `${call.path}: ${cause.message}`, { retry: 'retryable', cause });
  }

  async #refused(call: RestCall, refusal: Refusal): Promise<Attempt> {
    const { account, budget, logger } = this.#parts;
    const { detail, forMs, kind, result } = refusal;
    switch (kind) {
      case 'address':
        logger.warn('all REST calls stop', { reason: detail, path: call.path, forMs });
        await budget.block(forMs, detail);
        // A short block is waited for in the next turn; a ban is not.
        return { again: forMs <= budget.waitMaxMs(call.priority) ? 'later' : 'no', result };
      case 'orders10s':
      case 'orders1d': {
        const againMs = account === null ? 0 : await budget.ordersExhausted(kind, account.name);
        logger.warn('the account may place no more orders for now', { reason: detail, forMs: againMs });
        return { again: 'no', result: limited(call.path, `too many orders (${detail})`, againMs) };
      }
      case 'clock':
        return { again: 'with-the-right-time', result };
      case 'failed':
        return { again: 'later', result };
      case 'final':
        return { again: 'no', result };
    }
  }
}
