import { expectOk, instrumentId, timestampUs, usFromMs, type BookDelta, type QuoteTick } from '@monsta/core';
import { BarBuilder, OrderBook } from '@monsta/market-data';
import { VirtualClock } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import { openRecording, type Recording } from './recording.ts';
import { generateRecording, silent, temporaryFile } from './recording.test-support.ts';
import { createReplayExchange, type ReplayExchange } from './replay-exchange.ts';

const BTC = instrumentId('BTCUSDT');
const SESSION_START_US = 1_900_000_000_000_000;
const generated = generateRecording();
const open = async (text = generated.text, historyPath?: string): Promise<Recording> =>
  expectOk(await openRecording([temporaryFile('one.ndjson', text)], { historyPath }));

function replay(recording: Recording, clock: VirtualClock, speed = 1): ReplayExchange {
  return createReplayExchange({
    recording,
    clock,
    logger: silent,
    sessionStartUs: timestampUs(SESSION_START_US),
    speed,
  });
}

interface Heard {
  readonly trade: string[];
  readonly bookTicker: string[];
  readonly depth: string[];
}

function hear(model: ReplayExchange): Heard {
  const heard: Heard = { trade: [], bookTicker: [], depth: [] };
  for (const kind of ['trade', 'bookTicker', 'depth'] as const) {
    model.listen(kind, BTC, ({ json }) => {
      const at = /"E":(\d+)/.exec(json)?.[1];
      if (at !== undefined) expect(Number(at) * 1_000).toBeLessThanOrEqual(model.nowUs());
      heard[kind].push(json);
    });
  }
  return heard;
}

describe('a replay', () => {
  it.each([1, 25])('at speed %d tells every frame once, verbatim, in order, never before its time', async (speed) => {
    const clock = new VirtualClock(SESSION_START_US - 1_000_000);
    const model = replay(await open(), clock, speed);
    const heard = hear(model);
    expect(model.nowUs()).toBe(model.startUs - 1);
    await clock.advance(1_000 + 30_000 / speed);
    expect(heard.depth.length).toBeGreaterThan(290);
    expect(heard.depth.length).toBeLessThan(310);
    expect(model.ended()).toBe(false);
    await clock.advance(70_000 / speed);
    expect(heard).toEqual(generated.payloads);
    expect(model.ended()).toBe(true);
    expect(clock.pendingTimers).toBe(0);
    const told = heard.trade.length;
    await clock.advance(100_000);
    expect(heard.trade).toHaveLength(told);
    expect(model.trades(BTC, { fromId: null, limit: 1_000 })).toHaveLength(told);
    model.close();
  });

  it('stands still at its end: what was under way there never closes, and nothing is told of a time it has not recorded', async () => {
    const clock = new VirtualClock(SESSION_START_US);
    const model = replay(await open(), clock);
    const lastBar = () => model.klines(BTC, '1m', { fromUs: null, toUs: null, limit: 1 })[0];
    let fired = 0;
    model.setVenueTimer(model.endUs, () => (fired += 1));
    model.setVenueTimer(timestampUs(model.endUs + 1), () => (fired += 100));
    await clock.advance(120_000);
    expect(fired).toBe(1);
    expect(model.nowUs()).toBe(model.endUs);
    const atEnd = lastBar();
    expect(atEnd).toMatchObject({ closed: false });
    await clock.advance(3_600_000);
    expect(model.nowUs()).toBe(model.endUs);
    expect(lastBar()).toEqual(atEnd);
    expect(clock.pendingTimers).toBe(0);
    model.close();
  });

  it('that is restarted goes on where the exchange is now, with what was missed within reach', async () => {
    const recording = await open();
    const clock = new VirtualClock(SESSION_START_US + 40_000_000);
    const model = replay(recording, clock);
    const passed = model.trades(BTC, { fromId: null, limit: 1_000 });
    const heard = hear(model);
    await clock.advance(60_000);
    expect(passed.length + heard.trade.length).toBe(generated.payloads.trade.length);
    expect(heard.trade).toEqual(generated.payloads.trade.slice(passed.length));
    expect(model.trades(BTC, { fromId: 5_001, limit: 3 }).map(({ tradeId }) => tradeId)).toEqual([5_001, 5_002, 5_003]);
    model.close();
  });

  it('has the book as of now: its snapshot, changed by all that came since', async () => {
    const recording = await open();
    const clock = new VirtualClock(SESSION_START_US);
    const model = replay(recording, clock);
    // Before the recorder asked for the snapshot there is only the snapshot itself, ahead of the stream.
    const recorded = expectOk(model.book(BTC, 5_000));
    const local = new OrderBook(BTC);
    local.load(recorded);
    const deltas: BookDelta[] = [];
    const quotes = new Map<number, QuoteTick>();
    model.listen('depth', BTC, ({ value }) => deltas.push(value));
    model.listen('bookTicker', BTC, ({ value }) => quotes.set(value.updateId, value));
    for (let step = 0; step < 45; step += 1) {
      await clock.advance(2_000);
      for (const delta of deltas.splice(0)) {
        if (delta.lastUpdateId <= local.lastUpdateId) continue;
        expect(delta.firstUpdateId).toBeLessThanOrEqual(local.lastUpdateId + 1);
        local.apply(delta);
        const quote = quotes.get(local.lastUpdateId);
        if (quote !== undefined) expect(local.bestBid()).toEqual([quote.bidPrice, quote.bidQuantity]);
      }
      const standing = expectOk(model.book(BTC, 5_000));
      expect(standing).toEqual(local.snapshot(5_000, standing));
    }
    const late = replay(recording, new VirtualClock(SESSION_START_US + 90_000_000));
    expect(expectOk(late.book(BTC, 5_000)).bids).toEqual(local.snapshot(5_000, recorded).bids);
    model.close();
  });

  it('without a snapshot has no book and says so; its streams run', async () => {
    const clock = new VirtualClock(SESSION_START_US);
    const model = replay(await open(generateRecording({ snapshot: false, seconds: 10 }).text), clock);
    const heard = hear(model);
    await clock.advance(20_000);
    const book = model.book(BTC, 100);
    expect(book.ok ? null : book.fault.code).toBe('book_unknown');
    expect(model.quote(BTC)).not.toBeNull();
    expect(heard.depth).toHaveLength(100);
    model.close();
  });

  it('with a hole in its depth has no book from there on', async () => {
    const { lines } = generateRecording({ seconds: 10 });
    const holed = lines.filter((line, index) => !(line.includes('@depth') && index > 150 && index < 170));
    const clock = new VirtualClock(SESSION_START_US);
    const model = replay(await open(`${holed.join('\n')}\n`), clock);
    expect(model.book(BTC, 5).ok).toBe(true);
    await clock.advance(20_000);
    const book = model.book(BTC, 5);
    expect(book.ok ? null : book.fault.message).toContain('are missing');
  });

  it('has bars and aggregates that are sums of its trades, whole and forming', async () => {
    const clock = new VirtualClock(SESSION_START_US);
    const model = replay(await open(), clock);
    const { instrument } = model.symbols()[0] ?? {};
    if (instrument === undefined) throw new Error('no symbol');
    const query = { fromUs: null, toUs: null, limit: 500 };
    for (let step = 0; step < 12; step += 1) {
      await clock.advance(7_777);
      const builder = new BarBuilder(instrument, '1m');
      const bars = model.trades(BTC, { fromId: null, limit: 1_000 }).flatMap((trade) => builder.apply(trade) ?? []);
      const forming = builder.forming();
      const all = forming === null ? bars : [...bars, forming];
      const told = model.klines(BTC, '1m', query);
      expect(told.map(({ volume, trades, close }) => [volume, trades, close])).toEqual(
        all.map(({ volume, trades, close }) => [volume, trades, close]),
      );
      const aggregates = model.aggregateTrades(BTC, { fromId: null, fromUs: null, toUs: null, limit: 1_000 });
      const trades = model.trades(BTC, { fromId: null, limit: 1_000 });
      const lastWhole = aggregates.at(-1)?.lastTradeId ?? 0;
      const total = (list: readonly { quantity: number }[]): number =>
        list.reduce((sum, { quantity }) => sum + quantity, 0);
      expect(total(aggregates)).toBe(total(trades.filter(({ tradeId }) => tradeId <= lastWhole)));
      aggregates
        .slice(1)
        .forEach((aggregate, index) => expect(aggregate.firstTradeId).toBe((aggregates[index]?.lastTradeId ?? 0) + 1));
    }
  });
});

describe('the history of a replay', () => {
  const HOUR = 3_600_000;
  const recordingHour = Math.floor(1_723_161_250_000 / HOUR) * HOUR;
  /** Hours before the recording, by number; −1 is the last. */
  const row = (hour: number): string =>
    `${recordingHour + hour * HOUR},${60_000 + hour}.10,${60_010 + hour}.5,${59_990 + hour},${60_001 + hour},1.25`;
  const csv = (hours: readonly number[]): string =>
    `openTimeMs,open,high,low,close,volume\n${hours.map(row).join('\n')}\n`;
  const hoursTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index - count);

  it('is served before the recording; its gaps stay gaps; coarser bars only where they are whole', async () => {
    const hours = hoursTo(60).filter((hour) => hour !== -30);
    const recording = await open(generated.text, temporaryFile('BTCUSDT-1h.csv', csv([...hours, 0, 1, 2])));
    const model = replay(recording, new VirtualClock(SESSION_START_US + 5_000_000));
    const all = model.klines(BTC, '1h', { fromUs: null, toUs: null, limit: 1_000 });
    expect(all.map((bar) => (bar.openTimeUs / 1_000 - recordingHour) / HOUR)).toEqual([...hours, 0]);
    // The bar of the recording's own hour says what its trades say, not what the file knew later.
    expect(all.at(-1)?.closed).toBe(false);
    expect(all.at(-1)?.trades).toBe(model.trades(BTC, { fromId: null, limit: 1_000 }).length);
    expect(all[0]).toMatchObject({
      open: 5_994_010,
      high: 5_995_050,
      volume: 125_000_000n,
      quoteVolume: null,
      trades: null,
    });
    const four = model.klines(BTC, '4h', { fromUs: null, toUs: usFromMs(recordingHour - 4 * HOUR), limit: 1_000 });
    for (const bar of four) {
      const parts = all.filter(({ openTimeUs }) => openTimeUs >= bar.openTimeUs && openTimeUs < bar.closeTimeUs);
      expect(parts).toHaveLength(4);
      expect(bar.volume).toBe(500_000_000n);
      expect([bar.open, bar.close]).toEqual([parts[0]?.open, parts[3]?.close]);
      expect(bar.high).toBe(Math.max(...parts.map(({ high }) => high)));
    }
    expect(four.length).toBeGreaterThan(10);
    expect(model.klines(BTC, '1m', { fromUs: null, toUs: usFromMs(recordingHour), limit: 10 })).toEqual([]);
  });

  it('is read in the archive layout too, in microseconds, with all its columns', async () => {
    const archive = hoursTo(5)
      .map(
        (hour) =>
          `${(recordingHour + hour * HOUR) * 1_000},1,3,0.5,2,10.5,${(recordingHour + (hour + 1) * HOUR) * 1_000 - 1},20.25,7,4,9.125,0`,
      )
      .join('\n');
    const recording = await open(generated.text, temporaryFile('BTCUSDT-1h-2024-08.csv', archive));
    const model = replay(recording, new VirtualClock(SESSION_START_US));
    const [bar] = model.klines(BTC, '1h', { fromUs: null, toUs: usFromMs(recordingHour - 1), limit: 1 });
    expect(bar).toMatchObject({
      openTimeUs: (recordingHour - HOUR) * 1_000,
      trades: 7,
      quoteVolume: 2_025_000_000n,
      takerBuyVolume: 400_000_000n,
      takerBuyQuoteVolume: 912_500_000n,
    });
  });

  it.each([
    ['history_missing', 'BTCUSDT-1h.csv', null, 'no file'],
    ['history_empty', 'BTCUSDT-1h.csv', csv([]), 'no bar'],
    ['history_corrupt', 'BTCUSDT-1h.csv', `${csv([-3])}${row(-2).replace('1.25', 'x')}\n`, 'line 3: volume'],
    ['history_disorder', 'BTCUSDT-1h.csv', csv([-2, -3]), 'line 3: the bar of'],
    ['history_corrupt', 'BTCUSDT-1h.csv', `${csv([-3])}${row(-2)},7\n`, 'line 3: 7 columns'],
    [
      'history_off_tick',
      'BTCUSDT-1h.csv',
      `${csv([-3])}${row(-2).replace('.10', '.105')}\n`,
      'no multiple of the tick',
    ],
    ['history_impossible', 'BTCUSDT-1h.csv', `${csv([-3])}${recordingHour - HOUR},2,1,3,2,1\n`, 'enclose'],
    ['history_interval', 'BTCUSDT-1h.csv', csv([-9, -6, -3]), 'none of'],
    ['history_mismatch', 'ETHUSDT-1h-2024.csv', csv([-3, -2]), 'ETHUSDT'],
  ])('with a fault is %s (%s)', async (code, name, content, what) => {
    const path = content === null ? '/nowhere/BTCUSDT-1h.csv' : temporaryFile(name, content);
    const result = await openRecording([temporaryFile('one.ndjson', generated.text)], { historyPath: path });
    if (result.ok) throw new Error('a faulty history was taken');
    expect(result.fault.code).toBe(code);
    expect(result.fault.message).toContain(what);
  });
});
