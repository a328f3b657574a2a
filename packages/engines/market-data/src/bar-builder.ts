import {
  floorToInterval,
  intervalUs,
  timestampUs,
  type Bar,
  type Instrument,
  type Interval,
  type Price,
  type TimestampUs,
  type TradeTick,
} from '@monsta/core';
import { ExactTotal, volumeScales, type VolumeScales } from './exact-total.ts';

interface FormingBar {
  readonly openTimeUs: TimestampUs;
  readonly endUs: number;
  readonly open: Price;
  high: Price;
  low: Price;
  close: Price;
  readonly lots: ExactTotal;
  readonly value: ExactTotal;
  readonly takerLots: ExactTotal;
  readonly takerValue: ExactTotal;
  trades: number;
  firstTradeId: number;
  lastTradeId: number;
  lastEventUs: TimestampUs;
  lastInitUs: TimestampUs;
  /** What a seed brought along, at `VOLUME_SCALE`; null where the seed didn't say. */
  readonly seed: Pick<Bar, 'volume' | 'quoteVolume' | 'takerBuyVolume' | 'takerBuyQuoteVolume' | 'trades'> | null;
}

/**
 * Builds the bars of one interval from trades in id order. A bar without trades is never invented.
 * The trade's own time says to which bar it belongs, as at the exchange.
 */
export class BarBuilder {
  readonly interval: Interval;
  readonly #instrument: Pick<Instrument, 'id' | 'tick' | 'lot'>;
  readonly #scales: VolumeScales;
  #forming: FormingBar | null = null;

  constructor(instrument: Pick<Instrument, 'id' | 'tick' | 'lot'>, interval: Interval) {
    this.#instrument = instrument;
    this.interval = interval;
    this.#scales = volumeScales(instrument.tick, instrument.lot);
  }

  /** Open time of the forming bar; null when there is none. */
  get formingOpenUs(): TimestampUs | null {
    return this.#forming?.openTimeUs ?? null;
  }

  /** Last trade id in the forming bar; null when there is none. */
  get formingLastTradeId(): number | null {
    return this.#forming?.lastTradeId ?? null;
  }

  /**
   * Takes the next trade; returns the bar that it ended, closed, or null. A trade dated before the forming bar
   * (an exchange's clock stepped back) counts in the forming bar: its own is closed and stays as it was given out.
   */
  apply(trade: TradeTick): Bar | null {
    let forming = this.#forming;
    let ended: Bar | null = null;
    if (forming !== null && trade.tsEventUs >= forming.endUs) {
      ended = this.#bar(forming, true, trade.tsInitUs);
      forming = null;
    }
    if (forming === null) {
      forming = this.#begin(trade);
      this.#forming = forming;
    } else {
      if (trade.price > forming.high) forming.high = trade.price;
      if (trade.price < forming.low) forming.low = trade.price;
      forming.close = trade.price;
      forming.lastTradeId = trade.tradeId;
    }
    forming.trades += 1;
    forming.lastEventUs = trade.tsEventUs;
    forming.lastInitUs = trade.tsInitUs;
    forming.lots.add(trade.quantity);
    forming.value.addProduct(trade.price, trade.quantity);
    if (!trade.buyerIsMaker) {
      forming.takerLots.add(trade.quantity);
      forming.takerValue.addProduct(trade.price, trade.quantity);
    }
    return ended;
  }

  /** Ends the forming bar, because its time is known to be over and its last trade to be in; null when there is none. */
  close(tsInitUs: TimestampUs): Bar | null {
    const forming = this.#forming;
    this.#forming = null;
    return forming === null ? null : this.#bar(forming, true, tsInitUs);
  }

  /** The bar as it stands, not closed; null when there is none. */
  forming(): Bar | null {
    return this.#forming === null ? null : this.#bar(this.#forming, false, this.#forming.lastInitUs);
  }

  /**
   * Goes on from a bar of the exchange that holds every trade up to its `lastTradeId`: the next trade given must be the
   * one after it. A closed bar leaves nothing forming. Returns false, and changes nothing, for a bar without trade ids.
   */
  seed(bar: Bar): boolean {
    if (bar.closed) {
      this.#forming = null;
      return true;
    }
    if (bar.firstTradeId === null || bar.lastTradeId === null) return false;
    this.#forming = {
      openTimeUs: bar.openTimeUs,
      endUs: bar.closeTimeUs,
      open: bar.open,
      high: bar.high,
      low: bar.low,
      close: bar.close,
      lots: new ExactTotal(),
      value: new ExactTotal(),
      takerLots: new ExactTotal(),
      takerValue: new ExactTotal(),
      trades: 0,
      firstTradeId: bar.firstTradeId,
      lastTradeId: bar.lastTradeId,
      lastEventUs: bar.tsEventUs,
      lastInitUs: bar.tsInitUs,
      seed: bar,
    };
    return true;
  }

  /** Forgets the forming bar: trades are missing from it. */
  reset(): void {
    this.#forming = null;
  }

  #begin(trade: TradeTick): FormingBar {
    const openTimeUs = floorToInterval(trade.tsEventUs, this.interval);
    return {
      openTimeUs,
      endUs: openTimeUs + intervalUs(this.interval),
      open: trade.price,
      high: trade.price,
      low: trade.price,
      close: trade.price,
      lots: new ExactTotal(),
      value: new ExactTotal(),
      takerLots: new ExactTotal(),
      takerValue: new ExactTotal(),
      trades: 0,
      firstTradeId: trade.tradeId,
      lastTradeId: trade.tradeId,
      lastEventUs: trade.tsEventUs,
      lastInitUs: trade.tsInitUs,
      seed: null,
    };
  }

  #bar(forming: FormingBar, closed: boolean, tsInitUs: TimestampUs): Bar {
    const { seed } = forming;
    const add = (seeded: bigint | null | undefined, built: bigint): bigint | null =>
      seeded === null ? null : (seeded ?? 0n) + built;
    const seededTrades = seed === null ? 0 : seed.trades;
    return {
      kind: 'bar',
      instrument: this.#instrument.id,
      interval: this.interval,
      openTimeUs: forming.openTimeUs,
      closeTimeUs: timestampUs(forming.endUs),
      open: forming.open,
      high: forming.high,
      low: forming.low,
      close: forming.close,
      volume: (seed?.volume ?? 0n) + this.#scales.base(forming.lots.value()),
      quoteVolume: add(seed?.quoteVolume, this.#scales.quote(forming.value.value())),
      takerBuyVolume: add(seed?.takerBuyVolume, this.#scales.base(forming.takerLots.value())),
      takerBuyQuoteVolume: add(seed?.takerBuyQuoteVolume, this.#scales.quote(forming.takerValue.value())),
      trades: seededTrades === null ? null : seededTrades + forming.trades,
      firstTradeId: forming.firstTradeId,
      lastTradeId: forming.lastTradeId,
      bookImbalance: null,
      closed,
      tsEventUs: closed ? timestampUs(forming.endUs) : forming.lastEventUs,
      tsInitUs,
    };
  }
}
