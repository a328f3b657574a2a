import type { AccountId } from '@monsta/core';
import type { LedgerBatch } from '@monsta/ports';
import type { KernelOutput } from '@monsta/trading';

/** The records among the kernel's outputs as one atomic change; null where there is none. */
export function ledgerBatchOf(accountId: AccountId, outputs: readonly KernelOutput[]): LedgerBatch | null {
  const of = <K extends KernelOutput['kind']>(kind: K): Extract<KernelOutput, { kind: K }>[] =>
    outputs.filter((output): output is Extract<KernelOutput, { kind: K }> => output.kind === kind);
  const orders = of('order').map(({ order }) => order);
  const fills = of('fill').map(({ fill }) => fill);
  const decisions = of('decision').map(({ decision }) => decision);
  const positions = of('position').map(({ position }) => position);
  const transfers = of('transfer').map(({ transfer }) => transfer);
  const divergences = of('divergence').map(({ divergence }) => divergence);
  const strategies = of('strategy').map(({ strategy }) => strategy);
  const roundTrips = of('round-trip').map(({ roundTrip }) => roundTrip);
  const equitySamples = of('equity').map(({ sample }) => sample);
  // Each is the whole state as of its moment: the last one counts.
  const balances = of('balances').at(-1)?.balances;
  const account = of('account').at(-1)?.account;
  const records = [
    orders,
    fills,
    decisions,
    positions,
    transfers,
    divergences,
    strategies,
    roundTrips,
    equitySamples,
  ].reduce((sum, { length }) => sum + length, 0);
  if (records === 0 && balances === undefined && account === undefined) return null;
  return {
    accountId,
    ...(orders.length === 0 ? {} : { orders }),
    ...(fills.length === 0 ? {} : { fills }),
    ...(decisions.length === 0 ? {} : { decisions }),
    ...(positions.length === 0 ? {} : { positions }),
    ...(transfers.length === 0 ? {} : { transfers }),
    ...(divergences.length === 0 ? {} : { divergences }),
    ...(strategies.length === 0 ? {} : { strategies }),
    ...(roundTrips.length === 0 ? {} : { roundTrips }),
    ...(equitySamples.length === 0 ? {} : { equitySamples }),
    ...(balances === undefined ? {} : { balances }),
    ...(account === undefined ? {} : { account }),
  };
}
