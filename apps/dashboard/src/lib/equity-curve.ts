import type { PerformanceReply } from '@monsta/contracts';
import { forDrawing, subtract, trendOf } from './decimal-text.ts';
import type { PlotPoint } from './plot.ts';

type Point = NonNullable<PerformanceReply['curve']>[number];
type AccountPoint = Extract<Point, { readonly equity: string }>;

/** Money that came (above zero) or went between two samples. */
export interface Flow {
  readonly timeMs: number;
  readonly amount: string;
}

export interface EquityCurve {
  readonly samples: readonly Point[];
  /** Equity of the account, or profit since ever of a strategy. */
  readonly value: readonly PlotPoint[];
  /** Below zero, as a share; empty for a strategy, and where it is not known. */
  readonly drawdown: readonly PlotPoint[];
  readonly flows: readonly Flow[];
}

export const isOfAccount = (point: Point): point is AccountPoint => 'equity' in point;

/** The exact text that a sample's curve shows. */
export const valueText = (point: Point): string => (isOfAccount(point) ? point.equity : point.profit);

/** A curve in the plot's binary numbers; each sample keeps its exact texts. */
export function equityCurve(samples: readonly Point[]): EquityCurve {
  const value: PlotPoint[] = [];
  const drawdown: PlotPoint[] = [];
  const flows: Flow[] = [];
  let before: AccountPoint | null = null;
  for (const sample of samples) {
    const { timeMs } = sample;
    const drawn = forDrawing(valueText(sample));
    if (drawn !== null) value.push({ timeMs, value: drawn });
    if (!isOfAccount(sample)) continue;
    if (sample.drawdown !== null) drawdown.push({ timeMs, value: sample.drawdown === 0 ? 0 : -sample.drawdown });
    const amount = before === null ? null : subtract(sample.deposits, before.deposits);
    if (amount !== null && trendOf(amount) !== 'flat') flows.push({ timeMs, amount });
    before = sample;
  }
  return { samples, value, drawdown, flows };
}
