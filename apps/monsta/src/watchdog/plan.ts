import { clientOrderId } from '@monsta/core';
import { isKernelOrderId } from '@monsta/trading';
import type { OpenOrder } from '@monsta/venue-binance';
import type { LiveConfig } from '../config/live.ts';

export type OnLoss = LiveConfig['watchdog']['onLoss'];

export interface SweepPlan {
  readonly cancel: readonly OpenOrder[];
  /** Ours, and left alone. */
  readonly keep: readonly OpenOrder[];
  /** Made by hand or by another program: never touched. */
  readonly others: number;
}

/** What becomes of the open orders of an account. On the spot market, where nobody is short, what sells only makes a position smaller: it protects. */
export function planSweep(orders: readonly OpenOrder[], onLoss: OnLoss): SweepPlan {
  const ours = orders.filter((order) => isKernelOrderId(clientOrderId(order.clientOrderId)));
  const goes = ({ side }: OpenOrder): boolean =>
    onLoss === 'cancel-all' || (onLoss === 'keep-protective' && side === 'BUY');
  return {
    cancel: ours.filter(goes),
    keep: ours.filter((order) => !goes(order)),
    others: orders.length - ours.length,
  };
}
