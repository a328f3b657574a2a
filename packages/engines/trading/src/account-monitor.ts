import { absAmount, addAmounts, applyRate, formatAmount, subtractAmounts, US_PER_MS } from '@monsta/core';
import type { Amount, TimestampUs } from '@monsta/core';
import { Days, type DayBoundary } from './risk/day.ts';
import type { RiskLimits } from './risk/limits.ts';
import type { TradingGate } from './trading-gate.ts';

export interface MonitorState {
  readonly peakEquity: Amount | null;
  readonly dayStartUs: TimestampUs | null;
  readonly dayStartEquity: Amount | null;
  /** What the day's loss is measured from: the day's first equity, or the equity at which a person resumed. */
  readonly lossBase: Amount | null;
}

const NEW_MONITOR: MonitorState = { peakEquity: null, dayStartUs: null, dayStartEquity: null, lossBase: null };

/** An amount that stays the same for long less a share of it, reckoned when it has moved: the highest that is so far below it. */
function floorOfLasting(): (from: Amount, ppm: number) => Amount {
  let known: { readonly from: Amount; readonly ppm: number; readonly floor: Amount } | null = null;
  return (from, ppm) => {
    if (known === null || known.from !== from || known.ppm !== ppm)
      known = { from, ppm, floor: subtractAmounts(from, applyRate(absAmount(from), ppm, 'floor')) };
    return known.floor;
  };
}

/** Watches the equity: a day's loss reduces trading until the next day, a drawdown from the peak halts it until a person resumes. */
export class AccountMonitor {
  readonly #days: Days;
  readonly #dayFloor = floorOfLasting();
  readonly #peakFloor = floorOfLasting();
  #state: MonitorState = NEW_MONITOR;

  constructor(day: DayBoundary) {
    this.#days = new Days(day);
  }

  restore(state: MonitorState): void {
    this.#state = state;
  }

  get state(): MonitorState {
    return this.#state;
  }

  /** Takes the equity of this moment; true when the day began or the gate moved, so that it must be recorded at once. */
  observe(equity: Amount, nowUs: TimestampUs, limits: RiskLimits, gate: TradingGate): boolean {
    const before = this.#state;
    const day = this.#days.of(nowUs).startUs;
    // A boundary that was moved back by the configuration does not begin a day anew.
    const newDay = before.dayStartUs === null || day > before.dayStartUs;
    const peakEquity = before.peakEquity === null || equity > before.peakEquity ? equity : before.peakEquity;
    if (newDay) this.#state = { peakEquity, dayStartUs: day, dayStartEquity: equity, lossBase: equity };
    else if (peakEquity !== before.peakEquity) this.#state = { ...before, peakEquity };
    const reopened = newDay && gate.lift('daily_loss', nowUs);
    const limited = this.#checkDay(equity, nowUs, limits, gate);
    const halted = this.#checkDrawdown(equity, peakEquity, nowUs, limits, gate);
    return newDay || reopened || limited || halted;
  }

  /** A person resumed: a loss that had reached its limit is measured from here on, any other goes on counting. */
  resume(equity: Amount | null, lifted: { readonly dailyLoss: boolean; readonly drawdown: boolean }): void {
    if (equity === null) return;
    this.#state = {
      ...this.#state,
      ...(lifted.drawdown ? { peakEquity: equity } : {}),
      ...(lifted.dailyLoss ? { lossBase: equity } : {}),
    };
  }

  /** Money that came or went without a trade counts as neither profit nor loss. */
  shift(by: Amount): void {
    const moved = (value: Amount | null): Amount | null => (value === null ? null : addAmounts(value, by));
    const { peakEquity, dayStartEquity, lossBase, dayStartUs } = this.#state;
    this.#state = {
      dayStartUs,
      peakEquity: moved(peakEquity),
      dayStartEquity: moved(dayStartEquity),
      lossBase: moved(lossBase),
    };
  }

  #checkDay(equity: Amount, nowUs: TimestampUs, limits: RiskLimits, gate: TradingGate): boolean {
    const { lossBase } = this.#state;
    if (lossBase === null || gate.has('daily_loss')) return false;
    if (equity >= lossBase || equity > this.#dayFloor(lossBase, limits.dailyLossPpmMax)) return false;
    const loss = subtractAmounts(lossBase, equity);
    const reason = `daily loss limit: ${formatAmount(loss)} of ${formatAmount(lossBase)} lost today, the limit is ${limits.dailyLossPpmMax / 10_000} %; only exits until ${new Date(this.#days.of(nowUs).endUs / US_PER_MS).toISOString()}, when the next day begins`;
    return gate.raise({ code: 'daily_loss', state: 'REDUCING', reason, by: 'risk', sinceUs: nowUs, lasting: true });
  }

  #checkDrawdown(equity: Amount, peak: Amount, nowUs: TimestampUs, limits: RiskLimits, gate: TradingGate): boolean {
    if (gate.has('drawdown')) return false;
    if (equity >= peak || equity > this.#peakFloor(peak, limits.drawdownPpmMax)) return false;
    const loss = subtractAmounts(peak, equity);
    const reason = `drawdown limit: ${formatAmount(loss)} below the peak of ${formatAmount(peak)}, the limit is ${limits.drawdownPpmMax / 10_000} %; halted until a person resumes`;
    return gate.raise({ code: 'drawdown', state: 'HALTED', reason, by: 'risk', sinceUs: nowUs, lasting: true });
  }
}
