import type { BacktestSpec } from '@monsta/contracts';
import {
  err,
  expectOk,
  instrumentId,
  INTERVALS,
  intervalMs,
  isMadeOf,
  ok,
  strategyId,
  type Interval,
  type Result,
} from '@monsta/core';
import {
  LONG_ONLY,
  needsOf,
  parseParameters,
  type AnyParameterValues,
  type ConfiguredStrategy,
  type StrategyDefinition,
} from '@monsta/trading';
import { loadStrategy } from '../strategies/load.ts';

export interface LoadedStrategy {
  readonly definition: StrategyDefinition;
  readonly parameters: AnyParameterValues;
  readonly needs: ReadonlyMap<Interval, number>;
}

/** A strategy's own parameter `interval`, where it has one that fits and nothing is said of it, is that of the data. */
function withInterval(definition: StrategyDefinition, params: BacktestSpec['params'], interval: Interval) {
  const own = definition.parameters['interval'];
  const fits = own?.kind === 'choice' && own.options.includes(interval) && !Object.hasOwn(params, 'interval');
  return fits ? { ...params, interval } : params;
}

/** The strategy of a specification with its parameters; `interval`: that of the data, null for ticks. Faults: those of loading it and of its parameters; `backtest_interval`. */
export async function strategyOf(spec: BacktestSpec, interval: Interval | null): Promise<Result<LoadedStrategy>> {
  const definition = await loadStrategy(spec.strategy);
  if (!definition.ok) return definition;
  const given = interval === null ? spec.params : withInterval(definition.value, spec.params, interval);
  const parameters = parseParameters(definition.value, given);
  if (!parameters.ok) return parameters;
  if (spec.short === null && definition.value.shorts?.(parameters.value) === true)
    return err(
      'parameters_invalid',
      `${definition.value.name} asks for short positions with these parameters: ${LONG_ONLY}`,
    );
  const needs = expectOk(needsOf(definition.value, parameters.value)).bars;
  const unmade = [...needs.keys()].find((each) => interval !== null && each !== interval && !isMadeOf(each, interval));
  if (unmade !== undefined && interval !== null) {
    const mend =
      intervalMs(unmade) < intervalMs(interval)
        ? `give data of ${unmade} or shorter, or parameters with which it wants ${interval} or longer`
        : `whole ones don’t make it; give data of one of ${INTERVALS.filter((each) => isMadeOf(unmade, each) && intervalMs(each) < intervalMs(interval)).join(', ')}, or parameters with which it wants another`;
    return err(
      'backtest_interval',
      `${definition.value.name} wants bars of ${unmade}, and the data has bars of ${interval}; ${mend}`,
    );
  }
  return ok({ definition: definition.value, parameters: parameters.value, needs });
}

/** The strategy as the kernel runs it: on all instruments. */
export const configuredStrategy = (
  spec: BacktestSpec,
  { definition, parameters }: LoadedStrategy,
): ConfiguredStrategy => ({
  id: strategyId(definition.name),
  definition,
  parameters,
  instruments: spec.instruments.map((id) => instrumentId(id)),
});
