import { seededRandom } from '@monsta/core';

/** Rows of 50 columns and a class that depends on a dozen of them, by curves, products and steps. */
export interface SampleRows {
  readonly rows: number;
  readonly width: number;
  readonly values: Float32Array;
  readonly labels: Float32Array;
}

export const WIDTH = 50;

/** Every tenth column holds whole numbers from 0 to 7, the one before it log-normal values, all others normal ones. The best possible AUC is far below 1: the label is a draw. */
export function sampleRows(rows: number, seed: number): SampleRows {
  const random = seededRandom(seed);
  const values = new Float32Array(rows * WIDTH);
  const labels = new Float32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const own = values.subarray(row * WIDTH, (row + 1) * WIDTH);
    for (let column = 0; column < WIDTH; column += 1) {
      const kind = column % 10;
      own[column] = kind === 9 ? random.integer(8) : kind === 8 ? Math.exp(random.gaussian()) : random.gaussian();
    }
    const x = (column: number): number => own[column] ?? 0;
    const score =
      0.8 * Math.sin(2 * x(0)) +
      0.7 * x(1) * x(2) +
      0.6 * (x(3) > 0.5 ? 1 : -1) * (x(4) > 0 ? 1 : 0) +
      0.5 * Math.abs(x(5)) -
      0.4 +
      0.3 * x(6) +
      (x(9) > 3 ? 0.25 : -0.25) * x(7) +
      0.3 * Math.log(x(8)) * x(10) +
      0.2 * x(11) +
      0.15 * x(12) ** 2 -
      0.15;
    labels[row] = random.next() < 1 / (1 + Math.exp(-score)) ? 1 : 0;
  }
  return { rows, width: WIDTH, values, labels };
}

/** Area under the ROC curve of scores (ties count half), and the mean log loss where scores are probabilities. */
export function quality(
  scores: Float32Array | Float64Array,
  labels: Float32Array,
): { readonly auc: number; readonly logLoss: number } {
  const order = Uint32Array.from(scores, (_, row) => row).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
  let ranks = 0;
  let positives = 0;
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && scores[order[to] ?? 0] === scores[order[from] ?? 0]) to += 1;
    for (let at = from; at < to; at += 1) {
      if (labels[order[at] ?? 0] !== 1) continue;
      positives += 1;
      ranks += (from + to + 1) / 2;
    }
    from = to;
  }
  const negatives = scores.length - positives;
  let loss = 0;
  for (let row = 0; row < scores.length; row += 1) {
    const score = scores[row] ?? Number.NaN;
    loss -= Math.log(labels[row] === 1 ? score : 1 - score);
  }
  return {
    auc: (ranks - (positives * (positives + 1)) / 2) / (positives * negatives),
    logLoss: loss / scores.length,
  };
}
