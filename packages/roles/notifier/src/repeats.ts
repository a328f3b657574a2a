import { alertKey, type Alert } from '@monsta/core';

interface Window {
  readonly first: Alert;
  last: Alert;
  times: number;
  readonly endMs: number;
}

/** Keys watched at once; with more, the window that ends first is closed early. */
const KEYS_MAX = 10_000;

/** Counts alerts that say the same within a window, which begins with the first. Times are our monotonic milliseconds. */
export class Repeats {
  readonly #windowMs: number;
  readonly #windows = new Map<string, Window>();

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** True when it is to be told now; false when it was counted. */
  take(alert: Alert, nowMs: number): boolean {
    if (this.#windowMs === 0) return true;
    const key = alertKey(alert.id);
    const window = this.#windows.get(key);
    if (window !== undefined && nowMs < window.endMs) {
      window.times += 1;
      window.last = alert;
      return false;
    }
    this.#begin(alert, nowMs + this.#windowMs);
    return true;
  }

  /** A window that began `agoMs` ago, before a restart. */
  restore(alert: Alert, agoMs: number, nowMs: number): void {
    if (agoMs >= 0 && agoMs < this.#windowMs) this.#begin(alert, nowMs + this.#windowMs - agoMs);
  }

  /** When the next window ends; null while none is open. */
  get nextMs(): number | null {
    let next: number | null = null;
    for (const { endMs } of this.#windows.values()) next = next === null ? endMs : Math.min(next, endMs);
    return next;
  }

  /** Windows that have ended and counted something. A window of repeats that is told begins anew, so that what goes on is told once a window. */
  ended(nowMs: number): readonly { readonly first: Alert; readonly last: Alert; readonly times: number }[] {
    const ended: Window[] = [];
    for (const [key, window] of this.#windows) {
      if (nowMs < window.endMs) continue;
      this.#windows.delete(key);
      if (window.times === 0) continue;
      ended.push(window);
    }
    for (const { first } of ended) this.#begin(first, nowMs + this.#windowMs);
    return ended;
  }

  #begin(alert: Alert, endMs: number): void {
    const key = alertKey(alert.id);
    this.#windows.delete(key);
    for (const oldest of this.#windows.keys()) {
      if (this.#windows.size < KEYS_MAX) break;
      this.#windows.delete(oldest);
    }
    this.#windows.set(key, { first: alert, last: alert, times: 0, endMs });
  }
}
