// Splits of a random forest's nodes. A node's rows lie one after the other: `rows` (u32, the row of the table) and, in the same order, what each counts for:
// - counts: 8 bytes a row, three whole numbers in one: bits 0–20 distinct rows (1), 21–41 how often it was drawn, 42–62 how often with class 1;
// - values: 16 bytes a row, (weight, weight × label) as f64;
// - classes: 16 bytes a row, weight as f64 and the class as u32.
// A split sends bins ≤ `bin` to the left, and the bin of missing values where it was found best. The result at `out`: score f64, bin i32, missing left i32, whether the node has missing values i32.
// A function for splits returns 0: all rows in one bin; 1: no split leaves enough on both sides; 2: there is a split.

const MASK: u64 = 0x1fffff;
const LN2: f64 = 0.6931471805599453;

/** Natural logarithm of a normal positive number: exponent and mantissa, then the series of the area tangent; to some 1e-16 of the result's size. */
function ln(x: f64): f64 {
  const bits = reinterpret<u64>(x);
  let exponent = <i32>(bits >> 52) - 1023;
  let mantissa = reinterpret<f64>((bits & 0xfffffffffffff) | 0x3ff0000000000000);
  if (mantissa > 1.4142135623730951) {
    mantissa *= 0.5;
    exponent++;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const z = s * s;
  const series =
    1 +
    z *
      (1 / 3.0 +
        z *
          (1 / 5.0 +
            z *
              (1 / 7.0 +
                z *
                  (1 / 9.0 +
                    z *
                      (1 / 11.0 +
                        z * (1 / 13.0 + z * (1 / 15.0 + z * (1 / 17.0 + z * (1 / 19.0 + z * (1 / 21.0))))))))));
  return 2 * s * series + <f64>exponent * LN2;
}

function xlnx(x: f64): f64 {
  return x > 0 ? x * ln(x) : 0;
}

/** What a side is worth: Σ weight² of its classes over its weight (gini), or Σ w ln w of its classes less that of its weight (entropy). The more, the purer. */
function worthOfTwo(w: f64, p: f64, entropy: i32): f64 {
  const q = w - p;
  return entropy ? xlnx(p) + xlnx(q) - xlnx(w) : (p * p + q * q) / w;
}

/** Marks all `bins` as possibly filled (many rows), or none (few rows: each marks its own). */
function beginMarks(few: bool, bins: i32, marks: usize): void {
  for (let word = 0; word < 4; word++) {
    const left = bins - (word << 6);
    const all: u64 = left >= 64 ? ~(<u64>0) : left > 0 ? ((<u64>1) << left) - 1 : 0;
    store<u64>(marks + (word << 3), few ? 0 : all);
  }
}

function mark(marks: usize, bin: u32): void {
  const at = marks + ((bin >> 6) << 3);
  store<u64>(at, load<u64>(at) | ((<u64>1) << (bin & 63)));
}

/** A split of two classes with whole weights. `bins`: bins of values; `missing`: that of missing values, which is `bins`, or −1. `histogram`: 256 u64, zero before and after; `marks`: 32 bytes. */
export function splitCounts(
  count: i32,
  rows: usize,
  stats: usize,
  column: usize,
  bins: i32,
  missing: i32,
  entropy: i32,
  total: u64,
  rowsMin: i32,
  weightMin: f64,
  histogram: usize,
  marks: usize,
  out: usize,
): i32 {
  const few = count < bins;
  const all = missing >= 0 ? bins + 1 : bins;
  beginMarks(few, all, marks);
  if (few) {
    for (let i = 0; i < count; i++) {
      const bin: u32 = load<u8>(column + load<u32>(rows + (i << 2)));
      const at = histogram + (bin << 3);
      store<u64>(at, load<u64>(at) + load<u64>(stats + (i << 3)));
      mark(marks, bin);
    }
  } else {
    for (let i = 0; i < count; i++) {
      const at = histogram + ((<usize>load<u8>(column + load<u32>(rows + (i << 2)))) << 3);
      store<u64>(at, load<u64>(at) + load<u64>(stats + (i << 3)));
    }
  }
  let absent: u64 = 0;
  if (missing >= 0) {
    absent = load<u64>(histogram + (missing << 3));
    store<u64>(histogram + (missing << 3), 0);
  }
  const present = total - absent;
  let filled = absent ? 1 : 0;
  let best = -Infinity;
  let bestBin = -1;
  let bestMissing = 0;
  let before: u64 = 0;
  const allWeight = <f64>((total >> 21) & MASK);
  const allPositive = <f64>(total >> 42);
  for (let word = 0; word < 4; word++) {
    let bits = load<u64>(marks + (word << 3));
    while (bits) {
      const bin = (word << 6) + <i32>ctz(bits);
      bits &= bits - 1;
      const here = load<u64>(histogram + (bin << 3));
      if (!here) continue;
      store<u64>(histogram + (bin << 3), 0);
      filled++;
      before += here;
      const last = before == present;
      if (last && !absent) continue;
      for (let side = 0; side < (absent && !last ? 2 : 1); side++) {
        const left = side ? before + absent : before;
        const right = total - left;
        if (<i32>(left & MASK) < rowsMin || <i32>(right & MASK) < rowsMin) continue;
        const weight = <f64>((left >> 21) & MASK);
        if (weight < weightMin || allWeight - weight < weightMin) continue;
        const positive = <f64>(left >> 42);
        const score =
          worthOfTwo(weight, positive, entropy) + worthOfTwo(allWeight - weight, allPositive - positive, entropy);
        if (score > best) {
          best = score;
          bestBin = bin;
          bestMissing = side;
        }
      }
    }
  }
  if (filled < 2) return 0;
  if (bestBin < 0) return 1;
  store<f64>(out, best);
  store<i32>(out, bestBin, 8);
  store<i32>(out, bestMissing, 12);
  store<i32>(out, absent ? 1 : 0, 16);
  return 2;
}

/** A split by the squared error: worth of a side is (Σ weight × label)² over its weight. `totals`: weight, weight × label. `histogram`: 256 × 32 bytes (weight, weight × label, rows). */
export function splitValues(
  count: i32,
  rows: usize,
  stats: usize,
  column: usize,
  bins: i32,
  missing: i32,
  totals: usize,
  rowsMin: i32,
  weightMin: f64,
  histogram: usize,
  marks: usize,
  out: usize,
): i32 {
  const few = count < bins;
  const all = missing >= 0 ? bins + 1 : bins;
  beginMarks(few, all, marks);
  for (let i = 0; i < count; i++) {
    const bin: u32 = load<u8>(column + load<u32>(rows + (i << 2)));
    const at = histogram + (bin << 5);
    v128.store(at, f64x2.add(v128.load(at), v128.load(stats + (i << 4))));
    store<i32>(at, load<i32>(at, 16) + 1, 16);
    if (few) mark(marks, bin);
  }
  let absent = f64x2.splat(0);
  let absentRows = 0;
  if (missing >= 0) {
    const at = histogram + (missing << 5);
    absent = v128.load(at);
    absentRows = load<i32>(at, 16);
    v128.store(at, f64x2.splat(0));
    store<i32>(at, 0, 16);
  }
  const presentRows = count - absentRows;
  const total = v128.load(totals);
  let filled = absentRows ? 1 : 0;
  let best = -Infinity;
  let bestBin = -1;
  let bestMissing = 0;
  let before = f64x2.splat(0);
  let beforeRows = 0;
  for (let word = 0; word < 4; word++) {
    let bits = load<u64>(marks + (word << 3));
    while (bits) {
      const bin = (word << 6) + <i32>ctz(bits);
      bits &= bits - 1;
      const at = histogram + (bin << 5);
      const here = load<i32>(at, 16);
      if (!here) continue;
      filled++;
      before = f64x2.add(before, v128.load(at));
      beforeRows += here;
      v128.store(at, f64x2.splat(0));
      store<i32>(at, 0, 16);
      const last = beforeRows == presentRows;
      if (last && !absentRows) continue;
      for (let side = 0; side < (absentRows && !last ? 2 : 1); side++) {
        const left = side ? f64x2.add(before, absent) : before;
        const leftRows = side ? beforeRows + absentRows : beforeRows;
        if (leftRows < rowsMin || count - leftRows < rowsMin) continue;
        const right = f64x2.sub(total, left);
        const leftWeight = f64x2.extract_lane(left, 0);
        const rightWeight = f64x2.extract_lane(right, 0);
        if (leftWeight < weightMin || rightWeight < weightMin) continue;
        const leftSum = f64x2.extract_lane(left, 1);
        const rightSum = f64x2.extract_lane(right, 1);
        const score = (leftSum * leftSum) / leftWeight + (rightSum * rightSum) / rightWeight;
        if (score > best) {
          best = score;
          bestBin = bin;
          bestMissing = side;
        }
      }
    }
  }
  if (filled < 2) return 0;
  if (bestBin < 0) return 1;
  store<f64>(out, best);
  store<i32>(out, bestBin, 8);
  store<i32>(out, bestMissing, 12);
  store<i32>(out, absentRows ? 1 : 0, 16);
  return 2;
}

/** A split of any number of classes. `totals`: weight of each class. `histogram`: 256 × (1 + classes) f64 (rows, weight of each class); `left`: room for 1 + classes f64. */
export function splitClasses(
  count: i32,
  rows: usize,
  stats: usize,
  column: usize,
  bins: i32,
  missing: i32,
  classes: i32,
  entropy: i32,
  totals: usize,
  rowsMin: i32,
  weightMin: f64,
  histogram: usize,
  left: usize,
  marks: usize,
  out: usize,
): i32 {
  const few = count < bins;
  const all = missing >= 0 ? bins + 1 : bins;
  const stride = (classes + 1) << 3;
  beginMarks(few, all, marks);
  for (let i = 0; i < count; i++) {
    const bin: u32 = load<u8>(column + load<u32>(rows + (i << 2)));
    const at = histogram + bin * stride;
    store<f64>(at, load<f64>(at) + 1);
    const slot = at + 8 + (load<u32>(stats + (i << 4), 8) << 3);
    store<f64>(slot, load<f64>(slot) + load<f64>(stats + (i << 4)));
    if (few) mark(marks, bin);
  }
  let allWeight: f64 = 0;
  for (let k = 0; k < classes; k++) allWeight += load<f64>(totals + (k << 3));
  memory.fill(left, 0, stride);
  const absentAt = histogram + missing * stride;
  const absentRows: f64 = missing >= 0 ? load<f64>(absentAt) : 0;
  const presentRows = <f64>count - absentRows;
  let filled = absentRows > 0 ? 1 : 0;
  let best = -Infinity;
  let bestBin = -1;
  let bestMissing = 0;
  for (let word = 0; word < 4; word++) {
    let bits = load<u64>(marks + (word << 3));
    while (bits) {
      const bin = (word << 6) + <i32>ctz(bits);
      bits &= bits - 1;
      if (bin == missing) continue;
      const at = histogram + bin * stride;
      if (load<f64>(at) == 0) continue;
      filled++;
      for (let offset = 0; offset < stride; offset += 8)
        store<f64>(left + offset, load<f64>(left + offset) + load<f64>(at + offset));
      memory.fill(at, 0, stride);
      const last = load<f64>(left) == presentRows;
      if (last && absentRows == 0) continue;
      for (let side = 0; side < (absentRows > 0 && !last ? 2 : 1); side++) {
        const leftRows = load<f64>(left) + (side ? absentRows : 0);
        if (leftRows < <f64>rowsMin || <f64>count - leftRows < <f64>rowsMin) continue;
        let leftWeight: f64 = 0;
        let leftWorth: f64 = 0;
        let rightWorth: f64 = 0;
        for (let k = 0; k < classes; k++) {
          const offset = k << 3;
          const l = load<f64>(left + offset, 8) + (side ? load<f64>(absentAt + offset, 8) : 0);
          const r = max(load<f64>(totals + offset) - l, 0);
          leftWeight += l;
          leftWorth += entropy ? xlnx(l) : l * l;
          rightWorth += entropy ? xlnx(r) : r * r;
        }
        const rightWeight = allWeight - leftWeight;
        if (leftWeight < weightMin || rightWeight < weightMin || leftWeight <= 0 || rightWeight <= 0) continue;
        const score = entropy
          ? leftWorth - xlnx(leftWeight) + rightWorth - xlnx(rightWeight)
          : leftWorth / leftWeight + rightWorth / rightWeight;
        if (score > best) {
          best = score;
          bestBin = bin;
          bestMissing = side;
        }
      }
    }
  }
  if (missing >= 0) memory.fill(absentAt, 0, stride);
  if (filled < 2) return 0;
  if (bestBin < 0) return 1;
  store<f64>(out, best);
  store<i32>(out, bestBin, 8);
  store<i32>(out, bestMissing, 12);
  store<i32>(out, absentRows > 0 ? 1 : 0, 16);
  return 2;
}

/** Rows that go left to the front, the others behind them, each in their order; `wide`: 16 bytes of stats a row, else 8. `spareRows`, `spareStats`: room for all. Returns how many go left. */
export function partition(
  count: i32,
  rows: usize,
  stats: usize,
  wide: i32,
  column: usize,
  bin: u32,
  missing: u32,
  missingLeft: u32,
  spareRows: usize,
  spareStats: usize,
): i32 {
  let left = 0;
  let right = 0;
  if (wide) {
    for (let i = 0; i < count; i++) {
      const row = load<u32>(rows + (i << 2));
      const stat = v128.load(stats + (i << 4));
      const here: u32 = load<u8>(column + row);
      const goes = <i32>(here == missing ? missingLeft : <u32>(here <= bin));
      store<u32>(rows + (left << 2), row);
      v128.store(stats + (left << 4), stat);
      store<u32>(spareRows + (right << 2), row);
      v128.store(spareStats + (right << 4), stat);
      left += goes;
      right += 1 - goes;
    }
    memory.copy(stats + (left << 4), spareStats, right << 4);
  } else {
    for (let i = 0; i < count; i++) {
      const row = load<u32>(rows + (i << 2));
      const stat = load<u64>(stats + (i << 3));
      const here: u32 = load<u8>(column + row);
      const goes = <i32>(here == missing ? missingLeft : <u32>(here <= bin));
      store<u32>(rows + (left << 2), row);
      store<u64>(stats + (left << 3), stat);
      store<u32>(spareRows + (right << 2), row);
      store<u64>(spareStats + (right << 3), stat);
      left += goes;
      right += 1 - goes;
    }
    memory.copy(stats + (left << 3), spareStats, right << 3);
  }
  memory.copy(rows + (left << 2), spareRows, right << 2);
  return left;
}

/** Sum of the stats of two classes. */
export function sumCounts(count: i32, stats: usize): u64 {
  let sum: u64 = 0;
  for (let i = 0; i < count; i++) sum += load<u64>(stats + (i << 3));
  return sum;
}

/** Sums of (weight, weight × label, weight × label²) into `totals`. */
export function sumValues(count: i32, stats: usize, totals: usize): void {
  let sum = f64x2.splat(0);
  let squares: f64 = 0;
  for (let i = 0; i < count; i++) {
    const stat = v128.load(stats + (i << 4));
    sum = f64x2.add(sum, stat);
    const product = f64x2.extract_lane(stat, 1);
    squares += (product * product) / f64x2.extract_lane(stat, 0);
  }
  v128.store(totals, sum);
  store<f64>(totals, squares, 16);
}

/** Weight of each class into `totals`. */
export function sumClasses(count: i32, stats: usize, classes: i32, totals: usize): void {
  memory.fill(totals, 0, classes << 3);
  for (let i = 0; i < count; i++) {
    const slot = totals + (load<u32>(stats + (i << 4), 8) << 3);
    store<f64>(slot, load<f64>(slot) + load<f64>(stats + (i << 4)));
  }
}
