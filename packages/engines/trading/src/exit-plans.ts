import {
  price,
  restep,
  type Instrument,
  type InstrumentId,
  type Price,
  type StrategyId,
  type TimestampUs,
} from '@monsta/core';
import type { ExitPlan, PlanRecord } from './exit-plan.ts';

/** How often a new highest price alone is recorded; a crash forgets at most the rise since then. */
const RECORD_PEAK_EVERY_US = 10_000_000;

const keyOf = (strategyId: StrategyId, instrument: InstrumentId): string => `${strategyId}:${instrument}`;

/** A price in the ticks of now; at least one of them. */
function inTicksOf(at: Price | null, from: Instrument['tick'], to: Instrument['tick']): Price | null {
  if (at === null) return null;
  const ticks = restep(at, from, to, 'down');
  return price(ticks.ok && ticks.value > 0 ? ticks.value : 1);
}

/** The exit plans of positions. All of it is durable. */
export class ExitPlans {
  readonly #plans = new Map<string, PlanRecord>();
  #moved = false;
  #peakMoved = false;
  #peakRecordUs = 0;

  get state() {
    return { plans: this.records, peakMoved: this.#peakMoved, peakRecordUs: this.#peakRecordUs };
  }

  restore({ plans, peakMoved, peakRecordUs }: ExitPlans['state']): void {
    this.recover(plans);
    this.#peakMoved = peakMoved;
    this.#peakRecordUs = peakRecordUs;
  }

  /** What is to be recorded with the account. */
  get records(): readonly PlanRecord[] {
    return [...this.#plans.values()];
  }

  recover(plans: readonly PlanRecord[]): void {
    for (const record of plans) this.#plans.set(keyOf(record.strategyId, record.instrument), record);
  }

  /** True when something has to be recorded with the account. */
  takeMoved(nowUs: TimestampUs): boolean {
    const due = this.#moved || (this.#peakMoved && nowUs >= this.#peakRecordUs);
    if (!due) return false;
    this.#moved = false;
    this.#peakMoved = false;
    this.#peakRecordUs = nowUs + RECORD_PEAK_EVERY_US;
    return true;
  }

  /** The plan in the ticks of now; null where there is none. */
  of(strategyId: StrategyId, instrument: Instrument): PlanRecord | null {
    const key = keyOf(strategyId, instrument.id);
    const record = this.#plans.get(key);
    if (record === undefined) return null;
    const { tick } = instrument;
    if (record.tick.units === tick.units && record.tick.scale === tick.scale) return record;
    const now = (at: Price | null): Price | null => inTicksOf(at, record.tick, tick);
    const { stop, takeProfit } = record.plan;
    const plan = {
      stop: stop === null ? null : { ...stop, price: now(stop.price) },
      takeProfit: takeProfit === null ? null : { ...takeProfit, price: now(takeProfit.price) },
    };
    const stepped = { ...record, plan, tick, peak: now(record.peak) };
    this.#plans.set(key, stepped);
    this.#moved = true;
    return stepped;
  }

  /** Takes a plan in the ticks of `instrument`, or forgets the one there is. The highest price seen stays. */
  set(strategyId: StrategyId, instrument: Instrument, plan: ExitPlan | null): void {
    const before = this.of(strategyId, instrument);
    const key = keyOf(strategyId, instrument.id);
    if (plan === null) {
      if (!this.#plans.delete(key)) return;
    } else {
      const { id, tick } = instrument;
      this.#plans.set(key, { strategyId, instrument: id, plan, tick, peak: before?.peak ?? null });
    }
    this.#moved = true;
  }

  /** Notes a price at which the position was held; true for a new highest one of a plan whose stop trails. */
  see(strategyId: StrategyId, instrument: Instrument, at: Price): boolean {
    const record = this.of(strategyId, instrument);
    if (record === null || (record.plan.stop?.trailingBps ?? null) === null) return false;
    if (record.peak !== null && record.peak >= at) return false;
    this.#plans.set(keyOf(strategyId, instrument.id), { ...record, peak: at });
    this.#peakMoved = true;
    return true;
  }
}
