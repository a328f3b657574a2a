import type { Random } from '@monsta/core';
import { symmetricEigen, type Eigen } from './symmetric-eigen.ts';

const FIRST_STEP = 0.3;

/** How much each of the better half counts, and how fast the paths and the shape follow (Hansen's tutorial, table 1, positive weights). */
interface Rates {
  readonly weights: Float64Array;
  readonly mass: number;
  readonly pathStep: number;
  readonly damping: number;
  readonly pathShape: number;
  readonly rankOne: number;
  readonly rankMany: number;
  /** Expected length of a standard normal vector. */
  readonly length: number;
}

function ratesOf(n: number, size: number): Rates {
  const parents = Math.floor(size / 2);
  const raw = Float64Array.from({ length: parents }, (_, index) => Math.log((size + 1) / 2) - Math.log(index + 1));
  const sum = raw.reduce((total, weight) => total + weight, 0);
  const weights = raw.map((weight) => weight / sum);
  const mass = 1 / weights.reduce((total, weight) => total + weight * weight, 0);
  const rankOne = 2 / ((n + 1.3) ** 2 + mass);
  const pathStep = (mass + 2) / (n + mass + 5);
  return {
    weights,
    mass,
    pathStep,
    damping: 1 + 2 * Math.max(0, Math.sqrt((mass - 1) / (n + 1)) - 1) + pathStep,
    pathShape: (4 + mass / n) / (n + 4 + (2 * mass) / n),
    rankOne,
    rankMany: Math.min(1 - rankOne, (2 * (mass - 2 + 1 / mass)) / ((n + 2) ** 2 + mass)),
    length: Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)),
  };
}

/** The normal distribution that CMA-ES draws from: mean, step size and covariance, moved by each generation's ranking. */
export class CmaDistribution {
  /** Points in a generation: 4 + 3 ln n unless given. */
  readonly size: number;
  readonly #n: number;
  readonly #rates: Rates;
  #mean: Float64Array;
  #step = FIRST_STEP;
  #shape: Float64Array;
  #eigen: Eigen;
  #stepPath: Float64Array;
  #shapePath: Float64Array;
  #generation = 0;

  constructor(mean: Float64Array, size: number | null) {
    const n = mean.length;
    this.#n = n;
    this.size = size ?? 4 + Math.floor(3 * Math.log(n));
    this.#rates = ratesOf(n, this.size);
    this.#mean = mean;
    this.#shape = new Float64Array(n * n);
    for (let index = 0; index < n; index += 1) this.#shape[index * n + index] = 1;
    this.#eigen = symmetricEigen(this.#shape, n);
    this.#stepPath = new Float64Array(n);
    this.#shapePath = new Float64Array(n);
  }

  /** The widest standard deviation in any direction. */
  get spread(): number {
    return this.#step * Math.sqrt(Math.max(...this.#eigen.values, 0));
  }

  /** A point drawn; each coordinate with at least the deviation that `floors` says. */
  draw(random: Random, floors: Float64Array): Float64Array {
    const n = this.#n;
    const { values, vectors } = this.#eigen;
    const scaled = Float64Array.from(values, (value) => Math.sqrt(Math.max(0, value)) * random.gaussian());
    return Float64Array.from(this.#mean, (middle, row) => {
      let away = 0;
      for (let column = 0; column < n; column += 1) away += (vectors[row * n + column] ?? 0) * (scaled[column] ?? 0);
      const deviation = this.#step * Math.sqrt(Math.max(0, this.#shape[row * n + row] ?? 0));
      const floor = floors[row] ?? 0;
      const widened = deviation < floor && deviation > 0 ? floor / deviation : 1;
      return middle + this.#step * away * widened;
    });
  }

  /** Moves after a generation, ranked from its best to its worst. */
  learn(ranked: readonly Float64Array[]): void {
    const n = this.#n;
    const { weights, mass, pathStep, damping, pathShape, rankOne, rankMany, length } = this.#rates;
    this.#generation += 1;
    const moves = [...weights.keys()].map((index) =>
      Float64Array.from(this.#mean, (middle, at) => ((ranked[index]?.[at] ?? middle) - middle) / this.#step),
    );
    const move = Float64Array.from({ length: n }, (_, at) =>
      moves.reduce((sum, each, index) => sum + (weights[index] ?? 0) * (each[at] ?? 0), 0),
    );
    this.#mean = this.#mean.map((middle, at) => middle + this.#step * (move[at] ?? 0));
    const straight = this.#whitened(move);
    const stepGain = Math.sqrt(pathStep * (2 - pathStep) * mass);
    this.#stepPath = this.#stepPath.map((value, at) => (1 - pathStep) * value + stepGain * (straight[at] ?? 0));
    const norm = Math.sqrt(this.#stepPath.reduce((sum, value) => sum + value * value, 0));
    const begun = 1 - (1 - pathStep) ** (2 * this.#generation);
    const long = norm / Math.sqrt(begun) >= (1.4 + 2 / (n + 1)) * length;
    const shapeGain = long ? 0 : Math.sqrt(pathShape * (2 - pathShape) * mass);
    this.#shapePath = this.#shapePath.map((value, at) => (1 - pathShape) * value + shapeGain * (move[at] ?? 0));
    const lost = long ? pathShape * (2 - pathShape) : 0;
    const kept = 1 - rankOne - rankMany + rankOne * lost;
    this.#shape = this.#shape.map((value, index) => {
      const [row, column] = [Math.floor(index / n), index % n];
      const one = (this.#shapePath[row] ?? 0) * (this.#shapePath[column] ?? 0);
      const many = moves.reduce((sum, y, at) => sum + (weights[at] ?? 0) * (y[row] ?? 0) * (y[column] ?? 0), 0);
      return kept * value + rankOne * one + rankMany * many;
    });
    this.#step *= Math.exp((pathStep / damping) * (norm / length - 1));
    this.#eigen = symmetricEigen(this.#shape, n);
  }

  /** `C^(-1/2)` times a vector. */
  #whitened(vector: Float64Array): Float64Array {
    const n = this.#n;
    const { values, vectors } = this.#eigen;
    const turned = Float64Array.from(values, (value, column) => {
      let sum = 0;
      for (let row = 0; row < n; row += 1) sum += (vectors[row * n + column] ?? 0) * (vector[row] ?? 0);
      return sum / Math.sqrt(Math.max(value, 1e-30));
    });
    return Float64Array.from({ length: n }, (_, row) =>
      turned.reduce((sum, value, column) => sum + (vectors[row * n + column] ?? 0) * value, 0),
    );
  }
}
