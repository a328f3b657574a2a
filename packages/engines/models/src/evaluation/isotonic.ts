import { err, ok, type Result } from '@monsta/core';

/** Isotonic calibration: raw probabilities and what they become; both rise, straight lines between. */
export interface IsotonicCalibration {
  readonly raw: readonly number[];
  readonly calibrated: readonly number[];
  /** Forecasts that it was fitted on. */
  readonly rows: number;
}

const at = (values: Float64Array, index: number): number => values[index] ?? Number.NaN;

/** Neighbouring forecasts that are given one probability. */
interface Pool {
  low: number;
  high: number;
  weight: number;
  risen: number;
}

/**
 * Fits the rising function of the raw probability with the least squares to the first `rows` forecasts: pool adjacent violators (Ayer, Brunk, Ewing, Reid and Silverman 1955; for
 * probabilities Zadrozny and Elkan 2002). One rise is added below all forecasts and one fall above them, so that few rows never promise certainty. `up`: 1 where the price rose afterwards.
 * Faults: `one_class`, `calibration_inverted` where higher forecasts were nowhere followed by more rises.
 */
export function fitIsotonic(probabilities: Float64Array, up: Uint8Array, rows: number): Result<IsotonicCalibration> {
  const risen = up.subarray(0, rows).reduce((count, each) => count + each, 0);
  if (risen === 0 || risen === rows)
    return err(
      'one_class',
      `all ${rows} forecasts were followed by the same direction: there is nothing to compare with`,
    );
  const order = Uint32Array.from({ length: rows }, (_, row) => row).sort(
    (one, other) => at(probabilities, one) - at(probabilities, other),
  );
  const pools: Pool[] = [];
  const push = (pool: Pool): void => {
    let last = pool;
    for (let before = pools.at(-1); before !== undefined; before = pools.at(-1)) {
      // Equal means are pooled, too: the same function with fewer knots.
      if (before.risen * last.weight < last.risen * before.weight) break;
      pools.pop();
      last = {
        low: before.low,
        high: last.high,
        weight: before.weight + last.weight,
        risen: before.risen + last.risen,
      };
    }
    pools.push(last);
  };
  const [least, most] = [at(probabilities, order[0] ?? 0), at(probabilities, order[rows - 1] ?? 0)];
  push({ low: least, high: least, weight: 1, risen: 1 });
  for (let place = 0; place < rows;) {
    const raw = at(probabilities, order[place] ?? 0);
    const tied: Pool = { low: raw, high: raw, weight: 0, risen: 0 };
    for (; place < rows && at(probabilities, order[place] ?? 0) === raw; place += 1) {
      tied.weight += 1;
      tied.risen += up[order[place] ?? 0] ?? 0;
    }
    push(tied);
  }
  push({ low: most, high: most, weight: 1, risen: 0 });
  if (pools.length === 1)
    return err(
      'calibration_inverted',
      'higher forecasts were nowhere followed by more rises: one probability fits all',
    );
  const [raw, calibrated]: [number[], number[]] = [[], []];
  for (const { low, high, weight, risen: count } of pools) {
    for (const edge of low === high ? [low] : [low, high]) {
      raw.push(edge);
      calibrated.push(count / weight);
    }
  }
  return ok({ raw, calibrated, rows });
}

/** What a raw probability becomes: straight between the knots, the last knot's beyond them. */
export function calibrateIsotonic({ raw, calibrated }: IsotonicCalibration, probability: number): number {
  let [low, high] = [0, raw.length - 1];
  if (probability <= (raw[low] ?? Number.NaN)) return calibrated[low] ?? Number.NaN;
  if (probability >= (raw[high] ?? Number.NaN)) return calibrated[high] ?? Number.NaN;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((raw[middle] ?? Number.NaN) <= probability) low = middle;
    else high = middle;
  }
  const [from, to] = [raw[low] ?? Number.NaN, raw[high] ?? Number.NaN];
  const [below, above] = [calibrated[low] ?? Number.NaN, calibrated[high] ?? Number.NaN];
  return below + ((above - below) * (probability - from)) / (to - from);
}
