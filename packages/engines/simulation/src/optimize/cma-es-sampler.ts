import { mixSeed, seededRandom } from '@monsta/core';
import { CmaDistribution } from './cma-distribution.ts';
import { drawNew, type Ask, type Field, type Sampler, type Told } from './sampler.ts';
import { snapped, valueCount, type Point } from './space.ts';

/** Of a point that the strategy refuses another is drawn, so often. */
const DRAWS = 100;
/** Generations in a row that knew all of their points already: the search has come to rest. */
const RESTING = 5;
/** A spread below which it has come to rest too, as a share of the range. */
const NARROW = 1e-4;

/** A point outside 0…1 is seen where it would be if the ends were mirrors. */
function mirrored(x: number): number {
  const turn = Math.abs(x) % 2;
  return turn > 1 ? 2 - turn : turn;
}

/** One of a generation: where it was drawn, and the trial that says what it is worth. */
interface Member {
  readonly x: Float64Array;
  readonly trial: number;
}

const RANK = { finished: 0, stopped: 1, failed: 2 } as const;

/**
 * CMA-ES (Hansen, "The CMA Evolution Strategy: A Tutorial", 2016): generations drawn from a normal distribution whose mean, spread and shape follow the better half. Numbers only
 * (of two choices one is 0 and the other 1); what is counted is rounded, and its spread never falls below a third of a step; ends of ranges are mirrors. A point that was tried before is not run again: its result is used.
 * Where the search has come to rest it begins anew elsewhere, with generations twice as large (Auger & Hansen 2005).
 */
export class CmaEsSampler implements Sampler {
  readonly #field: Field;
  readonly #seed: number;
  readonly #floors: Float64Array;
  readonly #told = new Map<number, Told>();
  #distribution: CmaDistribution;
  #members: Member[] = [];
  #starts = 0;
  #generation = 0;
  #resting = 0;
  /** Trials of this generation that are new. */
  #fresh = 0;

  constructor(field: Field, seed: number) {
    const { dimensions } = field.space;
    if (dimensions.some((each) => each.kind === 'choice' && each.values.length > 2))
      throw new RangeError('CMA-ES searches numbers, not things without an order');
    this.#field = field;
    this.#seed = seed;
    this.#floors = Float64Array.from(dimensions, (dimension) => 0.3 / valueCount(dimension));
    this.#distribution = new CmaDistribution(new Float64Array(dimensions.length).fill(0.5), null);
  }

  ask(trial: number): Ask {
    for (;;) {
      if (this.#members.length < this.#distribution.size) {
        const { x, point } = this.#draw();
        const known = this.#field.trialOf(point);
        if (known === null && !this.#field.accepts(point)) {
          // Nothing that is accepted lies near.
          const elsewhere = drawNew(this.#field, this.#seed, this.#starts, this.#generation, trial);
          if (elsewhere === null) return null;
          this.#join(Float64Array.from(elsewhere), trial);
          return { point: elsewhere };
        }
        if (known !== null) this.#members.push({ x, trial: known });
        else {
          this.#join(x, trial);
          return { point };
        }
      } else if (this.#members.every(({ trial: each }) => this.#told.has(each))) {
        if (!this.#learn(trial)) return null;
      } else return 'wait';
    }
  }

  tell(trial: number, _point: Point, told: Told): void {
    this.#told.set(trial, told);
  }

  #join(x: Float64Array, trial: number): void {
    this.#members.push({ x, trial });
    this.#fresh += 1;
  }

  #draw(): { readonly x: Float64Array; readonly point: Point } {
    const place = (attempt: number): { readonly x: Float64Array; readonly point: Point } => {
      const seed = mixSeed(this.#seed, this.#starts, this.#generation, this.#members.length, attempt);
      const x = this.#distribution.draw(seededRandom(seed), this.#floors);
      return { x, point: snapped(this.#field.space, Array.from(x, mirrored)) };
    };
    let drawn = place(0);
    for (let attempt = 1; attempt < DRAWS && !this.#field.accepts(drawn.point); attempt += 1) drawn = place(attempt);
    return drawn;
  }

  /** The next generation; false when everything is known. */
  #learn(trial: number): boolean {
    const told = (member: Member): Told => this.#told.get(member.trial) ?? { kind: 'failed' };
    const loss = (of: Told): number => (of.kind === 'failed' ? 0 : of.loss);
    const ranked = this.#members.toSorted((left, right) => {
      const [one, other] = [told(left), told(right)];
      return RANK[one.kind] - RANK[other.kind] || loss(one) - loss(other);
    });
    const [best, worst] = [ranked[0], ranked.at(-1)];
    const flat =
      best !== undefined && worst !== undefined && JSON.stringify(told(best)) === JSON.stringify(told(worst));
    this.#resting = this.#fresh === 0 ? this.#resting + 1 : 0;
    this.#distribution.learn(ranked.map(({ x }) => x));
    this.#members = [];
    this.#fresh = 0;
    this.#generation += 1;
    const { spread } = this.#distribution;
    if (!flat && this.#resting < RESTING && spread > NARROW && Number.isFinite(spread)) return true;
    const start = drawNew(this.#field, this.#seed, this.#starts, trial);
    if (start === null) return false;
    this.#starts += 1;
    this.#resting = 0;
    this.#distribution = new CmaDistribution(Float64Array.from(start), 2 * this.#distribution.size);
    return true;
  }
}
