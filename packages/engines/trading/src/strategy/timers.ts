import { US_PER_MS } from '@monsta/core';

export const TIMERS_MAX = 100;
export const TIMER_MS_MIN = 100;
export const TIMER_MS_MAX = 366 * 86_400_000;

export interface TimerState {
  readonly name: string;
  readonly dueUs: number;
  /** Its rhythm; null: it rings once. */
  readonly everyUs: number | null;
}

/** The timers of a strategy on one instrument. They ring by the kernel's clock: never too early, and one that is overdue once, whatever it missed. */
export class Timers {
  readonly #timers = new Map<string, TimerState>();

  set(name: string, afterMs: number, everyMs: number | null, nowUs: number): void {
    this.#timers.delete(name);
    const everyUs = everyMs === null ? null : Math.round(everyMs * US_PER_MS);
    this.#timers.set(name, { name, dueUs: nowUs + Math.round(afterMs * US_PER_MS), everyUs });
  }

  cancel(name: string): boolean {
    return this.#timers.delete(name);
  }

  get size(): number {
    return this.#timers.size;
  }

  has(name: string): boolean {
    return this.#timers.has(name);
  }

  /** When the first of them is due; null without one. */
  get nextUs(): number | null {
    let next: number | null = null;
    for (const { dueUs } of this.#timers.values()) if (next === null || dueUs < next) next = dueUs;
    return next;
  }

  /** Takes the one that has been due longest: it is gone, or goes on in its rhythm after now. Null where none is due. */
  take(nowUs: number): TimerState | null {
    let first: TimerState | null = null;
    for (const timer of this.#timers.values()) {
      if (timer.dueUs <= nowUs && (first === null || timer.dueUs < first.dueUs)) first = timer;
    }
    if (first === null) return null;
    const { name, dueUs, everyUs } = first;
    if (everyUs === null) this.#timers.delete(name);
    else {
      const missed = Math.floor((nowUs - dueUs) / everyUs);
      this.#timers.set(name, { ...first, dueUs: dueUs + (missed + 1) * everyUs });
    }
    return first;
  }

  get state(): readonly TimerState[] {
    return [...this.#timers.values()];
  }

  restore(state: readonly TimerState[]): void {
    this.#timers.clear();
    for (const timer of state) this.#timers.set(timer.name, timer);
  }
}
