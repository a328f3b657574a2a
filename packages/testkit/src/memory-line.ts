import type { Clock } from '@monsta/ports';

/** What every packet of a network is subject to. */
export interface LineConditions {
  readonly clock: Clock;
  /** How long the next packet is under way, milliseconds. */
  delayMs(): number;
  /** What a connection carries in a millisecond each way; Infinity: nothing ever waits. */
  readonly bytesPerMs: number;
}

/** One direction of a connection: what is put on it arrives in order, after the time that its bytes and the way take. */
export class MemoryLine {
  readonly #conditions: LineConditions;
  #freeAtMs = 0;
  #lastDueMs = 0;

  constructor(conditions: LineConditions) {
    this.#conditions = conditions;
  }

  /** Bytes that wait for the line. */
  get bufferedBytes(): number {
    const { clock, bytesPerMs } = this.#conditions;
    const waitMs = this.#freeAtMs - clock.monotonicMs();
    return waitMs <= 0 ? 0 : Math.ceil(waitMs * bytesPerMs);
  }

  /** Calls `arrive` when so many bytes have come to the other end. */
  carry(bytes: number, arrive: () => void): void {
    const { clock, bytesPerMs } = this.#conditions;
    const nowMs = clock.monotonicMs();
    this.#freeAtMs = Math.max(nowMs, this.#freeAtMs) + bytes / bytesPerMs;
    this.#lastDueMs = Math.max(this.#lastDueMs, this.#freeAtMs + this.#conditions.delayMs());
    clock.setTimer(this.#lastDueMs - nowMs, arrive);
  }

  /** Calls `arrive` when the other end learns that the connection is broken: it may come before what is still under way. */
  cut(arrive: () => void): void {
    this.#conditions.clock.setTimer(this.#conditions.delayMs(), arrive);
  }
}
