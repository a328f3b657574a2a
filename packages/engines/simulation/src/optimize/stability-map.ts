import type { AnyParameterValues } from '@monsta/trading';
import { lossOf } from './objective.ts';
import {
  coordinateOf,
  indexAt,
  pointKey,
  valueCount,
  valuesAt,
  type Dimension,
  type Point,
  type SearchSpace,
} from './space.ts';

/** How far a step along a range goes, as a share of it. */
const RANGE_STEP = 0.05;

/** A point near the best one, and which of the steps of its two parameters it is at. */
export interface MapCell {
  readonly row: number;
  readonly column: number;
  /** Of the searched parameters. */
  readonly values: AnyParameterValues;
  /** The same for the same values. */
  readonly key: string;
}

/** The neighbourhood of the best point along two parameters, all others as they are at it. */
export interface MapPlan {
  readonly rows: { readonly name: string; readonly values: readonly (number | string | boolean)[] };
  readonly columns: { readonly name: string; readonly values: readonly (number | string | boolean)[] };
  readonly best: { readonly row: number; readonly column: number };
  readonly cells: readonly MapCell[];
}

/** Places along a dimension on both sides of one, up to `reach` steps away, and which of them it is. Things without an order are all looked at. */
function placesAround(
  dimension: Dimension,
  coordinate: number,
  reach: number,
): { places: readonly number[]; at: number } {
  const count = valueCount(dimension);
  if (count === Infinity) {
    const steps = Array.from({ length: 2 * reach + 1 }, (_, index) => coordinate + (index - reach) * RANGE_STEP);
    const places = steps.filter((place) => place >= 0 && place <= 1);
    return { places, at: places.indexOf(coordinate) };
  }
  const index = indexAt(coordinate, count);
  if (dimension.kind === 'choice')
    return { places: Array.from({ length: count }, (_, each) => coordinateOf(each, count)), at: index };
  // A step is at least one value, and a fortieth of them where they are many: the next of 500 periods says nothing of a plateau.
  const stride = Math.max(1, Math.round(count / 40));
  const indices = Array.from({ length: 2 * reach + 1 }, (_, each) => index + (each - reach) * stride);
  const within = indices.filter((each) => each >= 0 && each < count);
  return { places: within.map((each) => coordinateOf(each, count)), at: within.indexOf(index) };
}

/** For each pair of parameters the cells around a point that the strategy can be run with; with one parameter alone, a single row. `reach`: steps on each side. */
export function planMaps(
  space: SearchSpace,
  best: Point,
  reach: number,
  accepts: (values: AnyParameterValues) => boolean,
): readonly MapPlan[] {
  const { dimensions } = space;
  const pairs = dimensions.flatMap((_, row) =>
    dimensions.flatMap((__, column) => (row < column ? [[row, column] as const] : [])),
  );
  return (dimensions.length === 1 ? [[0, 0] as const] : pairs).flatMap(([rowAt, columnAt]) => {
    const [rowOf, columnOf] = [dimensions[rowAt], dimensions[columnAt]];
    if (rowOf === undefined || columnOf === undefined) return [];
    const around = placesAround(rowOf, best[rowAt] ?? 0, reach);
    const columns = placesAround(columnOf, best[columnAt] ?? 0, reach);
    const rows = rowAt === columnAt ? { places: [best[rowAt] ?? 0], at: 0 } : around;
    const pointAt = (row: number, column: number): Point =>
      best.map((coordinate, at) => (at === columnAt ? column : at === rowAt ? row : coordinate));
    const valuesOf = (at: number, places: readonly number[]) => {
      const name = dimensions[at]?.name ?? '';
      const values = places.map(
        (place) =>
          valuesAt(
            space,
            best.map((each, axis) => (axis === at ? place : each)),
          )[name] ?? '',
      );
      return { name, values };
    };
    const cells = rows.places.flatMap((row, rowIndex) =>
      columns.places.flatMap((column, columnIndex) => {
        const point = pointAt(row, column);
        const values = valuesAt(space, point);
        return accepts(values) ? [{ row: rowIndex, column: columnIndex, values, key: pointKey(space, point) }] : [];
      }),
    );
    return [
      {
        rows: valuesOf(rowAt, rows.places),
        columns: valuesOf(columnAt, columns.places),
        best: { row: rows.at, column: columns.at },
        cells,
      },
    ];
  });
}

/**
 * Whether the best stands on a plateau (1) or on a peak (0): of its neighbours the mean share that they keep of what the best is above the middle (median) of all trials, each cut
 * off at 0 and 1. Null without neighbours whose value is known, or where the best is not above the middle.
 */
export function stabilityScore(
  best: number,
  middle: number | null,
  neighbours: readonly (number | null)[],
  direction: 'max' | 'min',
): number | null {
  const known = neighbours.filter((value) => value !== null);
  if (middle === null || known.length === 0) return null;
  const ahead = lossOf(middle, direction) - lossOf(best, direction);
  if (!(ahead > 0)) return null;
  const kept = known.map((value) =>
    Math.min(1, Math.max(0, (lossOf(middle, direction) - lossOf(value, direction)) / ahead)),
  );
  return kept.reduce((sum, share) => sum + share, 0) / kept.length;
}

/** The middle of values; null for none. */
export function median(values: readonly number[]): number | null {
  const rising = values.toSorted((left, right) => left - right);
  const [low, high] = [rising[Math.floor((rising.length - 1) / 2)], rising[Math.ceil((rising.length - 1) / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
