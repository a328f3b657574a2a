import { Node, SideNode, type Column } from './node.ts';

const [MEAN_X, MEAN_Y, SQUARES_X, SQUARES_Y, PRODUCTS, FIELDS] = [0, 1, 2, 3, 4, 5] as const;

/**
 * Sums of squared and of multiplied deviations from their means, of two columns over their last `count` rows (its own column: `Σ (x − mean x) (y − mean y)`); by blocks as in block-window.ts. Rows are added one by one after Welford
 * (Technometrics 4, 1962) and parts put together after Chan, Golub and LeVeque (1979), so that nothing cancels out where a spread is small beside its mean: of equal values it is exactly 0.
 */
export class WindowMoments extends Node {
  override readonly looksBack: number;
  readonly squaresX = new SideNode();
  readonly squaresY = new SideNode();
  readonly #x: Column;
  readonly #y: Column;
  readonly #count: number;
  /** Of the block before from each place to its end: mean x, mean y, the three sums. */
  readonly #toEnd: Float64Array;
  /** Of the newest row's block from its begin. */
  readonly #part = new Float64Array(FIELDS).fill(Number.NaN);
  readonly #joined = new Float64Array(FIELDS);
  readonly #back = new Float64Array(FIELDS);

  constructor(x: Column, y: Column, count: number) {
    super();
    this.#x = x;
    this.#y = y;
    this.#count = count;
    this.looksBack = count - 1;
    this.#toEnd = new Float64Array(FIELDS * count).fill(Number.NaN);
  }

  override reset(): void {
    this.#toEnd.fill(Number.NaN);
    this.#part.fill(Number.NaN);
  }

  override run(from: number, to: number, barNumber: number): void {
    const { values } = this;
    const [squaresX, squaresY] = [this.squaresX.values, this.squaresY.values];
    const [xs, ys] = [this.#x.values, this.#y.values];
    const count = this.#count;
    const part = this.#part;
    const joined = this.#joined;
    let place = barNumber % count;
    for (let row = from; row < to; row += 1) {
      if (place === count - 1) {
        this.#endBlock(xs, ys, row);
        joined.set(this.#toEnd.subarray(0, FIELDS));
        place = 0;
      } else {
        if (place === 0) part.fill(0);
        add(part, 0, place + 1, xs[row] as number, ys[row] as number);
        join(this.#toEnd, FIELDS * (place + 1), count - 1 - place, part, place + 1, joined);
        place += 1;
      }
      squaresX[row] = joined[SQUARES_X] as number;
      squaresY[row] = joined[SQUARES_Y] as number;
      values[row] = joined[PRODUCTS] as number;
    }
  }

  #endBlock(xs: Float64Array, ys: Float64Array, row: number): void {
    const count = this.#count;
    const toEnd = this.#toEnd;
    const back = this.#back.fill(0);
    for (let age = 0; age < count; age += 1) {
      if (age > row) back.fill(Number.NaN);
      else add(back, 0, age + 1, xs[row - age] as number, ys[row - age] as number);
      toEnd.set(back, FIELDS * (count - 1 - age));
    }
  }
}

/** Takes one row more into the moments at `at`; with it they are of `count` rows. */
function add(moments: Float64Array, at: number, count: number, x: number, y: number): void {
  const [beforeX, beforeY] = [moments[at + MEAN_X] as number, moments[at + MEAN_Y] as number];
  const dx = x - beforeX;
  const dy = y - beforeY;
  const meanX = beforeX + dx / count;
  const meanY = beforeY + dy / count;
  moments[at + MEAN_X] = meanX;
  moments[at + MEAN_Y] = meanY;
  moments[at + SQUARES_X] = (moments[at + SQUARES_X] as number) + dx * (x - meanX);
  moments[at + SQUARES_Y] = (moments[at + SQUARES_Y] as number) + dy * (y - meanY);
  moments[at + PRODUCTS] = (moments[at + PRODUCTS] as number) + dx * (y - meanY);
}

/** The moments of two parts together. */
function join(
  before: Float64Array,
  at: number,
  countBefore: number,
  part: Float64Array,
  count: number,
  out: Float64Array,
): void {
  const share = count / (countBefore + count);
  const weight = countBefore * share;
  const dx = (part[MEAN_X] as number) - (before[at + MEAN_X] as number);
  const dy = (part[MEAN_Y] as number) - (before[at + MEAN_Y] as number);
  out[MEAN_X] = (before[at + MEAN_X] as number) + dx * share;
  out[MEAN_Y] = (before[at + MEAN_Y] as number) + dy * share;
  out[SQUARES_X] = (before[at + SQUARES_X] as number) + (part[SQUARES_X] as number) + dx * dx * weight;
  out[SQUARES_Y] = (before[at + SQUARES_Y] as number) + (part[SQUARES_Y] as number) + dy * dy * weight;
  out[PRODUCTS] = (before[at + PRODUCTS] as number) + (part[PRODUCTS] as number) + dx * dy * weight;
}
