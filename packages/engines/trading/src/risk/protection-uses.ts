import { addAmounts, divide, RATE_UNIT, US_PER_MS, ZERO_AMOUNT } from '@monsta/core';
import type { Amount, InstrumentId, TimestampUs } from '@monsta/core';
import type { ClosedTrade } from './closed-trades.ts';
import type { ProtectionConfig } from './limits.ts';
import { fallOf, profitOf, stoppedAtLoss } from './protections.ts';
import { countUse, shareText, shareUse, type LimitUse } from './limit-use.ts';

interface LookingBack {
  /** Oldest first. */
  readonly trades: readonly ClosedTrade[];
  readonly instruments: readonly InstrumentId[];
  readonly equity: Amount | null;
  readonly nowUs: TimestampUs;
}

/** How near each protection is to locking, looking back from now. One that locks at every exit has nothing to fill. */
export const protectionUses = (protections: readonly ProtectionConfig[], back: LookingBack): readonly LimitUse[] =>
  protections.flatMap((protection) => usesOf(protection, back));

function usesOf(
  protection: ProtectionConfig,
  { trades, instruments, equity, nowUs }: LookingBack,
): readonly LimitUse[] {
  if (protection.kind === 'cooldown') return [];
  const fromUs = nowUs - protection.lookBackMs * US_PER_MS;
  const newest = trades.filter(({ closedUs }) => closedUs > fromUs);
  const of = (instrument: InstrumentId): readonly ClosedTrade[] =>
    newest.filter((trade) => trade.instrument === instrument);
  switch (protection.kind) {
    case 'stop_loss_guard': {
      const { scope, stopsMin } = protection;
      const use = (instrument: InstrumentId | null, among: readonly ClosedTrade[]): LimitUse => {
        const stops = among.filter(stoppedAtLoss).length;
        return countUse('stop_loss_guard', { strategyId: null, instrument }, 'count', stopsMin, stops);
      };
      return scope === 'all' ? [use(null, newest)] : instruments.map((id) => use(id, of(id)));
    }
    case 'drawdown_guard': {
      const all = { strategyId: null, instrument: null };
      return [shareUse('drawdown_guard', all, protection.drawdownPpmMax, fallOf(newest), equity)];
    }
    case 'low_profit':
      return instruments.map((instrument) => {
        const among = of(instrument);
        const cost = among.reduce((sum, trade) => addAmounts(sum, trade.cost), ZERO_AMOUNT);
        return {
          rule: 'low_profit',
          strategyId: null,
          instrument,
          unit: 'share',
          limit: shareText(protection.profitPpmMin),
          used: cost <= 0n ? null : shareText(divide(profitOf(among) * RATE_UNIT, cost, 'half-even')),
          fraction: null,
          amounts: null,
        };
      });
  }
}
