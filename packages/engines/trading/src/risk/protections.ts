import { addAmounts, formatAmount, MS_PER_MINUTE, RATE_UNIT, timestampUs, US_PER_MS, ZERO_AMOUNT } from '@monsta/core';
import type { Amount, TimestampUs } from '@monsta/core';
import { percent, shareOf } from './denial.ts';
import type { ClosedTrade } from './closed-trades.ts';
import type { Lock, ProtectionConfig } from './limits.ts';

interface Closing {
  /** The round trip that has just ended; the newest of `trades`. */
  readonly trade: ClosedTrade;
  /** Oldest first, `trade` the last. */
  readonly trades: readonly ClosedTrade[];
  /** The account's; null while it was never known. */
  readonly equity: Amount | null;
  readonly nowUs: TimestampUs;
}

const minutes = (ms: number): string => `${Math.round(ms / MS_PER_MINUTE)} min`;
const until = (nowUs: TimestampUs, lockMs: number): TimestampUs => timestampUs(nowUs + lockMs * US_PER_MS);
export const profitOf = (trades: readonly ClosedTrade[]): Amount =>
  trades.reduce((sum, { profit }) => addAmounts(sum, profit), ZERO_AMOUNT);

const within = ({ trade, trades }: Closing, lookBackMs: number): readonly ClosedTrade[] =>
  trades.filter(({ closedUs }) => closedUs > trade.closedUs - lookBackMs * US_PER_MS);

/** The lock that a closed round trip puts on its own strategy and instrument when it lost; null when it didn't, or none is configured. */
export function lossCooldown({ trade, nowUs }: Closing, lossCooldownMs: number): Lock | null {
  if (lossCooldownMs === 0 || trade.profit >= 0n) return null;
  const { strategyId, instrument } = trade;
  return {
    scope: { strategyId, instrument },
    rule: 'cooldown',
    untilUs: until(nowUs, lossCooldownMs),
    limit: `${minutes(lossCooldownMs)} after a loss`,
    actual: `${formatAmount(trade.profit)} at the last exit`,
    reason: `${strategyId} lost ${formatAmount(-trade.profit as Amount)} in ${instrument} and lets it rest`,
  };
}

/** What a protection locks as a round trip ends; null: nothing. Pure. */
export function lockOf(protection: ProtectionConfig, closing: Closing): Lock | null {
  switch (protection.kind) {
    case 'stop_loss_guard':
      return stopLossGuard(protection, closing);
    case 'drawdown_guard':
      return drawdownGuard(protection, closing);
    case 'low_profit':
      return lowProfit(protection, closing);
    case 'cooldown': {
      const { instrument } = closing.trade;
      return {
        scope: { instrument },
        rule: 'cooldown',
        untilUs: until(closing.nowUs, protection.lockMs),
        limit: `${minutes(protection.lockMs)} after an exit`,
        actual: 'an exit just now',
        reason: `a position in ${instrument} was closed, and the instrument rests`,
      };
    }
  }
}

type Of<K extends ProtectionConfig['kind']> = Extract<ProtectionConfig, { kind: K }>;

export const stoppedAtLoss = ({ exitCause, profit }: ClosedTrade): boolean => exitCause === 'stop' && profit < 0n;

/** Only a further losing stop locks (anew): a later exit of another kind does not make a lock longer. */
function stopLossGuard({ lookBackMs, stopsMin, lockMs, scope }: Of<'stop_loss_guard'>, closing: Closing): Lock | null {
  const { trade, nowUs } = closing;
  if (!stoppedAtLoss(trade)) return null;
  const all = scope === 'all';
  const stops = within(closing, lookBackMs).filter(
    (each) => stoppedAtLoss(each) && (all || each.instrument === trade.instrument),
  );
  if (stops.length < stopsMin) return null;
  return {
    scope: all ? {} : { instrument: trade.instrument },
    rule: 'stop_loss_guard',
    untilUs: until(nowUs, lockMs),
    limit: `fewer than ${stopsMin} losing stops within ${minutes(lookBackMs)}`,
    actual: String(stops.length),
    reason: `${stops.length} stops ${all ? '' : `in ${trade.instrument} `}ended at a loss within ${minutes(lookBackMs)}`,
  };
}

/** How far the profits, added up in the order of their closes, are below their highest sum (at least 0). */
export function fallOf(trades: readonly ClosedTrade[]): Amount {
  let [sum, peak] = [0n, 0n];
  for (const { profit } of trades) {
    sum += profit;
    if (sum > peak) peak = sum;
  }
  return (peak - sum) as Amount;
}

function drawdownGuard(
  { lookBackMs, tradesMin, drawdownPpmMax, lockMs }: Of<'drawdown_guard'>,
  closing: Closing,
): Lock | null {
  const { trade, equity, nowUs } = closing;
  const trades = within(closing, lookBackMs);
  if (trade.profit >= 0n || equity === null || trades.length < tradesMin) return null;
  const fall = fallOf(trades);
  if (fall * RATE_UNIT < equity * BigInt(drawdownPpmMax)) return null;
  return {
    scope: {},
    rule: 'drawdown_guard',
    untilUs: until(nowUs, lockMs),
    limit: `${percent(drawdownPpmMax)} of equity`,
    actual: `${shareOf(fall, equity)} (${formatAmount(fall)} of ${formatAmount(equity)})`,
    reason: `the last ${trades.length} round trips within ${minutes(lookBackMs)} fell by ${formatAmount(fall)} from their best sum`,
  };
}

function lowProfit({ lookBackMs, tradesMin, profitPpmMin, lockMs }: Of<'low_profit'>, closing: Closing): Lock | null {
  const { instrument } = closing.trade;
  const trades = within(closing, lookBackMs).filter((each) => each.instrument === instrument);
  if (trades.length < tradesMin) return null;
  const profit = profitOf(trades);
  const cost = trades.reduce((sum, each) => addAmounts(sum, each.cost), ZERO_AMOUNT);
  if (profit * RATE_UNIT >= cost * BigInt(profitPpmMin)) return null;
  return {
    scope: { instrument },
    rule: 'low_profit',
    untilUs: until(closing.nowUs, lockMs),
    limit: `at least ${percent(profitPpmMin)} of what was paid`,
    actual: `${formatAmount(profit)} of ${formatAmount(cost)}`,
    reason: `${trades.length} round trips in ${instrument} within ${minutes(lookBackMs)} made ${formatAmount(profit)} together`,
  };
}
