/**
 * A 32-bit mix of a counter, so that the n-th draw of a stream can be had without the ones before it
 * (the constants are Chris Wellons' "lowbias32").
 */
export function mix32(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Distance between the counters of two draws of one stream: 2^32 ÷ the golden ratio, odd. */
export const DRAW_STEP = 0x9e3779b9;

/** Draw number `counter` of the stream `seed`, uniform in (0, 1). */
export const uniformAt = (seed: number, counter: number): number =>
  (mix32(seed + Math.imul(counter, DRAW_STEP)) + 0.5) / 2 ** 32;

/** A standard normal (Box–Muller) from the draws `counter` and the one after. */
export const gaussianAt = (seed: number, counter: number): number =>
  Math.sqrt(-2 * Math.log(uniformAt(seed, counter))) * Math.cos(2 * Math.PI * uniformAt(seed, counter + 1));

/** Inverse of the normal distribution (Peter J. Acklam's rational approximation, relative error below 1.2e-9); 0 < p < 1. */
function normalQuantile(p: number): number {
  const tail = (q: number): number =>
    (((((-7.784894002430293e-3 * q - 3.223964580411365e-1) * q - 2.400758277161838) * q - 2.549732539343734) * q +
      4.374664141464968) *
      q +
      2.938163982698783) /
    ((((7.784695709041462e-3 * q + 3.224671290700398e-1) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1);
  if (p < 0.02425) return tail(Math.sqrt(-2 * Math.log(p)));
  if (p > 1 - 0.02425) return -tail(Math.sqrt(-2 * Math.log(1 - p)));
  const q = p - 0.5;
  const r = q * q;
  return (
    ((((((-3.969683028665376e1 * r + 2.209460984245205e2) * r - 2.759285104469687e2) * r + 1.38357751867269e2) * r -
      3.066479806614716e1) *
      r +
      2.506628277459239) *
      q) /
    (((((-5.447609879822406e1 * r + 1.615858368580409e2) * r - 1.556989798598866e2) * r + 6.680131188771972e1) * r -
      1.328068155288572e1) *
      r +
      1)
  );
}

export const NORMAL_BITS = 8;
const NORMAL_SIZE = 2 ** NORMAL_BITS;

/** Equally likely values of a standard normal, scaled to variance 1. */
export const NORMAL_TABLE: Float64Array = (() => {
  const table = Float64Array.from({ length: NORMAL_SIZE }, (_, index) => normalQuantile((index + 0.5) / NORMAL_SIZE));
  const variance = table.reduce((sum, value) => sum + value * value, 0) / NORMAL_SIZE;
  return table.map((value) => value / Math.sqrt(variance));
})();

export const SIZE_BITS = 10;

/** Equally likely sizes with median 1: log-normal with σ = 1.3, so that few are large, as in real markets. */
export const SIZE_TABLE: Float64Array = Float64Array.from({ length: 2 ** SIZE_BITS }, (_, index) =>
  Math.exp(1.3 * normalQuantile((index + 0.5) / 2 ** SIZE_BITS)),
);
/** Their mean, in medians. */
export const SIZE_MEAN: number = SIZE_TABLE.reduce((sum, size) => sum + size, 0) / SIZE_TABLE.length;
