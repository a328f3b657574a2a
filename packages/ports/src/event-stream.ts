import type { Result } from '@monsta/core';

/** What every message carries besides its payload. `sequence` counts up by one per subject and producer epoch. */
export interface Envelope {
  /** Unique; the same when a message is delivered again. */
  readonly id: string;
  readonly subject: string;
  /** Identifies one life of one producer: sequences start at 1 in each. */
  readonly producerEpoch: string;
  readonly sequence: number;
  readonly tsEventUs: number;
  /** W3C trace context, or null where nothing started a trace. */
  readonly traceparent: string | null;
}

export interface StreamMessage extends Envelope {
  readonly payload: unknown;
}

export interface SubscribeOptions {
  /** Exact subject, or with wildcards of whole tokens: `*` one token, `>` the rest (last only). */
  readonly subject: string;
  /** Messages waiting for this subscriber at most. */
  readonly queueMax: number;
  /** What happens when the queue is full: the oldest are dropped (and the sequence shows it), or the subscription ends with `subscriber_slow`. */
  readonly overflow: 'drop-oldest' | 'end';
  onMessage(message: StreamMessage): void | Promise<void>;
  /** The subscription ended without `unsubscribe`. */
  onEnd?(code: string, reason: string): void;
}

export interface Subscription {
  readonly dropped: number;
  /** Messages waiting. */
  readonly pending: number;
  unsubscribe(): void;
}

export interface PublishOptions {
  readonly tsEventUs: number;
  readonly traceparent?: string;
}

/**
 * Messages between roles: at least once, in order per subject and producer. Payloads are JSON values (bigint not allowed); the
 * embedded adapter encodes and decodes too, so that it hides no codec fault.
 */
export interface EventStream {
  /** Faults: `subject_invalid`, `payload_invalid`, `stream_closed`. */
  publish(subject: string, payload: unknown, options: PublishOptions): Result<null>;
  /** Faults: `subject_invalid`, `stream_closed`. */
  subscribe(options: SubscribeOptions): Result<Subscription>;
  /** Waits until what was published so far has been handled, at most `timeoutMs`. */
  drain(timeoutMs: number): Promise<Result<null>>;
  close(): Promise<void>;
}
