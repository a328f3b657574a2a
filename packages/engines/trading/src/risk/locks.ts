import type { InstrumentId, StrategyId, TimestampUs } from '@monsta/core';
import type { Lock } from './limits.ts';

const keyOf = ({ rule, scope }: Lock): string => `${rule}:${scope.strategyId ?? ''}:${scope.instrument ?? ''}`;

const NONE: readonly Lock[] = [];

/** The locks in force: one a rule and scope, that which lasts longest. All of it is durable. */
export class Locks {
  readonly #locks = new Map<string, Lock>();

  get all(): readonly Lock[] {
    return [...this.#locks.values()];
  }

  restore(locks: readonly Lock[]): void {
    this.#locks.clear();
    for (const lock of locks) this.put(lock);
  }

  /** False where one that lasts as long is there. */
  put(lock: Lock): boolean {
    const key = keyOf(lock);
    const before = this.#locks.get(key);
    if (before !== undefined && before.untilUs >= lock.untilUs) return false;
    this.#locks.set(key, lock);
    return true;
  }

  /** Those in whose scope an entry is; a lock ends at its time. */
  on(strategyId: StrategyId, instrument: InstrumentId, nowUs: TimestampUs): readonly Lock[] {
    if (this.#locks.size === 0) return NONE;
    return this.all.filter(
      ({ scope, untilUs }) =>
        nowUs < untilUs &&
        (scope.strategyId === undefined || scope.strategyId === strategyId) &&
        (scope.instrument === undefined || scope.instrument === instrument),
    );
  }

  /** When the first of them ends; Infinity without one. */
  get nextEndUs(): number {
    let next = Infinity;
    for (const { untilUs } of this.#locks.values()) if (untilUs < next) next = untilUs;
    return next;
  }

  /** Lets go of those that have ended; true when there were any. */
  expire(nowUs: TimestampUs): boolean {
    const before = this.#locks.size;
    if (before === 0) return false;
    for (const [key, { untilUs }] of this.#locks) if (nowUs >= untilUs) this.#locks.delete(key);
    return this.#locks.size !== before;
  }
}
