import type { FrameValues } from './indicator.ts';

/** Windows that are reckoned side by side: one recursion waits for itself at each step, eight don't wait for each other. */
const LANES = 8;

/** Values of windows that begin at `from`, `from` + 1 … are put into `out`. */
type Side = (from: number, out: Float64Array) => void;

/** A figure that is asked index after index, reckoned for eight at a time; `count` bars a window, `total` in all. Each is the very number that it would be alone. */
export function inLanes(total: number, count: number, side: Side, alone: FrameValues<number>): FrameValues<number> {
  const out = new Float64Array(LANES);
  let first = -Infinity;
  return (index) => {
    const lane = index - first;
    if (lane >= 0 && lane < LANES) return out[lane] as number;
    if (index + LANES > total) return alone(index);
    side(index - count + 1, out);
    first = index;
    return out[0] as number;
  };
}

/** Exponential averages over `count` values each: of the first `period` the plain mean, as it runs. */
export function emaSide(values: Float64Array, count: number, period: number): Side {
  const alpha = 2 / (period + 1);
  return (from, out) => {
    let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let step = 0; step < count; step += 1) {
      const at = from + step;
      const weight = step < period ? 1 / (step + 1) : alpha;
      a += ((values[at] as number) - a) * weight;
      b += ((values[at + 1] as number) - b) * weight;
      c += ((values[at + 2] as number) - c) * weight;
      d += ((values[at + 3] as number) - d) * weight;
      e += ((values[at + 4] as number) - e) * weight;
      f += ((values[at + 5] as number) - f) * weight;
      g += ((values[at + 6] as number) - g) * weight;
      h += ((values[at + 7] as number) - h) * weight;
    }
    put(out, a, b, c, d, e, f, g, h);
  };
}

/** Wilder's averages over `count` values each: the mean of the first `period`, then a `period`-th of the way to each further one, by a multiplication: a division takes several times as long. */
export function wilderSide(values: Float64Array, count: number, period: number): Side {
  const weight = 1 / period;
  return (from, out) => {
    let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let at = from; at < from + period; at += 1) {
      a += values[at] as number;
      b += values[at + 1] as number;
      c += values[at + 2] as number;
      d += values[at + 3] as number;
      e += values[at + 4] as number;
      f += values[at + 5] as number;
      g += values[at + 6] as number;
      h += values[at + 7] as number;
    }
    a /= period;
    b /= period;
    c /= period;
    d /= period;
    e /= period;
    f /= period;
    g /= period;
    h /= period;
    for (let at = from + period; at < from + count; at += 1) {
      a += ((values[at] as number) - a) * weight;
      b += ((values[at + 1] as number) - b) * weight;
      c += ((values[at + 2] as number) - c) * weight;
      d += ((values[at + 3] as number) - d) * weight;
      e += ((values[at + 4] as number) - e) * weight;
      f += ((values[at + 5] as number) - f) * weight;
      g += ((values[at + 6] as number) - g) * weight;
      h += ((values[at + 7] as number) - h) * weight;
    }
    put(out, a, b, c, d, e, f, g, h);
  };
}

function put(out: Float64Array, ...lanes: readonly number[]): void {
  for (let lane = 0; lane < LANES; lane += 1) out[lane] = lanes[lane] as number;
}
