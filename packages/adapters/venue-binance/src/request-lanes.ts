import { err, type Err, type Result } from '@monsta/core';
import type { Clock, Timer } from '@monsta/ports';

/** From the most urgent down: what places and cancels orders, what trading asks, live market data, history. */
export const PRIORITIES = ['orders', 'trading', 'data', 'backfill'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** What a call wants of the budget. */
export interface BudgetRequest {
  /** What is asked for, as messages name it. */
  readonly what: string;
  readonly weight: number;
  /** New orders it counts for. */
  readonly orders: number;
  /** Whose orders; null where `orders` is 0. */
  readonly account: string | null;
  readonly priority: Priority;
  readonly signal?: AbortSignal;
}

/** A place among the calls under way. */
export interface Permit {
  /** Must be called once when the call is over. */
  release(): void;
}

/** A call that waits for its turn. */
export interface Waiting {
  readonly request: BudgetRequest;
  readonly sinceMs: number;
  readonly deadlineMs: number;
  readonly settled: boolean;
  settle(result: Result<Permit>): void;
}

export const limited = (what: string, why: string, retryAfterMs: number): Err =>
  err('venue_limited', `${what}: ${why}; again in ${Math.ceil(retryAfterMs / 1_000)} s`, {
    retry: 'retryable',
    retryAfterMs: Math.ceil(retryAfterMs),
  });

/** Fault of a call that was given up before anything was sent. */
export const givenUp = (what: string): Err =>
  err('venue_unreachable', `${what}: given up before it was sent`, { retry: 'retryable' });

/** The calls of one priority that wait, first come first served, each until its deadline. */
export class RequestLane {
  readonly priority: Priority;
  readonly #clock: Clock;
  readonly #waiting: Waiting[] = [];

  constructor(priority: Priority, clock: Clock) {
    this.priority = priority;
    this.#clock = clock;
  }

  get size(): number {
    return this.#waiting.length;
  }

  get head(): Waiting | null {
    return this.#waiting[0] ?? null;
  }

  /** Puts a call in line; the promise is what became of it. `onTimeout` says why it is over when its deadline comes. */
  wait(request: BudgetRequest, deadlineMs: number, onTimeout: () => Err): Promise<Result<Permit>> {
    return new Promise((resolve) => {
      const sinceMs = this.#clock.monotonicMs();
      let settled = false;
      const settle = (result: Result<Permit>): void => {
        if (settled) return;
        settled = true;
        timer.cancel();
        request.signal?.removeEventListener('abort', abort);
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        resolve(result);
      };
      const abort = (): void => settle(givenUp(request.what));
      const waiting: Waiting = {
        request,
        sinceMs,
        deadlineMs,
        settle,
        get settled() {
          return settled;
        },
      };
      const timer: Timer = this.#clock.setTimer(deadlineMs - sinceMs, () => settle(onTimeout()));
      this.#waiting.push(waiting);
      if (request.signal?.aborted === true) abort();
      else request.signal?.addEventListener('abort', abort);
    });
  }

  /** Ends every call for which `test` gives a result. */
  endWhere(test: (waiting: Waiting) => Err | null): void {
    for (const waiting of [...this.#waiting]) {
      const result = test(waiting);
      if (result !== null) waiting.settle(result);
    }
  }
}
