import { seededRandom } from '@monsta/core';
import { bootstrapBlock } from '../evaluation.ts';
import { judge, type Judged, type Judgement } from './judgement.ts';

const at = (values: Float64Array | Int32Array | Uint32Array | Uint8Array, index: number): number =>
  values[index] ?? Number.NaN;

/**
 * The area under the ROC curve: the probability that of a rise and a fall the rise was given the higher probability, equal ones counted half (Mann–Whitney; Hanley and McNeil 1982), of rows that
 * each count `weights` times. NaN where one class is missing. `order`: rows by rising probability.
 */
function weightedAuc(probabilities: Float64Array, up: Uint8Array, order: Uint32Array, weights: Int32Array): number {
  let [fallsBelow, rises, concordant] = [0, 0, 0];
  for (let place = 0; place < order.length;) {
    const probability = at(probabilities, at(order, place));
    let [tiedRises, tiedFalls] = [0, 0];
    do {
      const row = order[place] as number;
      if (up[row] === 1) tiedRises += weights[row] as number;
      else tiedFalls += weights[row] as number;
      place += 1;
    } while (place < order.length && probabilities[order[place] as number] === probability);
    concordant += tiedRises * (fallsBelow + tiedFalls / 2);
    fallsBelow += tiedFalls;
    rises += tiedRises;
  }
  return concordant / (rises * fallsBelow);
}

const orderOf = (probabilities: Float64Array): Uint32Array =>
  Uint32Array.from({ length: probabilities.length }, (_, row) => row).sort(
    (one, other) => at(probabilities, one) - at(probabilities, other),
  );

/** The area under the ROC curve; NaN with one class. */
export const areaUnderRoc = (probabilities: Float64Array, up: Uint8Array): number =>
  weightedAuc(probabilities, up, orderOf(probabilities), new Int32Array(probabilities.length).fill(1));

/** The area under the ROC curve with its interval, in steps: each resample of blocks is ranked anew, by how often each row was drawn. Null with one class. */
export function* aucSteps(
  probabilities: Float64Array,
  up: Uint8Array,
  judgement: Judgement,
): Generator<void, Judged | null> {
  const rows = probabilities.length;
  const order = orderOf(probabilities);
  yield;
  const weights = new Int32Array(rows).fill(1);
  const value = weightedAuc(probabilities, up, order, weights);
  if (Number.isNaN(value)) return null;
  const block = Math.min(bootstrapBlock(rows, judgement.horizonBars), rows);
  const random = seededRandom(judgement.seed);
  const changes = new Int32Array(2 * rows + 1);
  const resampled = new Float64Array(judgement.resamples);
  for (let resample = 0; resample < judgement.resamples; resample += 1) {
    changes.fill(0);
    for (let drawn = 0; drawn < rows; drawn += block) {
      const from = random.integer(rows);
      const to = from + Math.min(block, rows - drawn);
      changes[from] = at(changes, from) + 1;
      changes[to] = at(changes, to) - 1;
    }
    // A block that runs over the end goes on at the start.
    let [beyond, running] = [0, 0];
    for (let row = 0; row < rows; row += 1) beyond += changes[row] as number;
    for (let row = 0; row < rows; row += 1) {
      running += changes[row] as number;
      beyond += changes[rows + row] as number;
      weights[row] = running + beyond;
    }
    resampled[resample] = weightedAuc(probabilities, up, order, weights);
    yield;
  }
  return judge(value, resampled, rows, judgement);
}
