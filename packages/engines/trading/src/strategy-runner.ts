import type { Bar, Instrument, InstrumentId, Interval, StrategyId, TimestampUs } from '@monsta/core';
import { Ema } from '@monsta/features';
import { BarWindow, toStrategyBar } from './bar-window.ts';
import type { Decided } from './kernel-types.ts';
import {
  describeFailure,
  type ConfiguredStrategy,
  type StrategyBar,
  type StrategyContext,
  type StrategyFailure,
  type StrategyPosition,
  type StrategyPrediction,
  type TargetOptions,
} from './strategy.ts';
import type { StrategyWatch } from './strategy-watch.ts';
import type { ParameterSpecs } from './parameters.ts';

/** One strategy on one instrument. */
export interface StrategySlot {
  readonly strategy: ConfiguredStrategy;
  readonly instrument: InstrumentId;
  readonly interval: Interval;
  readonly window: BarWindow;
  /** Close of the last bar decided. */
  decidedUs: TimestampUs | null;
}

/** What a strategy asked for at a bar; `fraction` null: nothing. */
export interface Wish {
  readonly fraction: number | null;
  readonly reason: string | null;
  readonly limitPrice: number | null;
}

export type StrategyOutcome = { readonly wish: Wish } | { readonly failure: StrategyFailure };

export interface StrategySight {
  readonly position: StrategyPosition;
  readonly predictions: readonly StrategyPrediction[];
}

const NO_WISH: Wish = { fraction: null, reason: null, limitPrice: null };

function checkFraction(fraction: number, call: string): void {
  if (!Number.isFinite(fraction) || fraction < 0 || fraction > 1) {
    throw new RangeError(`${call}: the fraction must be from 0 to 1, not ${fraction}`);
  }
}

function averageOf(bars: readonly StrategyBar[], period: number, call: string, average: () => number): number {
  if (!Number.isInteger(period) || period < 1)
    throw new RangeError(`${call}: the period must be a whole number above 0`);
  if (bars.length < period) {
    throw new RangeError(`${call}(${period}) needs ${period} bars, warmUpBars gives ${bars.length}`);
  }
  return average();
}

function contextFor(
  slot: StrategySlot,
  sight: StrategySight,
  note: (wish: Wish) => void,
): StrategyContext<ParameterSpecs> {
  const { bars } = slot.window;
  const bar = bars.at(-1);
  if (bar === undefined) throw new RangeError('a strategy is asked only when a bar has closed');
  const setTarget = (fraction: number, options: TargetOptions = {}): void => {
    checkFraction(fraction, 'setTarget');
    const { reason = null, limitPrice = null } = options;
    if (limitPrice !== null && !(Number.isFinite(limitPrice) && limitPrice > 0)) {
      throw new RangeError(`setTarget: limitPrice must be above 0, not ${limitPrice}`);
    }
    note({ fraction, reason: reason === null ? null : String(reason).slice(0, 500), limitPrice });
  };
  const held = (): number => {
    if (sight.position.fraction === null) throw new RangeError('how much is held is unknown while a price is missing');
    return sight.position.fraction;
  };
  return {
    instrument: slot.instrument,
    parameters: slot.strategy.parameters,
    bar,
    bars,
    position: sight.position,
    predictions: sight.predictions,
    ema(period) {
      return averageOf(bars, period, 'ema', () => {
        const ema = new Ema(period);
        for (const { close } of bars) ema.update(close);
        return ema.value ?? Number.NaN;
      });
    },
    sma(period) {
      return averageOf(bars, period, 'sma', () => {
        let sum = 0;
        for (let index = bars.length - period; index < bars.length; index += 1) sum += bars[index]?.close ?? Number.NaN;
        return sum / period;
      });
    },
    setTarget,
    buy(fraction = 1, options) {
      checkFraction(fraction, 'buy');
      setTarget(fraction === 1 ? 1 : Math.min(1, held() + fraction), options);
    },
    sell(fraction = 1, options) {
      checkFraction(fraction, 'sell');
      setTarget(fraction === 1 ? 0 : Math.max(0, held() - fraction), options);
    },
  };
}

/** Keeps each strategy's bars and asks it at their closes. A strategy that throws is stopped until the program is started anew; the others go on. */
export class StrategyRunner {
  readonly slots: readonly StrategySlot[];
  readonly #stopped = new Map<StrategyId, StrategyFailure>();

  readonly #strategies: readonly ConfiguredStrategy[];
  readonly #watch: StrategyWatch;

  constructor(strategies: readonly ConfiguredStrategy[], watch: StrategyWatch) {
    this.#strategies = strategies;
    this.#watch = watch;
    this.slots = strategies.flatMap((strategy) => {
      const interval = strategy.definition.interval(strategy.parameters);
      const capacity = strategy.definition.warmUpBars(strategy.parameters);
      return strategy.instruments.map((instrument) => ({
        strategy,
        instrument,
        interval,
        window: new BarWindow(interval, capacity),
        decidedUs: null,
      }));
    });
  }

  failureOf(id: StrategyId): StrategyFailure | null {
    return this.#stopped.get(id) ?? null;
  }

  fail(id: StrategyId, failure: StrategyFailure): void {
    this.#stopped.set(id, failure);
  }

  recover(decided: readonly Decided[]): void {
    for (const slot of this.slots) {
      const last = decided.find((each) => each.strategyId === slot.strategy.id && each.instrument === slot.instrument);
      slot.decidedUs = last?.tsUs ?? slot.decidedUs;
    }
  }

  warmUp(bars: readonly Bar[], instrumentOf: (id: InstrumentId) => Instrument | null): void {
    for (const slot of this.slots) {
      const instrument = instrumentOf(slot.instrument);
      if (instrument === null) continue;
      const own = bars.filter(
        (bar) => bar.closed && bar.instrument === slot.instrument && bar.interval === slot.interval,
      );
      if (own.length > 0) slot.window.merge(own.map((bar) => toStrategyBar(bar, instrument)));
    }
  }

  /** Takes a closed bar; the slots that have to decide now. A bar decided before, or older than what is known, asks nobody. */
  take(bar: Bar, instrument: Instrument): readonly StrategySlot[] {
    return this.slots.filter((slot) => {
      if (slot.instrument !== bar.instrument || slot.interval !== bar.interval) return false;
      const pushed = slot.window.push(toStrategyBar(bar, instrument));
      if (slot.decidedUs !== null && bar.closeTimeUs <= slot.decidedUs) return false;
      // The history may have brought the newest bar already; an older one is past.
      if (pushed === 'old' && slot.window.newestOpenMs !== bar.openTimeUs / 1_000) return false;
      slot.decidedUs = bar.closeTimeUs;
      return true;
    });
  }

  /** Asks the strategy. A throw stops it, and so does an asynchronous answer, which would come when the decision has long been made. */
  run(slot: StrategySlot, sight: StrategySight): StrategyOutcome {
    let wish = NO_WISH;
    this.#watch.enter(this.#strategies.indexOf(slot.strategy), 'onBar');
    try {
      const answer: unknown = slot.strategy.definition.onBar(contextFor(slot, sight, (next) => (wish = next)));
      if (answer instanceof Promise) {
        // Nobody waits for it: left alone, its rejection would end the process.
        answer.catch(() => undefined);
        throw new TypeError('onBar must not be async: what it asks for has to be known when it returns');
      }
      return { wish };
    } catch (thrown) {
      const failure = describeFailure(thrown, import.meta.url);
      this.#stopped.set(slot.strategy.id, failure);
      return { failure };
    } finally {
      this.#watch.leave();
    }
  }

  snapshot() {
    return {
      slots: this.slots.map((slot) => ({ bars: slot.window.bars, decidedUs: slot.decidedUs })),
      stopped: [...this.#stopped],
    };
  }

  restore(state: ReturnType<StrategyRunner['snapshot']>): void {
    for (const [index, slot] of this.slots.entries()) {
      const saved = state.slots[index];
      if (saved === undefined) continue;
      slot.window.merge(saved.bars);
      slot.decidedUs = saved.decidedUs;
    }
    for (const [id, failure] of state.stopped) this.#stopped.set(id, failure);
  }
}
