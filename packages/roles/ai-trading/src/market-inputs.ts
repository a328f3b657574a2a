import {
  barSchema,
  bookSchema,
  decodeBar,
  decodeBook,
  decodeFeed,
  decodeQuote,
  decodeTrade,
  feedSchema,
  predictionSchema,
  quoteSchema,
  topics,
  tradeSchema,
} from '@monsta/contracts';
import { err, ok, usFromMs, type Instrument, type InstrumentId, type Interval, type Result } from '@monsta/core';
import type { EventStream, Logger, StreamMessage, Subscription } from '@monsta/ports';
import { BookRhythm, type KernelInput } from '@monsta/trading';
import type { z } from 'zod';

/** Messages of one subject that may wait in the stream; the role's own queue takes them at once. */
const SUBJECT_QUEUE_MAX = 20_000;

/** All that is listened to here: whoever brings the streams of two threads together has to let these through. */
export const MARKET_SUBJECTS: readonly string[] = [
  'bars.*.*',
  'trades.*',
  'quotes.*',
  'book.*',
  'feed.*',
  'predictions.*',
];

export interface MarketInputsOptions {
  readonly stream: EventStream;
  readonly logger: Logger;
  /** A book is taken at most this often for each instrument, with at most so many levels a side; the others are left out. */
  readonly bookEveryMs: number;
  readonly bookDepth: number;
  take(input: KernelInput, traceparent: string | null): void;
  /** A message that could not be read. */
  refused(subject: string, code: string): void;
  /** Messages were lost on the way, or a subscription ended. */
  lost(reason: string): void;
}

/** The feeds of the instruments, decoded into kernel inputs. */
function endsOf<E extends { readonly low: number; readonly high: number } | null>(
  estimate: E,
): E extends null ? null : { readonly low: number; readonly high: number };
function endsOf(estimate: { readonly low: number; readonly high: number } | null) {
  return estimate === null ? null : { low: estimate.low, high: estimate.high };
}

export class MarketInputs {
  readonly #options: MarketInputsOptions;
  readonly #subscriptions: Subscription[] = [];
  /** In whose steps the messages of an instrument are read. */
  readonly #reading = new Map<string, Instrument>();
  readonly #rhythm: BookRhythm;
  readonly #sequences = new Map<string, { readonly epoch: string; readonly sequence: number }>();

  constructor(options: MarketInputsOptions) {
    this.#options = options;
    this.#rhythm = new BookRhythm(options.bookEveryMs);
  }

  /** `books`: of which instruments somebody wants the book. Faults: those of subscribing. */
  subscribe(
    instruments: readonly Instrument[],
    intervals: readonly Interval[],
    books: ReadonlySet<InstrumentId>,
  ): Result<null> {
    for (const instrument of instruments) {
      const { id } = instrument;
      this.use(instrument);
      const now = (): Instrument => this.#reading.get(id) ?? instrument;
      const results = [
        this.#on(topics.trades(id), tradeSchema, (message) => {
          const event = decodeTrade(message, now());
          return event.ok ? ok({ kind: 'market', tsUs: event.value.tsInitUs, event: event.value }) : event;
        }),
        this.#on(topics.quotes(id), quoteSchema, (message) => {
          const event = decodeQuote(message, now());
          return event.ok ? ok({ kind: 'market', tsUs: event.value.tsInitUs, event: event.value }) : event;
        }),
        this.#on(topics.feed(id), feedSchema, (message) => {
          const event = decodeFeed(message);
          return ok({ kind: 'market', tsUs: event.tsInitUs, event });
        }),
        this.#on(topics.predictions(id), predictionSchema, (message) => {
          const { score, trainedAtMs: _, ...said } = message;
          const prediction = {
            ...said,
            ...{ instrument: id, skillLow: score?.skill.low ?? null },
            evidence:
              score === null ? null : { skill: endsOf(score.skill), netBps: endsOf(score.net?.perBarBps ?? null) },
          };
          // A prediction is as old as its bar, but is learned only now: it must not move the clock.
          return ok({ kind: 'prediction', tsUs: usFromMs(said.timeMs), prediction });
        }),
        ...(books.has(id) ? [this.#onBook(id, now)] : []),
        ...intervals.map((interval) =>
          this.#on(topics.bars(id, interval), barSchema, (message) => {
            if (!message.closed) return ok(null);
            const event = decodeBar(message, now());
            return event.ok ? ok({ kind: 'market', tsUs: event.value.tsInitUs, event: event.value }) : event;
          }),
        ),
      ];
      const failed = results.find((result) => !result.ok);
      if (failed !== undefined && !failed.ok) return failed;
    }
    return ok(null);
  }

  /** Books are present states: the newest counts, and one that comes too soon after another is let by. */
  #onBook(id: InstrumentId, now: () => Instrument): Result<null> {
    const { bookDepth } = this.#options;
    return this.#on(topics.book(id), bookSchema, (message) => {
      if (!this.#rhythm.takes(id, usFromMs(message.timeMs))) return ok(null);
      const event = decodeBook(message, now(), bookDepth);
      return event.ok ? ok({ kind: 'market', tsUs: event.value.tsInitUs, event: event.value }) : event;
    });
  }

  /** Reads the messages of an instrument in its steps from here on. */
  use(instrument: Instrument): void {
    this.#reading.set(instrument.id, instrument);
  }

  close(): void {
    for (const subscription of this.#subscriptions.splice(0)) subscription.unsubscribe();
  }

  #on<S extends z.ZodType>(
    subject: string,
    schema: S,
    decode: (message: z.infer<S>) => Result<KernelInput | null>,
  ): Result<null> {
    const subscribed = this.#options.stream.subscribe({
      subject,
      queueMax: SUBJECT_QUEUE_MAX,
      overflow: 'drop-oldest',
      onMessage: (message) => this.#receive(subject, message, schema, decode),
      onEnd: (code, reason) => this.#options.lost(`the subscription of ${subject} ended: ${code}: ${reason}`),
    });
    if (!subscribed.ok) return subscribed;
    this.#subscriptions.push(subscribed.value);
    return ok(null);
  }

  #receive<S extends z.ZodType>(
    subject: string,
    message: StreamMessage,
    schema: S,
    decode: (message: z.infer<S>) => Result<KernelInput | null>,
  ): void {
    if (!this.#inOrder(subject, message)) return;
    const parsed = schema.safeParse(message.payload);
    const input = parsed.success ? decode(parsed.data) : err('message_malformed', parsed.error.message);
    if (!input.ok) this.#options.refused(subject, input.fault.code);
    else if (input.value !== null) this.#options.take(input.value, message.traceparent);
  }

  /** Duplicates are left out; a jump in the sequence is told, since something of this subject was lost. */
  #inOrder(subject: string, { producerEpoch, sequence }: StreamMessage): boolean {
    const last = this.#sequences.get(subject);
    const same = last !== undefined && last.epoch === producerEpoch;
    if (same && sequence <= last.sequence) return false;
    if (same && sequence !== last.sequence + 1) {
      this.#options.lost(`${sequence - last.sequence - 1} messages of ${subject} were lost on the way`);
    }
    this.#sequences.set(subject, { epoch: producerEpoch, sequence });
    return true;
  }
}
