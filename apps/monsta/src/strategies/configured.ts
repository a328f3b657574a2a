import { sizingOf } from '@monsta/ai-trading/risk-config';
import {
  err,
  expectOk,
  instrumentId,
  ok,
  strategyId,
  type Fault,
  type InstrumentId,
  type Interval,
  type Result,
} from '@monsta/core';
import { barsNotCollected, LONG_ONLY, needsOf, parseParameters, type ConfiguredStrategy } from '@monsta/trading';
import { notCollected, RESERVED_STRATEGY_IDS, strategyEntries, type StrategyEntry } from '../config/strategies.ts';
import { loadStrategy } from './load.ts';

/** Null: what is collected is known only once the venue is open. */
type Collected = readonly InstrumentId[] | null;

async function configure(
  { id, strategy, parameters, instruments, allocationPpm, sizing, limits }: StrategyEntry,
  collected: Collected,
  intervals: readonly Interval[],
): Promise<Result<ConfiguredStrategy>> {
  const definition = await loadStrategy(strategy);
  if (!definition.ok) return definition;
  const { name } = definition.value;
  if (id === null && RESERVED_STRATEGY_IDS.includes(name))
    return err(
      'strategy_id_reserved',
      `'${name}' is kept for orders that are no strategy’s; name the strategy otherwise, or give it an id in trading.strategies`,
    );
  const values = parseParameters(definition.value, parameters);
  if (!values.ok) return values;
  if (definition.value.shorts?.(values.value) === true)
    return err('parameters_invalid', `${name} asks for short positions with these parameters: ${LONG_ONLY}`);
  const uncollected = [...expectOk(needsOf(definition.value, values.value)).bars.keys()].filter(
    (each) => !intervals.includes(each),
  );
  if (uncollected.length > 0) return err('strategy_intervals', `${name}: ${barsNotCollected(uncollected)}`);
  const missing = instruments?.filter((symbol) => collected?.includes(instrumentId(symbol)) === false) ?? [];
  if (missing.length > 0) return err('strategy_instruments', notCollected(missing));
  return ok({
    id: strategyId(id ?? name),
    definition: definition.value,
    parameters: values.value,
    instruments: instruments?.map((symbol) => instrumentId(symbol)) ?? collected ?? [],
    allocationPpm,
    limits,
    ...(sizing === null ? {} : { sizing: sizingOf(sizing) }),
  });
}

/** A fault and which entry of the configuration has it. */
export interface StrategyFault {
  readonly index: number;
  readonly strategy: string;
  readonly fault: Fault;
}

/** Loads all strategies of a configuration, in its order; `intervals`: of which bars are collected; all faults of all of them together. */
export async function configureStrategies(
  given: readonly StrategyEntry[],
  collected: Collected,
  intervals: readonly Interval[],
): Promise<{ readonly strategies: readonly ConfiguredStrategy[]; readonly faults: readonly StrategyFault[] }> {
  const strategies: ConfiguredStrategy[] = [];
  const faults: StrategyFault[] = [];
  for (const [index, entry] of strategyEntries(given).entries()) {
    const { strategy } = entry;
    const configured = await configure(entry, collected, intervals);
    if (!configured.ok) {
      faults.push({ index, strategy, fault: configured.fault });
      continue;
    }
    const { id } = configured.value;
    if (strategies.some((other) => other.id === id)) {
      const message = `two strategies are called '${id}', and their positions could not be told apart; give one of them another id in trading.strategies`;
      faults.push({ index, strategy, fault: err('strategy_id_taken', message).fault });
    } else strategies.push(configured.value);
  }
  return { strategies, faults };
}

/** The strategies to trade with. A single fault is told as it is; several as `strategies_invalid`, all of them. */
export async function openStrategies(
  given: readonly StrategyEntry[],
  collected: readonly InstrumentId[],
  intervals: readonly Interval[],
): Promise<Result<readonly ConfiguredStrategy[]>> {
  const { strategies, faults } = await configureStrategies(given, collected, intervals);
  const [first, second] = faults;
  if (first === undefined) return ok(strategies);
  if (second === undefined) return { ok: false, fault: first.fault };
  const lines = faults.map(({ strategy, fault: { code, message } }) => `\n  ${strategy}: ${code}: ${message}`).join('');
  return err('strategies_invalid', `${faults.length} strategies can't be run:${lines}`);
}
