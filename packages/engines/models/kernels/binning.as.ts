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

/** Where the run of values that a sketch's queue holds ends: after `runs` runs of equal neighbours, or at `count`. */
export function queueEnd(from: i32, count: i32, values: usize, runs: i32): i32 {
  let seen = 0;
  let last: f32 = 0;
  for (let i = from; i < count; i++) {
    const value = load<f32>(values + (i << 2));
    if (i == from || value != last) {
      if (seen == runs) return i;
      seen++;
      last = value;
    }
  }
  return count;
}

/** An entry of a summary: least and greatest rank, weight, value; four f32. */
function writeEntry(at: usize, rankMin: f32, rankMax: f32, weight: f32, value: f32): void {
  store<f32>(at, rankMin);
  store<f32>(at, rankMax, 4);
  store<f32>(at, weight, 8);
  store<f32>(at, value, 12);
}

/** Exact summary of `count` sorted floats; `rows` and `weights` (f64 by row): 0 for a weight of 1 each. Returns its entries. */
export function summarise(count: i32, values: usize, rows: usize, weights: usize, out: usize): i32 {
  let entries = 0;
  let sum: f32 = 0;
  let i = 0;
  while (i < count) {
    const value = load<f32>(values + (i << 2));
    let weight: f32 = 0;
    for (; i < count && load<f32>(values + (i << 2)) == value; i++)
      weight += weights ? <f32>load<f64>(weights + ((<usize>load<u32>(rows + (i << 2))) << 3)) : 1;
    writeEntry(out + (entries << 4), sum, sum + weight, weight, value);
    entries++;
    sum += weight;
  }
  return entries;
}

/** Thins a summary out to at most `size` entries, those nearest to equal shares of the weight; the ends stay (`WQSummary::SetPrune`). Returns how many are left; `out` is another place. */
export function pruneSummary(entries: i32, from: usize, size: i32, out: usize): i32 {
  if (entries <= size) {
    memory.copy(out, from, entries << 4);
    return entries;
  }
  const begin = load<f32>(from, 4);
  const end = from + ((entries - 1) << 4);
  const range: f32 = load<f32>(end) - begin;
  const shares = size - 1;
  v128.store(out, v128.load(from));
  let found = 1;
  let at = from + 16;
  let last = from;
  for (let share = 1; share < shares; share++) {
    const wanted: f32 = <f32>2 * ((<f32>share * range) / <f32>shares + begin);
    while (at < end && wanted >= load<f32>(at + 16, 4) + load<f32>(at + 16)) at += 16;
    if (at == end) break;
    const next = at + 16;
    const nearest = wanted < load<f32>(at) + load<f32>(at, 8) + (load<f32>(next, 4) - load<f32>(next, 8)) ? at : next;
    if (nearest != last) {
      v128.store(out + (found << 4), v128.load(nearest));
      found++;
      last = nearest;
    }
  }
  if (last != end) {
    v128.store(out + (found << 4), v128.load(end));
    found++;
  }
  return found;
}

/** The summary of what two summaries stand for (`WQSummary::SetCombine`, with the repair of ranks that rounding has put out of order). Returns its entries. */
export function combineSummaries(entriesA: i32, fromA: usize, entriesB: i32, fromB: usize, out: usize): i32 {
  if (entriesA == 0 || entriesB == 0) {
    const many = entriesA + entriesB;
    memory.copy(out, entriesA == 0 ? fromB : fromA, many << 4);
    return many;
  }
  let a = fromA;
  let b = fromB;
  const endA = fromA + (entriesA << 4);
  const endB = fromB + (entriesB << 4);
  let beforeA: f32 = 0;
  let beforeB: f32 = 0;
  let to = out;
  while (a < endA || b < endB) {
    const takesA = b >= endB || (a < endA && load<f32>(a, 12) <= load<f32>(b, 12));
    const takesB = a >= endA || (b < endB && load<f32>(b, 12) <= load<f32>(a, 12));
    if (takesA && takesB) {
      writeEntry(
        to,
        load<f32>(a) + load<f32>(b),
        load<f32>(a, 4) + load<f32>(b, 4),
        load<f32>(a, 8) + load<f32>(b, 8),
        load<f32>(a, 12),
      );
      beforeA = load<f32>(a) + load<f32>(a, 8);
      beforeB = load<f32>(b) + load<f32>(b, 8);
      a += 16;
      b += 16;
    } else if (takesA) {
      const above: f32 = b < endB ? load<f32>(b, 4) - load<f32>(b, 8) : load<f32>(endB - 16, 4);
      writeEntry(to, load<f32>(a) + beforeB, load<f32>(a, 4) + above, load<f32>(a, 8), load<f32>(a, 12));
      beforeA = load<f32>(a) + load<f32>(a, 8);
      a += 16;
    } else {
      const above: f32 = a < endA ? load<f32>(a, 4) - load<f32>(a, 8) : load<f32>(endA - 16, 4);
      writeEntry(to, load<f32>(b) + beforeA, load<f32>(b, 4) + above, load<f32>(b, 8), load<f32>(b, 12));
      beforeB = load<f32>(b) + load<f32>(b, 8);
      b += 16;
    }
    to += 16;
  }
  let rankMin: f32 = 0;
  let rankMax: f32 = 0;
  for (let at = out; at < to; at += 16) {
    rankMin = max(load<f32>(at), rankMin);
    store<f32>(at, rankMin);
    rankMax = max(max(load<f32>(at, 4), rankMax), rankMin + load<f32>(at, 8));
    store<f32>(at, rankMax, 4);
  }
  return <i32>(to - out) >> 4;
}

/** The greatest value of each of `bins` bins into `out` (f32), the least float where there is none. */
export function binMaxima(count: i32, values: usize, bins: usize, many: i32, out: usize): void {
  for (let bin = 0; bin < many; bin++) store<f32>(out + (bin << 2), -f32.MAX_VALUE);
  for (let i = 0; i < count; i++) {
    const value = load<f32>(values + (i << 2));
    const at = out + ((<usize>load<u8>(bins + i)) << 2);
    // Missing values are above nothing.
    if (value > load<f32>(at)) store<f32>(at, value);
  }
}
