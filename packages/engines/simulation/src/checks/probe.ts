import type { InstrumentId, StrategyId } from '@monsta/core';
import type { ConfiguredStrategy, StrategyContext, StrategyDefinition } from '@monsta/trading';
import type { StrategyHandler } from '@monsta/trading/strategy-watch';

/** What a strategy did or saw at a moment, as text that can be compared. */
export interface Observation {
  readonly strategyId: StrategyId;
  readonly instrument: InstrumentId;
  readonly handler: StrategyHandler;
  readonly atMs: number;
  /** The calls by which it asked for something, in order: `setTarget(1)`. */
  readonly asks: readonly string[];
  /** Every declared indicator by name; of `onBar` alone. */
  readonly indicators: ReadonlyMap<string, string>;
}

const HANDLERS = ['onStart', 'onBar', 'onTrade', 'onBook', 'onPrediction', 'onFill', 'onOrder', 'onTimer'] as const;

/** What a strategy can ask for. */
const ASKS: ReadonlySet<PropertyKey> = new Set<keyof StrategyContext>([
  'setTarget',
  'buy',
  'sell',
  'close',
  'order',
  'bracket',
  'oco',
  'protect',
  'twap',
  'cancel',
  'cancelAll',
  'setTimer',
  'cancelTimer',
]);

/** A value as text that is the same for the same value alone: numbers to the last bit, keys in order. */
function textOf(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return `{ ${members.map(([name, member]) => `${name}: ${textOf(member)}`).join(', ')} }`;
}

/** The context with every ask written down before it is passed on. */
function listening(context: StrategyContext, asks: string[]): StrategyContext {
  return new Proxy(context, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const call = value as (...given: readonly unknown[]) => unknown;
      if (name === 'of') {
        return (instrument: string) => {
          const other = call(instrument) as StrategyContext | null;
          return other === null ? null : listening(other, asks);
        };
      }
      if (!ASKS.has(name)) return value;
      return (...given: readonly unknown[]) => {
        const of = context.instrument;
        asks.push(
          `${String(name)}(${given.map(textOf).join(', ')})${context.instruments.length > 1 ? ` in ${of}` : ''}`,
        );
        return call(...given);
      };
    },
  });
}

/**
 * The same strategy, with somebody who listens: what each call of a handler asked for is told when it returns. The indicators are read at closes that `sees` names, so that
 * those are told too which the strategy itself does not look at.
 */
export function withProbe(
  strategy: ConfiguredStrategy,
  sees: (atMs: number) => boolean,
  told: (observation: Observation) => void,
): ConfiguredStrategy {
  const { id: strategyId, definition } = strategy;
  const heard: Partial<Record<StrategyHandler, unknown>> = {};
  for (const handler of HANDLERS) {
    const own = definition[handler] as ((context: StrategyContext, event?: unknown) => void) | undefined;
    if (own === undefined && handler !== 'onBar') continue;
    heard[handler] = (context: StrategyContext, event?: unknown): void => {
      const asks: string[] = [];
      const indicators = new Map<string, string>();
      if (handler === 'onBar' && sees(context.nowMs))
        for (const [name, value] of Object.entries(context.indicators)) indicators.set(name, textOf(value));
      own?.call(definition, listening(context, asks), event);
      told({ strategyId, instrument: context.instrument, handler, atMs: context.nowMs, asks, indicators });
    };
  }
  return { ...strategy, definition: { ...definition, ...heard } as StrategyDefinition };
}
