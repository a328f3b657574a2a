/** Order of 32-bit floats as order of unsigned words: negative ones turned round, the sign flipped on the others. */
function toKey(bits: u32): u32 {
  return bits ^ (<u32>(<i32>bits >> 31) | 0x80000000);
}

/** The way back. */
function fromKey(key: u32): u32 {
  return key ^ (<u32>~(<i32>key >> 31) | 0x80000000);
}

const DIGITS: i32 = 2048;

/**
 * Sorts `count` 32-bit floats (no NaN) at `values` ascending, −0 before +0: a radix sort of three digits of 11, 11 and 10 bits. `rows` (u32, or 0: none) is put into the same order;
 * equal values keep theirs. `scratch`, `scratchRows`: as large; `digits`: 3 × 2048 words.
 */
export function sortFloats(
  count: i32,
  values: usize,
  rows: usize,
  scratch: usize,
  scratchRows: usize,
  digits: usize,
): void {
  memory.fill(digits, 0, 3 * DIGITS * 4);
  for (let i = 0; i < count; i++) {
    const key = toKey(load<u32>(values + (i << 2)));
    store<u32>(values + (i << 2), key);
    const a = digits + ((key & 2047) << 2);
    const b = digits + 8192 + (((key >> 11) & 2047) << 2);
    const c = digits + 16384 + ((key >> 22) << 2);
    store<u32>(a, load<u32>(a) + 1);
    store<u32>(b, load<u32>(b) + 1);
    store<u32>(c, load<u32>(c) + 1);
  }
  for (let digit = 0; digit < 3; digit++) {
    let sum: u32 = 0;
    const at = digits + digit * 8192;
    for (let i = 0; i < DIGITS; i++) {
      const here = load<u32>(at + (i << 2));
      store<u32>(at + (i << 2), sum);
      sum += here;
    }
  }
  let from = values;
  let to = scratch;
  let fromRows = rows;
  let toRows = scratchRows;
  for (let digit = 0; digit < 3; digit++) {
    const at = digits + digit * 8192;
    const shift = digit * 11;
    for (let i = 0; i < count; i++) {
      const key = load<u32>(from + (i << 2));
      const slot = at + (((key >> shift) & 2047) << 2);
      const place = load<u32>(slot);
      store<u32>(slot, place + 1);
      store<u32>(to + (place << 2), key);
      if (rows) store<u32>(toRows + (place << 2), load<u32>(fromRows + (i << 2)));
    }
    const other = from;
    from = to;
    to = other;
    const otherRows = fromRows;
    fromRows = toRows;
    toRows = otherRows;
  }
  for (let i = 0; i < count; i++) store<u32>(values + (i << 2), fromKey(load<u32>(scratch + (i << 2))));
  if (rows) memory.copy(rows, scratchRows, count << 2);
}

/**
 * Distinct values of `count` sorted floats into `distinct` (f32), and the weight of what lies before each into `before` (f64, one more than there are values: the whole at the end).
 * `rows` and `weights` (f64 by row): 0 for a weight of 1 each. Returns how many values there are.
 */
export function distinctValues(
  count: i32,
  values: usize,
  rows: usize,
  weights: usize,
  distinct: usize,
  before: usize,
): i32 {
  let found = 0;
  let sum: f64 = 0;
  let last: f32 = 0;
  for (let i = 0; i < count; i++) {
    const value = load<f32>(values + (i << 2));
    if (i == 0 || value != last) {
      store<f32>(distinct + (found << 2), value);
      store<f64>(before + (found << 3), sum);
      found++;
      last = value;
    }
    sum += weights ? load<f64>(weights + ((<usize>load<u32>(rows + (i << 2))) << 3)) : 1;
  }
  store<f64>(before + (found << 3), sum);
  return found;
}

/** Bins of `count` floats: the number of the 255 `cuts` (padded with +infinity) that are ≤ the value; NaN gives `missing`. */
export function assignBins(count: i32, values: usize, cuts: usize, missing: u32, bins: usize): void {
  for (let i = 0; i < count; i++) {
    const value = load<f32>(values + (i << 2));
    let at = cuts;
    at += (<usize>(load<f32>(at, 127 * 4) <= value)) << 9;
    at += (<usize>(load<f32>(at, 63 * 4) <= value)) << 8;
    at += (<usize>(load<f32>(at, 31 * 4) <= value)) << 7;
    at += (<usize>(load<f32>(at, 15 * 4) <= value)) << 6;
    at += (<usize>(load<f32>(at, 7 * 4) <= value)) << 5;
    at += (<usize>(load<f32>(at, 3 * 4) <= value)) << 4;
    at += (<usize>(load<f32>(at, 4) <= value)) << 3;
    at += (<usize>(load<f32>(at) <= value)) << 2;
    store<u8>(bins + i, value != value ? missing : <u32>(at - cuts) >> 2);
  }
}

/** out[i] = a[i] − b[i] over `count` f64, an even number of them. */
export function subtract(count: i32, a: usize, b: usize, out: usize): void {
  for (let offset = 0; offset < count << 3; offset += 16)
    v128.store(out + offset, f64x2.sub(v128.load(a + offset), v128.load(b + offset)));
}
