import { encodeBar, encodeQuote, encodeTrade, topics } from '@monsta/contracts';
import {
  assetId,
  expectOk,
  instrumentId,
  intervalUs,
  ok,
  parseAmount,
  price,
  quantity,
  timestampUs,
  type Bar,
  type Instrument,
  type InstrumentId,
  type Interval,
  type Price,
  type Random,
  type TimestampUs,
} from '@monsta/core';
import type { EventStream, MarketHistory } from '@monsta/ports';
import type { VirtualClock } from '@monsta/testkit';

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

/** Five instruments of very different steps, and the price in ticks that each begins at. */
export const MARKETS: readonly { readonly instrument: Instrument; readonly start: number }[] = [
  { instrument: instrumentOf('BTC', 2, 5), start: 6_000_000 },
  { instrument: instrumentOf('ETH', 2, 4), start: 300_000 },
  { instrument: instrumentOf('SOL', 2, 3), start: 15_000 },
  { instrument: instrumentOf('XRP', 4, 1), start: 6_000 },
  { instrument: instrumentOf('DOGE', 5, 0), start: 12_000 },
];

/** Best prices and what is there at each, in lots. */
export interface Quote {
  readonly bid: Price;
  readonly ask: Price;
  readonly lots: number;
}

const INTERVALS = ['1h'] as const satisfies readonly Interval[];

interface Forming {
  open: number;
  high: number;
  low: number;
  close: number;
}

/** One instrument's price, wandering by the seed: mostly quietly, at times in leaps, and its bars. */
class Course {
  readonly instrument: Instrument;
  readonly bars = new Map<Interval, Bar[]>(INTERVALS.map((interval) => [interval, []]));
  readonly #random: Random;
  readonly #forming = new Map<Interval, Forming>();
  #at: number;
  #trades = 0;

  constructor(instrument: Instrument, start: number, random: Random) {
    this.instrument = instrument;
    this.#at = start;
    this.#random = random;
  }

  /** The next price, and what is offered around it. */
  step(): Quote {
    const leap = this.#random.integer(120) === 0;
    const bps = leap ? 100 + this.#random.integer(400) : this.#random.integer(60);
    const up = this.#random.integer(2) === 0;
    this.#at = Math.max(100, Math.round(this.#at * (1 + ((up ? 1 : -1) * bps) / 10_000)));
    const half = Math.max(1, Math.round(this.#at / 20_000));
    // Often so little that an order is filled in parts.
    const money = this.#random.integer(3) === 0 ? 200 + this.#random.integer(2_000) : 500_000;
    const { tick, lot } = this.instrument;
    const lots = Math.max(1, Math.round((money / (this.#at / 10 ** tick.scale)) * 10 ** lot.scale));
    return { bid: price(this.#at - half), ask: price(this.#at + half), lots };
  }

  get last(): Price {
    return price(this.#at);
  }

  nextTradeId(): number {
    this.#trades += 1;
    for (const interval of INTERVALS) {
      const bar = this.#forming.get(interval);
      if (bar === undefined)
        this.#forming.set(interval, { open: this.#at, high: this.#at, low: this.#at, close: this.#at });
      else {
        bar.high = Math.max(bar.high, this.#at);
        bar.low = Math.min(bar.low, this.#at);
        bar.close = this.#at;
      }
    }
    return this.#trades;
  }

  /** The bars that end now. */
  close(nowUs: TimestampUs): readonly Bar[] {
    return INTERVALS.flatMap((interval) => {
      if (nowUs % intervalUs(interval) !== 0) return [];
      const { open, high, low, close } = this.#forming.get(interval) ?? {
        open: this.#at,
        high: this.#at,
        low: this.#at,
        close: this.#at,
      };
      this.#forming.delete(interval);
      const bar: Bar = {
        kind: 'bar',
        instrument: this.instrument.id,
        interval,
        openTimeUs: timestampUs(nowUs - intervalUs(interval)),
        closeTimeUs: nowUs,
        open: price(open),
        high: price(high),
        low: price(low),
        close: price(close),
        volume: 100_000_000n,
        quoteVolume: null,
        takerBuyVolume: null,
        takerBuyQuoteVolume: null,
        trades: 1,
        firstTradeId: null,
        lastTradeId: null,
        bookImbalance: null,
        closed: true,
        tsEventUs: nowUs,
        tsInitUs: nowUs,
      };
      this.bars.get(interval)?.push(bar);
      return [bar];
    });
  }
}

/** The markets as a collector tells of them. They outlive every crash of the program. */
export class Market {
  readonly clock: VirtualClock;
  readonly #courses: ReadonlyMap<InstrumentId, Course>;
  readonly #quotes = new Map<InstrumentId, Quote>();

  constructor(clock: VirtualClock, random: Random) {
    this.clock = clock;
    this.#courses = new Map(
      MARKETS.map(({ instrument, start }) => [instrument.id, new Course(instrument, start, random)]),
    );
  }

  /** Moves every price on; what is offered now, by instrument. */
  step(): ReadonlyMap<InstrumentId, Quote> {
    for (const [id, course] of this.#courses) this.#quotes.set(id, course.step());
    return this.#quotes;
  }

  /** The last price of an instrument. */
  last(id: InstrumentId): Price {
    return this.#course(id).last;
  }

  /** Says what was quoted and traded, and which bars end now. */
  publish(stream: EventStream): void {
    const nowUs = this.clock.nowUs();
    const stamps = { tsEventUs: nowUs, tsInitUs: nowUs };
    for (const [id, course] of this.#courses) {
      const quote = this.#quotes.get(id);
      if (quote === undefined) continue;
      const lots = quantity(quote.lots);
      const sides = { bidPrice: quote.bid, bidQuantity: lots, askPrice: quote.ask, askQuantity: lots };
      const tick = { kind: 'quote', instrument: id, updateId: Math.round(nowUs / 1_000), ...sides, ...stamps } as const;
      expectOk(stream.publish(topics.quotes(id), encodeQuote(tick, course.instrument), stamps));
      const tradeId = course.nextTradeId();
      const terms = { tradeId, price: course.last, quantity: lots, buyerIsMaker: true };
      const trade = { kind: 'trade', instrument: id, ...terms, ...stamps } as const;
      expectOk(stream.publish(topics.trades(id), encodeTrade(trade, course.instrument), stamps));
    }
    for (const course of this.#courses.values()) {
      for (const bar of course.close(nowUs)) {
        expectOk(stream.publish(topics.bars(bar.instrument, bar.interval), encodeBar(bar, course.instrument), stamps));
      }
    }
  }

  history(): MarketHistory {
    const answer = <T>(value: T) => Promise.resolve(ok(value));
    return {
      instruments: () => answer(MARKETS.map(({ instrument }) => instrument)),
      bars: ({ instrument, interval, limit }) =>
        answer((this.#course(instrument).bars.get(interval) ?? []).slice(-limit)),
      trades: () => answer([]),
      book: () => answer(null),
      feeds: () => {
        const nowUs = this.clock.nowUs();
        return answer(
          MARKETS.map(({ instrument }) => ({
            kind: 'feed' as const,
            instrument: instrument.id,
            status: 'live' as const,
            reason: null,
            tsEventUs: nowUs,
            tsInitUs: nowUs,
          })),
        );
      },
      venueTimeUs: () => answer(this.clock.nowUs()),
    };
  }

  #course(id: InstrumentId): Course {
    const course = this.#courses.get(id);
    if (course === undefined) throw new RangeError(`${id} is not traded here`);
    return course;
  }
}
