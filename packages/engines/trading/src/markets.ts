import { price, restep, sameSteps } from '@monsta/core';
import type { Bar, FeedStatus, InstrumentId, Instrument, Price, QuoteTick, TimestampUs, TradeTick } from '@monsta/core';

/** What is known of one instrument's market now. */
export interface MarketState {
  readonly lastTrade: Price | null;
  /** The last trade, or before the first the newest closed bar's close: what a position is valued at. */
  readonly mark: Price | null;
  readonly bid: Price | null;
  readonly ask: Price | null;
  /** When the newest trade or quote was learned of. */
  readonly lastDataUs: TimestampUs | null;
  readonly feed: FeedStatus | null;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Where the state of one market is kept, for who moves it at each close. */
export type MarketCell = Mutable<MarketState>;

/** Closes of one market that follow each other faster than anybody looks: each is its quote and last trade, and is put down when somebody looks, or none follows. */
export class PassingCloses {
  readonly #cell: MarketCell;
  readonly #closes: Float64Array;
  /** The newest that is not put down yet; −1 where it is. */
  at = -1;

  /** `closes`: in ticks. */
  constructor(cell: MarketCell, closes: Float64Array) {
    this.#cell = cell;
    this.#closes = closes;
  }

  settle(): void {
    if (this.at < 0) return;
    const close = this.#closes[this.at] as Price;
    this.at = -1;
    const cell = this.#cell;
    cell.bid = close;
    cell.ask = close;
    cell.lastTrade = close;
    cell.mark = close;
  }
}

const unknownMarket = (): Mutable<MarketState> => ({
  lastTrade: null,
  mark: null,
  bid: null,
  ask: null,
  lastDataUs: null,
  feed: null,
});

/** Rounded down; null where the price is below one new tick. */
function inNewTicks(at: Price, from: Instrument, to: Instrument): Price | null {
  const ticks = restep(at, from.tick, to.tick, 'down');
  return ticks.ok && ticks.value > 0 ? price(ticks.value) : null;
}

/** The kernel's view of all markets. */
export class Markets {
  readonly #instruments = new Map<InstrumentId, Instrument>();
  readonly #states = new Map<InstrumentId, Mutable<MarketState>>();
  #terms = 0;
  /** Those that were asked for last: mostly they are asked for again. */
  #lastInstrument: Instrument | null = null;
  #lastId: InstrumentId | null = null;
  #lastState = unknownMarket();
  /** Whose closes pass now. */
  passing: PassingCloses | null = null;

  /** Prices of markets whose steps have changed are counted anew: what a position is worth stays known, to a tick; everything else waits for new data. */
  setInstruments(list: readonly Instrument[]): void {
    this.#terms += 1;
    this.#lastInstrument = null;
    for (const instrument of list) {
      const before = this.#instruments.get(instrument.id);
      this.#instruments.set(instrument.id, instrument);
      const state = this.#states.get(instrument.id);
      if (before === undefined || state === undefined || sameSteps(before, instrument)) continue;
      state.mark = state.mark === null ? null : inNewTicks(state.mark, before, instrument);
      state.lastTrade = null;
      state.bid = null;
      state.ask = null;
    }
  }

  instrument(id: InstrumentId): Instrument | null {
    const last = this.#lastInstrument;
    if (last !== null && last.id === id) return last;
    const instrument = this.#instruments.get(id) ?? null;
    if (instrument !== null) this.#lastInstrument = instrument;
    return instrument;
  }

  /** Another one after each change of instruments: while it is the same, so is each of them. */
  get terms(): number {
    return this.#terms;
  }

  instruments(): readonly Instrument[] {
    return [...this.#instruments.values()];
  }

  state(id: InstrumentId): MarketState {
    return this.#state(id);
  }

  /** Kept for as long as the kernel lives; a restored one has others. */
  cell(id: InstrumentId): MarketCell {
    return this.#state(id);
  }

  onTrade(trade: TradeTick): void {
    const state = this.#state(trade.instrument);
    state.lastTrade = trade.price;
    state.mark = trade.price;
    state.lastDataUs = trade.tsInitUs;
  }

  onQuote(quote: QuoteTick): void {
    const state = this.#state(quote.instrument);
    state.bid = quote.bidPrice > 0 ? quote.bidPrice : null;
    state.ask = quote.askPrice > 0 ? quote.askPrice : null;
    state.lastDataUs = quote.tsInitUs;
  }

  onBar(bar: Bar): void {
    const state = this.#state(bar.instrument);
    if (state.lastTrade === null) state.mark = bar.close;
  }

  onFeed(id: InstrumentId, feed: FeedStatus): void {
    this.#state(id).feed = feed;
  }

  snapshot(): readonly (readonly [InstrumentId, MarketState])[] {
    return [...this.#states].map(([id, state]) => [id, { ...state }] as const);
  }

  restore(states: readonly (readonly [InstrumentId, MarketState])[]): void {
    this.#lastId = null;
    for (const [id, state] of states) this.#states.set(id, { ...state });
  }

  #state(id: InstrumentId): Mutable<MarketState> {
    const { passing } = this;
    if (passing !== null && passing.at >= 0) passing.settle();
    if (id === this.#lastId) return this.#lastState;
    let state = this.#states.get(id);
    if (state === undefined) {
      state = unknownMarket();
      this.#states.set(id, state);
    }
    this.#lastId = id;
    this.#lastState = state;
    return state;
  }
}
