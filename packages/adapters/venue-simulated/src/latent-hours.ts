import { hashText, mixSeed } from '@monsta/core';
import { JUMPS, jumpAt, REGIMES, REGIME_SHARES, VOLATILITY, type LatentMarket } from './latent-market.ts';
import type { MarketProfile } from './profiles.ts';
import { DRAW_STEP, gaussianAt, mix32, NORMAL_BITS, NORMAL_TABLE, uniformAt } from './random-tables.ts';

const HOURS_PER_YEAR = 8_760;
/** Volatility changes from block to block of minutes too: an AR(1) process, half of which is gone after some half an hour. */
export const BLOCKS_PER_HOUR = 20;
const BLOCK_PERSISTENCE = 0.93;
const BLOCK_LOG_DEVIATION = 0.6;
const BLOCK_SHOCK = BLOCK_LOG_DEVIATION * Math.sqrt(1 - BLOCK_PERSISTENCE ** 2);
/** The most that prices may move more than ordinarily, as a factor. */
const ACTIVITY_MAX = 8;
const DRAWS_PER_HOUR = 7;
const NORMAL_MASK = 2 ** NORMAL_BITS - 1;

const HOUR_LOG_VARIANCE =
  (VOLATILITY.shock ** 2 * (VOLATILITY.common ** 2 + VOLATILITY.own ** 2)) / (1 - VOLATILITY.persistence ** 2);
const REGIME_SCALE = Math.sqrt(
  REGIMES.reduce((sum, { multiplier }, index) => sum + (REGIME_SHARES[index] ?? 0) * multiplier ** 2, 0),
);
/** Expected square of a jump in standard deviations of its hour: a Pareto size, cut off. */
const JUMP_SQUARE = (() => {
  const { sizeMin, sizeMax, tail } = JUMPS;
  const beyond = (sizeMin / sizeMax) ** tail;
  return (sizeMin ** 2 * tail * (1 - (sizeMin / sizeMax) ** (tail - 2))) / (tail - 2) + beyond * sizeMax ** 2;
})();

/** One hour of the log price of one asset. */
export interface LatentHour {
  /** Log price relative to the first, at its start and its end. */
  readonly from: number;
  readonly to: number;
  /** The change without jumps. */
  readonly drift: number;
  /** How much more than ordinary prices move, as a factor, in each block. */
  readonly activity: Float64Array;
  /** Standard deviation of a minute's log return at ordinary activity. */
  readonly minuteDeviation: number;
  /** Sizes of the hour's jumps in log price; 0 where there is none. */
  readonly commonJump: number;
  readonly ownJump: number;
}

/**
 * The log price of one asset by the hour, summed from the epoch: shocks of which a part (the edge) carries over from hour to hour, times a volatility that is made of
 * the market's regime, a slow process of hours and a quick one of minutes; and jumps. Apart from the edge the expected price is today's.
 */
export class LatentHours {
  readonly #market: LatentMarket;
  readonly #marketCorrelation: number;
  readonly #seed: number;
  readonly #hourSeed: number;
  /** Standard deviation of an ordinary hour's log return without jumps, and how much variance these add to an hour's, as a share. */
  readonly #diffusive: number;
  readonly #jumpVariance: number;
  #logPrices = new Float64Array(1_024);
  /** At each hour's start: log-volatility with the regime, and the state of the quick process. */
  #hourLogs = new Float64Array(1_024);
  #blockStates = new Float64Array(1_024);
  #drifts = new Float64Array(1_024);
  #ownJumps = new Float64Array(1_024);
  #commonJumps = new Float64Array(1_024);
  #hours = 0;
  #slow = 0;
  #quick = 0;
  #own = 0;

  constructor(market: LatentMarket, profile: MarketProfile) {
    const { annualVolatility, marketCorrelation } = profile;
    this.#market = market;
    this.#marketCorrelation = marketCorrelation;
    this.#seed = mixSeed(market.seed, hashText(profile.symbol.instrument.id));
    this.#hourSeed = mixSeed(this.#seed, 1);
    this.#jumpVariance = JUMP_SQUARE * (JUMPS.own + JUMPS.common * marketCorrelation ** 2);
    this.#diffusive = annualVolatility / Math.sqrt(HOURS_PER_YEAR * (1 + this.#jumpVariance));
  }

  /** Log price relative to the first at an hour's start. */
  logPrice(hour: number): number {
    this.#extendTo(hour);
    return this.#logPrices[hour] ?? 0;
  }

  hour(hour: number): LatentHour {
    this.#extendTo(hour);
    const activity = new Float64Array(BLOCKS_PER_HOUR);
    this.#walkBlocks(hour, this.#hourLogs[hour] ?? 0, this.#blockStates[hour] ?? 0, activity);
    return {
      from: this.#logPrices[hour] ?? 0,
      to: this.#logPrices[hour + 1] ?? 0,
      drift: this.#drifts[hour] ?? 0,
      activity,
      minuteDeviation: this.#diffusive / Math.sqrt(60),
      commonJump: this.#commonJumps[hour] ?? 0,
      ownJump: this.#ownJumps[hour] ?? 0,
    };
  }

  /** The activity of an hour's blocks, from the state at its start; returns the state at its end. */
  #walkBlocks(hour: number, hourLog: number, state: number, activity: Float64Array): number {
    const base = hourLog - BLOCK_LOG_DEVIATION ** 2;
    let quick = state;
    for (let block = 0; block < BLOCKS_PER_HOUR; block += 1) {
      const number = hour * BLOCKS_PER_HOUR + block;
      const own = NORMAL_TABLE[mix32(this.#seed + Math.imul(number, DRAW_STEP)) & NORMAL_MASK] ?? 0;
      const shock = VOLATILITY.common * this.#market.blockShock(number) + VOLATILITY.own * own;
      quick = BLOCK_PERSISTENCE * quick + BLOCK_SHOCK * shock;
      activity[block] = Math.min(ACTIVITY_MAX, Math.exp(base + quick));
    }
    return quick;
  }

  #extendTo(hour: number): void {
    const { edge } = this.#market;
    const marketCorrelation = this.#marketCorrelation;
    const ownPart = Math.sqrt(1 - marketCorrelation ** 2);
    const fresh = Math.sqrt(1 - edge ** 2);
    const activity = new Float64Array(BLOCKS_PER_HOUR);
    while (this.#hours <= hour) {
      const index = this.#hours;
      if (index + 1 >= this.#logPrices.length) this.#grow();
      const at = index * DRAWS_PER_HOUR;
      const { persistence, shock, common, own, logMax } = VOLATILITY;
      const pushed = shock * (common * this.#market.volatilityShock(index) + own * gaussianAt(this.#hourSeed, at));
      this.#slow = Math.max(-logMax, Math.min(logMax, persistence * this.#slow + pushed));
      const innovation = gaussianAt(this.#hourSeed, at + 2);
      this.#own = index === 0 ? innovation : edge * this.#own + fresh * innovation;
      const multiplier = (REGIMES[this.#market.regime(index)]?.multiplier ?? 1) / REGIME_SCALE;
      // The mean of the variance, not its median, is what the profile calls ordinary.
      const hourLog = Math.log(multiplier) + this.#slow - HOUR_LOG_VARIANCE;
      this.#hourLogs[index] = hourLog;
      this.#blockStates[index] = this.#quick;
      this.#quick = this.#walkBlocks(index, hourLog, this.#quick, activity);
      let square = 0;
      for (let block = 0; block < BLOCKS_PER_HOUR; block += 1) square += (activity[block] ?? 0) ** 2;
      const deviation = this.#diffusive * Math.sqrt(square / BLOCKS_PER_HOUR);
      const standard = marketCorrelation * this.#market.shock(index) + ownPart * this.#own;
      // Half of what is left of the variance is taken off, so that the expected price is today's but for the edge.
      const drift = deviation * standard - (deviation ** 2 * (1 - edge ** 2 + this.#jumpVariance)) / 2;
      this.#drifts[index] = drift;
      const commonJump = this.#market.jump(index) * marketCorrelation * deviation;
      const ownJump = uniformAt(this.#hourSeed, at + 4) < JUMPS.own ? jumpAt(this.#hourSeed, at + 5) * deviation : 0;
      this.#commonJumps[index] = commonJump;
      this.#ownJumps[index] = ownJump;
      this.#logPrices[index + 1] = (this.#logPrices[index] ?? 0) + drift + commonJump + ownJump;
      this.#hours += 1;
    }
  }

  #grow(): void {
    const wider = (from: Float64Array): Float64Array<ArrayBuffer> => {
      const to = new Float64Array(from.length * 2);
      to.set(from);
      return to;
    };
    this.#logPrices = wider(this.#logPrices);
    this.#hourLogs = wider(this.#hourLogs);
    this.#blockStates = wider(this.#blockStates);
    this.#drifts = wider(this.#drifts);
    this.#ownJumps = wider(this.#ownJumps);
    this.#commonJumps = wider(this.#commonJumps);
  }
}
