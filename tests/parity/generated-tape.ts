import {
  assetId,
  expectOk,
  instrumentId,
  intervalUs,
  parseAmount,
  price,
  quantity,
  seededRandom,
  timestampUs,
  type Bar,
  type BookSnapshot,
  type Instrument,
  type Interval,
  type QuoteTick,
  type Random,
  type TimestampUs,
  type TradeTick,
} from '@monsta/core';

export type TapeEvent = TradeTick | QuoteTick | Bar | BookSnapshot;

/** 2024-08-08T00:00:00Z. */
export const START_US = timestampUs(1_723_075_200_000_000);

function instrumentOf(base: string, tickScale: number, lotScale: number): Instrument {
  return {
    id: instrumentId(`${base}USDT`),
    base: assetId(base),
    quote: assetId('USDT'),
    tick: { units: 1, scale: tickScale },
    lot: { units: 1, scale: lotScale },
    quantityMin: quantity(1),
    quantityMax: quantity(900_000_000),
    marketQuantityMax: null,
    notionalMin: expectOk(parseAmount('5')),
    notionalMax: null,
    status: 'trading',
    version: 1,
    validFromUs: timestampUs(0),
  };
}

/** Of very different steps, and the price in ticks that each begins at. */
const MARKETS = [
  { instrument: instrumentOf('BTC', 2, 5), start: 6_000_000 },
  { instrument: instrumentOf('ETH', 2, 4), start: 300_000 },
  { instrument: instrumentOf('XRP', 4, 1), start: 6_000 },
] as const;
export const INSTRUMENTS: readonly Instrument[] = MARKETS.map(({ instrument }) => instrument);

const INTERVALS = ['1m', '5m'] as const satisfies readonly Interval[];

/** Bars as a collector makes them of trades: those that end by a time. */
class BarMaker {
  readonly #forming = new Map<Interval, Bar>();

  /** Takes a trade, after `endedBy` its time. */
  push({ instrument, price: at, quantity: size, tsInitUs }: TradeTick): void {
    for (const interval of INTERVALS) {
      const lengthUs = intervalUs(interval);
      const openTimeUs = timestampUs(tsInitUs - (tsInitUs % lengthUs));
      const closeTimeUs = timestampUs(openTimeUs + lengthUs);
      const known = this.#forming.get(interval);
      const bar: Bar = known ?? {
        kind: 'bar',
        ...{ instrument, interval, openTimeUs, closeTimeUs, open: at, high: at, low: at, close: at, volume: 0n },
        ...{ quoteVolume: null, takerBuyVolume: null, takerBuyQuoteVolume: null },
        ...{ trades: 0, firstTradeId: null, lastTradeId: null, bookImbalance: null, closed: true },
        tsEventUs: closeTimeUs,
        tsInitUs: closeTimeUs,
      };
      this.#forming.set(interval, {
        ...bar,
        high: at > bar.high ? at : bar.high,
        low: at < bar.low ? at : bar.low,
        close: at,
        volume: bar.volume + BigInt(size) * 100n,
        trades: (bar.trades ?? 0) + 1,
      });
    }
  }

  endedBy(us: TimestampUs): readonly Bar[] {
    const ended = [...this.#forming.values()].filter(({ closeTimeUs }) => closeTimeUs <= us);
    for (const { interval } of ended) this.#forming.delete(interval);
    return ended;
  }
}

/** One instrument that wanders by the seed, mostly quietly, at times in leaps; what is offered is at times so little that orders fill in parts. */
class Course {
  readonly #instrument: Instrument;
  readonly #random: Random;
  readonly bars = new BarMaker();
  #at: number;
  #trades = 0;
  #updates = 0;

  constructor(instrument: Instrument, start: number, random: Random) {
    this.#instrument = instrument;
    this.#at = start;
    this.#random = random;
  }

  /** What is told at an instant: one thing, or a burst of many. */
  at(us: TimestampUs, things: number): readonly TapeEvent[] {
    return Array.from({ length: things }, () => this.#one(us));
  }

  #lots(): ReturnType<typeof quantity> {
    const { tick, lot } = this.#instrument;
    const money = this.#random.integer(3) === 0 ? 20 + this.#random.integer(400) : 50_000;
    return quantity(Math.max(1, Math.round((money / (this.#at / 10 ** tick.scale)) * 10 ** lot.scale)));
  }

  #one(us: TimestampUs): TapeEvent {
    const leap = this.#random.integer(250) === 0;
    const bps = leap ? 30 + this.#random.integer(80) : this.#random.integer(9);
    const up = this.#random.integer(2) === 0;
    this.#at = Math.max(100, Math.round(this.#at * (1 + ((up ? 1 : -1) * bps) / 10_000)));
    const half = Math.max(1, Math.round(this.#at / 30_000));
    const stamps = { instrument: this.#instrument.id, tsEventUs: us, tsInitUs: us };
    const kind = this.#random.integer(3);
    if (kind === 0) {
      this.#trades += 1;
      const sides = { price: price(this.#at), quantity: this.#lots(), buyerIsMaker: up };
      const trade: TradeTick = { kind: 'trade', tradeId: this.#trades, ...sides, ...stamps };
      this.bars.push(trade);
      return trade;
    }
    this.#updates += 1;
    const [bid, ask] = [this.#at - half, this.#at + half];
    if (kind === 1) {
      const sides = {
        bidPrice: price(bid),
        bidQuantity: this.#lots(),
        askPrice: price(ask),
        askQuantity: this.#lots(),
      };
      return { kind: 'quote', updateId: this.#updates, ...sides, ...stamps };
    }
    const levels = (best: number, away: number) =>
      [0, 1, 2].map((step) => [price(Math.max(1, best + away * step * half)), this.#lots()] as const);
    const sides = { bids: levels(bid, -1), asks: levels(ask, 1) };
    return { kind: 'book-snapshot', lastUpdateId: this.#updates, ...sides, ...stamps };
  }
}

/** Market data of three instruments over some minutes, in the order of time: irregular, in bursts of one instant, at minutes' ends with the bars that they close. */
export function generatedTape(seed: number, minutes: number): readonly TapeEvent[] {
  const random = seededRandom(seed);
  const courses = MARKETS.map(({ instrument, start }) => new Course(instrument, start, random));
  const tape: TapeEvent[] = [];
  const endUs = START_US + minutes * 60_000_000;
  for (let us: number = START_US; us < endUs;) {
    // Now and then exactly on a second, where ticks are.
    us += random.integer(10) === 0 ? 1_000_000 - (us % 1_000_000) : 1_000 * (1 + random.integer(2_500));
    for (const { bars } of courses) tape.push(...bars.endedBy(timestampUs(us)));
    const burst = random.integer(12) === 0;
    for (const course of courses) {
      if (burst || random.integer(2) === 0) tape.push(...course.at(timestampUs(us), burst ? 6 : 1));
    }
  }
  return tape.toSorted((one, other) => one.tsInitUs - other.tsInitUs);
}
