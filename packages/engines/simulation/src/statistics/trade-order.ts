import { mixSeed, seededRandom, type Random } from '@monsta/core';
import { at } from './columns.ts';
import { OBSERVATIONS_MIN, resamplesOf, type Resampling } from './intervals.ts';
import { quantileOf } from './returns.ts';

/** The largest share lost from a peak, as the same trades in another order would have it. */
export interface TradeOrder {
  /** In the order in which they were closed. */
  readonly measured: number;
  readonly median: number;
  readonly worst95: number;
  readonly worst99: number;
  /** Share of the orders that are worse than the one that was, 0–1. */
  readonly worse: number;
  readonly orders: number;
}

/** What each closed trade did to the money closed so far: 1 + profit ÷ (cash + profits before). Null where these run out. */
function factorsOf(cash: number, profits: Float64Array): Float64Array | null {
  let worth = cash;
  const factors = new Float64Array(profits.length);
  for (let index = 0; index < profits.length; index += 1) {
    const after = worth + at(profits, index);
    if (!(worth > 0) || !(after > 0)) return null;
    factors[index] = after / worth;
    worth = after;
  }
  return factors;
}

function drawdownOf(factors: Float64Array): number {
  let [worth, peak, deepest] = [1, 1, 0];
  for (let index = 0; index < factors.length; index += 1) {
    worth *= at(factors, index);
    if (worth > peak) peak = worth;
    else deepest = Math.max(deepest, 1 - worth / peak);
  }
  return deepest;
}

/** Fisher and Yates, as Durstenfeld has it. */
function shuffle(values: Float64Array, random: Random): void {
  for (let index = values.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random.next() * (index + 1));
    const kept = at(values, index);
    values[index] = at(values, other);
    values[other] = kept;
  }
}

/**
 * Monte Carlo of the order of trades: each trade changes the account by the same share, in an order drawn anew. What comes in the end is the same, the way there is not. It says
 * nothing of trades that depend on each other. Null with fewer than 20 closed trades, or where they lost everything.
 */
export function tradeOrderOf(
  cash: number,
  profits: Float64Array,
  { seed, resamples }: Pick<Resampling, 'seed' | 'resamples'>,
): TradeOrder | null {
  if (profits.length < OBSERVATIONS_MIN) return null;
  const factors = factorsOf(cash, profits);
  if (factors === null) return null;
  const orders = resamplesOf(resamples, profits.length);
  const random = seededRandom(mixSeed(seed, 4));
  const measured = drawdownOf(factors);
  const found = new Float64Array(orders);
  let worse = 0;
  for (let order = 0; order < orders; order += 1) {
    shuffle(factors, random);
    const drawdown = drawdownOf(factors);
    found[order] = drawdown;
    if (drawdown > measured) worse += 1;
  }
  found.sort();
  const share = (part: number): number => quantileOf(found, part) ?? 0;
  return { measured, median: share(0.5), worst95: share(0.95), worst99: share(0.99), worse: worse / orders, orders };
}
