import {
  divide,
  notional,
  pow10,
  baseAmount,
  AMOUNT_SCALE,
  VOLUME_SCALE,
  timestampUs,
  type Bar,
  type Instrument,
  type Interval,
  type Price,
  type TimestampUs,
} from '@monsta/core';
import type { AggregateTrade, ExchangeModel, KlineQuery } from './exchange-model.ts';
import type { KlineGrid } from './kline-intervals.ts';

/** A bar of any of the server's intervals; a `Bar` of the model is one. `closeTimeUs` is the first instant after it. */
export type Kline = Pick<
  Bar,
  | 'openTimeUs'
  | 'closeTimeUs'
  | 'open'
  | 'high'
  | 'low'
  | 'close'
  | 'volume'
  | 'quoteVolume'
  | 'takerBuyVolume'
  | 'takerBuyQuoteVolume'
  | 'trades'
  | 'firstTradeId'
  | 'lastTradeId'
  | 'closed'
>;

/** Trades fetched from the model in one go. */
const TRADES_PER_PAGE = 1_000;
const SECOND_US = 1_000_000;
const HOUR_US = 3_600 * SECOND_US;
const MINUTES_PER_HOUR = 60;
const VOLUME_UNIT = pow10(AMOUNT_SCALE - VOLUME_SCALE);

const sum = (left: bigint | null, right: bigint | null): bigint | null =>
  left === null || right === null ? null : left + right;

/** Two neighbouring parts of one kline as one. */
export function joined(left: Kline, right: Kline): Kline {
  return {
    openTimeUs: left.openTimeUs,
    closeTimeUs: left.closeTimeUs,
    open: left.open,
    high: right.high > left.high ? right.high : left.high,
    low: right.low < left.low ? right.low : left.low,
    close: right.close,
    volume: left.volume + right.volume,
    quoteVolume: sum(left.quoteVolume, right.quoteVolume),
    takerBuyVolume: sum(left.takerBuyVolume, right.takerBuyVolume),
    takerBuyQuoteVolume: sum(left.takerBuyQuoteVolume, right.takerBuyQuoteVolume),
    trades: left.trades === null || right.trades === null ? null : left.trades + right.trades,
    firstTradeId: left.firstTradeId ?? right.firstTradeId,
    lastTradeId: right.lastTradeId ?? left.lastTradeId,
    closed: left.closed,
  };
}

/** What one aggregate trade adds to a kline. Its trades have one price, so that nothing is lost. */
function partOf(trade: AggregateTrade, instrument: Instrument): Omit<Kline, 'openTimeUs' | 'closeTimeUs' | 'closed'> {
  const volume = divide(baseAmount(trade.quantity, instrument), VOLUME_UNIT, 'floor');
  const quoteVolume = divide(notional(trade.price, trade.quantity, instrument), VOLUME_UNIT, 'floor');
  return {
    open: trade.price,
    high: trade.price,
    low: trade.price,
    close: trade.price,
    volume,
    quoteVolume,
    takerBuyVolume: trade.buyerIsMaker ? 0n : volume,
    takerBuyQuoteVolume: trade.buyerIsMaker ? 0n : quoteVolume,
    trades: trade.lastTradeId - trade.firstTradeId + 1,
    firstTradeId: trade.firstTradeId,
    lastTradeId: trade.lastTradeId,
  };
}

/** The aggregate trades from `fromUs` to before `endUs`, page by page. */
function* aggregatesBetween(
  model: ExchangeModel,
  instrument: Instrument,
  fromUs: TimestampUs,
  endUs: TimestampUs,
): Generator<AggregateTrade, void, undefined> {
  let fromId: number | null = null;
  for (;;) {
    const page: readonly AggregateTrade[] = model.aggregateTrades(instrument.id, {
      fromId,
      fromUs: fromId === null ? fromUs : null,
      toUs: fromId === null ? timestampUs(endUs - 1) : null,
      limit: TRADES_PER_PAGE,
    });
    for (const trade of page) {
      if (trade.tsEventUs >= endUs) return;
      yield trade;
    }
    const last = page.at(-1);
    if (last === undefined || page.length < TRADES_PER_PAGE) return;
    fromId = last.aggregateId + 1;
  }
}

/** The trades between two instants as one kline; null where there are none. */
export function klineOfTrades(
  model: ExchangeModel,
  instrument: Instrument,
  fromUs: TimestampUs,
  endUs: TimestampUs,
): Kline | null {
  let kline: Kline | null = null;
  const frame = { openTimeUs: fromUs, closeTimeUs: endUs, closed: endUs <= model.nowUs() };
  for (const trade of aggregatesBetween(model, instrument, fromUs, endUs)) {
    const part = { ...frame, ...partOf(trade, instrument) };
    kline = kline === null ? part : joined(kline, part);
  }
  return kline;
}

/** A second in which nothing traded: Binance has a kline for it all the same, at the price before it. */
const quietSecond = (openTimeUs: TimestampUs, price: Price, nowUs: TimestampUs): Kline => ({
  openTimeUs,
  closeTimeUs: timestampUs(openTimeUs + SECOND_US),
  open: price,
  high: price,
  low: price,
  close: price,
  volume: 0n,
  quoteVolume: 0n,
  takerBuyVolume: 0n,
  takerBuyQuoteVolume: 0n,
  trades: 0,
  firstTradeId: null,
  lastTradeId: null,
  closed: openTimeUs + SECOND_US <= nowUs,
});

/** Klines of one second, which only trades can make: without a gap from the first trade that the model keeps. */
function secondKlines(
  model: ExchangeModel,
  instrument: Instrument,
  grid: KlineGrid,
  { fromUs, toUs, limit }: KlineQuery,
): readonly Kline[] {
  const nowUs = model.nowUs();
  const latest = model.aggregateTrades(instrument.id, {
    fromId: null,
    fromUs: null,
    toUs: toUs === null ? null : timestampUs(grid.floor(toUs) + SECOND_US - 1),
    limit: 1,
  });
  const [last] = latest;
  if (last === undefined) return [];
  // The second that is running has a kline from its first trade on.
  const runningUs = grid.floor(nowUs);
  const newestUs = Math.max(grid.floor(last.tsEventUs), runningUs - SECOND_US);
  const lastUs = toUs === null ? newestUs : Math.min(newestUs, grid.floor(toUs));
  let firstUs = fromUs === null ? lastUs - (limit - 1) * SECOND_US : grid.ceil(fromUs);
  const before = model.aggregateTrades(instrument.id, {
    fromId: null,
    fromUs: null,
    toUs: timestampUs(firstUs - 1),
    limit: 1,
  });
  let price = before[0]?.price ?? null;
  if (price === null) {
    const [earliest] = model.aggregateTrades(instrument.id, {
      fromId: null,
      fromUs: timestampUs(firstUs),
      toUs: null,
      limit: 1,
    });
    if (earliest === undefined) return [];
    firstUs = Math.max(firstUs, grid.floor(earliest.tsEventUs));
  }
  const endUs = Math.min(lastUs + SECOND_US, firstUs + limit * SECOND_US);
  const klines: Kline[] = [];
  const fillUntil = (untilUs: number): void => {
    for (let openUs = firstUs + klines.length * SECOND_US; openUs < untilUs && price !== null; openUs += SECOND_US) {
      klines.push(quietSecond(timestampUs(openUs), price, nowUs));
    }
  };
  for (const trade of aggregatesBetween(model, instrument, timestampUs(firstUs), timestampUs(endUs))) {
    const openUs = grid.floor(trade.tsEventUs);
    const forming = klines.at(-1);
    const part = {
      openTimeUs: openUs,
      closeTimeUs: timestampUs(openUs + SECOND_US),
      closed: openUs + SECOND_US <= nowUs,
      ...partOf(trade, instrument),
    };
    if (forming?.openTimeUs === openUs) klines[klines.length - 1] = joined(forming, part);
    else {
      fillUntil(openUs);
      klines.push(part);
    }
    ({ price } = trade);
  }
  fillUntil(endUs);
  return klines;
}

/** Puts neighbouring bars together into the klines of a grid. */
function groups(bars: readonly Bar[], grid: KlineGrid, nowUs: TimestampUs): Kline[] {
  const klines: Kline[] = [];
  for (const bar of bars) {
    const forming = klines.at(-1);
    if (forming !== undefined && bar.openTimeUs < forming.closeTimeUs) {
      klines[klines.length - 1] = joined(forming, bar);
      continue;
    }
    const openTimeUs = grid.floor(bar.openTimeUs);
    const closeTimeUs = grid.next(openTimeUs);
    klines.push({ ...bar, openTimeUs, closeTimeUs, closed: closeTimeUs <= nowUs });
  }
  return klines;
}

/** Hours whose middle a kline opens in, as smaller bars; the others as they are. */
function splitHours(
  model: ExchangeModel,
  instrument: Instrument,
  grid: KlineGrid,
  base: Interval,
  hours: readonly Bar[],
): readonly Bar[] {
  return hours.flatMap((hour) => {
    const opening = grid.ceil(hour.openTimeUs);
    if (opening === hour.openTimeUs || opening >= hour.closeTimeUs) return [hour];
    const toUs = timestampUs(hour.closeTimeUs - 1);
    return model.klines(instrument.id, base, { fromUs: hour.openTimeUs, toUs, limit: MINUTES_PER_HOUR });
  });
}

/** The model's bars that make up klines: of one interval, or hours with smaller ones around openings that are on no whole hour. */
function partsOf(
  model: ExchangeModel,
  instrument: Instrument,
  grid: KlineGrid,
  base: Interval,
  { fromUs, toUs, limit }: KlineQuery,
): readonly Bar[] {
  if (!grid.opensWithinHours()) {
    return model.klines(instrument.id, base, { fromUs, toUs, limit: grid.basesMost(base) * limit });
  }
  const startUs = fromUs === null ? null : timestampUs(Math.floor(fromUs / HOUR_US) * HOUR_US);
  const most = (grid.basesMost('1h') + 1) * limit + 1;
  const hours = model.klines(instrument.id, '1h', { fromUs: startUs, toUs, limit: most });
  return splitHours(model, instrument, grid, base, hours).filter(
    ({ openTimeUs }) => openTimeUs >= (fromUs ?? 0) && (toUs === null || openTimeUs <= toUs),
  );
}

/**
 * The klines of any interval in any zone: the model's own bars where it has them, else made of its smaller bars, seconds of its trades.
 * Counted as in `KlineQuery`: with a start the oldest first, without one the newest.
 */
export function klinesOf(
  model: ExchangeModel,
  instrument: Instrument,
  grid: KlineGrid,
  query: KlineQuery,
): readonly Kline[] {
  const base = grid.base();
  if (base === null) return secondKlines(model, instrument, grid, query);
  if (base === grid.interval) return model.klines(instrument.id, base, query);
  const { limit } = query;
  const toUs = query.toUs === null ? null : timestampUs(grid.next(grid.floor(query.toUs)) - 1);
  if (query.fromUs !== null) {
    const parts = partsOf(model, instrument, grid, base, { fromUs: grid.ceil(query.fromUs), toUs, limit });
    return groups(parts, grid, model.nowUs()).slice(0, limit);
  }
  // One kline more than is wanted: the oldest bars may begin in the middle of theirs.
  const parts = partsOf(model, instrument, grid, base, { fromUs: null, toUs, limit: limit + 1 });
  return groups(parts, grid, model.nowUs()).slice(-limit);
}
