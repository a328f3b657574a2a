import { err, INTERVALS, ok, type InstrumentId, type Interval, type Result, type StrategyId } from '@monsta/core';
import {
  resolveParameters,
  specFaults,
  type AnyParameterValues,
  type ParameterSpecs,
  type ParameterValues,
} from './parameters.ts';
import type { SizingConfig, StrategyLimits } from './risk.ts';

/** A closed bar as a strategy sees it: binary numbers, good for indicators, never used for orders. */
export interface StrategyBar {
  readonly openTimeMs: number;
  readonly closeTimeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** What a model last said of the instrument; `probabilityUp` is null when it had nothing to say. */
export interface StrategyPrediction {
  readonly model: string;
  readonly interval: Interval;
  readonly horizonMs: number;
  readonly timeMs: number;
  readonly probabilityUp: number | null;
  readonly hasVote: boolean;
  readonly absence: { readonly code: string; readonly reason: string } | null;
}

export interface StrategyPosition {
  /** The share of this instrument's allocation that is invested, 0 when flat; null while a price or the equity is unknown. */
  readonly fraction: number | null;
  /** Base quantity; 0 when flat. What is left below one lot counts as flat. */
  readonly quantity: number;
  readonly averagePrice: number | null;
}

export interface TargetOptions {
  /** Why, for the decision record. */
  readonly reason?: string;
  /** Rest at this price (rounded to the tick, never for the worse) instead of taking the market. */
  readonly limitPrice?: number;
}

/** What a strategy is handed at each closed bar of its interval. */
export interface StrategyContext<S extends ParameterSpecs> {
  readonly instrument: InstrumentId;
  readonly parameters: ParameterValues<S>;
  /** The bar that has just closed: the last of `bars`. */
  readonly bar: StrategyBar;
  /** The newest `warmUpBars` closed bars without a gap, oldest first: always exactly that many, so that a restart changes nothing. */
  readonly bars: readonly StrategyBar[];
  readonly position: StrategyPosition;
  /** The newest prediction of each model; empty where none has spoken. */
  readonly predictions: readonly StrategyPrediction[];
  /** Exponential moving average of the closes of `bars`, seeded with their first `period`. Throws when `bars` are fewer. */
  ema(period: number): number;
  /** Plain average of the last `period` closes. Throws when `bars` are fewer. */
  sma(period: number): number;
  /** Asks for a position of `fraction` (0…1) of this instrument's allocation. The last call of a bar counts; none leaves things as they are. */
  setTarget(fraction: number, options?: TargetOptions): void;
  /** `setTarget` of what is held plus `fraction` (default: all that is allocated), at most 1. */
  buy(fraction?: number, options?: TargetOptions): void;
  /** `setTarget` of what is held minus `fraction` (default: everything), at least 0. */
  sell(fraction?: number, options?: TargetOptions): void;
}

/** A strategy: what it is called, what can be set, which bars it wants and what it does at each close. Long only. */
export interface StrategyDefinition<S extends ParameterSpecs = ParameterSpecs> {
  /** `a-z`, `0-9` and `-`, at most 40: part of the ids of its orders and decisions. */
  readonly name: string;
  readonly description?: string;
  readonly parameters: S;
  interval(parameters: ParameterValues<S>): Interval;
  /** How many closed bars it needs before the first decision, at least 1, at most 5000. */
  warmUpBars(parameters: ParameterValues<S>): number;
  /** What is wrong between parameters, in words; null when nothing is. */
  validate?(parameters: ParameterValues<S>): string | null;
  onBar(context: StrategyContext<S>): void;
}

/** Checks the types of a strategy; returns it unchanged. */
export function defineStrategy<const S extends ParameterSpecs>(
  definition: StrategyDefinition<S>,
): StrategyDefinition<S> {
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

export const WARM_UP_BARS_MAX = 5_000;

const isFunction = (value: unknown): boolean => typeof value === 'function';

/**
 * Checks what a user's module exports as default. Fault `strategy_invalid` listing everything that is missing or wrong, and what it should be.
 */
export function validateStrategy(exported: unknown): Result<StrategyDefinition> {
  if (typeof exported !== 'object' || exported === null) {
    return err(
      'strategy_invalid',
      `the file must have a default export made with defineStrategy({…}); it exports ${exported === undefined ? 'none' : typeof exported}`,
    );
  }
  const field = (name: string): unknown => (exported as Readonly<Record<string, unknown>>)[name];
  const faults: string[] = [];
  const name = field('name');
  if (typeof name !== 'string' || !/^[a-z0-9-]{1,40}$/.test(name))
    faults.push("name must be text of a-z, 0-9 and '-', at most 40 characters");
  for (const method of ['interval', 'warmUpBars', 'onBar']) {
    if (!isFunction(field(method))) faults.push(`${method} must be a function`);
  }
  if (field('validate') !== undefined && !isFunction(field('validate'))) faults.push('validate must be a function');
  faults.push(...specFaults(field('parameters')));
  if (faults.length > 0) return err('strategy_invalid', `the strategy is not complete: ${faults.join('; ')}`);
  const definition = exported as StrategyDefinition;
  const checked = parseParameters(definition, null);
  return checked.ok ? ok(definition) : err('strategy_invalid', `with its default parameters: ${checked.fault.message}`);
}

/**
 * The values to run a strategy with, from a JSON object (null: all defaults).
 * Faults: `parameters_invalid` (unknown, out of range, or contradicting each other), `strategy_invalid` (its interval or warm-up is unusable).
 */
export function parseParameters(definition: StrategyDefinition, given: unknown): Result<AnyParameterValues> {
  const values = resolveParameters(definition.parameters, given);
  if (!values.ok) return values;
  try {
    const wrong = definition.validate?.(values.value) ?? null;
    if (wrong !== null) return err('parameters_invalid', `strategy parameters: ${wrong}`);
    const interval: unknown = definition.interval(values.value);
    if (!INTERVALS.some((known) => known === interval)) {
      return err(
        'strategy_invalid',
        `interval() must return one of ${INTERVALS.join(', ')}, not ${JSON.stringify(interval)}`,
      );
    }
    const bars: unknown = definition.warmUpBars(values.value);
    if (typeof bars !== 'number' || !Number.isInteger(bars) || bars < 1 || bars > WARM_UP_BARS_MAX) {
      return err(
        'strategy_invalid',
        `warmUpBars() must return a whole number from 1 to ${WARM_UP_BARS_MAX}, not ${JSON.stringify(bars)}`,
      );
    }
  } catch (thrown) {
    return err('strategy_invalid', `it throws while its parameters are checked: ${String(thrown)}`, { cause: thrown });
  }
  return values;
}

/** Where a strategy threw, from its stack. */
export interface StrategyFailure {
  readonly message: string;
  readonly file: string | null;
  readonly line: number | null;
}

const withoutScheme = (url: string): string => url.replace(/^file:\/\//, '');

/** The topmost line of the stack that names a file, other than `ownModule` (its URL): who called it wrongly is the one to look at. */
export function describeFailure(thrown: unknown, ownModule: string | null = null): StrategyFailure {
  if (!(thrown instanceof Error)) return { message: `threw ${String(thrown)}`, file: null, line: null };
  const own = ownModule === null ? null : withoutScheme(ownModule);
  const places = (thrown.stack ?? '').matchAll(/\(?((?:file:\/\/|\/|[A-Za-z]:\\)[^()\n]*?):(\d+):\d+\)?$/gm);
  const place = [...places].find(([, file = '']) => withoutScheme(file) !== own);
  return {
    message: `${thrown.name}: ${thrown.message}`.slice(0, 500),
    file: place?.[1] === undefined ? null : withoutScheme(place[1]),
    line: place?.[2] === undefined ? null : Number(place[2]),
  };
}
