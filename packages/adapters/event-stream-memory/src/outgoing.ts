import { err, ok, type Result } from '@monsta/core';
import type { StreamMessage } from '@monsta/ports';

/**
 * A published message on its way: encoded once, decoded when the first subscriber takes it, then shared by all.
 * The decoded payload is one object for every subscriber: they read it and leave it as it is.
 */
export class OutgoingMessage {
  readonly #subject: string;
  readonly #epoch: string;
  readonly #sequence: number;
  readonly #tsEventUs: number;
  readonly #traceparent: string | null;
  #text: string | null;
  #message: StreamMessage | null = null;

  constructor(
    subject: string,
    epoch: string,
    sequence: number,
    text: string,
    tsEventUs: number,
    traceparent: string | null,
  ) {
    this.#subject = subject;
    this.#epoch = epoch;
    this.#sequence = sequence;
    this.#text = text;
    this.#tsEventUs = tsEventUs;
    this.#traceparent = traceparent;
  }

  /** The message as a subscriber sees it. */
  open(): StreamMessage {
    if (this.#message !== null) return this.#message;
    const payload: unknown = this.#text === null ? null : JSON.parse(this.#text);
    this.#message = {
      id: `${this.#epoch}:${this.#subject}:${this.#sequence}`,
      subject: this.#subject,
      producerEpoch: this.#epoch,
      sequence: this.#sequence,
      tsEventUs: this.#tsEventUs,
      traceparent: this.#traceparent,
      payload,
    };
    this.#text = null;
    return this.#message;
  }
}

/** JSON text of a payload. Fault `payload_invalid`: not a JSON value (bigint, undefined, function, cycle) or above `bytesMax` in UTF-8. */
export function encodePayload(subject: string, payload: unknown, bytesMax: number): Result<string> {
  let text: string | undefined;
  try {
    text = JSON.stringify(payload);
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n', 1)[0] ?? '') : 'it throws';
    return err('payload_invalid', `the payload for '${subject}' is no JSON value: ${why}`, { cause });
  }
  if (text === undefined) {
    return err('payload_invalid', `the payload for '${subject}' is no JSON value: it is ${typeof payload}`);
  }
  // Three bytes is the most that a UTF-16 unit takes in UTF-8: only a text that might be too long is measured.
  if (text.length * 3 > bytesMax) {
    const bytes = Buffer.byteLength(text);
    if (bytes > bytesMax) {
      return err('payload_invalid', `the payload for '${subject}' has ${bytes} bytes; at most ${bytesMax} are allowed`);
    }
  }
  return ok(text);
}
