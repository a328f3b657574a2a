import {
  intervalMs,
  msFromUs,
  ok,
  timestampUs,
  type Bar,
  type BookSnapshot,
  type Instrument,
  type Interval,
  type Result,
  type TimestampUs,
  type TradeTick,
} from '@monsta/core';
import type { Logger } from '@monsta/ports';
import {
  decodeAggregateTrades,
  decodeBody,
  decodeDepth,
  decodeKlines,
  decodeServerTime,
  decodeTrades,
} from './replies.ts';
import type { RestClient } from './rest-client.ts';
import { pickInstruments, readExchangeListing, type ExchangeListing } from './symbol-rules-reader.ts';

const PAGE = 1_000;
const WEIGHT = { time: 1, exchangeInfo: 20, klines: 2, trades: 25, aggregateTrades: 4 } as const;
/** Faults of a venue that doesn't give old trades to us: another endpoint may. */
const NOT_OFFERED = new Set(['venue_protocol']);

const depthWeight = (limit: number): number => (limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1_000 ? 50 : 250);

/** The market-data endpoints, decoded. Faults are those of `RestClient`, and `venue_protocol` for an answer that is not as documented. */
export class MarketRest {
  readonly #client: RestClient;
  readonly #nowUs: () => TimestampUs;
  readonly #logger: Logger;

  constructor(client: RestClient, nowUs: () => TimestampUs, logger: Logger) {
    this.#client = client;
    this.#nowUs = nowUs;
    this.#logger = logger;
  }

  /** The venue's clock in epoch milliseconds, and when we asked and heard (monotonic). */
  async serverTime(): Promise<
    Result<{ readonly serverMs: number; readonly sentMs: number; readonly receivedMs: number }>
  > {
    const reply = await this.#client.get({ path: 'time', weight: WEIGHT.time });
    if (!reply.ok) return reply;
    const serverMs = decodeBody(reply.value.body, 'time', decodeServerTime);
    return serverMs.ok
      ? ok({ serverMs: serverMs.value, sentMs: reply.value.sentMs, receivedMs: reply.value.receivedMs })
      : serverMs;
  }

  async instruments(symbols: readonly string[]): Promise<Result<readonly Instrument[]>> {
    const reply = await this.#client.get({
      path: 'exchangeInfo',
      query: { symbols: JSON.stringify(symbols) },
      weight: WEIGHT.exchangeInfo,
    });
    return reply.ok
      ? decodeBody(reply.value.body, 'exchangeInfo', (json) =>
          pickInstruments(readExchangeListing(json, this.#nowUs()), symbols),
        )
      : reply;
  }

  /** Everything that the venue lists. */
  async listing(): Promise<Result<ExchangeListing>> {
    const reply = await this.#client.get({
      path: 'exchangeInfo',
      // A list of thousands of symbols is several times as long with the sets of permissions, which nobody here reads.
      query: { showPermissionSets: 'false' },
      weight: WEIGHT.exchangeInfo,
      background: true,
    });
    return reply.ok
      ? decodeBody(reply.value.body, 'exchangeInfo', (json) => readExchangeListing(json, this.#nowUs()))
      : reply;
  }

  async depth(instrument: Instrument, limit: number, signal: AbortSignal): Promise<Result<BookSnapshot>> {
    const reply = await this.#client.get({
      path: 'depth',
      query: { symbol: instrument.id, limit },
      weight: depthWeight(limit),
      signal,
    });
    return reply.ok
      ? decodeBody(reply.value.body, 'depth', (json) => decodeDepth(json, instrument, this.#nowUs()))
      : reply;
  }

  /** Closed bars with open times in [fromUs, toUs), oldest first. */
  async klines(
    instrument: Instrument,
    interval: Interval,
    fromUs: TimestampUs,
    toUs: TimestampUs,
  ): Promise<Result<readonly Bar[]>> {
    const bars: Bar[] = [];
    let offGrid = 0;
    // The first whole millisecond that is not before `fromUs`.
    let startMs = Math.ceil(fromUs / 1_000);
    const endMs = msFromUs(timestampUs(toUs - 1));
    while (startMs <= endMs) {
      const query = { symbol: instrument.id, interval, startTime: startMs, endTime: endMs, limit: PAGE };
      const reply = await this.#client.get({ path: 'klines', query, weight: WEIGHT.klines, background: true });
      if (!reply.ok) return reply;
      const page = decodeBody(reply.value.body, 'klines', (json) =>
        decodeKlines(json, instrument, interval, this.#nowUs()),
      );
      if (!page.ok) return page;
      for (const bar of page.value.bars) {
        if (bar.openTimeUs >= fromUs && bar.openTimeUs < toUs) bars.push(bar);
      }
      offGrid += page.value.offGrid;
      const lastMs = page.value.lastOpenUs === null ? null : msFromUs(page.value.lastOpenUs);
      // A page that doesn't move on ends the paging, whatever the venue meant by it.
      if (lastMs === null || lastMs < startMs) break;
      startMs = lastMs + intervalMs(interval);
    }
    if (offGrid > 0) {
      this.#logger.warn('old bars left out: their prices lie on no tick of today', {
        instrument: instrument.id,
        interval,
        bars: offGrid,
      });
    }
    return ok(bars);
  }

  /**
   * Trades with ids from `fromId`, oldest first, without a hole, at most `limit`; empty where the venue doesn't give
   * trade `fromId`. Asks `historicalTrades`; where that is not offered, the newest trades; where they don't reach back
   * far enough, aggregates from `sinceUs` on, of which those that stand for one trade are exact.
   */
  async tradesFrom(
    instrument: Instrument,
    fromId: number,
    limit: number,
    sinceUs: TimestampUs | null,
  ): Promise<Result<readonly TradeTick[]>> {
    const count = Math.min(limit, PAGE);
    const symbol = instrument.id;
    const decode = (what: string, body: string) =>
      decodeBody(body, what, (json) => decodeTrades(json, instrument, this.#nowUs()));
    const old = await this.#client.get({
      path: 'historicalTrades',
      query: { symbol, fromId, limit: count },
      weight: WEIGHT.trades,
    });
    if (old.ok) {
      const trades = decode('historicalTrades', old.value.body);
      return trades.ok ? ok(unbroken(trades.value, fromId, limit)) : trades;
    }
    if (!NOT_OFFERED.has(old.fault.code)) return old;
    const newest = await this.#client.get({ path: 'trades', query: { symbol, limit: PAGE }, weight: WEIGHT.trades });
    if (!newest.ok) return newest;
    const recent = decode('trades', newest.value.body);
    if (!recent.ok) return recent;
    const found = unbroken(recent.value, fromId, limit);
    if (found.length > 0 || sinceUs === null) return ok(found);
    const query = { symbol, startTime: msFromUs(sinceUs), limit: PAGE };
    const joined = await this.#client.get({ path: 'aggTrades', query, weight: WEIGHT.aggregateTrades });
    if (!joined.ok) return joined;
    const singles = decodeBody(joined.value.body, 'aggTrades', (json) =>
      decodeAggregateTrades(json, instrument, this.#nowUs()),
    );
    return singles.ok ? ok(unbroken(singles.value, fromId, limit)) : singles;
  }
}

/** The run of consecutive ids that begins with `fromId`. */
function unbroken(trades: readonly TradeTick[], fromId: number, limit: number): readonly TradeTick[] {
  const run: TradeTick[] = [];
  for (const trade of trades) {
    if (trade.tradeId === fromId + run.length && run.length < limit) run.push(trade);
  }
  return run;
}
