import type { RiskMessage } from '@monsta/contracts';
import { formatAmount, msFromUs, type AccountId } from '@monsta/core';
import type { ClockReading } from '@monsta/ports';
import type { RiskReport } from '@monsta/trading';

type Use = RiskMessage['limits'][number];

/** How far the clocks may differ, and how far they do. */
function clockUse(reading: ClockReading | null, msMax: number): Use {
  const used = reading === null ? null : Math.round(Math.max(Math.abs(reading.offsetMs), reading.errorMs));
  return {
    rule: 'clock_drift',
    strategyId: null,
    instrument: null,
    unit: 'ms',
    limit: String(msMax),
    used: used === null ? null : String(used),
    fraction: used === null ? null : Math.round((used / msMax) * 10_000) / 10_000,
    amounts: null,
  };
}

/** Risk for publication. `reading` null: the venue has no clock of its own, or it was not measured yet. */
export function riskMessage(
  { nowUs, equity, day, limits, orderLimits, restrictions, causes }: RiskReport,
  about: {
    readonly accountId: AccountId;
    readonly quoteAsset: string;
    readonly reading: ClockReading | null;
    readonly clockDriftMsMax: number;
  },
): RiskMessage {
  const { timeZone, hour, startUs, endUs } = day;
  return {
    accountId: about.accountId,
    quoteAsset: about.quoteAsset,
    equity: equity === null ? null : formatAmount(equity),
    day: { startMs: msFromUs(startUs), endMs: msFromUs(endUs), timeZone, hour },
    limits: [...limits, clockUse(about.reading, about.clockDriftMsMax)],
    orderLimits: [...orderLimits],
    restrictions: restrictions.map(({ untilUs, ...rest }) => ({
      ...rest,
      untilMs: untilUs === null ? null : msFromUs(untilUs),
    })),
    causes: causes.map(({ strategyId, code, state, reason, by, sinceUs, lasting }) => ({
      ...{ strategyId, code, state, reason, by, lasting },
      sinceMs: msFromUs(sinceUs),
    })),
    timeMs: msFromUs(nowUs),
  };
}
