import { Node, SideNode, type Column } from './node.ts';

/**
 * Mean, and sum of squared deviations from it (its own column), of the last `count` rows; by blocks as in block-window.ts. Rows are added one by one after Welford (Technometrics 4, 1962) and
 * parts put together after Chan, Golub and LeVeque (1979), so that nothing cancels out where a spread is small beside its mean: of equal values it is exactly 0.
 */
export class WindowSpread extends Node {
  override readonly looksBack: number;
  readonly mean = new SideNode();
  readonly #input: Column;
  readonly #count: number;
  /** Of the block before, from each place to its end. */
  readonly #meanToEnd: Float64Array;
  readonly #squaresToEnd: Float64Array;
  /** Of the newest row's block, from its begin. */
  #partMean = Number.NaN;
  #partSquares = Number.NaN;

  constructor(input: Column, count: number) {
    super();
    this.#input = input;
    this.#count = count;
    this.looksBack = count - 1;
    this.#meanToEnd = new Float64Array(count).fill(Number.NaN);
    this.#squaresToEnd = new Float64Array(count).fill(Number.NaN);
  }

  override reset(): void {
    this.#meanToEnd.fill(Number.NaN);
    this.#squaresToEnd.fill(Number.NaN);
    this.#partMean = Number.NaN;
    this.#partSquares = Number.NaN;
  }

  override run(from: number, to: number, barNumber: number): void {
    const { values } = this;
    const means = this.mean.values;
    const input = this.#input.values;
    const count = this.#count;
    const [meanToEnd, squaresToEnd] = [this.#meanToEnd, this.#squaresToEnd];
    let mean = this.#partMean;
    let squares = this.#partSquares;
    let place = barNumber % count;
    for (let row = from; row < to; row += 1) {
      if (place === count - 1) {
        endSpreads(input, row, meanToEnd, squaresToEnd, count);
        means[row] = meanToEnd[0] as number;
        values[row] = squaresToEnd[0] as number;
        place = 0;
        continue;
      }
      const value = input[row] as number;
      if (place === 0) {
        mean = value;
        squares = 0;
      } else {
        const off = value - mean;
        mean += off / (place + 1);
        squares += off * (value - mean);
      }
      place += 1;
      const before = meanToEnd[place] as number;
      const apart = mean - before;
      const share = place / count;
      means[row] = before + apart * share;
      values[row] = (squaresToEnd[place] as number) + squares + apart * apart * (count - place) * share;
    }
    this.#partMean = mean;
    this.#partSquares = squares;
  }
}

function endSpreads(
  input: Float64Array,
  row: number,
  meanToEnd: Float64Array,
  squaresToEnd: Float64Array,
  count: number,
): void {
  let mean = 0;
  let squares = 0;
  for (let age = 0; age < count; age += 1) {
    const value = age > row ? Number.NaN : (input[row - age] as number);
    const off = value - mean;
    mean += off / (age + 1);
    squares += off * (value - mean);
    meanToEnd[count - 1 - age] = mean;
    squaresToEnd[count - 1 - age] = squares;
  }
}
