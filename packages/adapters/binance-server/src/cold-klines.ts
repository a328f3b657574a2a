import { timestampUs, type Instrument, type InstrumentId } from '@monsta/core';
import type { Clock } from '@monsta/ports';
import type { ExchangeModel, KlineQuery } from './exchange-model.ts';
import type { KlineGrid } from './kline-intervals.ts';

const HOUR_US = 3_600_000_000;
/** Hours that are asked for in one go. A model that has to make them first is then busy for some ten milliseconds. */
const STEP_US = 96 * HOUR_US;
/** After so long others get their turn. */
const TURN_MS = 15;

/**
 * Klines that span months may be made of bars that the model has to make first. This asks for those bars step by step, so that the one
 * long question finds them made; what has been gone through is remembered and costs nothing again.
 */
export class ColdKlines {
  readonly #model: ExchangeModel;
  /** Steps that are over and have been gone through, by their number since the epoch. */
  readonly #done = new Map<InstrumentId, Set<number>>();

  constructor(model: ExchangeModel) {
    this.#model = model;
  }

  #firstUs({ id }: Instrument): number {
    const [first] = this.#model.klines(id, '1h', { fromUs: timestampUs(0), toUs: null, limit: 1 });
    return first?.openTimeUs ?? 0;
  }

  /** Asks for the bars of `query`'s klines; between two steps others may have their turn. The newest come first. */
  *steps(instrument: Instrument, grid: KlineGrid, query: KlineQuery): Generator<void, void, undefined> {
    const base = grid.opensWithinHours() ? '1h' : grid.base();
    const span = grid.spanMost();
    if (base === null || span < HOUR_US) return;
    const nowUs = this.#model.nowUs();
    const { toUs, limit } = query;
    // Bars are counted from the first that there is, not from a start that was long before it.
    const fromUs = query.fromUs === null ? null : Math.max(query.fromUs, this.#firstUs(instrument));
    const endUs = Math.min(nowUs, toUs === null ? nowUs : toUs + span, fromUs === null ? nowUs : fromUs + limit * span);
    const startUs = Math.max(0, fromUs ?? endUs - (limit + 1) * span);
    const done = this.#done.get(instrument.id) ?? new Set();
    this.#done.set(instrument.id, done);
    for (let step = Math.floor(endUs / STEP_US); (step + 1) * STEP_US > startUs; step -= 1) {
      if (done.has(step)) continue;
      const stepEndUs = (step + 1) * STEP_US;
      const bars = this.#model.klines(instrument.id, '1h', {
        fromUs: timestampUs(step * STEP_US),
        toUs: timestampUs(stepEndUs - 1),
        limit: STEP_US / HOUR_US,
      });
      if (stepEndUs <= nowUs) done.add(step);
      // Before the market's first bar there is nothing to ask for.
      if (bars.length === 0) return;
      yield;
    }
  }
}

async function restOf(clock: Clock, steps: Iterator<void>): Promise<void> {
  for (;;) {
    await clock.sleep(0);
    const sinceMs = clock.monotonicMs();
    while (clock.monotonicMs() - sinceMs < TURN_MS) if (steps.next().done === true) return;
  }
}

/** Goes through the steps and lets others have their turn when it takes long; null when all was done at once. */
export function inTurns(clock: Clock, steps: Iterator<void>): Promise<void> | null {
  const sinceMs = clock.monotonicMs();
  for (;;) {
    if (steps.next().done === true) return null;
    if (clock.monotonicMs() - sinceMs >= TURN_MS) return restOf(clock, steps);
  }
}

/** The items as they are, with a turn for others where they take long to make. */
export async function* paced<T>(clock: Clock, items: Iterable<T>): AsyncGenerator<T, void, undefined> {
  let sinceMs = clock.monotonicMs();
  for (const item of items) {
    yield item;
    if (clock.monotonicMs() - sinceMs < TURN_MS) continue;
    await clock.sleep(0);
    sinceMs = clock.monotonicMs();
  }
}
