import type { AccountId, InstrumentId, TimestampUs } from '@monsta/core';
import type { StrategyRecord } from '../records.ts';
import type { GateCause, TradingGate } from '../trading-gate.ts';
import type { RunningStrategy } from './running.ts';
import type { Notice, StrategySlot } from './slot.ts';
import type { TimerState } from './timers.ts';

/** The cause that holds a strategy which threw or looped, until a person starts it again. */
export const FAILED = 'failed';

/** What is kept of a strategy on one instrument beside its state. */
interface SlotRecord {
  readonly timers: readonly TimerState[];
  readonly notices: readonly Notice[];
  readonly closing: StrategySlot['closing'];
}

export type StrategyStatus = StrategyRecord['status'];

export function statusOf(gate: TradingGate): StrategyStatus {
  if (gate.has(FAILED)) return 'failed';
  const { state } = gate.current();
  if (state === 'HALTED') return 'paused';
  return state === 'REDUCING' ? 'reducing' : 'running';
}

const byInstrument = <T>(run: RunningStrategy, of: (slot: StrategySlot) => T): Readonly<Record<string, T>> =>
  Object.fromEntries(run.slots.map((slot) => [slot.instrument, of(slot)]));

/** A strategy as it is kept. */
export function strategyRecord(
  run: RunningStrategy,
  gate: TradingGate,
  accountId: AccountId,
  updatedUs: TimestampUs,
): StrategyRecord {
  const { strategy } = run;
  const status = statusOf(gate);
  return {
    accountId,
    strategyId: strategy.id,
    name: strategy.definition.name,
    status,
    reason: status === 'running' ? null : gate.current().reason,
    parameters: run.parameters,
    configuredParameters: strategy.parameters,
    state: byInstrument(run, ({ stateText }) => JSON.parse(stateText) as unknown),
    timers: byInstrument(run, ({ timers, notices, closing }): SlotRecord => {
      return { timers: timers.state, notices, closing };
    }),
    causes: gate.causes().filter(({ lasting }) => lasting),
    updatedUs,
  };
}

const part = (whole: unknown, key: InstrumentId): unknown =>
  typeof whole === 'object' && whole !== null ? (whole as Readonly<Record<string, unknown>>)[key] : undefined;

/**
 * Goes on from what was kept. Parameters that a person changed stay until the configuration's own have changed; those that fit no more are the configuration's again. What
 * another strategy kept under the same id is left, but not what a person or a failure said about it. In words what was not taken over; null where everything was.
 */
export function recoverStrategy(run: RunningStrategy, gate: TradingGate, record: StrategyRecord): string | null {
  const { strategy } = run;
  gate.restore(record.causes as readonly GateCause[]);
  const failed = gate.causes().find(({ code }) => code === FAILED);
  if (failed !== undefined) run.failure ??= { message: failed.reason, file: null, line: null };
  if (record.name !== strategy.definition.name)
    return `strategy ${strategy.id} was ${record.name} before: what that remembered is left`;
  let said: string | null = null;
  if (JSON.stringify(record.configuredParameters) === JSON.stringify(strategy.parameters)) {
    if (JSON.stringify(record.parameters) !== JSON.stringify(strategy.parameters)) {
      const taken = run.setParameters(record.parameters);
      if (!taken.ok)
        said = `the parameters that were set for strategy ${strategy.id} are not valid any more (${taken.fault.message}); those of the configuration are in force`;
    }
  }
  for (const slot of run.slots) {
    const state = part(record.state, slot.instrument);
    if (run.stateful && typeof state === 'object' && state !== null) slot.setState(state);
    const kept = part(record.timers, slot.instrument) as SlotRecord | undefined;
    if (kept === undefined) continue;
    slot.timers.restore(kept.timers);
    slot.restoreNotices(kept.notices);
    slot.closing = kept.closing;
  }
  return said;
}
