/** Blocks that the time is cut into, unless said otherwise: 12,870 ways to take half of them (the paper's own choice). */
const BLOCKS = 16;
/** 184,756 ways; more would say nothing new. */
const BLOCKS_MAX = 20;

/**
 * What is kept of a trial: of each block of time the sum of its returns and of their squares, which is all that a Sharpe ratio of any union of blocks needs. A trial's returns
 * themselves can be forgotten.
 */
export interface BlockMoments {
  /** Returns in each block. */
  readonly length: number;
  readonly sums: Float64Array;
  readonly squares: Float64Array;
}

/** Sum of some returns, and of their squares. */
export interface ReturnSums {
  readonly sum: number;
  readonly square: number;
}

/**
 * Cuts returns into blocks of equal length, an even number of them up to 20; as many of the oldest as don't fill a block are left out. Null where there are fewer than two
 * returns a block.
 */
export const blockMoments = (returns: Float64Array, blocks = BLOCKS): BlockMoments | null =>
  momentsInBlocks(returns.length, (from, to) => sumsOf(returns, from, to), blocks);

/** The same of returns that are in no column: `sumsOf` tells those from one index on and before another. */
export function momentsInBlocks(
  count: number,
  sumsOf: (from: number, to: number) => ReturnSums,
  blocks = BLOCKS,
): BlockMoments | null {
  if (!Number.isInteger(blocks) || blocks < 2 || blocks > BLOCKS_MAX || blocks % 2 !== 0)
    throw new RangeError(`blocks: an even number, 2…${BLOCKS_MAX}`);
  const length = Math.floor(count / blocks);
  if (length < 2) return null;
  const [sums, squares] = [new Float64Array(blocks), new Float64Array(blocks)];
  let from = count - length * blocks;
  for (let block = 0; block < blocks; block += 1) {
    const { sum, square } = sumsOf(from, from + length);
    sums[block] = sum;
    squares[block] = square;
    from += length;
  }
  return { length, sums, squares };
}

function sumsOf(returns: Float64Array, from: number, to: number): ReturnSums {
  let [sum, square] = [0, 0];
  for (let index = from; index < to; index += 1) {
    const value = returns[index] ?? 0;
    sum += value;
    square += value * value;
  }
  return { sum, square };
}

export interface Overfitting {
  /** Share of the splits in which the best trial of one half did no better than the middle one of all in the other half, 0–1. */
  readonly probability: number;
  readonly splits: number;
  readonly trials: number;
  /** Share of the splits in which the best trial of one half lost in the other, 0–1. */
  readonly lossProbability: number;
  /** Of each split ln(ω ÷ (1 − ω)), where ω is the rank in the other half of the best trial, from 1 for the worst, over trials + 1. */
  readonly logits: Float64Array;
}

/** Sums over each subset of half of the blocks, by subset and then by trial, so that a split walks over neighbours; `each`: what a block of each trial has. */
function subsetSums(each: readonly Float64Array[], from: number, size: number): Float64Array {
  const count = each.length;
  const table = new Float64Array(count << size);
  const column = new Float64Array(count);
  for (let block = 0; block < size; block += 1) {
    for (let trial = 0; trial < count; trial += 1) column[trial] = each[trial]?.[from + block] ?? 0;
    for (let subset = 1 << block; subset < 2 << block; subset += 1) {
      const [to, rest] = [subset * count, (subset ^ (1 << block)) * count];
      for (let trial = 0; trial < count; trial += 1)
        table[to + trial] = (table[rest + trial] as number) + (column[trial] as number);
    }
  }
  return table;
}

const bitsIn = (mask: number): number => {
  let bits = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) bits += 1;
  return bits;
};

/** Nearer to 1 than this, nothing is left of the spread but rounding. */
const UNMOVED = 1 - 1e-15;

/**
 * What orders trials as their Sharpe ratios do, without a root: with x = Σr ÷ √(n · Σr²) the ratio is x ÷ √(1 − x²), which rises with x, and so with x · |x|. 0 for one that never moved, ±1 for one that moved by the
 * same each time.
 */
function standing(sum: number, square: number, count: number): number {
  if (square === 0) return 0;
  const signed = (sum * Math.abs(sum)) / (square * count);
  return signed > UNMOVED ? 1 : signed < -UNMOVED ? -1 : signed;
}

/**
 * Probability of backtest overfitting by combinatorially symmetric cross-validation (Bailey, Borwein, López de Prado and Zhu 2017, "The probability of backtest overfitting"): in
 * every way to take half of the blocks of time, the trial with the best Sharpe ratio there is ranked by its Sharpe ratio in the other half. All trials have the same blocks; of
 * equal ones the first counts as the best, and ranks are shared. Null where there is no choice: fewer than two trials, or all alike.
 */
export function probabilityOfOverfitting(trials: readonly BlockMoments[]): Overfitting | null {
  const [first] = trials;
  if (first === undefined || trials.length < 2) return null;
  const blocks = first.sums.length;
  if (trials.some(({ length, sums }) => length !== first.length || sums.length !== blocks))
    throw new RangeError('all trials have the same blocks of returns');
  const alike = trials.every(({ sums, squares }) =>
    first.sums.every((sum, block) => sum === sums[block] && first.squares[block] === squares[block]),
  );
  if (alike) return null;
  const half = blocks / 2;
  const count = trials.length;
  const returns = half * first.length;
  const [sums, squares] = [trials.map((trial) => trial.sums), trials.map((trial) => trial.squares)];
  const [sumsLow, sumsHigh] = [subsetSums(sums, 0, half), subsetSums(sums, half, half)];
  const [squaresLow, squaresHigh] = [subsetSums(squares, 0, half), subsetSums(squares, half, half)];
  const all = (1 << half) - 1;
  const score = (low: number, high: number, into: Float64Array): void => {
    const [atLow, atHigh] = [low * count, high * count];
    for (let trial = 0; trial < count; trial += 1) {
      const sum = (sumsLow[atLow + trial] as number) + (sumsHigh[atHigh + trial] as number);
      const square = (squaresLow[atLow + trial] as number) + (squaresHigh[atHigh + trial] as number);
      into[trial] = standing(sum, square, returns);
    }
  };
  const logits: number[] = [];
  let [overfitted, lost] = [0, 0];
  const [inside, outside] = [new Float64Array(count), new Float64Array(count)];
  const judge = (chosenBy: Float64Array, judgedBy: Float64Array): void => {
    const best = indexOfLargest(chosenBy);
    const relative = rankOf(judgedBy, best) / (count + 1);
    const logit = Math.log(relative / (1 - relative));
    logits.push(logit);
    if (logit <= 0) overfitted += 1;
    if ((judgedBy[best] ?? 0) < 0) lost += 1;
  };
  for (let low = 0; low <= all; low += 1) {
    for (let high = 0; high <= all; high += 1) {
      // A split and its mirror are judged together; the first block decides which of the two comes first.
      if ((low & 1) === 0 || bitsIn(low) + bitsIn(high) !== half) continue;
      score(low, high, inside);
      score(all ^ low, all ^ high, outside);
      judge(inside, outside);
      judge(outside, inside);
    }
  }
  return {
    probability: overfitted / logits.length,
    splits: logits.length,
    trials: count,
    lossProbability: lost / logits.length,
    logits: Float64Array.from(logits),
  };
}

function indexOfLargest(values: Float64Array): number {
  let best = 0;
  let most = values[0] as number;
  for (let index = 1; index < values.length; index += 1) {
    const value = values[index] as number;
    if (value <= most) continue;
    best = index;
    most = value;
  }
  return best;
}

/** From 1 for the smallest; equal ones share the mean of their places. */
function rankOf(values: Float64Array, index: number): number {
  const value = values[index] as number;
  let [below, equal] = [0, 0];
  for (let other = 0; other < values.length; other += 1) {
    const otherValue = values[other] as number;
    if (otherValue < value) below += 1;
    else if (otherValue === value) equal += 1;
  }
  return below + (equal + 1) / 2;
}
