/** A sample of a curve, in the plot's own binary numbers: for drawing only. */
export interface PlotPoint {
  readonly timeMs: number;
  readonly value: number;
}

/** How many usual steps without a sample make a gap. */
const GAP_STEPS = 2.5;

/** The middle distance of neighbours; null for fewer than two points. */
function usualStepMs(points: readonly PlotPoint[]): number | null {
  const steps = points.slice(1).map(({ timeMs }, index) => timeMs - (points[index]?.timeMs ?? timeMs));
  return steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? null;
}

/** The curve in pieces: where nothing was sampled for more than 2.5 usual steps there is a gap, which no line crosses. */
export function piecesOf(points: readonly PlotPoint[]): readonly (readonly PlotPoint[])[] {
  const step = usualStepMs(points);
  const pieces: PlotPoint[][] = [];
  let last: PlotPoint | null = null;
  for (const point of points) {
    if (last === null || (step !== null && point.timeMs - last.timeMs > step * GAP_STEPS)) pieces.push([point]);
    else pieces.at(-1)?.push(point);
    last = point;
  }
  return pieces;
}

export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly at: (value: number) => number;
}

/** A straight scale of `from`…`to` onto `start`…`end`; a span of nothing is drawn in the middle. */
export function scaleOf(from: number, to: number, start: number, end: number): Scale {
  const span = to - from;
  return {
    from,
    to,
    at: (value) => (span === 0 ? (start + end) / 2 : start + ((value - from) / span) * (end - start)),
  };
}

/** Round values between the two, about `count` of them: multiples of 1, 2 or 5 of a power of ten. */
export function roundTicks(from: number, to: number, count: number): readonly number[] {
  const span = to - from;
  if (!(span > 0)) return [from];
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((each) => each * power >= rough) ?? 10) * power;
  const first = Math.ceil(from / step);
  const last = Math.floor(to / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => (first + index) * step);
}

/** `count` instants spread evenly, both ends among them. */
export const evenTicks = (from: number, to: number, count: number): readonly number[] =>
  from === to ? [from] : Array.from({ length: count }, (_, index) => from + ((to - from) * index) / (count - 1));

/** Lowest and highest value with a little air around them, so that a level line is in the middle. */
export function spanOf(points: readonly PlotPoint[]): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { value } of points) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (!Number.isFinite(low)) return [0, 1];
  const air = high === low ? Math.max(Math.abs(high) * 0.001, 1e-9) : (high - low) * 0.06;
  return [low - air, high + air];
}

/** The point whose time is nearest; null where there is none. */
export function nearest<T extends { readonly timeMs: number }>(points: readonly T[], timeMs: number): T | null {
  let best: T | null = null;
  for (const point of points) {
    if (best === null || Math.abs(point.timeMs - timeMs) <= Math.abs(best.timeMs - timeMs)) best = point;
  }
  return best;
}
