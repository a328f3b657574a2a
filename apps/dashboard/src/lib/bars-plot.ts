/** A bar of a plot: up or down from zero. */
export interface PlotBar {
  /** Its own among the bars of a plot. */
  readonly key: string;
  readonly label: string;
  /** Null: not known, nothing is drawn. */
  readonly value: number | null;
  /** What the value may well be. */
  readonly low?: number;
  readonly high?: number;
}

/** Values over the bars, one for each. */
export interface PlotOverlay {
  readonly name: string;
  readonly stroke: string;
  readonly dash: string;
  readonly values: readonly number[];
  /** Drawn below zero too. */
  readonly mirrored: boolean;
}

/** Lowest and highest of all that is drawn, zero among it, with a little air where it is not zero itself. */
export function reachOf(bars: readonly PlotBar[], overlays: readonly PlotOverlay[]): readonly [number, number] {
  let [low, high] = [0, 0];
  const see = (value: number | null | undefined): void => {
    if (value === null || value === undefined) return;
    [low, high] = [Math.min(low, value), Math.max(high, value)];
  };
  for (const bar of bars) for (const value of [bar.value, bar.low, bar.high]) see(value);
  for (const { values, mirrored } of overlays) {
    for (const value of values) {
      see(value);
      if (mirrored) see(-value);
    }
  }
  if (low === 0 && high === 0) return [0, 1];
  const air = (high - low) * 0.06;
  return [low === 0 ? 0 : low - air, high === 0 ? 0 : high + air];
}

const CHARACTER_PIXELS = 6.6;
const BETWEEN_PIXELS = 12;
/** So far a label may reach beyond its bar at the edge. */
const AT_EDGE_PIXELS = 4;

/** Which of the bars have a label below, so that none meets the next or is cut off at the edge. */
export function labelledBars(labels: readonly string[], width: number): ReadonlySet<number> {
  const widest = labels.reduce((most, { length }) => Math.max(most, length), 0) * CHARACTER_PIXELS;
  const each = Math.max(1, width) / Math.max(1, labels.length);
  const every = Math.max(1, Math.ceil((widest + BETWEEN_PIXELS) / each));
  const first = widest > each + 2 * AT_EDGE_PIXELS ? Math.ceil(widest / 2 / each) : 0;
  return new Set(labels.flatMap((_, index) => (index >= first && (index - first) % every === 0 ? [index] : [])));
}
