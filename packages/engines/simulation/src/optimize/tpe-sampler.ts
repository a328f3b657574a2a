import { mixSeed, seededRandom, type Random } from '@monsta/core';
import { drawNew, isNew, type Ask, type Field, type Sampler, type Told } from './sampler.ts';
import { coordinateOf, snapped, valueCount, type Point } from './space.ts';

/** Trials drawn evenly before anything is learnt. */
const STARTUP = 10;
/** The share of trials that are the good ones, and the most of them. */
const GOOD_SHARE = 0.1;
const GOOD_MAX = 25;
/** Points drawn from the density of the good, of which the most promising is tried. */
const CANDIDATES = 24;
const NARROWEST_TRIALS = 100;

/** A dimension as the densities see it: `choices` 0 is a number, else one of so many things. */
interface Axis {
  readonly choices: number;
  /** No kernel is narrower: half a cell where values are counted. */
  readonly narrowest: number;
}

/** The distribution function of the standard normal, to 7.5·10⁻⁸ (Abramowitz & Stegun 26.2.17). */
function normalBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return z > 0 ? 1 - tail : tail;
}

/**
 * A density over the space: an even one and a product kernel around each observed point, all of the same weight; for numbers Gaussians cut off at the ends of the range, for
 * choices the observed one with more weight than the others.
 */
class ParzenDensity {
  readonly #axes: readonly Axis[];
  readonly #points: readonly Point[];
  readonly #widths: readonly number[];
  /** For each kernel the logarithm of what its parts are divided by. */
  readonly #scale: Float64Array;
  readonly #other: number;

  constructor(axes: readonly Axis[], points: readonly Point[]) {
    this.#axes = axes;
    this.#points = points;
    const count = points.length;
    // Scott's rule for a product kernel over a range of 1, a fifth of it at the beginning.
    const scott = 0.2 * Math.max(1, count) ** (-1 / (axes.length + 4));
    const least = 1 / Math.min(NARROWEST_TRIALS, count + 1);
    this.#widths = axes.map(({ narrowest }) => Math.max(scott, Math.min(least, 0.2), narrowest));
    this.#other = 1 / (count + 1);
    this.#scale = Float64Array.from(points, (point) => this.#logScale(point));
  }

  #logScale(point: Point): number {
    let sum = 0;
    for (const [at, { choices }] of this.#axes.entries()) {
      if (choices > 0) {
        sum += Math.log(1 + choices * this.#other);
        continue;
      }
      const width = this.#widths[at] ?? 1;
      const middle = point[at] ?? 0;
      const within = normalBelow((1 - middle) / width) - normalBelow(-middle / width);
      sum += Math.log(width * Math.sqrt(2 * Math.PI) * within);
    }
    return sum;
  }

  /** The logarithm of the density at a point; against another density of the same space alone of use (the even part of a choice is 1 / its options in both). */
  logAt(point: Point): number {
    let even = 1;
    for (const { choices } of this.#axes) if (choices > 0) even /= choices;
    let sum = even;
    for (let index = 0; index < this.#points.length; index += 1) {
      const observed = this.#points[index];
      if (observed === undefined) continue;
      let exponent = -(this.#scale[index] ?? 0);
      for (let at = 0; at < this.#axes.length; at += 1) {
        const [here, there] = [point[at] ?? 0, observed[at] ?? 0];
        if ((this.#axes[at]?.choices ?? 0) > 0) {
          exponent += Math.log(this.#other + (here === there ? 1 : 0));
        } else {
          const distance = (here - there) / (this.#widths[at] ?? 1);
          exponent -= (distance * distance) / 2;
        }
      }
      sum += Math.exp(exponent);
    }
    return Math.log(sum / (this.#points.length + 1));
  }

  draw(random: Random): Point {
    const observed = this.#points[random.integer(this.#points.length + 1)];
    return this.#axes.map(({ choices }, at) => {
      if (observed === undefined) return random.next();
      const middle = observed[at] ?? 0;
      if (choices > 0) {
        const stay = (1 + this.#other) / (1 + choices * this.#other);
        return random.next() < stay ? middle : coordinateOf(random.integer(choices), choices);
      }
      for (let attempt = 0; attempt < 100; attempt += 1) {
        const drawn = middle + (this.#widths[at] ?? 1) * random.gaussian();
        if (drawn >= 0 && drawn <= 1) return drawn;
      }
      return middle;
    });
  }
}

const RANK = { finished: 0, stopped: 1, failed: 2 } as const;
const lossOf = (told: Told): number => (told.kind === 'failed' ? 0 : told.loss);

/**
 * Tree-structured Parzen estimator (Bergstra et al. 2011; multivariate kernels and defaults after Watanabe 2023): trials are split into the best tenth (at most 25) and the rest,
 * each gets a density, and of 24 points drawn from that of the good ones the one is tried where it is the most above that of the rest. Trials that are running count among the rest,
 * so that several workers don't try the same place.
 */
export class TpeSampler implements Sampler {
  readonly #field: Field;
  readonly #seed: number;
  readonly #axes: readonly Axis[];
  readonly #told: { readonly trial: number; readonly point: Point; readonly told: Told }[] = [];
  readonly #running = new Map<number, Point>();

  constructor(field: Field, seed: number) {
    this.#field = field;
    this.#seed = seed;
    this.#axes = field.space.dimensions.map((dimension) => {
      const count = valueCount(dimension);
      return { choices: dimension.kind === 'choice' ? count : 0, narrowest: count === Infinity ? 0 : 0.5 / count };
    });
  }

  ask(trial: number): Ask {
    const point =
      (this.#told.length < STARTUP ? null : this.#promising(trial)) ?? drawNew(this.#field, this.#seed, trial);
    if (point === null) return null;
    this.#running.set(trial, point);
    return { point };
  }

  tell(trial: number, point: Point, told: Told): void {
    this.#running.delete(trial);
    this.#told.push({ trial, point, told });
  }

  #promising(trial: number): Point | null {
    const ranked = this.#told.toSorted(
      (left, right) =>
        RANK[left.told.kind] - RANK[right.told.kind] ||
        lossOf(left.told) - lossOf(right.told) ||
        left.trial - right.trial,
    );
    const finished = ranked.filter(({ told }) => told.kind === 'finished').length;
    const goodCount = Math.min(finished, GOOD_MAX, Math.ceil(GOOD_SHARE * ranked.length));
    if (goodCount === 0) return null;
    const points = ranked.map(({ point }) => point);
    const good = new ParzenDensity(this.#axes, points.slice(0, goodCount));
    const rest = new ParzenDensity(this.#axes, [...points.slice(goodCount), ...this.#running.values()]);
    const random = seededRandom(mixSeed(this.#seed, trial, STARTUP));
    const { space } = this.#field;
    const candidates = Array.from({ length: CANDIDATES }, () => snapped(space, good.draw(random)));
    const scored = candidates
      .filter((point) => isNew(this.#field, point))
      .map((point) => ({ point, score: good.logAt(point) - rest.logAt(point) }));
    return (
      scored.reduce<(typeof scored)[number] | null>(
        (best, each) => (best === null || each.score > best.score ? each : best),
        null,
      )?.point ?? this.#near(good, random)
    );
  }

  /** Where all that was drawn is known: what else lies around the good ones. */
  #near(good: ParzenDensity, random: Random): Point | null {
    for (let draw = 0; draw < 10 * CANDIDATES; draw += 1) {
      const point = snapped(this.#field.space, good.draw(random));
      if (isNew(this.#field, point)) return point;
    }
    return null;
  }
}
