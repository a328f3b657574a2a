import { hashText, type TimestampUs } from '@monsta/core';
import type { Answer } from './kernel-action.ts';

/** How many requests are remembered, and for how long. Both are in `docs/manual-trading.md`. */
const REQUESTS_MAX = 100;
const REMEMBERED_US = 24 * 3_600 * 1_000_000;

export interface AnsweredRequest {
  readonly requestId: string;
  /** Of what was asked: the same id for something else is a mistake. */
  readonly fingerprint: number;
  readonly tsUs: TimestampUs;
  readonly answer: Pick<Answer, 'error' | 'orders' | 'note'>;
}

/** What was answered to requests that carry an id: asked again, they get the same answer and nothing is done. */
export class AnsweredRequests {
  #answered: readonly AnsweredRequest[] = [];

  /** Oldest first. */
  get state(): readonly AnsweredRequest[] {
    return this.#answered;
  }

  restore(answered: readonly AnsweredRequest[]): void {
    this.#answered = answered;
  }

  /** The answer given; `conflict` where the id stood for something else; null for a new one. */
  find(requestId: string, asked: unknown, nowUs: TimestampUs): AnsweredRequest['answer'] | 'conflict' | null {
    const known = this.#answered.find((each) => each.requestId === requestId && nowUs - each.tsUs < REMEMBERED_US);
    if (known === undefined) return null;
    return known.fingerprint === fingerprintOf(asked) ? known.answer : 'conflict';
  }

  put(requestId: string, asked: unknown, { error, orders, note }: Answer, nowUs: TimestampUs): void {
    const kept = this.#answered.filter((each) => each.requestId !== requestId && nowUs - each.tsUs < REMEMBERED_US);
    const added = { requestId, fingerprint: fingerprintOf(asked), tsUs: nowUs, answer: { error, orders, note } };
    this.#answered = [...kept, added].slice(-REQUESTS_MAX);
  }
}

const fingerprintOf = (asked: unknown): number => hashText(JSON.stringify(asked));
