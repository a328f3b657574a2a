import { hashText, mixSeed } from '@monsta/core';
import { DRAW_STEP, gaussianAt, mix32, NORMAL_BITS, NORMAL_TABLE, uniformAt } from './random-tables.ts';

/** Added to every seed: makes the default, 1, a market whose prices keep their magnitudes until the middle of 2027 at least. */
export const SEED_OFFSET = 10;

/** Log-volatility is an AR(1) process of hours: half of a shock is gone after some 23 hours. `common` and `own` are the parts that assets share and that each has by itself. */
export const VOLATILITY = { persistence: 0.97, shock: 0.05, common: 0.8, own: 0.6, logMax: 1.2 } as const;

/** Regimes of the whole market: a Markov chain of hours. `multiplier` is of volatility; what is left to 1 of `up` and `down` is the chance to stay. */
export const REGIMES = [
  { name: 'calm', multiplier: 0.7, up: 0.015, down: 0 },
  { name: 'normal', multiplier: 1, up: 0.01, down: 0.01 },
  { name: 'turbulent', multiplier: 1.5, up: 0, down: 0.04 },
] as const;
const NORMAL_REGIME = 1;
const DRAWS_PER_HOUR = 8;
const NORMAL_MASK = 2 ** NORMAL_BITS - 1;

/** Jumps: the chance of one in an hour, for all assets together and for each by itself, and a Pareto size in standard deviations of the hour. */
export const JUMPS = { common: 0.02, own: 0.04, sizeMin: 0.6, tail: 3, sizeMax: 1.2 } as const;

/** Share of the hours that the chain is in each regime in the long run. */
export const REGIME_SHARES: readonly number[] = (() => {
  const weights: number[] = [1];
  for (let index = 1; index < REGIMES.length; index += 1) {
    const below = REGIMES[index - 1];
    const at = REGIMES[index];
    weights.push(((weights[index - 1] ?? 0) * (below?.up ?? 0)) / (at?.down ?? 1));
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
})();

/** A jump's size and sign, from the draws `counter` and the one after. */
export function jumpAt(seed: number, counter: number): number {
  const size = Math.min(JUMPS.sizeMax, JUMPS.sizeMin * uniformAt(seed, counter) ** (-1 / JUMPS.tail));
  return uniformAt(seed, counter + 1) < 0.5 ? -size : size;
}

/** What all assets share, hour by hour from the epoch on: regime, shocks of price and volatility, jumps. */
export class LatentMarket {
  readonly seed: number;
  /** How much of a standardized shock carries over into the next hour's. */
  readonly edge: number;
  #shocks = new Float64Array(1_024);
  #volatilityShocks = new Float64Array(1_024);
  #jumps = new Float64Array(1_024);
  #regimes = new Uint8Array(1_024);
  #hours = 0;
  readonly #marketSeed: number;
  readonly #blockSeed: number;

  /** Throws `RangeError` for an edge outside −0.5 … 0.5. */
  constructor(seed: number, edge: number) {
    if (!(edge >= -0.5 && edge <= 0.5)) throw new RangeError(`the edge must be between -0.5 and 0.5, not ${edge}`);
    this.seed = seed;
    this.edge = edge;
    this.#marketSeed = mixSeed(seed, hashText('market'));
    this.#blockSeed = mixSeed(this.#marketSeed, 1);
  }

  /** Standard normal, an AR(1) process with the edge as its coefficient. */
  shock(hour: number): number {
    this.#extendTo(hour);
    return this.#shocks[hour] ?? 0;
  }

  /** Standard normal. */
  volatilityShock(hour: number): number {
    this.#extendTo(hour);
    return this.#volatilityShocks[hour] ?? 0;
  }

  /** The market's jump in an hour, in standard deviations of the hour; 0 where there is none. */
  jump(hour: number): number {
    this.#extendTo(hour);
    return this.#jumps[hour] ?? 0;
  }

  /** Standard normal, of a block of minutes: what quickly changes volatility. Blocks are counted from the epoch. */
  blockShock(block: number): number {
    return NORMAL_TABLE[mix32(this.#blockSeed + Math.imul(block, DRAW_STEP)) & NORMAL_MASK] ?? 0;
  }

  regime(hour: number): number {
    this.#extendTo(hour);
    return this.#regimes[hour] ?? NORMAL_REGIME;
  }

  #extendTo(hour: number): void {
    const fresh = Math.sqrt(1 - this.edge ** 2);
    while (this.#hours <= hour) {
      const index = this.#hours;
      if (index >= this.#shocks.length) this.#grow();
      const at = index * DRAWS_PER_HOUR;
      const innovation = gaussianAt(this.#marketSeed, at);
      this.#shocks[index] = index === 0 ? innovation : this.edge * (this.#shocks[index - 1] ?? 0) + fresh * innovation;
      this.#volatilityShocks[index] = gaussianAt(this.#marketSeed, at + 2);
      const before = index === 0 ? NORMAL_REGIME : (this.#regimes[index - 1] ?? NORMAL_REGIME);
      this.#regimes[index] = nextRegime(before, uniformAt(this.#marketSeed, at + 4));
      if (uniformAt(this.#marketSeed, at + 5) < JUMPS.common) this.#jumps[index] = jumpAt(this.#marketSeed, at + 6);
      this.#hours += 1;
    }
  }

  #grow(): void {
    const wider = (from: Float64Array): Float64Array<ArrayBuffer> => {
      const to = new Float64Array(from.length * 2);
      to.set(from);
      return to;
    };
    this.#shocks = wider(this.#shocks);
    this.#volatilityShocks = wider(this.#volatilityShocks);
    this.#jumps = wider(this.#jumps);
    const regimes = new Uint8Array(this.#regimes.length * 2);
    regimes.set(this.#regimes);
    this.#regimes = regimes;
  }
}

function nextRegime(regime: number, draw: number): number {
  const { up, down } = REGIMES[regime] ?? REGIMES[NORMAL_REGIME];
  if (draw < up) return regime + 1;
  return draw < up + down ? regime - 1 : regime;
}
