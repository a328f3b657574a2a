import { hashText, mixSeed, seededRandom } from '@monsta/core';
import { RecentCache } from './recent-cache.ts';
import { DRAW_STEP, mix32, NORMAL_BITS, NORMAL_TABLE, SIZE_BITS, SIZE_TABLE } from './random-tables.ts';
import { EPOCH_MS, type MarketProfile } from './profiles.ts';

const HOURS_PER_YEAR = 8_760;
export const MINUTES_PER_HOUR = 60;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

/** Log-volatility is an AR(1) process of hours: half of a shock is gone after some 34 hours. */
const VOLATILITY_PERSISTENCE = 0.98;
const VOLATILITY_SHOCK = 0.1;
const VOLATILITY_LOG_MAX = 1.2;
/** Variance of the AR(1) process: shock² ÷ (1 − persistence²). */
const VOLATILITY_LOG_VARIANCE = VOLATILITY_SHOCK ** 2 / (1 - VOLATILITY_PERSISTENCE ** 2);
const PLANS_KEPT = 16;
const MINUTES_KEPT = 8;

const NORMAL_MASK = 2 ** NORMAL_BITS - 1;
const SIZE_MASK = 2 ** SIZE_BITS - 1;
const SIDE_SHIFT = NORMAL_BITS;
const SIZE_SHIFT = NORMAL_BITS + 1;

/** An hour before its trades: where each minute starts and how many trades it has. */
interface HourPlan {
  /** Mid price in ticks at the start of each minute and at the end of the last. */
  readonly mids: Float64Array;
  /** Trades in the hour before each minute. */
  readonly tradesBefore: Uint16Array;
  /** Standard deviation of a minute's move, in ticks. */
  readonly minuteDeviation: number;
  /** Median trade in lots: more is traded when prices move more. */
  readonly lots: number;
  readonly seed: number;
}

/** The trades of a minute. The best bid after trade k is `bids[k]`; a taker's buy paid one tick more. */
export interface MinuteTrades {
  readonly startMs: number;
  readonly firstTradeId: number;
  readonly count: number;
  /** Best bid before the first trade. */
  readonly firstBid: number;
  readonly bids: Float64Array;
  readonly lots: Float64Array;
  /** 1 where the buyer rested in the book. */
  readonly buyerIsMaker: Uint8Array;
  readonly timesMs: Float64Array;
}

/** Sums over trades: what a bar is made of. Prices in ticks, volumes in lots and ticks × lots; all exact. */
export interface TradeSums {
  open: number;
  high: number;
  low: number;
  close: number;
  lots: number;
  value: number;
  takerLots: number;
  takerValue: number;
  trades: number;
}

/**
 * The price of one instrument as a pure function of (seed, instrument, time). Hours: a random walk of the log price with changing
 * volatility, summed from the epoch. Minutes: a Brownian bridge within the hour. Trades: a bridge within the minute. So any hour can be
 * made on demand and is the same in every process, and no bar says more about the next than its volatility.
 */
export class PriceProcess {
  readonly profile: MarketProfile;
  readonly #seed: number;
  readonly #marketSeed: number;
  readonly #startTicks: number;
  readonly #lotsPerUnit: number;
  /** By hour: log price relative to the start, and the volatility of the hour. */
  #logPrices = new Float64Array(1_024);
  #deviations = new Float64Array(1_024);
  #hours = 0;
  #logVolatility = 0;
  readonly #plans = new RecentCache<HourPlan>(PLANS_KEPT);
  readonly #minutes = new RecentCache<MinuteTrades>(MINUTES_KEPT);
  #walk = new Float64Array(1_024);
  #bits = new Int32Array(1_024);
  #bids = new Float64Array(1_024);
  #lots = new Float64Array(1_024);

  constructor(seed: number, profile: MarketProfile) {
    const { id, tick, lot } = profile.symbol.instrument;
    this.profile = profile;
    this.#seed = mixSeed(seed, hashText(id));
    this.#marketSeed = mixSeed(seed, hashText('market'));
    this.#startTicks = (profile.startPrice * 10 ** tick.scale) / tick.units;
    this.#lotsPerUnit = 10 ** lot.scale / lot.units;
  }

  /** Where the hours stand that `hour` is computed from; extends the walk as far as it is asked for. */
  #extendTo(hour: number): void {
    const { annualVolatility, marketCorrelation } = this.profile;
    const ordinary = annualVolatility / Math.sqrt(HOURS_PER_YEAR);
    const own = Math.sqrt(1 - marketCorrelation ** 2);
    while (this.#hours <= hour) {
      const index = this.#hours;
      if (index + 1 >= this.#logPrices.length) this.#grow();
      const market = seededRandom(mixSeed(this.#marketSeed, index));
      const mine = seededRandom(mixSeed(this.#seed, index, 1));
      const shock = VOLATILITY_SHOCK * (0.8 * market.gaussian() + 0.6 * mine.gaussian());
      const next = VOLATILITY_PERSISTENCE * this.#logVolatility + shock;
      this.#logVolatility = Math.max(-VOLATILITY_LOG_MAX, Math.min(VOLATILITY_LOG_MAX, next));
      // The mean of the variance, not its median, is what the profile calls ordinary.
      const deviation = ordinary * Math.exp(this.#logVolatility - VOLATILITY_LOG_VARIANCE);
      const step = deviation * (marketCorrelation * market.gaussian() + own * mine.gaussian());
      this.#deviations[index] = deviation;
      // Half the variance is taken off, so that the expected price is today's price.
      this.#logPrices[index + 1] = (this.#logPrices[index] ?? 0) + step - (deviation * deviation) / 2;
      this.#hours += 1;
    }
  }

  #grow(): void {
    const prices = new Float64Array(this.#logPrices.length * 2);
    const deviations = new Float64Array(prices.length);
    prices.set(this.#logPrices);
    deviations.set(this.#deviations);
    this.#logPrices = prices;
    this.#deviations = deviations;
  }

  #plan(hour: number): HourPlan {
    return this.#plans.get(hour) ?? this.#plans.put(hour, this.#makePlan(hour));
  }

  #makePlan(hour: number): HourPlan {
    this.#extendTo(hour);
    const { annualVolatility, tradesPerHour, tradeSize } = this.profile;
    const from = this.#logPrices[hour] ?? 0;
    const change = (this.#logPrices[hour + 1] ?? 0) - from;
    const deviation = this.#deviations[hour] ?? 0;
    const random = seededRandom(mixSeed(this.#seed, hour, 2));
    const walk = new Float64Array(MINUTES_PER_HOUR + 1);
    const weights = new Float64Array(MINUTES_PER_HOUR);
    let total = 0;
    for (let minute = 0; minute < MINUTES_PER_HOUR; minute += 1) {
      walk[minute + 1] = (walk[minute] ?? 0) + random.gaussian();
      const weight = 0.4 + random.next() ** 2;
      weights[minute] = weight;
      total += weight;
    }
    const end = walk[MINUTES_PER_HOUR] ?? 0;
    const scale = deviation / Math.sqrt(MINUTES_PER_HOUR);
    const mids = walk.map((value, minute) => {
      const part = minute / MINUTES_PER_HOUR;
      return this.#startTicks * Math.exp(from + change * part + scale * (value - end * part));
    });
    // Every minute has a trade; the others go by weight, rounding down as the sum goes up, so that none is lost.
    const tradesBefore = new Uint16Array(MINUTES_PER_HOUR + 1);
    let sum = 0;
    for (let minute = 0; minute < MINUTES_PER_HOUR; minute += 1) {
      sum += weights[minute] ?? 0;
      const shared = Math.floor(((tradesPerHour - MINUTES_PER_HOUR) * sum) / total);
      tradesBefore[minute + 1] = minute + 1 + shared;
    }
    tradesBefore[MINUTES_PER_HOUR] = tradesPerHour;
    const activity = deviation / (annualVolatility / Math.sqrt(HOURS_PER_YEAR));
    return {
      mids,
      tradesBefore,
      minuteDeviation: scale * (mids[0] ?? 0),
      lots: tradeSize * this.#lotsPerUnit * activity,
      seed: mixSeed(this.#seed, hour, 3),
    };
  }

  /** Fills the scratch columns with a minute's trades and returns their number. */
  #generate(plan: HourPlan, minute: number): number {
    const before = plan.tradesBefore[minute] ?? 0;
    const count = (plan.tradesBefore[minute + 1] ?? 0) - before;
    if (count > this.#walk.length) this.#growScratch(count);
    const walk = this.#walk;
    const bits = this.#bits;
    const bids = this.#bids;
    const lots = this.#lots;
    let sum = 0;
    for (let trade = 0; trade < count; trade += 1) {
      const draw = mix32(plan.seed + Math.imul(before + trade, DRAW_STEP));
      bits[trade] = draw;
      sum += NORMAL_TABLE[draw & NORMAL_MASK] ?? 0;
      walk[trade] = sum;
    }
    const from = plan.mids[minute] ?? 0;
    const change = (plan.mids[minute + 1] ?? 0) - from;
    const scale = plan.minuteDeviation / Math.sqrt(count);
    const slope = (change - scale * sum) / count;
    const size = plan.lots;
    for (let trade = 0; trade < count; trade += 1) {
      bids[trade] = Math.floor(from + slope * (trade + 1) + scale * (walk[trade] ?? 0));
      lots[trade] = 1 + Math.floor((SIZE_TABLE[((bits[trade] ?? 0) >>> SIZE_SHIFT) & SIZE_MASK] ?? 0) * size);
    }
    return count;
  }

  #growScratch(count: number): void {
    this.#walk = new Float64Array(count);
    this.#bits = new Int32Array(count);
    this.#bids = new Float64Array(count);
    this.#lots = new Float64Array(count);
  }

  /** The sums of a minute's trades, without making a list of them. `minuteIndex` counts from the epoch. */
  minuteSums(minuteIndex: number): TradeSums {
    const plan = this.#plan(Math.floor(minuteIndex / MINUTES_PER_HOUR));
    const count = this.#generate(plan, minuteIndex % MINUTES_PER_HOUR);
    const bits = this.#bits;
    const bids = this.#bids;
    const volumes = this.#lots;
    const takerBuys = (trade: number): number => 1 - (((bits[trade] ?? 0) >>> SIDE_SHIFT) & 1);
    // The sums start from the first trade and not from 0: the engine then holds them as doubles from the start, three times as fast.
    const open = (bids[0] ?? 0) + takerBuys(0);
    let high = open;
    let low = open;
    let close = open;
    let lots = volumes[0] ?? 0;
    let value = open * lots;
    let takerLots = lots * takerBuys(0);
    let takerValue = open * takerLots;
    for (let trade = 1; trade < count; trade += 1) {
      const buys = takerBuys(trade);
      const size = volumes[trade] ?? 0;
      const taken = buys * size;
      close = (bids[trade] ?? 0) + buys;
      if (close > high) high = close;
      if (close < low) low = close;
      lots += size;
      value += close * size;
      takerLots += taken;
      takerValue += close * taken;
    }
    return { open, high, low, close, lots, value, takerLots, takerValue, trades: count };
  }

  /** The trades of a minute, kept for a while. */
  minute(minuteIndex: number): MinuteTrades {
    return this.#minutes.get(minuteIndex) ?? this.#minutes.put(minuteIndex, this.#makeMinute(minuteIndex));
  }

  #makeMinute(minuteIndex: number): MinuteTrades {
    const hour = Math.floor(minuteIndex / MINUTES_PER_HOUR);
    const minute = minuteIndex % MINUTES_PER_HOUR;
    const plan = this.#plan(hour);
    const count = this.#generate(plan, minute);
    const startMs = EPOCH_MS + minuteIndex * MINUTE_MS;
    const timesMs = new Float64Array(count);
    const buyerIsMaker = new Uint8Array(count);
    for (let trade = 0; trade < count; trade += 1) {
      const draw = this.#bits[trade] ?? 0;
      buyerIsMaker[trade] = (draw >>> SIDE_SHIFT) & 1;
      // Each trade has a stretch of its own, so that times ascend.
      const within = mix32(draw ^ DRAW_STEP) / 2 ** 32;
      timesMs[trade] = startMs + Math.floor(((trade + within) * MINUTE_MS) / count);
    }
    return {
      startMs,
      firstTradeId: hour * this.profile.tradesPerHour + (plan.tradesBefore[minute] ?? 0) + 1,
      count,
      firstBid: Math.floor(plan.mids[minute] ?? 0),
      bids: this.#bids.slice(0, count),
      lots: this.#lots.slice(0, count),
      buyerIsMaker,
      timesMs,
    };
  }

  /** The minute that holds a trade, and the trade's place in it. */
  locate(tradeId: number): { readonly minuteIndex: number; readonly place: number } {
    const { tradesPerHour } = this.profile;
    const hour = Math.floor((tradeId - 1) / tradesPerHour);
    const within = (tradeId - 1) % tradesPerHour;
    const { tradesBefore } = this.#plan(hour);
    let minute = 0;
    while ((tradesBefore[minute + 1] ?? tradesPerHour) <= within) minute += 1;
    return { minuteIndex: hour * MINUTES_PER_HOUR + minute, place: within - (tradesBefore[minute] ?? 0) };
  }

  /** Id of the last trade of a minute. */
  lastTradeIdOf(minuteIndex: number): number {
    const hour = Math.floor(minuteIndex / MINUTES_PER_HOUR);
    const { tradesBefore } = this.#plan(hour);
    return hour * this.profile.tradesPerHour + (tradesBefore[(minuteIndex % MINUTES_PER_HOUR) + 1] ?? 0);
  }
}

/** How many trades of the minute had happened at `ms`. */
export function tradesBy(minute: MinuteTrades, ms: number): number {
  let low = 0;
  let high = minute.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((minute.timesMs[middle] ?? 0) > ms) high = middle;
    else low = middle + 1;
  }
  return low;
}
