import { addAmounts, applyRate, formatAmount, subtractAmounts, US_PER_MS, ZERO_AMOUNT } from '@monsta/core';
import type { Amount, StrategyId, TimestampUs } from '@monsta/core';
import type { StrategyGates } from '../strategy-gates.ts';
import type { GateCause } from '../trading-gate.ts';
import { Days, type DayBoundary } from './day.ts';
import { percent } from './denial.ts';
import type { StrategyLimits } from './limits.ts';

/** What is kept of a strategy's own profit. */
export interface OwnMonitor {
  readonly strategyId: StrategyId;
  readonly peakProfit: Amount;
  readonly dayStartUs: TimestampUs;
  /** What the day's loss is measured from: the day's first profit, or the profit at which a person started it again. */
  readonly lossBase: Amount;
  /** Codes of its limits that hold its gate; the causes themselves are kept with the strategy. */
  readonly holds: readonly string[];
}

/** What a strategy's losses are shares of. */
interface Yardstick {
  readonly dayStartEquity: Amount | null;
  readonly peakEquity: Amount | null;
}

const DAILY_LOSS = 'strategy_daily_loss';
const DRAWDOWN = 'strategy_drawdown';

/** Watches what each strategy makes of its own, as the account's monitor does the equity. Money that comes and goes is no part of it. All of it is durable. */
export class StrategyMonitors {
  readonly #gates: StrategyGates;
  readonly #days: Days;
  readonly #own = new Map<StrategyId, OwnMonitor>();

  constructor(gates: StrategyGates, day: DayBoundary) {
    this.#gates = gates;
    this.#days = new Days(day);
  }

  get state(): readonly OwnMonitor[] {
    return [...this.#own.values()];
  }

  /** The highest profits together. */
  get peaks(): Amount {
    let sum = ZERO_AMOUNT;
    for (const { peakProfit } of this.#own.values()) sum = addAmounts(sum, peakProfit);
    return sum;
  }

  restore(state: readonly OwnMonitor[]): void {
    for (const own of state) this.#own.set(own.strategyId, own);
  }

  /** Where a person has lifted what held a gate, losses are measured from here on. True when one has. */
  lifted(profitOf: (id: StrategyId) => Amount | null): boolean {
    let any = false;
    if (this.#own.size === 0) return any;
    for (const own of this.#own.values()) {
      if (own.holds.length === 0) continue;
      const gate = this.#gates.of(own.strategyId);
      const holds = own.holds.filter((code) => gate.has(code));
      if (holds.length === own.holds.length) continue;
      const profit = profitOf(own.strategyId);
      const gone = (code: string): boolean => own.holds.includes(code) && !holds.includes(code);
      this.#own.set(own.strategyId, {
        ...own,
        holds,
        ...(profit !== null && gone(DAILY_LOSS) ? { lossBase: profit } : {}),
        ...(profit !== null && gone(DRAWDOWN) ? { peakProfit: profit } : {}),
      });
      any = true;
    }
    return any;
  }

  /** Coins that somebody took away, or brought, are no profit of the strategy. */
  shift(strategyId: StrategyId, by: Amount): void {
    const own = this.#own.get(strategyId);
    if (own === undefined || by === 0n) return;
    const { peakProfit, lossBase } = own;
    this.#own.set(strategyId, {
      ...own,
      peakProfit: addAmounts(peakProfit, by),
      lossBase: addAmounts(lossBase, by),
    });
  }

  /** Takes the profit of this moment. `moved`: a day began or the gate moved, so that it must be recorded at once; `found`: what closed the gate now. */
  observe(
    strategyId: StrategyId,
    profit: Amount,
    { dayStartEquity, peakEquity }: Yardstick,
    nowUs: TimestampUs,
    limits: StrategyLimits,
  ): { readonly moved: boolean; readonly found: readonly GateCause[] } {
    const day = this.#days.of(nowUs);
    const gate = this.#gates.of(strategyId);
    const before = this.#own.get(strategyId) ?? null;
    const newDay = before === null || day.startUs > before.dayStartUs;
    const peakProfit = before === null || profit > before.peakProfit ? profit : before.peakProfit;
    let holds = before?.holds ?? [];
    if (newDay && gate.lift(DAILY_LOSS, nowUs)) holds = holds.filter((code) => code !== DAILY_LOSS);
    const lossBase = newDay ? profit : before.lossBase;
    const found: GateCause[] = [];
    const today = lostTooMuch(lossBase, profit, dayStartEquity, limits.dailyLossPpmMax);
    if (today !== null && !gate.has(DAILY_LOSS)) {
      const ends = new Date(day.endUs / US_PER_MS).toISOString();
      const reason = `daily loss limit of ${strategyId}: ${today} today; only exits until ${ends}, when the next day begins`;
      found.push({ code: DAILY_LOSS, state: 'REDUCING', reason, by: 'risk', sinceUs: nowUs, lasting: true });
    }
    const fall = lostTooMuch(peakProfit, profit, peakEquity, limits.drawdownPpmMax);
    if (fall !== null && !gate.has(DRAWDOWN)) {
      const reason = `drawdown limit of ${strategyId}: ${fall} from its highest profit of ${formatAmount(peakProfit)}; halted until a person starts it again`;
      found.push({ code: DRAWDOWN, state: 'HALTED', reason, by: 'risk', sinceUs: nowUs, lasting: true });
    }
    for (const cause of found) gate.raise(cause);
    const dayStartUs = newDay ? day.startUs : before.dayStartUs;
    this.#own.set(strategyId, {
      strategyId,
      peakProfit,
      dayStartUs,
      lossBase,
      holds: [...holds, ...found.map(({ code }) => code)],
    });
    return { moved: newDay || found.length > 0, found };
  }
}

/** In words; null where the loss is below its share, or nothing is limited. */
function lostTooMuch(from: Amount, to: Amount, whole: Amount | null, ppmMax: number | null): string | null {
  if (ppmMax === null || whole === null) return null;
  const loss = subtractAmounts(from, to);
  if (loss <= 0n || loss < applyRate(whole, ppmMax, 'floor')) return null;
  return `${formatAmount(loss)} lost, the limit is ${percent(ppmMax)} of ${formatAmount(whole)}`;
}
