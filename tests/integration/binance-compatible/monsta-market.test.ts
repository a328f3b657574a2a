import {
  expectOk,
  formatPrice,
  formatQuantity,
  formatUnits,
  floorToInterval,
  instrumentId,
  INTERVALS,
  intervalUs,
  msFromUs,
  timestampUs,
  VOLUME_SCALE,
  type Bar,
  type BookLevel,
  type BookSnapshot,
  type Instrument,
  type MarketEvent,
  type TradeTick,
} from '@monsta/core';
import { createBinanceMarketData, type BinanceMarketData } from '@monsta/venue-binance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { monstaLine, type MonstaLine } from './monsta.test-support.ts';
import { PlainClient, type Values } from './plain-client.test-support.ts';
import { openContractVenue, type ContractVenue } from './served-exchange.test-support.ts';
import { accountOf } from './trading.test-support.ts';

const symbol = 'BTCUSDT';
const BTC = instrumentId(symbol);
const ETH = instrumentId('ETHUSDT');
const PATIENT = { timeout: 25_000, interval: 20 };

type Row = readonly unknown[];
type Filter = Readonly<Record<string, string>>;

describe('our own client reads the simulated market', { timeout: 30_000 }, () => {
  let venue: ContractVenue;
  let plain: PlainClient;
  let line: MonstaLine;
  let market: BinanceMarketData;
  let instrument: Instrument;
  const heard: MarketEvent[] = [];
  /** Our book as it stood after each change of it, by the update that it reached. */
  const books = new Map<number, BookSnapshot>();

  const ask = async <T>(path: string, values: Values = {}): Promise<T> => (await plain.ask(path, values)).body as T;
  const price = (value: Bar['open']): string => `${formatPrice(value, instrument)}000000`;
  const quantity = (value: TradeTick['quantity']): string => `${formatQuantity(value, instrument)}000`;
  const volume = (value: bigint | null): string | null => (value === null ? null : formatUnits(value, VOLUME_SCALE));
  const tradesHeard = (): readonly TradeTick[] =>
    heard.filter((event): event is TradeTick => event.kind === 'trade' && event.instrument === BTC);
  const tradeOf = (trade: TradeTick): object => ({
    id: trade.tradeId,
    price: price(trade.price),
    qty: quantity(trade.quantity),
    time: msFromUs(trade.tsEventUs),
    isBuyerMaker: trade.buyerIsMaker,
  });
  const barOf = (bar: Bar): Row => [
    msFromUs(bar.openTimeUs),
    price(bar.open),
    price(bar.high),
    price(bar.low),
    price(bar.close),
    volume(bar.volume),
    msFromUs(bar.closeTimeUs) - 1,
    volume(bar.quoteVolume),
    bar.trades,
    volume(bar.takerBuyVolume),
    volume(bar.takerBuyQuoteVolume),
  ];
  const levelsOf = (levels: readonly BookLevel[]): readonly Row[] =>
    levels.map(([at, size]) => [price(at), quantity(size)]);

  beforeAll(async () => {
    venue = await openContractVenue();
    plain = new PlainClient(venue.served);
    line = monstaLine(venue.served);
    market = createBinanceMarketData({ connection: line.connection });
    const started = await market.start({
      instruments: [BTC, ETH],
      intervals: INTERVALS,
      onEvent: (event) => {
        heard.push(event);
        if (event.kind !== 'book-delta' || event.instrument !== BTC) return;
        const book = market.book(BTC, 20);
        if (book !== null) books.set(book.lastUpdateId, book);
      },
    });
    const found = expectOk(started).find(({ id }) => id === BTC);
    if (found === undefined) throw new Error('the client has the instrument that it asked for');
    instrument = found;
  });
  afterAll(async () => {
    await market.stop();
    await line.close();
    await venue.close();
  });

  it('instruments with the steps and limits of their filters', async () => {
    const info = await ask<{ readonly symbols: readonly { readonly filters: readonly Filter[] }[] }>('exchangeInfo', {
      symbols: '["BTCUSDT"]',
    });
    const filter = (type: string, name: string): string | undefined =>
      info.symbols[0]?.filters.find((each) => each['filterType'] === type)?.[name];
    const eight = (units: bigint, scale: number): string => formatUnits(units * 10n ** BigInt(8 - scale), 8);
    const lots = (count: number): string => eight(BigInt(count) * BigInt(instrument.lot.units), instrument.lot.scale);
    const money = (units: bigint | null): string | null => (units === null ? null : formatUnits(units / 10n ** 10n, 8));
    expect({
      tickSize: eight(BigInt(instrument.tick.units), instrument.tick.scale),
      stepSize: lots(1),
      minQty: lots(instrument.quantityMin),
      maxQty: lots(instrument.quantityMax),
      marketMaxQty: lots(instrument.marketQuantityMax ?? 0),
      minNotional: money(instrument.notionalMin),
      maxNotional: money(instrument.notionalMax),
    }).toEqual({
      tickSize: filter('PRICE_FILTER', 'tickSize'),
      stepSize: filter('LOT_SIZE', 'stepSize'),
      minQty: filter('LOT_SIZE', 'minQty'),
      maxQty: filter('LOT_SIZE', 'maxQty'),
      marketMaxQty: filter('MARKET_LOT_SIZE', 'maxQty'),
      minNotional: filter('NOTIONAL', 'minNotional'),
      maxNotional: filter('NOTIONAL', 'maxNotional'),
    });
    expect(instrument).toMatchObject({ base: 'BTC', quote: 'USDT', status: 'trading' });
    expect(market.instruments().map(({ id }) => id)).toEqual([BTC, ETH]);
  });

  it.each(INTERVALS)(
    'closed bars of %s, digit for digit and over more than one page where there are so many',
    async (interval) => {
      // More minutes than one answer holds; of the longer ones what a page is asked for, of weeks what there is.
      const bars = interval === '1m' ? 1_100 : interval === '1w' ? 20 : 100;
      const endUs = floorToInterval(timestampUs(market.nowUs() - intervalUs(interval)), interval);
      const fromUs = timestampUs(endUs - bars * intervalUs(interval));
      const rows: Row[] = [];
      while (rows.length < bars) {
        const startTime = msFromUs(timestampUs(fromUs + rows.length * intervalUs(interval)));
        const page = await ask<readonly Row[]>('klines', {
          symbol,
          interval,
          startTime,
          endTime: msFromUs(endUs) - 1,
          limit: 1_000,
        });
        if (page.length === 0) break;
        rows.push(...page);
      }
      const ours = expectOk(await market.history(BTC, interval, fromUs, endUs));
      expect(ours).toHaveLength(bars);
      expect(ours.map(barOf)).toEqual(rows.map((row) => row.slice(0, 11)));
      expect(ours.every(({ closed }) => closed)).toBe(true);
    },
  );

  it('the bar that is still forming is not among them', async () => {
    const nowUs = market.nowUs();
    const openUs = floorToInterval(nowUs, '1d');
    const bars = expectOk(await market.history(BTC, '1d', timestampUs(openUs - intervalUs('1d')), nowUs));
    expect(bars.map(({ openTimeUs }) => openTimeUs)).toEqual([openUs - intervalUs('1d')]);
  });

  it('trades over the stream, without a hole, as the exchange lists them', async () => {
    // The market has a trade a second; these are some more.
    const other = new PlainClient(venue.served, accountOf(venue, 1));
    const from = tradesHeard().length;
    for (const side of ['BUY', 'SELL', 'BUY', 'SELL', 'BUY'])
      await other.signed('order', { symbol, side, type: 'MARKET', quantity: '0.001' }, { method: 'POST' });
    await expect.poll(() => tradesHeard().length, PATIENT).toBeGreaterThanOrEqual(from + 5);
    const trades = tradesHeard();
    const first = trades[0]?.tradeId ?? 0;
    const limit = trades.length;
    const listed = await ask<readonly object[]>('historicalTrades', { symbol, fromId: first, limit });
    expect(trades.map(tradeOf)).toEqual(listed.map((row) => expect.objectContaining(pick(row)) as object));
    const asked = expectOk(await market.tradesFrom(BTC, first, limit));
    expect(asked.map(tradeOf)).toEqual(trades.map(tradeOf));
  });

  it('best prices, and a feed that is live', async () => {
    const kinds = (): ReadonlySet<string> => new Set(heard.map(({ kind }) => kind));
    await expect
      .poll(() => ['quote', 'book-delta', 'trade', 'feed'].filter((kind) => !kinds().has(kind)), PATIENT)
      .toEqual([]);
    for (const event of heard) if (event.kind === 'quote') expect(event.bidPrice).toBeLessThan(event.askPrice);
    await expect
      .poll(() => heard.findLast((event) => event.kind === 'feed' && event.instrument === BTC), PATIENT)
      .toMatchObject({ status: 'live' });
  });

  it('a book that is level for level what the exchange shows at the same update', async () => {
    const socket = await plain.open('/stream?streams=btcusdt@depth20@100ms');
    const shown = (): readonly Shown[] =>
      socket.heard.flatMap(({ data }) => ((data as Shown).lastUpdateId === undefined ? [] : [data as Shown]));
    const both = (): readonly Shown[] => shown().filter(({ lastUpdateId }) => books.has(lastUpdateId));
    await expect.poll(() => both().length, PATIENT).toBeGreaterThan(4);
    for (const { lastUpdateId, bids, asks } of both()) {
      const ours = books.get(lastUpdateId);
      expect({ bids: levelsOf(ours?.bids ?? []), asks: levelsOf(ours?.asks ?? []) }).toEqual({ bids, asks });
    }
    await socket.close();
  });

  it('what the exchange does not list is told as that, by name', async () => {
    const other = createBinanceMarketData({ connection: line.connection });
    const started = await other.start({
      instruments: [BTC, instrumentId('NOPEUSDT')],
      intervals: INTERVALS,
      onEvent: () => undefined,
    });
    expect(started).toMatchObject({ ok: false, fault: { code: 'instrument_unknown' } });
    expect(started.ok ? '' : started.fault.message).toContain('NOPEUSDT');
    expect(await ask('klines', { symbol: 'NOPEUSDT', interval: '1m' })).toMatchObject({ code: -1121 });
    await other.stop();
  });

  it('without a frame that it could not read', () => {
    expect(line.telemetry.records.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

interface Shown {
  readonly lastUpdateId: number;
  readonly bids: readonly Row[];
  readonly asks: readonly Row[];
}

function pick(row: object): object {
  const { id, price, qty, time, isBuyerMaker } = row as Readonly<Record<string, unknown>>;
  return { id, price, qty, time, isBuyerMaker };
}
