import { err, ok, type Err, type Result } from '@monsta/core';
import type { BodySink, Counter, HttpResponse } from '@monsta/ports';
import { CircuitBreaker } from '../breaker.ts';
import type { BinanceArchiveConfig } from '../config.ts';
import type { BinanceConnection } from '../connection.ts';
import { RequestBudget } from '../request-budget.ts';
import { refusalOf } from '../rest-answers.ts';
import type { Patience } from './patience.ts';

/** The budget keeps half its places for what is more urgent, and an archive has nothing else. */
const PLACES = 64;
/** A breaker that wants probes first lets the others wait this long. */
const PROBING_MS = 1_000;

/** What is asked of the archive, and where the body of a file goes; without `open` it is text. */
export interface ArchiveRequest {
  /** Below the archive's address. */
  readonly path: string;
  readonly signal: AbortSignal;
  readonly patience: Patience;
  /** Called before each sending: what an earlier one brought does not count. */
  readonly open?: () => Promise<BodySink>;
}

/** What one sending came to: `absent`: there is no such file; `limited`: not now. */
type Answer =
  | { readonly kind: 'done'; readonly response: HttpResponse }
  | { readonly kind: 'absent' }
  | { readonly kind: 'limited'; readonly result: Err; readonly forMs: number }
  | { readonly kind: 'failed'; readonly result: Err };

/** Requests to the host of the bulk archive: each in its turn, behind a breaker, waited for as long as the answer is only "not now". */
export class ArchiveRequests {
  readonly #connection: BinanceConnection;
  readonly #config: BinanceArchiveConfig;
  readonly #url: string;
  readonly #budget: RequestBudget;
  readonly #breaker: CircuitBreaker;
  readonly #requests: Counter;
  /** There was an answer of any kind: the archive is there, and worth waiting for. */
  #answered = false;

  /** `url`: without `/data`. */
  constructor(connection: BinanceConnection, url: string, config: BinanceArchiveConfig) {
    const { cache, clock, logger, metrics, name } = connection;
    const { breakerFailuresMax, breakerOpenMs, breakerProbes } = connection.config;
    this.#connection = connection;
    this.#config = config;
    this.#url = url.replace(/\/+$/, '');
    this.#budget = new RequestBudget({
      host: new URL(url).host,
      cache,
      clock,
      logger,
      metrics,
      config: { ...connection.config, requestsAtOnceMax: PLACES },
      nowMs: () => Math.floor(clock.nowUs() / 1_000),
    });
    this.#breaker = new CircuitBreaker({
      clock,
      logger,
      metrics,
      name: `${name}-archive`,
      failuresMax: breakerFailuresMax,
      openMs: breakerOpenMs,
      probes: breakerProbes,
      // Those that wait are the probes.
      onHalfOpen: () => undefined,
    });
    this.#requests = metrics.counter({
      name: 'monsta_binance_archive_requests_total',
      help: 'Requests to the bulk archive by outcome',
      labels: ['outcome'],
    });
  }

  /** Null where there is no such file. Faults: `venue_unreachable`, `venue_limited`, `venue_rejected`, `venue_protocol`. */
  async get(request: ArchiveRequest): Promise<Result<HttpResponse | null>> {
    for (;;) {
      const answer = await this.#inTurn(request);
      switch (answer.kind) {
        case 'done':
          return ok(answer.response);
        case 'absent':
          return ok(null);
        case 'failed':
          return answer.result;
        case 'limited': {
          const { result, forMs } = answer;
          if (!(await request.patience.wait(forMs, result.fault.message, request.signal))) return result;
        }
      }
    }
  }

  stop(): void {
    this.#breaker.stop();
    this.#budget.stop();
  }

  async #inTurn(request: ArchiveRequest): Promise<Answer> {
    const { path: what, signal } = request;
    const permit = await this.#budget.acquire({
      what,
      weight: 1,
      orders: 0,
      account: null,
      priority: 'backfill',
      signal,
    });
    if (!permit.ok) {
      const { code, retryAfterMs = PROBING_MS } = permit.fault;
      return code === 'venue_limited'
        ? { kind: 'limited', result: permit, forMs: retryAfterMs }
        : { kind: 'failed', result: permit };
    }
    try {
      return await this.#send(request);
    } finally {
      permit.value.release();
    }
  }

  async #send({ path, signal, open }: ArchiveRequest): Promise<Answer> {
    const { config, transport } = this.#connection;
    const pass = this.#breaker.enter('read');
    if (pass === null) return this.#heldBack(path);
    const into = await open?.();
    const sent = await transport.request({
      method: 'GET',
      url: `${this.#url}/${path}`,
      timeoutMs: into === undefined ? config.requestTimeoutMs : this.#config.fileTimeoutMs,
      signal,
      ...(into === undefined ? {} : { into }),
    });
    if (!sent.ok) {
      const { code, message, retry } = sent.fault;
      if (code === 'transport_aborted' || retry === 'permanent') pass.dropped();
      else pass.failed();
      this.#requests.add(1, { outcome: code });
      return { kind: 'failed', result: err('venue_unreachable', message, { retry, cause: sent.fault }) };
    }
    const response = sent.value;
    this.#answered = true;
    if (response.status >= 500) pass.failed();
    else pass.succeeded();
    this.#requests.add(1, { outcome: String(response.status) });
    return this.#read(path, response);
  }

  async #read(path: string, response: HttpResponse): Promise<Answer> {
    if (response.status === 200) return { kind: 'done', response };
    if (response.status === 404) return { kind: 'absent' };
    const { kind, forMs, detail, result } = refusalOf({ method: 'GET', path: `/${path}` }, response);
    if (kind !== 'address') return { kind: 'failed', result };
    this.#connection.logger.warn('all requests to the archive stop', { reason: detail, path, forMs });
    await this.#budget.block(forMs, detail);
    return { kind: 'limited', result, forMs };
  }

  #heldBack(path: string): Answer {
    const forMs = Math.ceil(Math.max(this.#breaker.openForMs, PROBING_MS));
    const message = `${path}: not sent, because the archive has failed too often`;
    if (!this.#answered) return { kind: 'failed', result: err('venue_unreachable', `${message} and never answered`) };
    const result = err('venue_unreachable', message, { retry: 'retryable', retryAfterMs: forMs });
    return { kind: 'limited', result, forMs };
  }
}
