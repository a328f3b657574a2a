import { isFinal } from '@monsta/core';
import type { Ledger, LedgerBatch, Metrics, Transport } from '@monsta/ports';
import type { Wire } from './wire.ts';

/** What one order took on its way, ms. */
export interface Passage {
  /** From the market event, as the client handed it over, to the kernel: collector's message, event stream, queue. */
  readonly eventToKernelMs: number;
  /** The kernel's work on the input that it decided upon. */
  readonly kernelMs: number;
  /** The commit of the intent, until it is on disk. */
  readonly intentMs: number;
  /** From the market event to the order's bytes handed to the socket. */
  readonly decisionToSocketMs: number;
  /** From the bytes of the market data's frame to those of the order. */
  readonly socketToSocketMs: number;
  /** From the durable intent to the order's bytes. */
  readonly intentToSocketMs: number;
  /** From the durable intent until the kernel knows that the exchange has the order. */
  readonly intentToKnownMs: number;
  /** From the bytes of the first word on the order, its report or the answer, until the kernel has handled it. */
  readonly knownToKernelMs: number;
  /** … and until that is on disk. */
  readonly knownDurableMs: number;
  readonly first: 'report' | 'answer';
  /** How much longer the commit of the intent made the ledger's log; null where that was not looked at, or the log began anew. */
  readonly intentBytes: number | null;
}

type Mark =
  | 'frame'
  | 'event'
  | 'committing'
  | 'intent'
  | 'written'
  | 'report'
  | 'answer'
  | 'kernel'
  | 'known-durable'
  | 'over';

/** Follows one order at a time by what the ports see of it; all of it happens in one thread. */
export class PassageRecorder {
  readonly #wire: Wire;
  readonly #marks = new Map<Mark, number>();
  #lastKernelMs = 0;
  #kernelMs = 0;
  #intentBytes: number | null = null;
  /** The length of the ledger's log; looking at it takes time, so only while it is asked for. */
  logBytes: (() => number) | null = null;
  #settle: ((passage: Passage) => void) | null = null;
  #fail: ((error: Error) => void) | null = null;

  constructor(wire: Wire) {
    this.#wire = wire;
    wire.onOrderWritten = (atMs) => this.#mark('written', atMs);
  }

  /** A market event has just come of which an order will be made; resolves when that order is over, durably. */
  begin(): Promise<Passage> {
    const passage = new Promise<Passage>((resolve, reject) => {
      this.#settle = resolve;
      this.#fail = reject;
    });
    this.#marks.clear();
    this.#mark('frame', this.#wire.lastReadMs);
    this.#mark('event');
    return passage;
  }

  fail(reason: string): void {
    this.#fail?.(new Error(reason));
  }

  metrics(inner: Metrics): Metrics {
    return {
      counter: (options) => inner.counter(options),
      gauge: (options) => inner.gauge(options),
      histogram: (options) => {
        const histogram = inner.histogram(options);
        if (options.name !== 'monsta_trading_kernel_seconds') return histogram;
        return {
          observe: (value, labels) => {
            this.#lastKernelMs = value * 1_000;
            if (labels?.['input'] === 'venue' && this.#firstWordMs !== null) this.#mark('kernel');
            histogram.observe(value, labels);
          },
        };
      },
      expose: () => inner.expose(),
    };
  }

  ledger(inner: Ledger): Ledger {
    const commit = async (batch: LedgerBatch): ReturnType<Ledger['commit']> => {
      const statuses = (batch.orders ?? []).map(({ status }) => status);
      const isIntent = statuses.includes('pending_submit');
      const bytesBefore = isIntent ? (this.logBytes?.() ?? null) : null;
      if (isIntent) {
        this.#kernelMs = this.#lastKernelMs;
        this.#mark('committing');
      }
      const done = await inner.commit(batch);
      if (isIntent) this.#mark('intent');
      if (isIntent) this.#intentBytes = this.#grown(bytesBefore);
      if (statuses.some((status) => status !== 'pending_submit')) this.#mark('known-durable');
      if (statuses.some((status) => status !== 'filled' && isFinal(status)))
        this.fail(`an order ended as ${statuses.join(', ')}`);
      if (statuses.includes('filled')) this.#mark('over');
      return done;
    };
    // Its methods use private fields: they need the ledger itself as `this`.
    return new Proxy(inner, {
      get(target, name) {
        const value: unknown = name === 'commit' ? commit : Reflect.get(target, name);
        return typeof value === 'function' && name !== 'commit' ? (value.bind(target) as unknown) : value;
      },
    });
  }

  transport(inner: Transport): Transport {
    return {
      request: async (request) => {
        const answered = await inner.request(request);
        if (request.method === 'POST') this.#mark('answer', this.#wire.lastReadMs);
        return answered;
      },
      connect: (url, handlers, options) =>
        inner.connect(
          url,
          {
            ...handlers,
            onMessage: (text) => {
              if (text.includes('"executionReport"')) this.#mark('report', this.#wire.lastReadMs);
              handlers.onMessage(text);
            },
          },
          options,
        ),
      close: () => inner.close(),
    };
  }

  #grown(bytesBefore: number | null): number | null {
    const bytes = bytesBefore === null ? 0 : (this.logBytes?.() ?? 0) - bytesBefore;
    return bytes > 0 ? bytes : null;
  }

  get #firstWordMs(): number | null {
    const times = [this.#marks.get('report'), this.#marks.get('answer')].filter((each) => each !== undefined);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** The first time counts. */
  #mark(mark: Mark, atMs = performance.now()): void {
    if (this.#settle === null || this.#marks.has(mark)) return;
    this.#marks.set(mark, atMs);
    if (!this.#marks.has('over') || !this.#marks.has('answer') || !this.#marks.has('report')) return;
    this.#settle(this.#passage());
    this.#settle = null;
  }

  #passage(): Passage {
    const at = (mark: Mark): number => {
      const ms = this.#marks.get(mark);
      if (ms === undefined) throw new Error(`the order was over and had not been seen at '${mark}'`);
      return ms;
    };
    const word = this.#firstWordMs ?? Number.NaN;
    return {
      eventToKernelMs: at('committing') - at('event') - this.#kernelMs,
      kernelMs: this.#kernelMs,
      intentMs: at('intent') - at('committing'),
      decisionToSocketMs: at('written') - at('event'),
      socketToSocketMs: at('written') - at('frame'),
      intentToSocketMs: at('written') - at('intent'),
      intentToKnownMs: at('kernel') - at('intent'),
      knownToKernelMs: at('kernel') - word,
      knownDurableMs: at('known-durable') - word,
      first: at('report') <= at('answer') ? 'report' : 'answer',
      intentBytes: this.#intentBytes,
    };
  }
}
