import { err, INTERVALS, ok, type Interval, type Result } from '@monsta/core';
import { resolveParameters, specFaults, type AnyParameterValues } from '../parameters.ts';
import type { StrategyDefinition } from '../strategy.ts';
import { STRATEGY_HANDLERS } from '../strategy-watch.ts';
import { stateTextOf, STATE_BYTES_MAX } from './plain-state.ts';
import type { Indicators } from './vocabulary.ts';

const WARM_UP_BARS_MAX = 5_000;

/** What a strategy needs of the market with its values. */
export interface StrategyNeeds {
  /** Bars by interval, the main one first; empty: none. */
  readonly bars: ReadonlyMap<Interval, number>;
  readonly indicators: Indicators;
}

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
  if (!isFunction(field('intervals')))
    faults.push("intervals must be a function that returns a list such as ['1m', '1h']");
  for (const optional of ['validate', 'shorts', 'indicators', 'warmUpBars', 'state', ...STRATEGY_HANDLERS]) {
    if (field(optional) !== undefined && !isFunction(field(optional))) faults.push(`${optional} must be a function`);
  }
  if (STRATEGY_HANDLERS.every((handler) => field(handler) === undefined))
    faults.push(`there must be at least one of ${STRATEGY_HANDLERS.join(', ')}`);
  faults.push(...specFaults(field('parameters')));
  if (faults.length > 0) return err('strategy_invalid', `the strategy is not complete: ${faults.join('; ')}`);
  const definition = exported as StrategyDefinition;
  const checked = parseParameters(definition, null);
  return checked.ok ? ok(definition) : err('strategy_invalid', `with its default parameters: ${checked.fault.message}`);
}

/**
 * The values to run a strategy with, from a JSON object (null: all defaults).
 * Faults: `parameters_invalid` (unknown, out of range, or contradicting each other), `strategy_invalid` (its intervals, indicators, warm-up or state are unusable).
 */
export function parseParameters(definition: StrategyDefinition, given: unknown): Result<AnyParameterValues> {
  const values = resolveParameters(definition.parameters, given);
  if (!values.ok) return values;
  try {
    const wrong = definition.validate?.(values.value) ?? null;
    if (wrong !== null) return err('parameters_invalid', `strategy parameters: ${wrong}`);
    const needs = needsOf(definition, values.value);
    if (!needs.ok) return needs;
    const state = definition.state === undefined ? null : stateTextOf(definition.state(values.value), 'state');
    if (state !== null && 'fault' in state) {
      const message = `state() must return plain JSON of at most ${STATE_BYTES_MAX} bytes: ${state.fault}`;
      return err('strategy_invalid', message);
    }
  } catch (thrown) {
    return err('strategy_invalid', `it throws while its parameters are checked: ${String(thrown)}`, { cause: thrown });
  }
  return values;
}

const isInterval = (value: unknown): value is Interval => INTERVALS.some((known) => known === value);

const isIndicator = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'compute' in value &&
  isFunction(value.compute) &&
  'length' in value &&
  typeof value.length === 'number';

/** Says that nobody collects the bars that a strategy wants, and how to mend it. */
export const barsNotCollected = (intervals: readonly Interval[]): string =>
  `it wants bars of ${intervals.join(', ')}, which are not collected: name ${intervals.length === 1 ? 'the interval' : 'the intervals'} in collector.intervals of the configuration, or give parameters with which it wants others`;

/** How many bars of which intervals a strategy needs. Throws what the strategy throws. Fault `strategy_invalid`. */
export function needsOf(definition: StrategyDefinition, values: AnyParameterValues): Result<StrategyNeeds> {
  const intervals: unknown = definition.intervals(values);
  if (!Array.isArray(intervals) || !intervals.every(isInterval) || new Set(intervals).size !== intervals.length) {
    return err(
      'strategy_invalid',
      `intervals() must return a list of different ones of ${INTERVALS.join(', ')}, not ${JSON.stringify(intervals)}`,
    );
  }
  const [main] = intervals;
  if (main === undefined && definition.onBar !== undefined)
    return err('strategy_invalid', 'intervals() is empty, but there is onBar, which needs bars');
  const bars = new Map<Interval, number>(intervals.map((interval) => [interval, 1]));
  const indicators = definition.indicators?.(values) ?? {};
  for (const [name, indicator] of Object.entries(indicators)) {
    if (!isIndicator(indicator))
      return err('strategy_invalid', `indicator '${name}' must be made by sma(…), rsi(…), indicator(…) or the like`);
    const interval = indicator.interval ?? main;
    const known = interval === undefined ? undefined : bars.get(interval);
    if (interval === undefined || known === undefined) {
      const needed = interval ?? 'bars';
      return err('strategy_invalid', `indicator '${name}' needs ${needed}, which intervals() does not list`);
    }
    bars.set(interval, Math.max(known, indicator.length));
  }
  const wanted: unknown = definition.warmUpBars?.(values) ?? {};
  const byInterval = typeof wanted === 'number' && main !== undefined ? { [main]: wanted } : wanted;
  if (typeof byInterval !== 'object' || byInterval === null) return warmUpFault(wanted);
  for (const [interval, count] of Object.entries(byInterval) as [string, unknown][]) {
    if (!isInterval(interval) || !bars.has(interval)) return warmUpFault(wanted);
    if (typeof count !== 'number' || !Number.isInteger(count) || count < 1) return warmUpFault(wanted);
    bars.set(interval, Math.max(bars.get(interval) ?? 0, count));
  }
  const [longest] = [...bars].filter(([, count]) => count > WARM_UP_BARS_MAX);
  if (longest !== undefined) {
    const [interval, count] = longest;
    return err('strategy_invalid', `it needs ${count} bars of ${interval}; at most ${WARM_UP_BARS_MAX} are kept`);
  }
  return ok({ bars, indicators });
}

const warmUpFault = (wanted: unknown): Result<never> =>
  err(
    'strategy_invalid',
    `warmUpBars() must return a whole number from 1 to ${WARM_UP_BARS_MAX}, or one for each of its intervals, not ${JSON.stringify(wanted)}`,
  );
