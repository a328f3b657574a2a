import type { ClientOrderId, Fill, Order } from '@monsta/core';
import type { DecisionRecord } from '@monsta/trading';
import type { RunRecords } from './run-lines.ts';
import { TapeRun, type TapeInput, type TapeRunOptions } from './tape-run.ts';

export interface TapeOptions extends Omit<TapeRunOptions, 'heard'> {
  /** In the order of time. */
  readonly tape: Iterable<TapeInput>;
}

/** Runs a tape from its beginning to its end. Nothing but its arguments decides what comes out. Throws `InvariantError` where the kernel breaks. */
export function runTape({ tape, ...options }: TapeOptions): RunRecords {
  const orders = new Map<ClientOrderId, Order>();
  const fills: Fill[] = [];
  const decisions: DecisionRecord[] = [];
  const run = new TapeRun({
    ...options,
    heard(output) {
      if (output.kind === 'order') orders.set(output.order.clientOrderId, output.order);
      else if (output.kind === 'fill') fills.push(output.fill);
      else if (output.kind === 'decision') decisions.push(output.decision);
    },
  });
  for (const input of tape) run.take(input);
  return { orders: [...orders.values()], fills, decisions };
}
