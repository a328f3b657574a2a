import {
  lotsWithin,
  price,
  restep,
  type Instrument,
  type InstrumentId,
  type Price,
  type StrategyId,
  type TimestampUs,
} from '@monsta/core';
import type { Reach } from './cover.ts';
import type { ExitPlan, PlanRecord } from './exit-plan.ts';
import type { Markets } from './markets.ts';
import type { Portfolio } from './portfolio.ts';
import { positionKey, sellableLots, sizeOf } from './position.ts';

/** How often a new highest price alone is recorded; a crash forgets at most the rise since then. */
const RECORD_PEAK_EVERY_US = 10_000_000;

/** A price in the ticks of now; at least one of them. */
function inTicksOf(at: Price | null, from: Instrument['tick'], to: Instrument['tick']): Price | null {
  if (at === null) return null;
  const ticks = restep(at, from, to, 'down');
  return price(ticks.ok && ticks.value > 0 ? ticks.value : 1);
}

const trails = (plan: ExitPlan | null): boolean => typeof plan?.stop?.trailingBps === 'number';

function inTicks(plan: ExitPlan | null, now: (at: Price | null) => Price | null): ExitPlan | null {
  if (plan === null) return null;
  const { stop, takeProfit } = plan;
  return {
    stop: stop === null ? null : { ...stop, price: now(stop.price) },
    takeProfit: takeProfit === null ? null : { ...takeProfit, price: now(takeProfit.price) },
  };
}

interface Followed {
  readonly markets: Markets;
  readonly portfolio: Portfolio;
  /** True while something else than an open order is about to enter a position. */
  enters(this: void, strategyId: StrategyId, instrument: InstrumentId): boolean;
}

/** The exit plans of positions, and the highest prices that stops trail. All of it is durable. */
export class ExitPlans {
  readonly #configured: ExitPlan | null;
  readonly #plans = new Map<string, PlanRecord>();
  #moved = false;
  #peakMoved = false;
  #peakRecordUs = 0;

  constructor(configured: ExitPlan | null) {
    this.#configured = configured;
  }

  get state() {
    return { plans: this.records, peakMoved: this.#peakMoved, peakRecordUs: this.#peakRecordUs };
  }

  restore({ plans, peakMoved, peakRecordUs }: ExitPlans['state']): void {
    this.recover(plans);
    this.#peakMoved = peakMoved;
    this.#peakRecordUs = peakRecordUs;
  }

  /** True while nothing is planned for any position. */
  get none(): boolean {
    return this.#configured === null && this.#plans.size === 0;
  }

  /** What is to be recorded with the account. */
  get records(): readonly PlanRecord[] {
    return [...this.#plans.values()];
  }

  recover(plans: readonly PlanRecord[]): void {
    for (const record of plans) this.#plans.set(positionKey(record.strategyId, record.instrument), record);
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

  /** By what a position is to be left, in the ticks of now; null where nothing is planned. */
  of(strategyId: StrategyId, instrument: Instrument): { readonly plan: ExitPlan; readonly peak: Price | null } | null {
    const record = this.#of(strategyId, instrument);
    const plan = record?.plan ?? this.#configured;
    return plan === null ? null : { plan, peak: record?.peak ?? null };
  }

  #of(strategyId: StrategyId, instrument: Instrument): PlanRecord | null {
    const record = this.#plans.get(positionKey(strategyId, instrument.id));
    if (record === undefined) return null;
    const { tick } = instrument;
    if (record.tick.units === tick.units && record.tick.scale === tick.scale) return record;
    const now = (at: Price | null): Price | null => inTicksOf(at, record.tick, tick);
    const stepped = { ...record, plan: inTicks(record.plan, now), tick, peak: now(record.peak) };
    this.#put(stepped);
    return stepped;
  }

  /** Takes a plan in the ticks of `instrument`, or forgets the one there is. The highest price seen stays. */
  set(strategyId: StrategyId, instrument: Instrument, plan: ExitPlan | null): void {
    const before = this.#of(strategyId, instrument);
    if (before === null && plan === null) return;
    const { held, peak, short = false } = before ?? { held: false, peak: null };
    const whose = { strategyId, instrument: instrument.id, plan, tick: instrument.tick };
    this.#put({ ...whose, held, peak, ...(short ? { short } : {}) });
  }

  /** Follows what is held: a plan is forgotten when nothing is held and no entry is working any more. */
  follow({ markets, portfolio, enters }: Followed, nowUs: TimestampUs): void {
    for (const { strategyId, instrument: id, quantity } of portfolio.positions()) {
      const instrument = markets.instrument(id);
      if (instrument !== null && lotsWithin(sizeOf(quantity), instrument) > 0)
        this.#hold(strategyId, instrument, quantity < 0n, markets.state(id).lastTrade);
    }
    // What is put back or deleted meanwhile is the record at hand alone.
    for (const { strategyId, instrument: id } of this.#plans.values()) {
      const instrument = markets.instrument(id);
      if (instrument === null || sellableLots(portfolio.position(strategyId, id, nowUs), instrument) > 0) continue;
      const entering = portfolio.workingOf(strategyId, id).some(({ reduceOnly }) => !reduceOnly);
      if (entering || enters(strategyId, id)) this.#letGo(strategyId, instrument);
      else this.#forget(strategyId, id);
    }
  }

  /** The position is closed, and no entry works. */
  #forget(strategyId: StrategyId, instrument: InstrumentId): void {
    if (this.#plans.delete(positionKey(strategyId, instrument))) this.#moved = true;
  }

  /** The position is held, with the market at `last`. */
  #hold(strategyId: StrategyId, instrument: Instrument, short: boolean, last: Price | null): void {
    const known = this.#of(strategyId, instrument);
    if (known === null && !trails(this.#configured)) return;
    const { id, tick } = instrument;
    const record = known ?? { strategyId, instrument: id, plan: null, tick, held: false, peak: null };
    // A position that has turned sees its prices anew.
    const turned = record.held && (record.short ?? false) !== short;
    if (record.held && !turned) {
      if (last !== null) this.#see(record, last);
      return;
    }
    const { short: _before, ...rest } = record;
    const held = { ...rest, held: true, peak: turned ? null : record.peak, ...(short ? { short } : {}) };
    this.#put(held);
    if (last !== null) this.#see(held, last);
  }

  /** Nothing is held, and the plan waits for the next entry. */
  #letGo(strategyId: StrategyId, instrument: Instrument): void {
    const record = this.#of(strategyId, instrument);
    if (record?.held !== true) return;
    const { short: _before, ...rest } = record;
    this.#put({ ...rest, held: false, peak: null });
  }

  /** Trades strictly between these prices are none that `seeTrade` notes: no stop that trails follows them. */
  reachIn(id: InstrumentId): Reach {
    let [below, above] = [-Infinity, Infinity];
    for (const { instrument, held, plan, peak, short = false } of this.#plans.values()) {
      if (instrument !== id || !held || !trails(plan ?? this.#configured)) continue;
      if (short) below = Math.max(below, peak ?? Infinity);
      else above = Math.min(above, peak ?? 0);
    }
    return { below, above };
  }

  /** Notes a trade; true where it is the highest one, or as high, of a position whose stop trails; of a short one the lowest. */
  seeTrade(id: InstrumentId, at: Price): boolean {
    let seen = false;
    for (const record of this.#plans.values()) {
      if (record.instrument === id && record.held && this.#see(record, at)) seen = true;
    }
    return seen;
  }

  #see(record: PlanRecord, at: Price): boolean {
    if (!trails(record.plan ?? this.#configured)) return false;
    const { peak, short = false } = record;
    if (peak !== null && (short ? peak <= at : peak >= at)) return peak === at;
    this.#plans.set(positionKey(record.strategyId, record.instrument), { ...record, peak: at });
    this.#peakMoved = true;
    return true;
  }

  #put(record: PlanRecord): void {
    this.#plans.set(positionKey(record.strategyId, record.instrument), record);
    this.#moved = true;
  }
}
