import { formatAmount, fromJsonValue, invariant, toJsonValue } from '@monsta/core';
import type { AccountId, Amount, TimestampUs } from '@monsta/core';
import type { AlgoDeskState } from './twap.ts';
import type { EquityState } from './equity-book.ts';
import type { PlanRecord } from './exit-plan.ts';
import type { DivergenceDesk } from './divergence-desk.ts';
import type { CommandState } from './command-desk.ts';
import type { KernelRooms } from './kernel-snapshot.ts';
import type { AccountRecord } from './records.ts';
import type { DeskState } from './order-desk.ts';
import type { SlippageState } from './slippage-book.ts';
import type { RiskDeskState } from './risk.ts';
import type { GateCause } from './trading-gate.ts';
import type { WaitingState } from './waiting-exits.ts';

/** The kernel's own durable state, kept in the account's record. */
export interface KernelState {
  readonly format: 4;
  readonly desk: DeskState;
  readonly causes: readonly GateCause[];
  readonly lossBase: Amount | null;
  readonly commands: CommandState;
  /** How positions are to be left. */
  readonly exits: readonly PlanRecord[];
  readonly waiting: WaitingState;
  /** All that moved money until then is in the recorded balances; null before they were first compared with the venue's. */
  readonly agreedUs: TimestampUs | null;
  /** What comparisons with the venue find wrong, and have told. */
  readonly divergences: DivergenceDesk['state'];
  readonly algos: AlgoDeskState;
  readonly slippage: SlippageState;
  readonly risk: RiskDeskState;
  /** What returns are measured by. */
  readonly equity: EquityState;
}

const isKernelState = (value: unknown): value is KernelState =>
  typeof value === 'object' && value !== null && 'format' in value && value.format === 4;

/** What the account's record holds; null for a new account. */
export function kernelStateOf(account: AccountRecord | null): KernelState | null {
  const own = account === null ? null : fromJsonValue(account.kernelState);
  invariant(own === null || isKernelState(own), 'the account record was written by a version this one does not know');
  return own;
}

/** Until when, by the venue's time, the recorded balances hold all that moved money: what came later has to be asked for. Null for a new account. */
export const knownUntilUs = (account: AccountRecord | null): TimestampUs | null =>
  kernelStateOf(account)?.agreedUs ?? null;

/** What is recorded with the account: all that has to survive a restart beside orders, fills and positions. */
export function accountRecordOf(accountId: AccountId, rooms: KernelRooms, updatedUs: TimestampUs): AccountRecord {
  const { gate, monitor, desk, commands, protective, accountDesk, divergences, algos, slippage, risk, books } = rooms;
  const { peakEquity, dayStartEquity, dayStartUs, lossBase } = monitor.state;
  const own: KernelState = {
    format: 4,
    desk: desk.state,
    causes: gate.causes().filter(({ lasting }) => lasting),
    lossBase,
    commands: commands.state,
    exits: protective.plans.records,
    waiting: protective.waiting.state,
    agreedUs: accountDesk.agreedUs,
    divergences: divergences.state,
    algos: algos.durable,
    slippage: slippage.state,
    risk: risk.durable,
    equity: books.equity,
  };
  const text = (value: Amount | null): string | null => (value === null ? null : formatAmount(value));
  const { state, reason, by } = gate.current();
  return {
    accountId,
    tradingState: state,
    tradingStateReason: reason,
    tradingStateBy: by,
    peakEquity: text(peakEquity),
    dayStartEquity: text(dayStartEquity),
    dayStartUs,
    kernelState: toJsonValue(own),
    updatedUs,
  };
}
