import type { InstrumentId, StrategyId } from '@monsta/core';
import type { StrategyHandler } from '../strategy-watch.ts';
import type { RunningStrategy } from './running.ts';
import type { StrategySlot } from './slot.ts';

/** One strategy on one of its instruments. */
export interface Place {
  readonly run: RunningStrategy;
  readonly slot: StrategySlot;
}

const NOBODY: readonly Place[] = [];

/** Who is where, in the order in which they are asked: strategies as they are configured, each with its instruments. */
export class Places {
  readonly runs: readonly RunningStrategy[];
  readonly all: readonly Place[];
  readonly #of = new Map<InstrumentId, readonly Place[]>();
  readonly #handling = new Map<StrategyHandler, ReadonlyMap<InstrumentId, readonly Place[]>>();

  constructor(runs: readonly RunningStrategy[]) {
    this.runs = runs;
    this.all = runs.flatMap((run) => run.slots.map((slot) => ({ run, slot })));
    for (const { slot } of this.all)
      this.#of.set(
        slot.instrument,
        this.all.filter((each) => each.slot.instrument === slot.instrument),
      );
    for (const handler of ['onTrade', 'onBook'] as const) {
      const having = [...this.#of].map(
        ([id, places]) => [id, places.filter(({ run }) => run.handles(handler))] as const,
      );
      this.#handling.set(handler, new Map(having.filter(([, places]) => places.length > 0)));
    }
  }

  /** True while something is to be closed whose orders are not off yet. */
  get closing(): boolean {
    for (const { slot } of this.all) if (slot.closing !== null) return true;
    return false;
  }

  /** On an instrument. */
  of(instrument: InstrumentId): readonly Place[] {
    return this.#of.get(instrument) ?? NOBODY;
  }

  /** Those on an instrument that want to hear of each trade, or book, of it. */
  hearing(handler: 'onTrade' | 'onBook', instrument: InstrumentId): readonly Place[] {
    return this.#handling.get(handler)?.get(instrument) ?? NOBODY;
  }

  /** Null where the strategy is not there, or does not handle that. */
  slotOf(id: StrategyId, instrument: InstrumentId, handler: StrategyHandler): StrategySlot | null {
    for (const { run, slot } of this.of(instrument)) if (run.strategy.id === id && run.handles(handler)) return slot;
    return null;
  }
}
