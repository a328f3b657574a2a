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
import type { BinanceConnection } from './connection.ts';
import { listedLimits } from './limit-windows.ts';
import { MARKET_WEIGHTS as WEIGHT, marketCall, type MarketCall } from './market-call.ts';
import { decodeAggregateTrades, decodeBody, decodeDepth, decodeKlines, decodeTrades } from './replies.ts';
import type { RestReply } from './rest-client.ts';
import { pickInstruments, readExchangeListing, type ExchangeListing } from './symbol-rules-reader.ts';

const PAGE = 1_000;
/** Faults of a venue that doesn't give old trades to us: another endpoint may. */
const NOT_OFFERED: ReadonlySet<string> = new Set(['venue_protocol']);

const depthWeight = (limit: number): number => (limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1_000 ? 50 : 250);

/**
 * The market-data endpoints, decoded. Faults: `venue_unreachable`, `venue_limited`, `instrument_unknown`, and `venue_protocol` for a request that
 * was refused and an answer that is not as documented. Once `stop` has aborted, every call is given up.
 */
export class MarketRest {
  readonly #connection: BinanceConnection;
  readonly #stop: AbortSignal;

  constructor(connection: BinanceConnection, stop: AbortSignal) {
    this.#connection = connection;
    this.#stop = stop;
  }

  async instruments(symbols: readonly string[]): Promise<Result<readonly Instrument[]>> {
    return this.#listed(symbols, (listing) => pickInstruments(listing, symbols));
  }

  /** What the venue lists of these symbols. */
  listingOf(symbols: readonly string[]): Promise<Result<ExchangeListing>> {
    return this.#listed(symbols, (listing) => listing);
  }

  /** Everything that the venue lists. */
  async listing(): Promise<Result<ExchangeListing>> {
    const reply = await this.#get({
      path: 'exchangeInfo',
      // A list of thousands of symbols is several times as long with the sets of permissions, which nobody here reads.
      parameters: { showPermissionSets: false },
      weight: WEIGHT.exchangeInfo,
    });
    return reply.ok ? decodeBody(reply.value.body, 'exchangeInfo', (json) => this.#readListing(json)) : reply;
  }

  async depth(instrument: Instrument, limit: number, signal: AbortSignal): Promise<Result<BookSnapshot>> {
    const reply = await this.#get({
      path: 'depth',
      parameters: { symbol: instrument.id, limit },
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
      const parameters = { symbol: instrument.id, interval, startTime: startMs, endTime: endMs, limit: PAGE };
      const reply = await this.#get({ path: 'klines', parameters, weight: WEIGHT.klines, priority: 'backfill' });
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
      this.#connection.logger.warn('old bars left out: their prices lie on no tick of today', {
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
    const old = await this.#get({
      path: 'historicalTrades',
      parameters: { symbol, fromId, limit: count },
      weight: WEIGHT.trades,
    });
    if (old.ok) {
      const trades = decode('historicalTrades', old.value.body);
      return trades.ok ? ok(unbroken(trades.value, fromId, limit)) : trades;
    }
    if (!NOT_OFFERED.has(old.fault.code)) return old;
    const newest = await this.#get({ path: 'trades', parameters: { symbol, limit: PAGE }, weight: WEIGHT.trades });
    if (!newest.ok) return newest;
    const recent = decode('trades', newest.value.body);
    if (!recent.ok) return recent;
    const found = unbroken(recent.value, fromId, limit);
    if (found.length > 0 || sinceUs === null) return ok(found);
    const parameters = { symbol, startTime: msFromUs(sinceUs), limit: PAGE };
    const joined = await this.#get({ path: 'aggTrades', parameters, weight: WEIGHT.aggregateTrades });
    if (!joined.ok) return joined;
    const singles = decodeBody(joined.value.body, 'aggTrades', (json) =>
      decodeAggregateTrades(json, instrument, this.#nowUs()),
    );
    return singles.ok ? ok(unbroken(singles.value, fromId, limit)) : singles;
  }

  async #listed<T>(symbols: readonly string[], take: (listing: ExchangeListing) => T): Promise<Result<T>> {
    const reply = await this.#get({
      path: 'exchangeInfo',
      parameters: { symbols: JSON.stringify(symbols) },
      weight: WEIGHT.exchangeInfo,
    });
    return reply.ok ? decodeBody(reply.value.body, 'exchangeInfo', (json) => take(this.#readListing(json))) : reply;
  }

  #nowUs(): TimestampUs {
    return this.#connection.time.nowUs();
  }

  #readListing(json: unknown): ExchangeListing {
    this.#connection.budget.limitsListed(listedLimits(json));
    return readExchangeListing(json, this.#nowUs());
  }

  #get({ signal, ...call }: MarketCall): Promise<Result<RestReply>> {
    return marketCall(this.#connection, {
      ...call,
      signal: signal === undefined ? this.#stop : AbortSignal.any([signal, this.#stop]),
    });
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
