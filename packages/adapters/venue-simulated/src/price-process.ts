import { hashText, InvariantError, mixSeed, seededRandom } from '@monsta/core';
import { BLOCKS_PER_HOUR, LatentHours, type LatentHour } from './latent-hours.ts';
import type { LatentMarket } from './latent-market.ts';
import { RecentCache } from './recent-cache.ts';
import { DRAW_STEP, mix32, NORMAL_BITS, NORMAL_TABLE, SIZE_BITS, SIZE_TABLE } from './random-tables.ts';
import { EPOCH_MS, type MarketProfile } from './profiles.ts';
import { addTrades } from './trade-sums.ts';

export const MINUTES_PER_HOUR = 60;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
/** The least time between two trades of the process: the agents, who act every 100 ms, have put their quotes right before the next one comes. */
export const TRADE_GAP_MS = 200;
/**
 * So near each other a minute holds 298 trades; its share of an hour's is below 8 %, so that so many an hour always fit.
 */
const TRADES_PER_HOUR_MAX = 3_600;
const MINUTE_TRADES_MAX = Math.floor(MINUTE_MS / (TRADE_GAP_MS + 1));

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
  /** How much more than ordinary prices move in each minute, as a factor: more is traded then. */
  readonly activity: Float64Array;
  /** Standard deviation of a minute's move at ordinary activity, in ticks. */
  readonly minuteDeviation: number;
  /** Ticks by which the price jumps within each minute. */
  readonly jumps: Float64Array;
  readonly seed: number;
}

/** The trades of a minute. The best bid that trade k met is `bids[k]`; a taker's buy paid one tick more. */
export interface MinuteTrades {
  readonly startMs: number;
  readonly firstTradeId: number;
  readonly count: number;
  /** Best bid after the last trade: what the next minute begins with. */
  readonly lastBid: number;
  /** How much more than ordinary prices move, as a factor. */
  readonly activity: number;
  readonly bids: Float64Array;
  readonly lots: Float64Array;
  /** 1 where the buyer rested in the book. */
  readonly buyerIsMaker: Uint8Array;
  readonly timesMs: Float64Array;
}

/** The best bid before trade k of a minute is `from` + `slope` × k + `scale` × the walk so far, in ticks. */
interface MinuteLine {
  readonly count: number;
  readonly from: number;
  readonly slope: number;
  readonly scale: number;
}

const bidAt = (from: number, slope: number, scale: number, trade: number, walk: number): number =>
  Math.floor(from + slope * trade + scale * walk);
const lotsOf = (draw: number, median: number): number =>
  1 + Math.floor((SIZE_TABLE[(draw >>> SIZE_SHIFT) & SIZE_MASK] ?? 0) * median);
/** 1 where the taker bought, 0 where it sold. */
const takerBuys = (draw: number): number => 1 - ((draw >>> SIDE_SHIFT) & 1);

/** The log price at each minute's start without jumps: a walk from the hour's start to its end whose steps are as long as the minutes are active. */
function bridge(latent: LatentHour, activity: Float64Array, gaussian: () => number): Float64Array {
  const { from, drift, minuteDeviation } = latent;
  const walk = new Float64Array(MINUTES_PER_HOUR + 1);
  const passed = new Float64Array(MINUTES_PER_HOUR + 1);
  for (let minute = 0; minute < MINUTES_PER_HOUR; minute += 1) {
    const deviation = minuteDeviation * (activity[minute] ?? 1);
    walk[minute + 1] = (walk[minute] ?? 0) + deviation * gaussian();
    passed[minute + 1] = (passed[minute] ?? 0) + deviation ** 2;
  }
  const end = walk[MINUTES_PER_HOUR] ?? 0;
  const whole = passed[MINUTES_PER_HOUR] ?? 1;
  return walk.map((value, minute) => from + value + ((drift - end) * (passed[minute] ?? 0)) / whole);
}

/** Number of the minute's trade with which a jump of it comes. */
const jumpPlace = (seed: number, minute: number, count: number): number =>
  Math.floor((mix32(seed ^ (minute + 1)) / 2 ** 32) * count);

/**
 * The price of one instrument as a pure function of (seed, edge, instrument, time). Hours: see `LatentHours`. Minutes: a Brownian bridge within the hour, in the time
 * that volatility makes. Trades: a bridge within the minute; a jump comes with one trade. So any hour can be made on demand and is the same in every process.
 */
export class PriceProcess {
  readonly profile: MarketProfile;
  readonly hours: LatentHours;
  readonly #seed: number;
  readonly #startTicks: number;
  readonly #lotsMedian: number;
  readonly #plans = new RecentCache<HourPlan>(PLANS_KEPT);
  readonly #minutes = new RecentCache<MinuteTrades>(MINUTES_KEPT);
  readonly #walk = new Float64Array(MINUTE_TRADES_MAX);
  readonly #bits = new Int32Array(MINUTE_TRADES_MAX);

  constructor(market: LatentMarket, profile: MarketProfile) {
    if (profile.tradesPerHour > TRADES_PER_HOUR_MAX)
      throw new InvariantError('more trades an hour than the book can show');
    const { id, tick, lot } = profile.symbol.instrument;
    this.profile = profile;
    this.hours = new LatentHours(market, profile);
    this.#seed = mixSeed(market.seed, hashText(id));
    this.#startTicks = (profile.startPrice * 10 ** tick.scale) / tick.units;
    this.#lotsMedian = (profile.tradeSize * 10 ** lot.scale) / lot.units;
  }

  #plan(hour: number): HourPlan {
    return this.#plans.get(hour) ?? this.#plans.put(hour, this.#makePlan(hour));
  }

  #makePlan(hour: number): HourPlan {
    const latent = this.hours.hour(hour);
    const random = seededRandom(mixSeed(this.#seed, hour, 2));
    const activity = Float64Array.from(
      { length: MINUTES_PER_HOUR },
      (_, minute) => latent.activity[Math.floor((minute * BLOCKS_PER_HOUR) / MINUTES_PER_HOUR)] ?? 1,
    );
    const logs = bridge(latent, activity, () => random.gaussian());
    const jumpLogs = new Float64Array(MINUTES_PER_HOUR);
    for (const size of [latent.commonJump, latent.ownJump]) {
      const minute = random.integer(MINUTES_PER_HOUR);
      jumpLogs[minute] = (jumpLogs[minute] ?? 0) + size;
    }
    const mids = new Float64Array(MINUTES_PER_HOUR + 1);
    const jumps = new Float64Array(MINUTES_PER_HOUR);
    let jumped = 0;
    for (let minute = 0; minute < MINUTES_PER_HOUR; minute += 1) {
      const mid = this.#startTicks * Math.exp((logs[minute] ?? 0) + jumped);
      mids[minute] = mid;
      const jump = jumpLogs[minute] ?? 0;
      jumps[minute] = mid * (Math.exp(jump) - 1);
      jumped += jump;
    }
    // The very number the next hour begins with.
    mids[MINUTES_PER_HOUR] = this.#startTicks * Math.exp(latent.to);
    return {
      mids,
      jumps,
      activity,
      tradesBefore: this.#share(activity, () => random.next()),
      minuteDeviation: latent.minuteDeviation * (mids[0] ?? 0),
      seed: mixSeed(this.#seed, hour, 3),
    };
  }

  /** Deals the hour's trades out to its minutes: every one has a trade, the others go by weight, rounding down as the sum goes up, so that none is lost. */
  #share(activity: Float64Array, uniform: () => number): Uint16Array {
    const { tradesPerHour } = this.profile;
    const mean = activity.reduce((sum, value) => sum + value, 0) / MINUTES_PER_HOUR;
    const weights = activity.map(
      (value) => (0.5 + 0.9 * uniform()) * Math.max(0.75, Math.min(1.35, Math.sqrt(value / mean))),
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const before = new Uint16Array(MINUTES_PER_HOUR + 1);
    let sum = 0;
    for (let minute = 0; minute < MINUTES_PER_HOUR; minute += 1) {
      sum += weights[minute] ?? 0;
      before[minute + 1] = minute + 1 + Math.floor(((tradesPerHour - MINUTES_PER_HOUR) * sum) / total);
    }
    before[MINUTES_PER_HOUR] = tradesPerHour;
    return before;
  }

  /** Draws a minute's trades: the bits of each and the walk before it. Returns how the price follows from the walk. */
  #draw(plan: HourPlan, minute: number): MinuteLine {
    const before = plan.tradesBefore[minute] ?? 0;
    const count = (plan.tradesBefore[minute + 1] ?? 0) - before;
    const walk = this.#walk;
    const bits = this.#bits;
    const scale = (plan.minuteDeviation * (plan.activity[minute] ?? 1)) / Math.sqrt(count);
    const jump = plan.jumps[minute] ?? 0;
    const jumpAt = jump === 0 ? -1 : jumpPlace(plan.seed, minute, count);
    let sum = 0;
    for (let trade = 0; trade < count; trade += 1) {
      const draw = mix32(plan.seed + Math.imul(before + trade, DRAW_STEP));
      bits[trade] = draw;
      walk[trade] = sum;
      sum += NORMAL_TABLE[draw & NORMAL_MASK] ?? 0;
      if (trade === jumpAt) sum += jump / scale;
    }
    const from = plan.mids[minute] ?? 0;
    const change = (plan.mids[minute + 1] ?? 0) - from;
    return { count, from, scale, slope: (change - scale * sum) / count };
  }

  /** Adds a minute's trades to `sums`, without making a list of them. */
  #add(plan: HourPlan, minute: number, sums: Float64Array): void {
    const { count, from, scale, slope } = this.#draw(plan, minute);
    const bits = this.#bits;
    const walk = this.#walk;
    const size = this.#lotsMedian * (plan.activity[minute] ?? 1);
    // The sums start from the first trade and not from 0: the engine then holds them as doubles from the start, three times as fast.
    const first = bits[0] ?? 0;
    const open = bidAt(from, slope, scale, 0, walk[0] ?? 0) + takerBuys(first);
    let high = open;
    let low = open;
    let close = open;
    let lots = lotsOf(first, size);
    let value = open * lots;
    let takerLots = lots * takerBuys(first);
    let takerValue = open * takerLots;
    for (let trade = 1; trade < count; trade += 1) {
      const draw = bits[trade] ?? 0;
      const buys = takerBuys(draw);
      const traded = lotsOf(draw, size);
      const taken = buys * traded;
      close = bidAt(from, slope, scale, trade, walk[trade] ?? 0) + buys;
      if (close > high) high = close;
      if (close < low) low = close;
      lots += traded;
      value += close * traded;
      takerLots += taken;
      takerValue += close * taken;
    }
    addTrades(sums, { open, high, low, close, lots, value, takerLots, takerValue, trades: count });
  }

  /** Adds the trades of a minute to `sums`. `minuteIndex` counts from the epoch. */
  addMinute(minuteIndex: number, sums: Float64Array): void {
    this.#add(this.#plan(Math.floor(minuteIndex / MINUTES_PER_HOUR)), minuteIndex % MINUTES_PER_HOUR, sums);
  }

  /** Adds the trades of an hour to `sums`. */
  addHour(hour: number, sums: Float64Array): void {
    const plan = this.#plan(hour);
    for (let minute = 0; minute < MINUTES_PER_HOUR; minute += 1) this.#add(plan, minute, sums);
  }

  /** The trades of a minute, kept for a while. */
  minute(minuteIndex: number): MinuteTrades {
    return this.#minutes.get(minuteIndex) ?? this.#minutes.put(minuteIndex, this.#makeMinute(minuteIndex));
  }

  #makeMinute(minuteIndex: number): MinuteTrades {
    const hour = Math.floor(minuteIndex / MINUTES_PER_HOUR);
    const minute = minuteIndex % MINUTES_PER_HOUR;
    const plan = this.#plan(hour);
    const { count, from, scale, slope } = this.#draw(plan, minute);
    const activity = plan.activity[minute] ?? 1;
    const startMs = EPOCH_MS + minuteIndex * MINUTE_MS;
    const bids = new Float64Array(count);
    const lots = new Float64Array(count);
    const timesMs = new Float64Array(count);
    const buyerIsMaker = new Uint8Array(count);
    // Each trade has a stretch of its own and keeps off its end, so that the next one is further away than the gap.
    const stretchMs = MINUTE_MS / count;
    const freeMs = stretchMs - TRADE_GAP_MS - 1;
    for (let trade = 0; trade < count; trade += 1) {
      const draw = this.#bits[trade] ?? 0;
      bids[trade] = bidAt(from, slope, scale, trade, this.#walk[trade] ?? 0);
      lots[trade] = lotsOf(draw, this.#lotsMedian * activity);
      buyerIsMaker[trade] = 1 - takerBuys(draw);
      timesMs[trade] = startMs + Math.floor(trade * stretchMs + (mix32(draw ^ DRAW_STEP) / 2 ** 32) * freeMs);
    }
    return {
      startMs,
      firstTradeId: hour * this.profile.tradesPerHour + (plan.tradesBefore[minute] ?? 0) + 1,
      count,
      lastBid: Math.floor(plan.mids[minute + 1] ?? 0),
      activity,
      bids,
      lots,
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
