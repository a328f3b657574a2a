import { err, ok, type Result } from '@monsta/core';
import type { Clock, EventStream, Logger, PublishOptions, SubscribeOptions, Subscription } from '@monsta/ports';
import { encodePayload, OutgoingMessage } from './outgoing.ts';
import { checkSubject, parseFilter, type SubjectFilter } from './subject.ts';
import { Subscriber } from './subscriber.ts';
import { Turns } from './turns.ts';
import { Deliveries } from './deliveries.ts';

export interface MemoryEventStreamOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Names this life of the producer; sequences start at 1 in it. Must differ from one start to the next. */
  readonly epoch: string;
  /** Longest payload as UTF-8 JSON; default 1 MiB, as NATS has it. */
  readonly payloadBytesMax?: number;
  /** Subjects that may ever be published to; each keeps its sequence. Default 100,000. */
  readonly subjectsMax?: number;
  readonly subscriptionsMax?: number;
  /** Messages handled before the event loop gets its turn; default 1,024. */
  readonly messagesPerTurn?: number;
}

interface SubjectState {
  sequence: number;
  /** Who listens, as of `version`. */
  targets: readonly Subscriber[];
  version: number;
}

class MemoryEventStream implements EventStream {
  readonly #options: Required<MemoryEventStreamOptions>;
  readonly #deliveries: Deliveries;
  readonly #subjects = new Map<string, SubjectState>();
  readonly #exact = new Map<string, Set<Subscriber>>();
  readonly #patterns = new Map<Subscriber, SubjectFilter & { kind: 'pattern' }>();
  readonly #subscribers = new Set<Subscriber>();
  /** Counts subscriptions coming and going, so that a subject knows when its list of targets is old. */
  #version = 0;
  #closed = false;

  constructor(options: Required<MemoryEventStreamOptions>) {
    this.#options = options;
    this.#deliveries = new Deliveries(new Turns(options.messagesPerTurn));
  }

  publish(subject: string, payload: unknown, options: PublishOptions): Result<null> {
    if (this.#closed) return streamClosed();
    const found = this.#subjects.get(subject) ?? this.#newSubject(subject);
    if ('ok' in found) return found;
    if (!Number.isSafeInteger(options.tsEventUs)) {
      return err('payload_invalid', `tsEventUs of a message for '${subject}' must be whole microseconds`);
    }
    const text = encodePayload(subject, payload, this.#options.payloadBytesMax);
    if (!text.ok) return text;
    if (found.sequence === 0) this.#subjects.set(subject, found);
    found.sequence += 1;
    if (found.version !== this.#version) this.#findTargets(subject, found);
    if (found.targets.length === 0) return ok(null);
    const message = new OutgoingMessage(
      subject,
      this.#options.epoch,
      found.sequence,
      text.value,
      options.tsEventUs,
      options.traceparent ?? null,
    );
    for (const subscriber of found.targets) subscriber.offer(message);
    return ok(null);
  }

  subscribe(options: SubscribeOptions): Result<Subscription> {
    if (this.#closed) return streamClosed();
    const filter = parseFilter(options.subject);
    if (!filter.ok) return filter;
    if (this.#subscribers.size >= this.#options.subscriptionsMax) {
      return err(
        'subscriptions_full',
        `there are ${this.#subscribers.size} subscriptions already, which is the limit`,
        {
          retry: 'retryable',
        },
      );
    }
    const subscriber = new Subscriber(options, {
      clock: this.#options.clock,
      logger: this.#options.logger,
      deliveries: this.#deliveries,
      remove: (ended) => this.#remove(ended),
    });
    this.#subscribers.add(subscriber);
    if (filter.value.kind === 'pattern') {
      this.#patterns.set(subscriber, filter.value);
    } else {
      const listeners = this.#exact.get(options.subject) ?? new Set();
      listeners.add(subscriber);
      this.#exact.set(options.subject, listeners);
    }
    this.#version += 1;
    return ok(subscriber);
  }

  async drain(timeoutMs: number): Promise<Result<null>> {
    const settled = Promise.all([...this.#subscribers].map((subscriber) => subscriber.settled()));
    const { promise: late, resolve } = Promise.withResolvers<'late'>();
    const timer = this.#options.clock.setTimer(timeoutMs, () => resolve('late'));
    const outcome = await Promise.race([settled, late]);
    timer.cancel();
    if (outcome !== 'late') return ok(null);
    let waiting = 0;
    for (const subscriber of this.#subscribers) waiting += subscriber.pending;
    return err('drain_timeout', `after ${timeoutMs} ms ${waiting} messages still wait, or are in a handler's hands`, {
      retry: 'retryable',
      details: { waiting },
    });
  }

  /** Ends every subscription with `stream_closed`. What still waits is dropped: `drain` first where it matters. */
  close(): Promise<void> {
    this.#closed = true;
    for (const subscriber of this.#subscribers) subscriber.end('stream_closed', 'the event stream was closed');
    this.#subjects.clear();
    return Promise.resolve();
  }

  #newSubject(subject: string): SubjectState | Result<never> {
    const checked = checkSubject(subject);
    if (!checked.ok) return checked;
    if (this.#subjects.size >= this.#options.subjectsMax) {
      return err(
        'subjects_full',
        `'${subject}' would be subject ${this.#subjects.size + 1}; the limit is ${this.#options.subjectsMax}`,
      );
    }
    return { sequence: 0, targets: [], version: -1 };
  }

  #findTargets(subject: string, state: SubjectState): void {
    const targets = [...(this.#exact.get(subject) ?? [])];
    for (const [subscriber, pattern] of this.#patterns) {
      if (pattern.matches(subject)) targets.push(subscriber);
    }
    state.targets = targets;
    state.version = this.#version;
  }

  #remove(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
    this.#patterns.delete(subscriber);
    const listeners = this.#exact.get(subscriber.subject);
    listeners?.delete(subscriber);
    if (listeners?.size === 0) this.#exact.delete(subscriber.subject);
    this.#version += 1;
  }
}

const streamClosed = (): Result<never> => err('stream_closed', 'the event stream is closed');

/**
 * An event stream within one process. Handlers never run inside `publish`; each subscription gets its messages one at a time, in order.
 * Payloads pass through JSON text once, and all subscribers of a message share the decoded value: it is read-only by convention.
 */
export function createMemoryEventStream(options: MemoryEventStreamOptions): EventStream {
  if (options.epoch === '') throw new RangeError('createMemoryEventStream: the epoch must not be empty');
  return new MemoryEventStream({
    payloadBytesMax: 1_048_576,
    subjectsMax: 100_000,
    subscriptionsMax: 100_000,
    messagesPerTurn: 1_024,
    ...options,
  });
}
