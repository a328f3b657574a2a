import {
  err,
  intervalUs,
  ok,
  parsePrice,
  parseQuantity,
  parseVolume,
  timestampUs,
  usFromMs,
  type Bar,
  type BookSnapshot,
  type Instrument,
  type Interval,
  type Result,
  type TimestampUs,
  type TradeTick,
} from '@monsta/core';
import { parseLevels } from './frames.ts';
import {
  isObject,
  Malformed,
  readArray,
  readBoolean,
  readId,
  readObject,
  readText,
  readTimeMs,
  take,
} from './json-reader.ts';

/** Runs a decoder of a REST body; what is not as documented becomes a fault. */
export function decodeBody<T>(body: string, what: string, decode: (json: unknown) => T): Result<T> {
  try {
    return ok(decode(JSON.parse(body)));
  } catch (error) {
    if (error instanceof Malformed) return err(error.fault.code, `${what}: ${error.fault.message}`);
    if (error instanceof SyntaxError)
      return err('venue_protocol', `${what}: the answer is no JSON: ${body.slice(0, 80)}`, { cause: error });
    throw error;
  }
}

/** What Binance says where it refuses: `{"code":-1121,"msg":"Invalid symbol."}`, and `data` where there is more to tell. */
export interface VenueError {
  readonly code: number;
  readonly message: string;
  /** Null where there is none. */
  readonly data: unknown;
}

/** Null for any other body. */
export function decodeError(body: string): VenueError | null {
  try {
    const json: unknown = JSON.parse(body);
    if (!isObject(json) || typeof json['code'] !== 'number' || typeof json['msg'] !== 'string') return null;
    return { code: json['code'], message: json['msg'], data: json['data'] ?? null };
  } catch {
    // No JSON: a proxy's page or an empty body, described by its status alone.
    return null;
  }
}

export const decodeServerTime = (json: unknown): number =>
  readTimeMs(readObject(json, 'time')['serverTime'], 'serverTime');

export function decodeDepth(json: unknown, instrument: Instrument, nowUs: TimestampUs): BookSnapshot {
  const body = readObject(json, 'depth');
  return {
    kind: 'book-snapshot',
    instrument: instrument.id,
    lastUpdateId: readId(body['lastUpdateId'], 'lastUpdateId'),
    bids: parseLevels(body['bids'], 'bids', instrument),
    asks: parseLevels(body['asks'], 'asks', instrument),
    tsEventUs: nowUs,
    tsInitUs: nowUs,
  };
}

/** Null for what lies on no tick or lot of today's grid: it can't be held, and the hole in the ids shows it. */
function onGrid(decode: () => TradeTick): TradeTick | null {
  try {
    return decode();
  } catch (error) {
    if (error instanceof Malformed && error.fault.code === 'off_grid') return null;
    throw error;
  }
}

/** Rows of `trades` and `historicalTrades`, oldest first. */
export function decodeTrades(json: unknown, instrument: Instrument, nowUs: TimestampUs): readonly TradeTick[] {
  return readArray(json, 'trades').flatMap((entry) => {
    const row = readObject(entry, 'trade');
    return (
      onGrid(() => ({
        kind: 'trade',
        instrument: instrument.id,
        tradeId: readId(row['id'], 'trade id'),
        price: take(parsePrice(readText(row['price'], 'trade price'), instrument), 'trade price'),
        quantity: take(parseQuantity(readText(row['qty'], 'trade qty'), instrument), 'trade qty'),
        buyerIsMaker: readBoolean(row['isBuyerMaker'], 'trade isBuyerMaker'),
        tsEventUs: usFromMs(readTimeMs(row['time'], 'trade time')),
        tsInitUs: nowUs,
      })) ?? []
    );
  });
}

/**
 * Aggregates that stand for one trade each, as trades. One that joins several (`f` < `l`) can't be taken apart — its
 * quantity is known only as a sum — so it is left out, and the hole in the ids shows it.
 */
export function decodeAggregateTrades(json: unknown, instrument: Instrument, nowUs: TimestampUs): readonly TradeTick[] {
  return readArray(json, 'aggTrades').flatMap((entry) => {
    const row = readObject(entry, 'aggTrade');
    const tradeId = readId(row['f'], 'aggTrade f');
    if (tradeId !== readId(row['l'], 'aggTrade l')) return [];
    return (
      onGrid(() => ({
        kind: 'trade',
        instrument: instrument.id,
        tradeId,
        price: take(parsePrice(readText(row['p'], 'aggTrade p'), instrument), 'aggTrade p'),
        quantity: take(parseQuantity(readText(row['q'], 'aggTrade q'), instrument), 'aggTrade q'),
        buyerIsMaker: readBoolean(row['m'], 'aggTrade m'),
        tsEventUs: usFromMs(readTimeMs(row['T'], 'aggTrade T')),
        tsInitUs: nowUs,
      })) ?? []
    );
  });
}

export interface KlinePage {
  readonly bars: readonly Bar[];
  /** Rows whose prices lie on no tick of today's grid: the exchange changed it since; they can't be held. */
  readonly offGrid: number;
  /** Open time of the last row, whatever became of it; null for an empty page. */
  readonly lastOpenUs: TimestampUs | null;
}

function decodeKline(row: readonly unknown[], instrument: Instrument, interval: Interval, nowUs: TimestampUs): Bar {
  const openTimeUs = usFromMs(readTimeMs(row[0], 'kline open time'));
  const closeTimeUs = timestampUs(openTimeUs + intervalUs(interval));
  const at = (index: number, name: string) => take(parsePrice(readText(row[index], name), instrument), name);
  const volume = (index: number, name: string) => take(parseVolume(readText(row[index], name)), name);
  const total = volume(5, 'kline volume');
  // A source that knows no more than prices and volume says null, or no trades in spite of a volume.
  const trades = row[8] === null ? null : readId(row[8], 'kline trades');
  const known = trades !== null && (trades > 0 || total === 0n);
  return {
    kind: 'bar',
    instrument: instrument.id,
    interval,
    openTimeUs,
    closeTimeUs,
    open: at(1, 'kline open'),
    high: at(2, 'kline high'),
    low: at(3, 'kline low'),
    close: at(4, 'kline close'),
    volume: total,
    quoteVolume: known ? volume(7, 'kline quote volume') : null,
    takerBuyVolume: known ? volume(9, 'kline taker buy volume') : null,
    takerBuyQuoteVolume: known ? volume(10, 'kline taker buy quote volume') : null,
    trades: known ? trades : null,
    firstTradeId: null,
    lastTradeId: null,
    bookImbalance: null,
    closed: closeTimeUs <= nowUs,
    tsEventUs: closeTimeUs <= nowUs ? closeTimeUs : nowUs,
    tsInitUs: nowUs,
  };
}

/** A page of `klines`, closed bars only. */
export function decodeKlines(json: unknown, instrument: Instrument, interval: Interval, nowUs: TimestampUs): KlinePage {
  const rows = readArray(json, 'klines');
  const bars: Bar[] = [];
  let offGrid = 0;
  let lastOpenUs: TimestampUs | null = null;
  for (const entry of rows) {
    const row = readArray(entry, 'kline');
    lastOpenUs = usFromMs(readTimeMs(row[0], 'kline open time'));
    try {
      const bar = decodeKline(row, instrument, interval, nowUs);
      if (bar.closed) bars.push(bar);
    } catch (error) {
      if (!(error instanceof Malformed) || error.fault.code !== 'off_grid') throw error;
      offGrid += 1;
    }
  }
  return { bars, offGrid, lastOpenUs };
}
