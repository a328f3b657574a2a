import { existsSync } from 'node:fs';
import { expectOk, instrumentId, type InstrumentTerms, type MarketEvent } from '@monsta/core';
import { OrderBook } from '@monsta/market-data';
import { describe, expect, it } from 'vitest';
import { openRecordedTicks, type RecordedTicks } from './recorded-events.ts';
import { generateRecording, temporaryFile } from './recording.test-support.ts';

const BTC: InstrumentTerms = {
  id: instrumentId('BTCUSDT'),
  tick: null,
  lot: { units: 1, scale: 8 },
  quote: null,
};
const generated = generateRecording({ seconds: 20 });

async function open(lines: readonly string[], terms = BTC): Promise<RecordedTicks> {
  const [ticks] = expectOk(await openRecordedTicks([temporaryFile('one.ndjson', `${lines.join('\n')}\n`)], [terms]));
  if (ticks === undefined) throw new Error('no ticks');
  return ticks;
}

/** The book's best bid and ask beside those of the quote of the same update; and where the feed said that it has a hole. */
function bestPrices(events: Iterable<MarketEvent>): { pairs: (readonly [number[], number[]])[]; gaps: string[] } {
  const book = new OrderBook(BTC.id);
  const pairs: (readonly [number[], number[]])[] = [];
  const gaps: string[] = [];
  const quotes = new Map<number, number[]>();
  let known = false;
  for (const event of events) {
    if (event.kind === 'quote') {
      quotes.set(event.updateId, [event.bidPrice, event.askPrice]);
      if (event.updateId !== book.lastUpdateId || !known) continue;
    } else if (event.kind === 'book-delta') book.apply(event);
    else if (event.kind === 'book-snapshot') {
      book.load(event);
      known = true;
      continue;
    } else {
      if (event.kind === 'feed') {
        gaps.push(event.reason ?? '');
        known = false;
      }
      continue;
    }
    // Either may be told first: the same update id is the same moment.
    const quote = quotes.get(book.lastUpdateId);
    quotes.delete(book.lastUpdateId);
    if (quote !== undefined) pairs.push([[book.bestBid()?.[0] ?? 0, book.bestAsk()?.[0] ?? 0], quote]);
  }
  return { pairs, gaps };
}

describe('recorded ticks for a backtest', () => {
  it('are all trades and quotes in the order they were told, never before they happened', async () => {
    const ticks = await open(generated.lines);
    const events = [...ticks.events()];
    expect(ticks.instrument).toMatchObject({ id: 'BTCUSDT', quote: 'USDT', tick: { units: 1, scale: 2 } });
    expect(events.filter(({ kind }) => kind === 'trade')).toHaveLength(generated.payloads.trade.length);
    expect(events.filter(({ kind }) => kind === 'quote')).toHaveLength(generated.payloads.bookTicker.length);
    expect([ticks.trades, ticks.bookSnapshots]).toEqual([generated.payloads.trade.length, 1]);
    for (const [index, event] of events.entries()) {
      expect(event.tsInitUs).toBeGreaterThanOrEqual(event.tsEventUs);
      expect(event.tsInitUs).toBeGreaterThanOrEqual(events[index - 1]?.tsInitUs ?? 0);
    }
    expect([...ticks.events()]).toEqual(events);
  });

  it('give a book that has the recorded best prices, from its snapshot on', async () => {
    const { pairs, gaps } = bestPrices((await open(generated.lines)).events());
    expect(pairs.length).toBeGreaterThan(150);
    for (const [book, quote] of pairs) expect(book).toEqual(quote);
    expect(gaps).toEqual([]);
    const none = await open(generateRecording({ seconds: 5, snapshot: false }).lines);
    expect([...none.events()].some(({ kind }) => kind.startsWith('book'))).toBe(false);
  });

  it('tell of a hole, and no change of the book behind it', async () => {
    const hole = generated.lines.filter((line, index) => index < 200 || index > 220 || !line.includes('@depth'));
    const { pairs, gaps } = bestPrices((await open(hole)).events());
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toMatch(/^updates \d+ to \d+ are not in the recording$/);
    for (const [book, quote] of pairs) expect(book).toEqual(quote);
  });

  it('are refused in steps that are too coarse for them, and of instruments that are not in them', async () => {
    const path = temporaryFile('one.ndjson', generated.text);
    const codeFor = async (terms: Partial<InstrumentTerms>): Promise<string> => {
      const result = await openRecordedTicks([path], [{ ...BTC, ...terms }]);
      return result.ok ? 'none' : result.fault.code;
    };
    expect(await codeFor({ tick: { units: 1, scale: 1 } })).toBe('ticks_off_tick');
    expect(await codeFor({ tick: { units: 5, scale: 3 } })).toBe('none');
    expect(await codeFor({ lot: { units: 1, scale: 0 } })).toBe('ticks_off_lot');
    expect(await codeFor({ id: instrumentId('ETHUSDT') })).toBe('ticks_mismatch');
    expect((await openRecordedTicks(['/nowhere'], [BTC])).ok).toBe(false);
  });
});

const REAL = ['20240808', '20240809'].map((day) => `../shared/data/binance-spot-btcusdt-${day}.ndjson.gz`);
describe.skipIf(!REAL.every((path) => existsSync(path)))(`the real ticks (skipped where ${REAL[0]} is absent)`, () => {
  it('give one book over both files, with the best prices that the exchange told', async () => {
    const [ticks] = expectOk(await openRecordedTicks(REAL, [BTC]));
    if (ticks === undefined) throw new Error('no ticks');
    const { pairs, gaps } = bestPrices(ticks.events());
    expect(gaps).toEqual([]);
    expect(pairs.length).toBeGreaterThan(1_000);
    for (const [book, quote] of pairs) expect(book).toEqual(quote);
  }, 60_000);
});
