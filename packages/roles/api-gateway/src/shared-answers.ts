import { err, type Result } from '@monsta/core';

/**
 * Answers that take long to work out: one at a time, so that many who ask do not keep everything else waiting, and who asks the same as one that is under way or waits gets the
 * same answer. Fault `too_many_requests` when `waitingMax` different ones wait.
 */
export class SharedAnswers<T> {
  readonly #waitingMax: number;
  readonly #underWay = new Map<string, Promise<Result<T>>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax;
  }

  /** `key` says what is asked. */
  of(key: string, work: () => Promise<Result<T>>): Promise<Result<T>> {
    const same = this.#underWay.get(key);
    if (same !== undefined) return same;
    if (this.#underWay.size > this.#waitingMax)
      return Promise.resolve(
        err('too_many_requests', `${this.#waitingMax} others wait for their answers; ask again soon`, {
          retry: 'retryable',
          retryAfterMs: 2_000,
        }),
      );
    const answer = this.#last.then(work).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, answer);
    this.#last = answer.catch(() => undefined);
    return answer;
  }
}
