import type { InstrumentId, Interval, StrategyId } from '@monsta/core';
import type { AnyParameterValues, ParameterSpecs, ParameterValues } from './parameters.ts';
import type { SizingConfig } from './risk/allocation.ts';
import type { StrategyLimits } from './risk/limits.ts';
import type {
  Indicators,
  NoState,
  StrategyBook,
  StrategyContext,
  StrategyFill,
  StrategyOrder,
  StrategyPrediction,
  StrategyTimer,
  StrategyTrade,
} from './strategy/vocabulary.ts';

/**
 * A strategy: what it is called, what can be set, which bars it wants, and what it does when something happens. Long only, but for backtests that allow shorts. No handler is called before all bars that it needs
 * of the instrument are there; none may be asynchronous; one that throws is stopped alone, until a person starts it again.
 */
export interface StrategyDefinition<
  S extends ParameterSpecs = ParameterSpecs,
  I extends Indicators = Indicators,
  T extends object = object,
> {
  /** `a-z`, `0-9` and `-`, at most 40. */
  readonly name: string;
  readonly description?: string;
  readonly parameters: S;
  /** What is wrong between parameters, in words; null when nothing is. */
  validate?(parameters: ParameterValues<S>): string | null;
  /** True where it asks for short positions with these: it is not run where those are not allowed. Left out: what it asks for is seen as it asks. */
  shorts?(parameters: ParameterValues<S>): boolean;
  /** Which bars it wants; the first is the main interval, at whose closes `onBar` is called. None: no bars at all. */
  intervals(parameters: ParameterValues<S>): readonly Interval[];
  /** Figures of closed bars, by name; what bars they need is seen to. */
  indicators?(parameters: ParameterValues<S>): I;
  /** How many bars it wants to see beside what its indicators need: of the main interval, or by interval. At most 5000. */
  warmUpBars?(parameters: ParameterValues<S>): number | Readonly<Partial<Record<Interval, number>>>;
  /** What it remembers of each instrument at its very first start: plain JSON. */
  state?(parameters: ParameterValues<S>): T;
  /** At each start, once for each instrument, as soon as its bars are there. */
  onStart?(context: StrategyContext<S, I, T>): void;
  /** At each close of a bar of the main interval, the closes of the other intervals at the same moment included. */
  onBar?(context: StrategyContext<S, I, T>): void;
  onTrade?(context: StrategyContext<S, I, T>, trade: StrategyTrade): void;
  /** The best levels of the book, whenever they come. */
  onBook?(context: StrategyContext<S, I, T>, book: StrategyBook): void;
  onPrediction?(context: StrategyContext<S, I, T>, prediction: StrategyPrediction): void;
  /** A fill of one of its orders, what protects its positions included. */
  onFill?(context: StrategyContext<S, I, T>, fill: StrategyFill): void;
  /** One of its orders was accepted, filled (in part), canceled, rejected, or has expired. */
  onOrder?(context: StrategyContext<S, I, T>, order: StrategyOrder): void;
  onTimer?(context: StrategyContext<S, I, T>, timer: StrategyTimer): void;
}

/** Checks the types of a strategy; returns it unchanged. */
export function defineStrategy<
  const S extends ParameterSpecs,
  I extends Indicators = Readonly<Record<string, never>>,
  T extends object = NoState,
>(definition: StrategyDefinition<S, I, T>): StrategyDefinition<S, I, T> {
  return definition;
}

/** A strategy with its values and instruments, ready to run. */
export interface ConfiguredStrategy {
  readonly id: StrategyId;
  readonly definition: StrategyDefinition;
  readonly parameters: AnyParameterValues;
  readonly instruments: readonly InstrumentId[];
  /** The share of equity that a target of 1 means in each of its instruments; null: that of the kernel's configuration. */
  readonly allocationPpm?: number | null;
  /** Its own limits beside the account's; left out: none. */
  readonly limits?: StrategyLimits;
  /** How its targets are sized; left out: as the kernel's configuration says. */
  readonly sizing?: SizingConfig;
}
