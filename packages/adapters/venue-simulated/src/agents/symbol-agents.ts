import { AMOUNT_SCALE, hashText, mixSeed, pow10 } from '@monsta/core';
import type { Exchange, ExchangeTrade } from '@monsta/matching';
import type { Logger } from '@monsta/ports';
import { MINUTE_MS, tradesBy, type MinuteTrades, type PriceProcess } from '../price-process.ts';
import { EPOCH_MS, type MarketProfile } from '../profiles.ts';
import { mix32, SIZE_MEAN } from '../random-tables.ts';
import { AgentDesk, AGENTS } from './agent-desk.ts';
import { LadderMaker, type LadderShape } from './ladder.ts';
import { TouchMaker } from './touch-maker.ts';

/** Agents look at the market, and act, at whole multiples of this. */
export const STEP_MS = 100;

/** What trades of users do to what the agents hold for the price: this share of the way that they would push it through the book … */
const IMPACT_SHARE = 0.4;
/** … of which half is forgotten after this time. */
const IMPACT_HALF_LIFE_MS = 30_000;
const IMPACT_DECAY = 0.5 ** (STEP_MS / IMPACT_HALF_LIFE_MS);
/** The most that users can move it, as a share of the price. */
const IMPACT_MAX = 0.005;
/** In a step the arbitrageur takes so many times a level's median size of what others offer beyond the fair price. */
const ARBITRAGE_LEVELS = 8;
/** How far from the best price a taker of the flow would still pay. */
const FLOW_REACH = 0.005;
const SPREAD_TICKS_MAX = 12;
/** Orders keep so far within what the symbol lets them be worth, so that a price that moves meanwhile refuses none. */
const NOTIONAL_MARGIN = 1.2;

function shapesOf(profile: MarketProfile, lotsPerLevel: number): readonly LadderShape[] {
  const { levelSpacingTicks: spacing } = profile;
  return [
    { account: AGENTS.near, spacingTicks: spacing, levels: 40, lots: lotsPerLevel, everySteps: 1, lifeSteps: 8 },
    {
      account: AGENTS.middle,
      spacingTicks: spacing * 10,
      levels: 30,
      lots: lotsPerLevel * 4,
      everySteps: 3,
      lifeSteps: 60,
    },
    {
      account: AGENTS.far,
      spacingTicks: spacing * 80,
      levels: 25,
      lots: lotsPerLevel * 15,
      everySteps: 20,
      lifeSteps: 1_500,
    },
  ];
}

/**
 * The traders of one symbol. Makers quote around the latent price as the process has it for the next trade; the flow takes what the process draws, when it draws it;
 * what users push away is pulled back. Everything follows from the seed, the time and what the book holds.
 */
export class SymbolAgents {
  readonly #process: PriceProcess;
  readonly #desk: AgentDesk;
  readonly #touch: TouchMaker;
  readonly #ladders: readonly LadderMaker[];
  readonly #seed: number;
  readonly #levelLots: number;
  readonly #ticksPerLot: number;
  /** Least and most worth of an order in lots × ticks. */
  readonly #worthMin: number;
  readonly #worthMax: number;
  #impactTicks = 0;
  #bid = 0;
  #ask = 0;
  /** True when something happened since the last step that the agents did not do. */
  #disturbed = true;

  constructor(exchange: Exchange, seed: number, process: PriceProcess, logger: Logger | null) {
    const { profile } = process;
    const { id, tick, lot, notionalMin, notionalMax } = profile.symbol.instrument;
    this.#process = process;
    this.#desk = new AgentDesk(exchange, id, logger);
    this.#seed = mixSeed(seed, hashText(id), hashText('agents'));
    this.#levelLots = (profile.levelSize * 10 ** lot.scale) / lot.units;
    this.#ticksPerLot = profile.levelSpacingTicks / (this.#levelLots * SIZE_MEAN);
    // Notional in units of one lot at one tick.
    const unit = BigInt(tick.units * lot.units) * pow10(AMOUNT_SCALE - tick.scale - lot.scale);
    this.#worthMin = Number((notionalMin ?? 0n) / unit) * NOTIONAL_MARGIN;
    this.#worthMax = notionalMax === null ? Number.MAX_SAFE_INTEGER : Number(notionalMax / unit) / NOTIONAL_MARGIN;
    const sized = (lots: number, ticks: number): number => this.#sized(lots, ticks);
    this.#touch = new TouchMaker(this.#desk, this.#levelLots, mixSeed(this.#seed, 1), sized);
    this.#ladders = shapesOf(profile, this.#levelLots).map(
      (shape, index) => new LadderMaker(this.#desk, shape, mixSeed(this.#seed, 2, index), sized),
    );
  }

  /** So many whole lots, or as many as an order at the price may have. */
  #sized(lots: number, ticks: number): number {
    const most = Math.floor(this.#worthMax / ticks);
    return Math.max(1, Math.ceil(this.#worthMin / ticks), Math.min(most, Math.round(lots)));
  }

  /** Hears of a trade: what a user took moves the agents' idea of the price for a while. */
  onTrade(trade: ExchangeTrade): void {
    this.#disturbed = true;
    for (const ladder of this.#ladders) ladder.onTrade();
    if (this.#desk.acting) return;
    const most = trade.price * IMPACT_MAX;
    const pushed = IMPACT_SHARE * trade.quantity * this.#ticksPerLot * (trade.buyerIsMaker ? -1 : 1);
    this.#impactTicks = Math.max(-most, Math.min(most, this.#impactTicks + pushed));
  }

  /** Hears that the best prices changed. */
  onBest(): void {
    if (!this.#desk.acting) this.#disturbed = true;
  }

  /** What the process says of `ms`: the minute, and how many of its trades are over. */
  minuteAt(ms: number): { readonly minute: MinuteTrades; readonly count: number } {
    const minute = this.#process.minute(Math.floor((ms - EPOCH_MS) / MINUTE_MS));
    return { minute, count: tradesBy(minute, ms) };
  }

  minuteAfter({ startMs }: MinuteTrades): MinuteTrades {
    return this.#process.minute((startMs - EPOCH_MS) / MINUTE_MS + 1);
  }

  /** Makers put their quotes right, `timeMs` being step number `step`. */
  step(step: number, timeMs: number): void {
    this.#desk.acting = true;
    const { minute, count } = this.minuteAt(timeMs);
    this.#impactTicks *= IMPACT_DECAY;
    if (Math.abs(this.#impactTicks) < 0.5) this.#impactTicks = 0;
    const latent = (minute.bids[count] ?? minute.lastBid) + Math.round(this.#impactTicks);
    const extra = this.#extraSpread(minute.firstTradeId + count, minute.activity);
    const below = Math.floor(extra / 2);
    this.#quote(Math.max(1, latent - below), Math.max(2, latent + 1 + extra - below), step, timeMs * 1_000);
    this.#desk.acting = false;
  }

  /** Ticks by which the spread is wider than one: seldom in quiet times, often when prices run. */
  #extraSpread(tradeId: number, activity: number): number {
    const mean = this.#process.profile.spreadMeanTicks * activity;
    const uniform = (mix32(this.#seed + Math.imul(tradeId, 0x9e3779b9)) + 1) / 2 ** 32;
    return Math.min(SPREAD_TICKS_MAX, Math.floor(-mean * Math.log(uniform)));
  }

  #quote(fairBid: number, fairAsk: number, step: number, timeUs: number): void {
    let bid = fairBid;
    let ask = fairAsk;
    if (bid !== this.#bid || ask !== this.#ask || this.#disturbed) {
      this.#disturbed = false;
      this.#withdraw(bid, ask, timeUs);
      this.#arbitrage(bid, ask, timeUs);
      // What is too much to be taken at once stays, and the makers quote beyond it.
      const best = this.#desk.best();
      if (best.ask > 0 && best.ask <= bid) bid = best.ask - 1;
      if (best.bid > 0 && best.bid >= ask) ask = best.bid + 1;
      if (bid !== fairBid || ask !== fairAsk) {
        this.#withdraw(bid, ask, timeUs);
        this.#disturbed = true;
      }
      this.#bid = fairBid;
      this.#ask = fairAsk;
    }
    this.#touch.keep(bid, ask, step, timeUs);
    for (const ladder of this.#ladders) ladder.keep(bid, ask, step, timeUs);
  }

  #withdraw(bid: number, ask: number, timeUs: number): void {
    this.#touch.withdraw(bid, ask, timeUs);
    for (const ladder of this.#ladders) ladder.withdraw(bid, ask, timeUs);
  }

  #arbitrage(bid: number, ask: number, timeUs: number): void {
    const best = this.#desk.best();
    const lots = this.#sized(this.#levelLots * ARBITRAGE_LEVELS, ask);
    if (best.ask > 0 && best.ask <= bid) this.#desk.take(AGENTS.arbitrage, 'buy', bid, lots, timeUs);
    if (best.bid > 0 && best.bid >= ask) this.#desk.take(AGENTS.arbitrage, 'sell', ask, lots, timeUs);
  }

  /** The flow trades as the process draws it: trade number `place` of a minute. */
  trade(minute: MinuteTrades, place: number, timeMs: number): void {
    const isBuy = minute.buyerIsMaker[place] === 0;
    const { bid, ask } = this.#desk.best();
    const best = isBuy ? ask : bid;
    // Nobody is there: the makers come back with the next step.
    if (best === 0) return;
    const reach = Math.max(1, Math.ceil(best * FLOW_REACH));
    const limit = Math.max(1, isBuy ? best + reach : best - reach);
    const lots = this.#sized(minute.lots[place] ?? 0, isBuy ? limit : best);
    this.#desk.acting = true;
    this.#desk.take(AGENTS.flow, isBuy ? 'buy' : 'sell', limit, lots, timeMs * 1_000);
    this.#desk.acting = false;
  }
}
