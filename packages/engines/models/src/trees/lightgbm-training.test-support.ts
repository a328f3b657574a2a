import type { TreeTable } from './training-table.ts';

/** What the rows of a case are like, as scripts/model-files/lightgbm_training.py has it. */
export interface TrainingRows {
  readonly kind: 'binary' | 'number' | 'classes';
  /** Share of the values of three columns that are missing. */
  readonly missing: number;
  readonly weighted: boolean;
  /** Categories of column 4; 0: it is a number. */
  readonly categories: number;
}

const ROWS = 4_000;
const WIDTH = 6;

/** Numerical Recipes' linear congruential generator, which Python draws the same numbers with; 24 bits of each word. */
class Draws {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  next(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return (this.#state >>> 8) / 2 ** 24;
  }

  bell(): number {
    return (this.next() + this.next() + this.next() + this.next() - 2) * 2;
  }
}

function labelOf(kind: TrainingRows['kind'], signal: number): number {
  if (kind === 'number') return signal;
  if (kind === 'binary') return signal > 0 ? 1 : 0;
  return signal < -1 ? 0 : signal < 1 ? 1 : 2;
}

/** The rows of a case, `table` of the script, draw by draw. */
export function trainingRows(seed: number, { kind, missing, weighted, categories }: TrainingRows): TreeTable {
  const draws = new Draws(seed);
  const values = new Float64Array(ROWS * WIDTH);
  const labels = new Float64Array(ROWS);
  const weights = weighted ? new Float64Array(ROWS) : null;
  for (let row = 0; row < ROWS; row += 1) {
    const own = values.subarray(row * WIDTH, (row + 1) * WIDTH);
    for (let column = 0; column < 4; column += 1) own[column] = Math.fround(draws.bell());
    own[4] = Math.floor(draws.next() * draws.next() * (categories > 0 ? categories : 9));
    own[5] = draws.next() < 0.6 ? 0 : Math.fround(draws.bell());
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = own;
    labels[row] = labelOf(kind, a + b * c - d / 2 + (e % 3 === 1 ? 1 : 0) + f + draws.bell());
    for (const column of [1, 4, 5]) if (draws.next() < missing) own[column] = Number.NaN;
    if (weights !== null) weights[row] = 0.5 + Math.floor(draws.next() * 4);
  }
  const columns = Array.from({ length: WIDTH }, (_, column) => `f${column}`);
  return { rows: ROWS, columns, values, labels, weights, categorical: categories > 0 ? [4] : [] };
}
