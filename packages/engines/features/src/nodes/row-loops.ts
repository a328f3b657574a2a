/**
 * A function of the same row of some columns, over the rows `from … to − 1`. Each is a loop of its own: a loop that were given the function for one row would call it for each, and box every
 * number that goes in and out, which took ten times as long.
 */
export type RowLoop = (
  out: Float64Array,
  from: number,
  to: number,
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
) => void;

export const ln: RowLoop = (out, from, to, a) => {
  for (let row = from; row < to; row += 1) out[row] = Math.log(a[row] as number);
};

export const minus: RowLoop = (out, from, to, a, b) => {
  for (let row = from; row < to; row += 1) out[row] = (a[row] as number) - (b[row] as number);
};

export const times: RowLoop = (out, from, to, a, b) => {
  for (let row = from; row < to; row += 1) out[row] = (a[row] as number) * (b[row] as number);
};

export const over: RowLoop = (out, from, to, a, b) => {
  for (let row = from; row < to; row += 1) out[row] = (a[row] as number) / (b[row] as number);
};

/** `ln(a / b)`. */
export const lnOver: RowLoop = (out, from, to, a, b) => {
  for (let row = from; row < to; row += 1) out[row] = Math.log((a[row] as number) / (b[row] as number));
};

export const square: RowLoop = (out, from, to, a) => {
  for (let row = from; row < to; row += 1) out[row] = (a[row] as number) * (a[row] as number);
};

export const absolute: RowLoop = (out, from, to, a) => {
  for (let row = from; row < to; row += 1) out[row] = Math.abs(a[row] as number);
};

export const positivePart: RowLoop = (out, from, to, a) => {
  for (let row = from; row < to; row += 1) out[row] = Math.max(0, a[row] as number);
};

export const negativePart: RowLoop = (out, from, to, a) => {
  for (let row = from; row < to; row += 1) out[row] = Math.max(0, -(a[row] as number));
};

/** `a / by`. */
export const overBy =
  (by: number): RowLoop =>
  (out, from, to, a) => {
    for (let row = from; row < to; row += 1) out[row] = (a[row] as number) / by;
  };

/** `√(a / count)`. */
export const rootMean =
  (count: number): RowLoop =>
  (out, from, to, a) => {
    for (let row = from; row < to; row += 1) out[row] = Math.sqrt((a[row] as number) / count);
  };

/** `(a − mean b) / standard deviation`, `c` the sum of `count` squared deviations. */
export const standardScore =
  (count: number): RowLoop =>
  (out, from, to, a, b, c) => {
    for (let row = from; row < to; row += 1)
      out[row] = ((a[row] as number) - (b[row] as number)) / Math.sqrt((c[row] as number) / count);
  };

/** `a / (b / count)`. */
export const overMeanOf =
  (count: number): RowLoop =>
  (out, from, to, a, b) => {
    for (let row = from; row < to; row += 1) out[row] = ((a[row] as number) * count) / (b[row] as number);
  };
