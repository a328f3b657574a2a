import { timestampUs, type Instrument, type TimestampUs } from '@monsta/core';
import type { AggregateTrade, ExchangeModel } from '../exchange-model.ts';
import type { KlineGrid } from '../kline-intervals.ts';
import { klinesOf } from '../klines.ts';
import { klineRow, notional8, price8, quantity8, wireTime, type TimeUnit } from '../wire.ts';
import type { ArchiveFile } from './archive-files.ts';

/** Rows made in one go; between two lots others have their turn. */
const ROWS_PER_CHUNK = 250;
/** Klines made in one go span no more than this, unless one alone does. */
const KLINES_SPAN_US = 48 * 3_600_000_000;
/** From here on the archive's times are in microseconds, before in milliseconds. */
const MICROSECONDS_FROM_US = Date.UTC(2025, 0, 1) * 1_000;

/** What a file should hold is not all there: the model no longer keeps it. */
export class IncompleteError extends Error {
  override readonly name = 'IncompleteError';
}

const unitOf = ({ fromUs }: ArchiveFile): TimeUnit => (fromUs >= MICROSECONDS_FROM_US ? 'us' : 'ms');
/** Truth as the archive's files write it. */
const truth = (value: boolean): string => (value ? 'True' : 'False');
const lines = (rows: readonly string[]): string => `${rows.join('\n')}\n`;

type Chunks = Generator<string, void, undefined>;

function* klineChunks(model: ExchangeModel, file: ArchiveFile, grid: KlineGrid): Chunks {
  const { instrument } = file.folder.symbol;
  const unit = unitOf(file);
  let fromUs = file.fromUs;
  const toUs = timestampUs(file.endUs - 1);
  const limit = Math.min(ROWS_PER_CHUNK, Math.max(1, Math.floor(KLINES_SPAN_US / grid.spanMost())));
  for (;;) {
    const klines = klinesOf(model, instrument, grid, { fromUs, toUs, limit });
    const last = klines.at(-1);
    if (last === undefined) return;
    yield lines(klines.map((kline) => klineRow(kline, instrument, unit).join(',')));
    if (klines.length < limit) return;
    fromUs = last.closeTimeUs;
  }
}

/** First and last trade id of the file's span, from the hours at its ends, and the first trade that is still kept. */
function tradesOfSpan(
  model: ExchangeModel,
  { id }: Instrument,
  { fromUs, endUs }: ArchiveFile,
): { readonly first: AggregateTrade; readonly lastTradeId: number } | null {
  const toUs = timestampUs(endUs - 1);
  const [first] = model.aggregateTrades(id, { fromId: null, fromUs, toUs, limit: 1 });
  const [opening] = model.klines(id, '1h', { fromUs, toUs, limit: 1 });
  const [closing] = model.klines(id, '1h', { fromUs: null, toUs, limit: 1 });
  if (opening === undefined || closing === undefined || closing.openTimeUs < fromUs) return null;
  if (first === undefined || opening.firstTradeId !== first.firstTradeId || closing.lastTradeId === null) {
    throw new IncompleteError('the trades of this span are not all kept');
  }
  return { first, lastTradeId: closing.lastTradeId };
}

function mustFollow(actual: number | undefined, expected: number): void {
  if (actual === expected) return;
  throw new IncompleteError(`after trade ${expected - 1} comes ${actual ?? 'none'}`);
}

function* tradeChunks(model: ExchangeModel, file: ArchiveFile): Chunks {
  const { instrument } = file.folder.symbol;
  const span = tradesOfSpan(model, instrument, file);
  if (span === null) return;
  const unit = unitOf(file);
  let nextId = span.first.firstTradeId;
  while (nextId <= span.lastTradeId) {
    const limit = Math.min(ROWS_PER_CHUNK, span.lastTradeId - nextId + 1);
    const trades = model.trades(instrument.id, { fromId: nextId, limit });
    mustFollow(trades[0]?.tradeId, nextId);
    const rows: string[] = [];
    for (const { tradeId, price, quantity, tsEventUs, buyerIsMaker } of trades) {
      mustFollow(tradeId, nextId);
      nextId += 1;
      const turnover = notional8(price, quantity, instrument);
      const time = wireTime(tsEventUs, unit);
      rows.push(
        `${tradeId},${price8(price, instrument)},${quantity8(quantity, instrument)},${turnover},${time},${truth(buyerIsMaker)},True`,
      );
    }
    yield lines(rows);
  }
}

function aggregateRow(trade: AggregateTrade, instrument: Instrument, unit: TimeUnit): string {
  const { aggregateId, price, quantity, firstTradeId, lastTradeId, tsEventUs, buyerIsMaker } = trade;
  return `${aggregateId},${price8(price, instrument)},${quantity8(quantity, instrument)},${firstTradeId},${lastTradeId},${wireTime(tsEventUs, unit)},${truth(buyerIsMaker)},True`;
}

function* aggregateChunks(model: ExchangeModel, file: ArchiveFile): Chunks {
  const { instrument } = file.folder.symbol;
  const span = tradesOfSpan(model, instrument, file);
  if (span === null) return;
  const unit = unitOf(file);
  let fromId = span.first.aggregateId;
  let nextTradeId = span.first.firstTradeId;
  while (nextTradeId <= span.lastTradeId) {
    const open: TimestampUs | null = null;
    const trades = model.aggregateTrades(instrument.id, { fromId, fromUs: open, toUs: open, limit: ROWS_PER_CHUNK });
    mustFollow(trades[0]?.firstTradeId, nextTradeId);
    const rows: string[] = [];
    for (const trade of trades) {
      if (nextTradeId > span.lastTradeId) break;
      mustFollow(trade.firstTradeId, nextTradeId);
      nextTradeId = trade.lastTradeId + 1;
      fromId = trade.aggregateId + 1;
      rows.push(aggregateRow(trade, instrument, unit));
    }
    yield lines(rows);
  }
}

/**
 * The table of a file as CSV without a header, lot by lot; nothing where nothing happened. Throws `IncompleteError` where trades are
 * missing that the klines count.
 */
export function rowsOf(model: ExchangeModel, file: ArchiveFile): Chunks {
  const { content } = file.folder;
  switch (content.kind) {
    case 'klines':
      return klineChunks(model, file, content.grid);
    case 'trades':
      return tradeChunks(model, file);
    case 'aggTrades':
      return aggregateChunks(model, file);
  }
}
