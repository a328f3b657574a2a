import type { AnyParameterValues } from '../parameters.ts';
import type { ConfiguredStrategy } from '../strategy.ts';
import type { GateState, TradingGate } from '../trading-gate.ts';
import type { StrategyFailure } from './failure.ts';
import { statusOf, type StrategyStatus } from './records.ts';
import type { RunningStrategy } from './running.ts';
import type { StrategyWindow } from './slot.ts';

export type { StrategyWindow };

/** A strategy as it stands, for publication. */
export interface StrategyView {
  readonly strategy: ConfiguredStrategy;
  readonly status: StrategyStatus;
  readonly gate: GateState;
  /** In force. */
  readonly parameters: AnyParameterValues;
  readonly windows: readonly StrategyWindow[];
  /** Why it has to be started again; null while it does not. */
  readonly failure: StrategyFailure | null;
}

export const windowsOf = ({ strategy, slots }: RunningStrategy): StrategyWindow[] =>
  slots.flatMap(({ instrument, windows }) =>
    [...windows].map(([interval, window]) => ({ strategy, instrument, interval, window })),
  );

export const viewOf = (run: RunningStrategy, gate: TradingGate): StrategyView => ({
  strategy: run.strategy,
  status: statusOf(gate),
  gate: gate.current(),
  parameters: run.parameters,
  windows: windowsOf(run),
  failure: run.failure,
});
