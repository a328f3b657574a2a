import type { Clock, ServerSocket, Timer } from '@monsta/ports';

type Frame = string | Uint8Array;

interface Waiting {
  readonly frame: Frame;
  readonly dueMs: number;
}

/** Bytes that faults may hold back on one connection; more end it, as for a client that does not read. */
const HELD_BYTES_MAX = 4_194_304;

/** What goes out on a socket, in order: behind a frame that waits, all others wait. */
export class OutgoingFrames {
  readonly #socket: ServerSocket;
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();
  #waiting: Waiting[] = [];
  #waitingTimer: Timer | null = null;
  #heldBytes = 0;
  #ended = false;

  constructor(socket: ServerSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** True when frames can't simply pass. */
  get busy(): boolean {
    return this.#waiting.length > 0;
  }

  /** Counts bytes that somebody holds back (negative: no longer). False, and the connection ends, when they are too many. */
  hold(bytes: number): boolean {
    this.#heldBytes += bytes;
    if (this.#heldBytes <= HELD_BYTES_MAX) return true;
    this.terminate();
    return false;
  }

  send(frame: Frame, delayMs = 0): void {
    if (this.#ended) return;
    if (delayMs === 0 && !this.busy) {
      this.#socket.send(frame);
      return;
    }
    if (!this.hold(frame.length)) return;
    const dueMs = Math.max(this.#waiting.at(-1)?.dueMs ?? 0, this.#clock.monotonicMs() + delayMs);
    this.#waiting.push({ frame, dueMs });
    this.#schedule();
  }

  #schedule(): void {
    const [first] = this.#waiting;
    if (first === undefined || this.#waitingTimer !== null) return;
    this.#waitingTimer = this.#clock.setTimer(Math.max(0, first.dueMs - this.#clock.monotonicMs()), () => {
      this.#waitingTimer = null;
      // A sum of fractions may lie a hair after the time that the clock has come to.
      const nowMs = Math.max(first.dueMs, this.#clock.monotonicMs());
      const due = this.#waiting.findIndex(({ dueMs }) => dueMs > nowMs);
      const ready = this.#waiting.splice(0, due === -1 ? this.#waiting.length : due);
      for (const { frame } of ready) this.#release(frame);
      this.#schedule();
    });
  }

  #release(frame: Frame): void {
    this.#heldBytes -= frame.length;
    if (!this.#ended) this.#socket.send(frame);
  }

  /** Sends everything that waits, now. */
  flush(): void {
    this.#waitingTimer?.cancel();
    this.#waitingTimer = null;
    for (const { frame } of this.#waiting.splice(0)) this.#release(frame);
  }

  /** Runs `task` later, unless the connection has ended by then. */
  later(delayMs: number, task: () => void): Timer {
    const timer = this.#clock.setTimer(delayMs, () => {
      this.#timers.delete(timer);
      task();
    });
    this.#timers.add(timer);
    return timer;
  }

  close(code: number, reason: string): void {
    if (this.#ended) return;
    this.flush();
    this.end();
    this.#socket.close(code, reason);
  }

  terminate(): void {
    if (this.#ended) return;
    this.end();
    this.#socket.terminate();
  }

  /** The connection is over: nothing goes out any more. */
  end(): void {
    this.#ended = true;
    this.#waitingTimer?.cancel();
    this.#waitingTimer = null;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#waiting = [];
  }
}
