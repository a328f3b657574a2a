import { formatAmount, fromJsonValue, invariant, toJsonValue } from '@monsta/core';
import type { AccountId, Amount, TimestampUs } from '@monsta/core';
import type { MonitorState } from './account-monitor.ts';
import type { FlattenState } from './flatten.ts';
import type { AccountRecord } from './kernel-types.ts';
import type { DeskState } from './order-desk.ts';
import type { GateCause, GateState } from './trading-gate.ts';

/** The kernel's own durable state, kept in the account's record. */
export interface KernelState {
  readonly format: 1;
  readonly desk: DeskState;
  readonly causes: readonly GateCause[];
  readonly lossBase: Amount | null;
  readonly flatten: FlattenState | null;
}

const isKernelState = (value: unknown): value is KernelState =>
  typeof value === 'object' && value !== null && 'format' in value && value.format === 1;

/** What the account's record holds; null for a new account. */
export function kernelStateOf(account: AccountRecord | null): KernelState | null {
  const own = account === null ? null : fromJsonValue(account.kernelState);
  invariant(own === null || isKernelState(own), 'the account record was written by a version this one does not know');
  return own;
}

export function accountRecordOf(
  accountId: AccountId,
  gate: GateState,
  { peakEquity, dayStartEquity, dayStartUs }: MonitorState,
  own: KernelState,
  updatedUs: TimestampUs,
): AccountRecord {
  const text = (value: Amount | null): string | null => (value === null ? null : formatAmount(value));
  return {
    accountId,
    tradingState: gate.state,
    tradingStateReason: gate.reason,
    tradingStateBy: gate.by,
    peakEquity: text(peakEquity),
    dayStartEquity: text(dayStartEquity),
    dayStartUs,
    kernelState: toJsonValue(own),
    updatedUs,
  };
}
