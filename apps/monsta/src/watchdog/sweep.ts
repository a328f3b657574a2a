import type { Random } from '@monsta/core';
import type { Clock, Logger } from '@monsta/ports';
import type { BinanceAccountAccess, OpenOrder } from '@monsta/venue-binance';
import { planSweep, type OnLoss } from './plan.ts';

export interface SweepOptions {
  readonly access: Pick<BinanceAccountAccess, 'openOrders' | 'cancel'>;
  readonly onLoss: Exclude<OnLoss, 'nothing'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** How long a request that the lost program had signed may still be taken by the venue. */
  readonly lateMs: number;
  /** Somebody has taken over: nothing more is sent. */
  readonly signal: AbortSignal;
}

export interface SweepOutcome {
  /** False where somebody took over before the venue had confirmed that nothing is left to cancel. */
  readonly confirmed: boolean;
  readonly canceled: readonly OpenOrder[];
  readonly kept: readonly OpenOrder[];
  readonly others: number;
  /** Requests that failed, or of which the outcome is not known; each was followed by another look. */
  readonly failures: number;
}

const DELAY_MIN_MS = 500;
const DELAY_MAX_MS = 30_000;

/**
 * Cancels what is to go until the venue shows none of it, twice: the second look comes when no order that was still on its way can arrive any more. Safe to begin again at
 * any moment, since each round starts from what the venue has.
 */
export async function sweep(options: SweepOptions): Promise<SweepOutcome> {
  const { access, clock, lateMs, logger, onLoss, random, signal } = options;
  const canceled = new Map<string, OpenOrder>();
  let failures = 0;
  let failedInARow = 0;
  let clearSinceMs: number | null = null;
  let kept: readonly OpenOrder[] = [];
  let others = 0;
  const failed = (what: string, { code, message }: { readonly code: string; readonly message: string }): void => {
    failures += 1;
    logger.warn(`${what}; it is tried again`, { code, reason: message });
  };
  const outcome = (confirmed: boolean): SweepOutcome => ({
    confirmed,
    canceled: [...canceled.values()],
    kept,
    others,
    failures,
  });
  const backoff = (): number =>
    Math.min(DELAY_MAX_MS, DELAY_MIN_MS * 2 ** Math.min(failedInARow, 10)) * (0.5 + random.next() / 2);
  while (!signal.aborted) {
    const askedMs = clock.monotonicMs();
    const listed = await access.openOrders(signal);
    if (!listed.ok) {
      failed('the open orders can not be read', listed.fault);
      failedInARow += 1;
      await clock.sleep(Math.max(backoff(), listed.fault.retryAfterMs ?? 0), signal);
      continue;
    }
    const plan = planSweep(listed.value, onLoss);
    ({ keep: kept, others } = plan);
    if (plan.cancel.length === 0) {
      if (clearSinceMs !== null && askedMs - clearSinceMs >= lateMs) return outcome(true);
      clearSinceMs ??= askedMs;
      failedInARow = 0;
      await clock.sleep(Math.max(0, clearSinceMs + lateMs - clock.monotonicMs()), signal);
      continue;
    }
    clearSinceMs = null;
    let allDone = true;
    for (const order of plan.cancel) {
      // A cancel that is under way is waited for; then whoever has taken over finds the venue at rest.
      if (signal.aborted) return outcome(false);
      const done = await access.cancel(order);
      if (done.ok && done.value === 'canceled') canceled.set(`${order.symbol}:${order.orderId}`, order);
      if (done.ok) continue;
      allDone = false;
      failed(`order ${order.clientOrderId} on ${order.symbol} may still be open`, done.fault);
    }
    failedInARow = allDone ? 0 : failedInARow + 1;
    if (!allDone) await clock.sleep(backoff(), signal);
  }
  return outcome(false);
}
