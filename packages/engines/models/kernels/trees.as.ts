/** out[i] = a[i] − b[i] over `count` f64, an even number of them. */
export function subtract(count: i32, a: usize, b: usize, out: usize): void {
  for (let offset = 0; offset < count << 3; offset += 16)
    v128.store(out + offset, f64x2.sub(v128.load(a + offset), v128.load(b + offset)));
}

/** One gradient pair (two f32: gradient, hessian) added to the pair of f64 of a bin. */
function addToBin(histogram: usize, bin: usize, pair: v128): void {
  const at = histogram + (bin << 4);
  v128.store(at, f64x2.add(v128.load(at), pair));
}

/** The bin of a row in a column of codes `T`: a byte each, or two where all 256 bins and missing values are told apart. */
function binOf<T>(column: usize, row: usize): usize {
  return <usize>load<T>(column + (row << alignof<T>()));
}

/** Bins that codes of `T` can stand for. */
function binsOf<T>(): usize {
  return sizeof<T>() == 1 ? 256 : 257;
}

function sums1<T>(count: i32, rows: usize, pairs: usize, column: usize, out: usize): void {
  memory.fill(out, 0, binsOf<T>() << 4);
  for (let i = 0; i < count; i++) {
    const row: usize = rows ? load<u32>(rows + (i << 2)) : i;
    addToBin(out, binOf<T>(column, row), f64x2.promote_low_f32x4(v128.load64_zero(pairs + (i << 3))));
  }
}

/** Sums of the gradient pairs of `count` rows by the bins of one column: 256 pairs of f64 at `out`. `rows` (u32): which rows, 0 for the first `count`; `pairs` are in their order. */
export function histogram1(count: i32, rows: usize, pairs: usize, column: usize, out: usize): void {
  sums1<u8>(count, rows, pairs, column, out);
}

/** As `histogram1` for a column of two bytes a row: 257 pairs. */
export function histogram1Wide(count: i32, rows: usize, pairs: usize, column: usize, out: usize): void {
  sums1<u16>(count, rows, pairs, column, out);
}

function sums4<T>(
  count: i32,
  rows: usize,
  pairs: usize,
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  outA: usize,
  outB: usize,
  outC: usize,
  outD: usize,
): void {
  memory.fill(outA, 0, binsOf<T>() << 4);
  memory.fill(outB, 0, binsOf<T>() << 4);
  memory.fill(outC, 0, binsOf<T>() << 4);
  memory.fill(outD, 0, binsOf<T>() << 4);
  if (rows) {
    for (let i = 0; i < count; i++) {
      const row = load<u32>(rows + (i << 2));
      const pair = f64x2.promote_low_f32x4(v128.load64_zero(pairs + (i << 3)));
      addToBin(outA, binOf<T>(a, row), pair);
      addToBin(outB, binOf<T>(b, row), pair);
      addToBin(outC, binOf<T>(c, row), pair);
      addToBin(outD, binOf<T>(d, row), pair);
    }
  } else {
    for (let i = 0; i < count; i++) {
      const pair = f64x2.promote_low_f32x4(v128.load64_zero(pairs + (i << 3)));
      addToBin(outA, binOf<T>(a, i), pair);
      addToBin(outB, binOf<T>(b, i), pair);
      addToBin(outC, binOf<T>(c, i), pair);
      addToBin(outD, binOf<T>(d, i), pair);
    }
  }
}

/** As `histogram1` for four columns at once: rows and pairs are read once. */
export function histogram4(
  count: i32,
  rows: usize,
  pairs: usize,
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  outA: usize,
  outB: usize,
  outC: usize,
  outD: usize,
): void {
  sums4<u8>(count, rows, pairs, a, b, c, d, outA, outB, outC, outD);
}

/** As `histogram4` for columns of two bytes a row. */
export function histogram4Wide(
  count: i32,
  rows: usize,
  pairs: usize,
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  outA: usize,
  outB: usize,
  outC: usize,
  outD: usize,
): void {
  sums4<u16>(count, rows, pairs, a, b, c, d, outA, outB, outC, outD);
}

function counts<T>(count: i32, rows: usize, column: usize, out: usize): void {
  memory.fill(out, 0, binsOf<T>() << 2);
  for (let i = 0; i < count; i++) {
    const row: usize = rows ? load<u32>(rows + (i << 2)) : i;
    const at = out + (binOf<T>(column, row) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}

/** How many of the rows lie in each of the 256 bins (u32). */
export function countBins(count: i32, rows: usize, column: usize, out: usize): void {
  counts<u8>(count, rows, column, out);
}

/** As `countBins` for a column of two bytes a row: 257 counts. */
export function countBinsWide(count: i32, rows: usize, column: usize, out: usize): void {
  counts<u16>(count, rows, column, out);
}

/** out[i] = a[i] − b[i] over `count` u32. */
export function subtractCounts(count: i32, a: usize, b: usize, out: usize): void {
  for (let i = 0; i < count; i++) store<u32>(out + (i << 2), load<u32>(a + (i << 2)) - load<u32>(b + (i << 2)));
}

function part<T>(count: i32, rows: usize, column: usize, goesLeft: usize, spare: usize): i32 {
  let left = rows;
  let right = spare;
  for (let i = 0; i < count; i++) {
    const row = load<u32>(rows + (i << 2));
    const isLeft = <usize>load<u8>(goesLeft + binOf<T>(column, row));
    store<u32>(left, row);
    store<u32>(right, row);
    left += isLeft << 2;
    right += (1 - isLeft) << 2;
  }
  memory.copy(left, spare, right - spare);
  return <i32>(left - rows) >> 2;
}

/** Puts the rows (u32) whose bin's byte in `goesLeft` (256) is 1 before the others; both keep their order. Returns how many they are. `spare`: room for all. */
export function partition(count: i32, rows: usize, column: usize, goesLeft: usize, spare: usize): i32 {
  return part<u8>(count, rows, column, goesLeft, spare);
}

/** As `partition` for a column of two bytes a row; `goesLeft`: 257. */
export function partitionWide(count: i32, rows: usize, column: usize, goesLeft: usize, spare: usize): i32 {
  return part<u16>(count, rows, column, goesLeft, spare);
}

/** out[i] = the gradient pair of row rows[i]. */
export function gatherPairs(count: i32, rows: usize, pairs: usize, out: usize): void {
  for (let i = 0; i < count; i++)
    store<u64>(out + (i << 3), load<u64>(pairs + ((<usize>load<u32>(rows + (i << 2))) << 3)));
}

/** margins[rows[i] × step] += value; `single`: rounded to 32 bits, as XGBoost keeps them. */
export function addToMargins(count: i32, rows: usize, margins: usize, step: i32, value: f64, single: i32): void {
  for (let i = 0; i < count; i++) {
    const at = margins + ((<usize>load<u32>(rows + (i << 2)) * step) << 3);
    const sum = load<f64>(at) + value;
    store<f64>(at, single ? <f64>(<f32>sum) : sum);
  }
}

/** e^x of two f64, by Cody and Waite's reduction and a Taylor polynomial of degree 11: relative error below 1e-13 for |x| ≤ 700; beyond that it is clamped. */
function exp2(value: v128): v128 {
  const x = f64x2.max(f64x2.min(value, f64x2.splat(700)), f64x2.splat(-700));
  const n = f64x2.nearest(f64x2.mul(x, f64x2.splat(1.4426950408889634)));
  const r = f64x2.sub(
    f64x2.sub(x, f64x2.mul(n, f64x2.splat(0.693145751953125))),
    f64x2.mul(n, f64x2.splat(1.4286068203094173e-6)),
  );
  let p = f64x2.splat(2.505210838544172e-8);
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(2.755731922398589e-7));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(2.7557319223985893e-6));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(2.48015873015873e-5));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.984126984126984e-4));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.3888888888888889e-3));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(8.333333333333333e-3));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(0.041666666666666664));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(0.16666666666666666));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(0.5));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1));
  const power = i64x2.shl(i64x2.add(i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(n)), i64x2.splat(1023)), 52);
  return f64x2.mul(p, power);
}

/**
 * Gradient pairs (two f32 a row) of the log loss for `count` rows: (p − y) · w and max(p (1 − p), floor) · w with p = 1 / (1 + e^−margin). `margins`, `labels`, `weights` are f64;
 * `single`: p is rounded to 32 bits first, as XGBoost has it. `margins` and the rest have room for an even number of rows.
 */
export function logisticPairs(
  count: i32,
  margins: usize,
  labels: usize,
  weights: usize,
  floor: f64,
  single: i32,
  out: usize,
): void {
  const one = f64x2.splat(1);
  const least = f64x2.splat(floor);
  for (let i = 0; i < count; i += 2) {
    const at = (<usize>i) << 3;
    let p = f64x2.div(one, f64x2.add(one, exp2(f64x2.neg(v128.load(margins + at)))));
    if (single) p = f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(p));
    const weight = v128.load(weights + at);
    const gradient = f32x4.demote_f64x2_zero(f64x2.mul(f64x2.sub(p, v128.load(labels + at)), weight));
    const hessian = f32x4.demote_f64x2_zero(f64x2.mul(f64x2.max(f64x2.mul(p, f64x2.sub(one, p)), least), weight));
    v128.store(out + at, v128.shuffle<i32>(gradient, hessian, 0, 4, 1, 5));
  }
}

/** Best split so far, as it is written out: gain, bins below `cut` go left, missing goes left, sums of the left side. */
function writeSplit(out: usize, gain: f64, cut: i32, missingLeft: i32, gradient: f64, hessian: f64, count: f64): void {
  store<f64>(out, gain);
  store<f64>(out, <f64>cut, 8);
  store<f64>(out, <f64>missingLeft, 16);
  store<f64>(out, gradient, 24);
  store<f64>(out, hessian, 32);
  store<f64>(out, count, 40);
}

/** Whether the bin of missing values holds more than what subtractions of histograms leave over by rounding. */
function someMissing(bin: usize, hessian: f64): bool {
  return load<f64>(bin, 8) > 1e-10 * hessian;
}

/**
 * Best split of a numeric column as XGBoost finds it where nothing but `lambda` and the least hessian counts: gains in 32-bit floats, from the left with missing values on the right,
 * and, if some are missing in this node, from the right with missing values on the left. `total`: sums of the node (two f64). A gain of 0 in `out`: none.
 */
export function scanPlain(
  histogram: usize,
  bins: i32,
  hasMissing: i32,
  total: usize,
  lambda: f64,
  hessianMin: f64,
  rootGain: f32,
  out: usize,
): void {
  const whole = v128.load(total);
  const penalty = f64x2.splat(lambda);
  let best: f32 = 0;
  let bestCut = 0;
  let bestMissingLeft = 0;
  let bestLeft = f64x2.splat(0);
  let sum = f64x2.splat(0);
  for (let bin = 0; bin < bins; bin++) {
    const here = v128.load(histogram + (bin << 4));
    if (!v128.any_true(here)) continue;
    sum = f64x2.add(sum, here);
    if (f64x2.extract_lane(sum, 1) < hessianMin) continue;
    const rest = f64x2.sub(whole, sum);
    if (f64x2.extract_lane(rest, 1) < hessianMin) break;
    const gradients = v128.shuffle<i64>(sum, rest, 0, 2);
    const hessians = v128.shuffle<i64>(sum, rest, 1, 3);
    const sides = f32x4.demote_f64x2_zero(f64x2.div(f64x2.mul(gradients, gradients), f64x2.add(hessians, penalty)));
    const gain: f32 = f32x4.extract_lane(sides, 0) + f32x4.extract_lane(sides, 1) - rootGain;
    if (gain > best) {
      best = gain;
      bestCut = bin + 1;
      bestLeft = sum;
    }
  }
  if (hasMissing && someMissing(histogram + (bins << 4), f64x2.extract_lane(whole, 1))) {
    sum = f64x2.splat(0);
    for (let bin = bins - 1; bin >= 0; bin--) {
      const here = v128.load(histogram + (bin << 4));
      if (!v128.any_true(here)) continue;
      sum = f64x2.add(sum, here);
      if (f64x2.extract_lane(sum, 1) < hessianMin) continue;
      const rest = f64x2.sub(whole, sum);
      if (f64x2.extract_lane(rest, 1) < hessianMin) break;
      const gradients = v128.shuffle<i64>(sum, rest, 0, 2);
      const hessians = v128.shuffle<i64>(sum, rest, 1, 3);
      const sides = f32x4.demote_f64x2_zero(f64x2.div(f64x2.mul(gradients, gradients), f64x2.add(hessians, penalty)));
      const gain: f32 = f32x4.extract_lane(sides, 0) + f32x4.extract_lane(sides, 1) - rootGain;
      if (gain > best) {
        best = gain;
        bestCut = bin;
        bestMissingLeft = 1;
        bestLeft = rest;
      }
    }
  }
  writeSplit(
    out,
    <f64>best,
    bestCut,
    bestMissingLeft,
    f64x2.extract_lane(bestLeft, 0),
    f64x2.extract_lane(bestLeft, 1),
    -1,
  );
}

function softThreshold(gradient: f64, alpha: f64): f64 {
  return gradient > alpha ? gradient - alpha : gradient < -alpha ? gradient + alpha : 0;
}

function leafWeight(gradient: f64, hessian: f64, rules: usize, lower: f64, upper: f64): f64 {
  if (hessian <= 0) return 0;
  let weight = -softThreshold(gradient, load<f64>(rules, 8)) / (hessian + load<f64>(rules));
  const most = load<f64>(rules, 16);
  if (most > 0 && abs(weight) > most) weight = copysign(most, weight);
  weight = max(lower, min(upper, weight));
  return load<f64>(rules, 40) == 0 ? weight : <f64>(<f32>weight);
}

function sideGain(gradient: f64, hessian: f64, weight: f64, rules: usize): f64 {
  if (hessian <= 0) return 0;
  const lambda = load<f64>(rules);
  const soft = softThreshold(gradient, load<f64>(rules, 8));
  const single = load<f64>(rules, 40) != 0;
  if (load<f64>(rules, 48) == 0) {
    const gain = (soft * soft) / (hessian + lambda);
    return single ? <f64>(<f32>gain) : gain;
  }
  const taken = load<f64>(rules, 56) == 0 ? gradient : soft;
  if (!single) return -(2 * taken * weight + (hessian + lambda) * weight * weight);
  const w = <f32>weight;
  const first: f32 = <f32>2 * <f32>taken * w;
  const second: f32 = (<f32>hessian + <f32>lambda) * (w * w);
  return <f64>-(first + second);
}

/**
 * Best split of a numeric column under all rules. `rules` (f64): lambda, alpha, greatest weight (0: any), least hessian, least count, 32-bit gains (0 or 1), gains by weights (0 or 1: where
 * weights are bounded), and whether those take the gradient after alpha. `node` (f64): gradient, hessian, count, lower, upper bound of its weights, root gain. `counts`: rows by bin (u32) or 0.
 * `direction`: −1, 0, 1 for a monotone column. `leftFirst`: XGBoost's order of looking; else LightGBM's, which also estimates rows from hessians where they aren't counted, and has values
 * alone to the right of missing ones only as missing ones to the right of values. A gain of 0 in `out`: none.
 */
export function scanGeneral(
  histogram: usize,
  counts: usize,
  bins: i32,
  hasMissing: i32,
  node: usize,
  rules: usize,
  direction: i32,
  leftFirst: i32,
  out: usize,
): void {
  const nodeGradient = load<f64>(node);
  const nodeHessian = load<f64>(node, 8);
  const nodeCount = load<f64>(node, 16);
  const lower = load<f64>(node, 24);
  const upper = load<f64>(node, 32);
  const rootGain = load<f64>(node, 40);
  const hessianMin = load<f64>(rules, 24);
  const countMin = load<f64>(rules, 32);
  const single = load<f64>(rules, 40) != 0;
  const missing = histogram + (bins << 4);
  const estimates = counts == 0 && leftFirst == 0;
  const rowsOfHessian = nodeCount / nodeHessian;
  const looksTwice = hasMissing && (counts ? load<u32>(counts + (bins << 2)) != 0 : someMissing(missing, nodeHessian));
  writeSplit(out, 0, 0, 0, 0, 0, 0);
  let best: f64 = 0;
  for (let pass = 0; pass < 2; pass++) {
    const fromLeft = (pass == 0) == (leftFirst != 0);
    if (pass == 1 && !looksTwice) break;
    let gradient: f64 = 0;
    let hessian: f64 = 0;
    let count: f64 = 0;
    const steps = fromLeft || leftFirst ? bins : bins - 1;
    for (let step = 0; step < steps; step++) {
      const bin = fromLeft ? step : bins - 1 - step;
      const at = histogram + (bin << 4);
      const rowsHere = counts ? load<u32>(counts + (bin << 2)) : 0;
      if (counts ? rowsHere == 0 : !v128.any_true(v128.load(at))) continue;
      gradient += load<f64>(at);
      hessian += load<f64>(at, 8);
      count += estimates ? floor(load<f64>(at, 8) * rowsOfHessian + 0.5) : rowsHere;
      if (hessian < hessianMin || ((counts || estimates) && count < countMin)) continue;
      const otherGradient = nodeGradient - gradient;
      const otherHessian = nodeHessian - hessian;
      if (otherHessian < hessianMin || ((counts || estimates) && nodeCount - count < countMin)) break;
      const leftGradient = fromLeft ? gradient : otherGradient;
      const leftHessian = fromLeft ? hessian : otherHessian;
      const rightGradient = fromLeft ? otherGradient : gradient;
      const rightHessian = fromLeft ? otherHessian : hessian;
      const leftWeight = leafWeight(leftGradient, leftHessian, rules, lower, upper);
      const rightWeight = leafWeight(rightGradient, rightHessian, rules, lower, upper);
      if ((direction > 0 && leftWeight > rightWeight) || (direction < 0 && leftWeight < rightWeight)) continue;
      let gain =
        sideGain(leftGradient, leftHessian, leftWeight, rules) +
        sideGain(rightGradient, rightHessian, rightWeight, rules);
      gain = single ? <f64>(<f32>(<f32>gain - <f32>rootGain)) : gain - rootGain;
      if (gain > best) {
        best = gain;
        writeSplit(
          out,
          gain,
          fromLeft ? bin + 1 : bin,
          fromLeft ? 0 : 1,
          leftGradient,
          leftHessian,
          counts ? (fromLeft ? count : nodeCount - count) : -1,
        );
      }
    }
  }
}
