import type { BacktestCurve } from '@monsta/contracts';
import type { PlotPoint } from './plot.ts';

type Column = 'equity' | 'buyAndHold' | 'drawdown' | 'exposure';

/** One column of a curve as points to draw. */
export const pointsOf = (
  curve: BacktestCurve,
  column: Column,
  by = (value: number): number => value,
): readonly PlotPoint[] => curve.timeMs.map((timeMs, index) => ({ timeMs, value: by(curve[column][index] ?? 0) }));

/** Equity as a share of what it was at first, so that accounts of any size lie on one scale; empty where there was nothing at first. */
export function growthOf(curve: BacktestCurve, column: 'equity' | 'buyAndHold' = 'equity'): readonly PlotPoint[] {
  const first = curve[column][0] ?? 0;
  return first > 0 ? pointsOf(curve, column, (value) => value / first - 1) : [];
}

/** The share below the highest value before, at and under 0. */
export function underWater(values: readonly number[]): readonly number[] {
  let peak = Number.NEGATIVE_INFINITY;
  return values.map((value) => {
    peak = Math.max(peak, value);
    return peak > 0 && value < peak ? value / peak - 1 : 0;
  });
}

export interface SpecDifference {
  /** `costs.takerFeeBps` */
  readonly path: string;
  /** What each has there, as JSON; null where it has nothing. */
  readonly values: readonly (string | null)[];
}

function leaves(value: unknown, path: string, into: Map<string, string>): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) into.set(path, JSON.stringify(value));
  else for (const [name, part] of Object.entries(value)) leaves(part, path === '' ? name : `${path}.${name}`, into);
}

/** Where specifications differ, in the order in which the first one to name a place does. */
export function differencesOf(specs: readonly object[]): readonly SpecDifference[] {
  const each = specs.map((spec) => {
    const found = new Map<string, string>();
    leaves(spec, '', found);
    return found;
  });
  const paths = [...new Set(each.flatMap((found) => [...found.keys()]))];
  return paths
    .map((path) => ({ path, values: each.map((found) => found.get(path) ?? null) }))
    .filter(({ values }) => values.some((value) => value !== values[0]));
}
