const single = new Float32Array(1);
const bits = new Int32Array(single.buffer);

/** The greatest 32-bit float below a 32-bit float; −Infinity stays. */
export function below32(value: number): number {
  if (value === -Infinity || Number.isNaN(value)) return value;
  single[0] = value;
  if (single[0] === 0) return -(2 ** -149);
  const word = bits[0] as number;
  bits[0] = word > 0 ? word - 1 : word + 1;
  return single[0];
}

/** The least 32-bit float above a 32-bit float; Infinity stays. */
export function above32(value: number): number {
  return -below32(-value) + 0;
}

/** The shortest decimal with an exponent that reads back as the same 32-bit float. XGBoost 1.7 takes a number without a point or an exponent for an integer, and refuses it among floats. */
export function text32(value: number): string {
  const rounded = Math.fround(value);
  if (!Number.isFinite(rounded)) return Number.isNaN(rounded) ? 'NaN' : rounded > 0 ? 'Infinity' : '-Infinity';
  for (let digits = 5; digits < 8; digits += 1) {
    const text = rounded.toExponential(digits);
    if (Math.fround(Number(text)) === rounded) return Number(text).toExponential();
  }
  return Number(rounded.toExponential(8)).toExponential();
}
