import type { Clock, Timer } from '@monsta/ports';
import { STRATEGY_CALLS, type StrategyCall, type StrategyWatch } from '@monsta/trading/strategy-watch';

/** Places in the shared memory: calls begun and ended (odd: one runs), how often that count began anew, and which one it is. */
const [COUNT, WRAPS, STRATEGY, HANDLER] = [0, 1, 2, 3];
const PLACES = 4;
/** Even, so that the low bit keeps its meaning. */
const COUNT_END = 2 ** 30;

const LOOK_EVERY_MS = 100;
/** A look that comes much later than asked for says that the machine slept or this thread was busy: so much of it counts. */
const LOOK_COUNTS_MS_MAX = 2 * LOOK_EVERY_MS;

/** Memory that two threads share to know which call of which strategy runs. */
export const sharedStrategyCalls = (): SharedArrayBuffer =>
  new SharedArrayBuffer(PLACES * Int32Array.BYTES_PER_ELEMENT);

/** Writes down each call; for the thread that makes them. Takes nanoseconds. */
export function strategyCallRecorder(shared: SharedArrayBuffer): StrategyWatch {
  const places = new Int32Array(shared);
  const next = (): void => {
    const count = (places[COUNT] ?? 0) + 1;
    if (count < COUNT_END) {
      Atomics.store(places, COUNT, count);
      return;
    }
    // Never within a call: the count ends even.
    Atomics.add(places, WRAPS, 1);
    Atomics.store(places, COUNT, 0);
  };
  return {
    enter(strategyIndex, handler) {
      places[STRATEGY] = strategyIndex;
      places[HANDLER] = STRATEGY_CALLS.indexOf(handler);
      next();
    },
    leave: next,
  };
}

/** A call that did not return. */
export interface StuckCall {
  readonly strategyIndex: number;
  readonly handler: StrategyCall;
  /** Which call of its thread's life, the first being 1: a replay finds the place by it. */
  readonly call: number;
  /** How long it had been seen to run. */
  readonly ranMs: number;
}

/** Looks at the calls of another thread, and tells of one that runs for longer than `callMsMax`; then it looks no more. */
export class StrategyCallWatch {
  readonly #places: Int32Array;
  readonly #options: { readonly clock: Clock; readonly callMsMax: number; onStuck(call: StuckCall): void };
  #timer: Timer | null = null;
  #seen = -1;
  #ranMs = 0;
  #lookedMs: number;

  constructor(
    shared: SharedArrayBuffer,
    options: { readonly clock: Clock; readonly callMsMax: number; onStuck(call: StuckCall): void },
  ) {
    this.#places = new Int32Array(shared);
    this.#options = options;
    this.#lookedMs = options.clock.monotonicMs();
    this.#plan();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #plan(): void {
    this.#timer = this.#options.clock.setTimer(LOOK_EVERY_MS, () => this.#look());
  }

  #look(): void {
    const { clock, callMsMax } = this.#options;
    const nowMs = clock.monotonicMs();
    const sinceMs = Math.min(nowMs - this.#lookedMs, LOOK_COUNTS_MS_MAX);
    this.#lookedMs = nowMs;
    const count = Atomics.load(this.#places, COUNT);
    const running = count % 2 === 1;
    this.#ranMs = running && count === this.#seen ? this.#ranMs + sinceMs : 0;
    this.#seen = count;
    if (this.#ranMs <= callMsMax) {
      this.#plan();
      return;
    }
    this.#timer = null;
    this.#options.onStuck({
      strategyIndex: Atomics.load(this.#places, STRATEGY),
      handler: STRATEGY_CALLS[Atomics.load(this.#places, HANDLER)] ?? 'onBar',
      call: (Atomics.load(this.#places, WRAPS) * COUNT_END + count + 1) / 2,
      ranMs: Math.round(this.#ranMs),
    });
  }
}
