/** The highest of the last `count` values up to each index; of all there are where there are fewer. */
export const rollingHighest = (values: Float64Array, count: number): Float64Array => rolling(values, count, 1);

/** The lowest. */
export const rollingLowest = (values: Float64Array, count: number): Float64Array => rolling(values, count, -1);

/** A few steps a value, however many there are: only those are remembered that no later one has beaten (Lemire, Streaming maximum-minimum filter, 2006). */
function rolling(values: Float64Array, count: number, sign: 1 | -1): Float64Array {
  const { length } = values;
  const extremes = new Float64Array(length);
  /** Places of values, each beaten by the one before: the first is the extreme. */
  const places = new Int32Array(length);
  let [first, end] = [0, 0];
  for (let index = 0; index < length; index += 1) {
    const value = (values[index] as number) * sign;
    while (end > first && (values[places[end - 1] as number] as number) * sign <= value) end -= 1;
    places[end] = index;
    end += 1;
    if ((places[first] as number) <= index - count) first += 1;
    extremes[index] = values[places[first] as number] as number;
  }
  return extremes;
}
