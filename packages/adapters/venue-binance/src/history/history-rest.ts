import {
  err,
  intervalMs,
  MS_PER_DAY,
  MS_PER_SECOND,
  msFromUs,
  ok,
  US_PER_MS,
  type InstrumentId,
  type Interval,
  type Result,
} from '@monsta/core';
import type { BinanceArchiveConfig } from '../config.ts';
import type { BinanceConnection } from '../connection.ts';
import { Malformed, readArray, readBoolean, readId, readObject, readText, readTimeMs } from '../json-reader.ts';
import { MARKET_WEIGHTS, marketCall, type MarketCall } from '../market-call.ts';
import { decodeBody } from '../replies.ts';
import { givenUp, Patience, type OnWait } from './patience.ts';

const PAGE = 1_000;
const MICROSECONDS_FROM_US = Date.UTC(2025, 0) * 1_000;
const KLINE_CELLS = 12;
/** A bar counts as closed this long after its end: what closed it may be told a moment later. */
const SETTLED_MS = 2 * MS_PER_SECOND;
const DECIMAL = /^\d{1,30}(\.\d{1,18})?$/;

/** From `fromMs` on, before `toMs`. */
interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Takes rows as the archive's tables have them, comma between cells, without an end of line. */
export type TakeRows = (rows: readonly string[]) => Promise<void>;

/** Rows that were given, and up to where the exchange has told all. */
export interface RestRows {
  readonly rows: number;
  readonly untilMs: number;
}

function decimal(value: unknown, where: string): string {
  const text = readText(value, where);
  if (DECIMAL.test(text)) return text;
  throw new Malformed('venue_protocol', `${where} must be a decimal number, not ${JSON.stringify(text.slice(0, 60))}`);
}

interface Row {
  readonly timeMs: number;
  readonly text: string;
}

function klineRow(entry: unknown): Row {
  const row = readArray(entry, 'kline').slice(0, KLINE_CELLS);
  const timeMs = readTimeMs(row[0], 'kline open time');
  const cells = row.map((cell, index) => {
    if (typeof cell === 'string') return decimal(cell, `kline cell ${index}`);
    // A source that knows no more than prices and volume says null.
    return cell === null ? '' : String(readId(cell, `kline cell ${index}`));
  });
  return { timeMs, text: cells.join(',') };
}

const truth = (value: unknown, where: string): string => (readBoolean(value, where) ? 'True' : 'False');

/** Time in the unit of the archive's tables: µs from this year on, ms before. */
const archiveTime = (us: number): number => (us >= MICROSECONDS_FROM_US ? us : Math.floor(us / US_PER_MS));

/** Of an answer in microseconds. */
function readTimeUs(value: unknown, where: string): number {
  const us = readId(value, where);
  readTimeMs(Math.floor(us / US_PER_MS), where);
  return us;
}

function tradeRow(entry: unknown): Row & { readonly id: number } {
  const row = readObject(entry, 'trade');
  const id = readId(row['id'], 'trade id');
  const timeUs = readTimeUs(row['time'], 'trade time');
  const [price, quantity, turnover] = ['price', 'qty', 'quoteQty'].map((name) => decimal(row[name], `trade ${name}`));
  const maker = truth(row['isBuyerMaker'], 'trade isBuyerMaker');
  const text = `${id},${price ?? ''},${quantity ?? ''},${turnover ?? ''},${archiveTime(timeUs)},${maker},True`;
  return { id, timeMs: timeUs / US_PER_MS, text };
}

/**
 * What the bulk archive does not have yet, over REST: pages of rows as its tables have them, at the priority of backfill. Where the exchange says "not now" it is
 * waited for. Faults: `venue_unreachable`, `venue_limited`, `venue_protocol`, `instrument_unknown`, `history_stopped`.
 */
export class HistoryRest {
  readonly #connection: BinanceConnection;
  readonly #config: BinanceArchiveConfig;
  readonly #onWait: OnWait;
  #origin: string | null = null;

  constructor(connection: BinanceConnection, config: BinanceArchiveConfig, onWait: OnWait) {
    this.#connection = connection;
    this.#config = config;
    this.#onWait = onWait;
  }

  /** What a server in the exchange's place says that its data is (`simulated`, `replay`); null where nothing was asked yet, or it says nothing, as the exchange itself. */
  get origin(): string | null {
    return this.#origin;
  }

  /** Now on the exchange's clock, ms: ours where it was never measured. */
  nowMs(): number {
    return msFromUs(this.#connection.time.nowUs());
  }

  /** The end of what has certainly closed by now, ms. */
  settledMs(): number {
    return this.nowMs() - SETTLED_MS;
  }

  /** When the first bar there is opens; null where nothing was ever traded. */
  async firstOpenMs(instrument: InstrumentId, interval: Interval, signal: AbortSignal): Promise<Result<number | null>> {
    const parameters = { symbol: instrument, interval, startTime: 0, limit: 1 };
    const rows = await this.#rows('klines', parameters, MARKET_WEIGHTS.klines, klineRow, signal);
    return rows.ok ? ok(rows.value[0]?.timeMs ?? null) : rows;
  }

  /** Closed bars that open in the span. */
  async bars(
    instrument: InstrumentId,
    interval: Interval,
    { fromMs, toMs }: Span,
    take: TakeRows,
    signal: AbortSignal,
  ): Promise<Result<RestRows>> {
    const step = intervalMs(interval);
    let startMs = fromMs;
    let rows = 0;
    while (startMs < toMs) {
      const parameters = { symbol: instrument, interval, startTime: startMs, endTime: toMs - 1, limit: PAGE };
      const page = await this.#rows('klines', parameters, MARKET_WEIGHTS.klines, klineRow, signal);
      if (!page.ok) return page;
      const closedMs = this.settledMs();
      const closed = page.value.filter(({ timeMs }) => timeMs >= startMs && timeMs < toMs && timeMs + step <= closedMs);
      if (closed.length > 0) await take(closed.map(({ text }) => text));
      rows += closed.length;
      const last = closed.at(-1);
      if (last !== undefined) startMs = last.timeMs + step;
      if (page.value.length < PAGE || last === undefined) break;
    }
    // Behind the last bar of today nothing is known for good: it may come yet.
    return ok({ rows, untilMs: toMs + MS_PER_DAY <= this.settledMs() ? toMs : startMs });
  }

  /** Trades of the span by id, without a hole. */
  async trades(
    instrument: InstrumentId,
    { fromMs, toMs }: Span,
    take: TakeRows,
    signal: AbortSignal,
  ): Promise<Result<RestRows>> {
    const first = await this.#firstTradeId(instrument, { fromMs, toMs }, signal);
    if (!first.ok) return first;
    let nextId = first.value;
    let rows = 0;
    while (nextId !== null) {
      const parameters = { symbol: instrument, fromId: nextId, limit: PAGE };
      const page = await this.#rows('historicalTrades', parameters, MARKET_WEIGHTS.trades, tradeRow, signal, true);
      if (!page.ok) return page;
      for (const { id } of page.value) {
        if (id !== nextId)
          return err('venue_protocol', `historicalTrades of ${instrument}: after trade ${nextId - 1} comes ${id}`, {
            retry: 'retryable',
          });
        nextId += 1;
      }
      const within = page.value.filter(({ timeMs }) => timeMs >= fromMs && timeMs < toMs);
      if (within.length > 0) await take(within.map(({ text }) => text));
      rows += within.length;
      if (page.value.length < PAGE || (page.value.at(-1)?.timeMs ?? toMs) >= toMs) break;
    }
    return ok({ rows, untilMs: toMs });
  }

  /** Id of the first trade from a time on; null where there is none in the span. */
  async #firstTradeId(
    instrument: InstrumentId,
    { fromMs, toMs }: Span,
    signal: AbortSignal,
  ): Promise<Result<number | null>> {
    const parameters = { symbol: instrument, startTime: fromMs, limit: 1 };
    const read = (entry: unknown): { readonly id: number; readonly timeMs: number } => {
      const row = readObject(entry, 'aggTrade');
      return { id: readId(row['f'], 'aggTrade f'), timeMs: readTimeMs(row['T'], 'aggTrade T') };
    };
    const found = await this.#rows('aggTrades', parameters, MARKET_WEIGHTS.aggregateTrades, read, signal);
    if (!found.ok) return found;
    const [first] = found.value;
    return ok(first === undefined || first.timeMs >= toMs ? null : first.id);
  }

  async #rows<T>(
    path: string,
    parameters: MarketCall['parameters'],
    weight: number,
    read: (entry: unknown) => T,
    signal: AbortSignal,
    microseconds = false,
  ): Promise<Result<readonly T[]>> {
    const { clock, config, random } = this.#connection;
    const { backfillWaitMaxMs: waitMaxMs } = config;
    const patience = new Patience({
      clock,
      random,
      waitMaxMs,
      waitsMaxMs: this.#config.limitedWaitMaxMs,
      onWait: this.#onWait,
    });
    const call: MarketCall = { path, parameters, weight, priority: 'backfill', microseconds, signal };
    const reply = await patience.through(() => marketCall(this.#connection, call), signal);
    if (signal.aborted) return givenUp();
    if (!reply.ok) return reply;
    this.#origin = reply.value.headers['x-monsta-origin'] ?? null;
    return decodeBody(reply.value.body, path, (json) => readArray(json, path).map(read));
  }
}
