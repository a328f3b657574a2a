import { parseAmount } from '@monsta/core';
import type { RiskConfig, SizingEntry } from './risk-config.ts';

interface Sized {
  readonly allocationPpm: number;
  readonly sizing: SizingEntry;
  readonly risk: RiskConfig;
  readonly protectiveStop: {
    readonly distancePpm: number | null;
    readonly trailingBps: number | null;
    readonly limitOffsetPpm: number;
  };
}

interface Fault {
  readonly path: readonly string[];
  readonly message: string;
}

/** False also where one of them is no amount, which its own field says. */
function isLess(text: string, than: string): boolean {
  const [one, other] = [parseAmount(text), parseAmount(than)];
  return one.ok && other.ok && one.value < other.value;
}

/** Settings that contradict each other: with them every order of some kind would be denied, or a limit would never be reached. All of them together. */
export function riskFaults({ allocationPpm, sizing, risk, protectiveStop }: Sized): readonly Fault[] {
  const faults: Fault[] = [];
  const wrong = (path: readonly string[], message: string): void => void faults.push({ path, message });
  if (allocationPpm > risk.positionPpmMax)
    wrong(
      ['allocationPpm'],
      `must not be above risk.position_ppm_max (${risk.positionPpmMax}), or every entry is denied`,
    );
  if (allocationPpm > risk.exposurePpmMax)
    wrong(
      ['allocationPpm'],
      `must not be above risk.exposure_ppm_max (${risk.exposurePpmMax}), or every entry is denied`,
    );
  const { distancePpm, limitOffsetPpm, trailingBps } = protectiveStop;
  if ((distancePpm !== null || trailingBps !== null) && limitOffsetPpm > risk.priceCollarPpm)
    wrong(
      ['protectiveStop', 'limitOffsetPpm'],
      `must not be above risk.price_collar_ppm (${risk.priceCollarPpm}), or every stop is denied`,
    );
  if (distancePpm !== null) {
    const lost = Math.floor((allocationPpm * (distancePpm + 2 * risk.feePpm)) / 1_000_000);
    if (lost > risk.tradeRiskPpmMax)
      wrong(
        ['protectiveStop', 'distancePpm'],
        `a position of allocation_ppm would lose ${lost} parts per million of equity at its stop, which is above risk.trade_risk_ppm_max (${risk.tradeRiskPpmMax}): every full entry is denied`,
      );
  }
  if (risk.orderNotionalMax !== null && isLess(risk.orderNotionalMax, risk.orderNotionalMin))
    wrong(
      ['risk', 'orderNotionalMax'],
      `must not be below risk.order_notional_min (${risk.orderNotionalMin}), or every entry is denied`,
    );
  if (risk.ordersPerSecondMax > risk.ordersPerMinuteMax)
    wrong(
      ['risk', 'ordersPerSecondMax'],
      `must not be above risk.orders_per_minute_max (${risk.ordersPerMinuteMax}), or it is never reached`,
    );
  if (sizing.kind === 'fixed' && isLess(sizing.amount, risk.orderNotionalMin))
    wrong(
      ['sizing', 'amount'],
      `must not be below risk.order_notional_min (${risk.orderNotionalMin}), or every entry is denied`,
    );
  return faults;
}
