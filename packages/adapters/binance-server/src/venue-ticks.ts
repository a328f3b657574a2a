import { timestampUs, US_PER_MS } from '@monsta/core';
import type { Timer } from '@monsta/ports';
import type { ExchangeModel } from './exchange-model.ts';

interface Beat {
  readonly tasks: Set<() => void>;
  timer: Timer | null;
}

/** Regular work on the venue's clock: all tasks of one period share one timer, at whole multiples of the period plus `lagMs`. */
export class VenueTicks {
  readonly #model: ExchangeModel;
  readonly #beats = new Map<string, Beat>();

  constructor(model: ExchangeModel) {
    this.#model = model;
  }

  every(periodMs: number, lagMs: number, task: () => void): () => void {
    const key = `${periodMs}+${lagMs}`;
    const beat: Beat = this.#beats.get(key) ?? { tasks: new Set(), timer: null };
    this.#beats.set(key, beat);
    beat.tasks.add(task);
    const arm = (): void => {
      const period = periodMs * US_PER_MS;
      const lag = lagMs * US_PER_MS;
      const next = (Math.floor((this.#model.nowUs() - lag) / period) + 1) * period + lag;
      beat.timer = this.#model.setVenueTimer(timestampUs(next), () => {
        for (const run of beat.tasks) run();
        if (beat.tasks.size > 0) arm();
      });
    };
    if (beat.timer === null) arm();
    return () => {
      beat.tasks.delete(task);
      if (beat.tasks.size > 0) return;
      beat.timer?.cancel();
      if (this.#beats.get(key) === beat) this.#beats.delete(key);
    };
  }

  stop(): void {
    for (const beat of this.#beats.values()) {
      beat.tasks.clear();
      beat.timer?.cancel();
    }
    this.#beats.clear();
  }
}
