import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { instrumentId, timestampUs, type Instrument } from '@monsta/core';
import { BookSynchroniser, OrderBook } from '@monsta/market-data';
import { decodeDepth, FrameDecoder, readExchangeListing } from '@monsta/venue-binance';
import type { BenchOptions, BenchReport } from './report.ts';

const DATA = join(import.meta.dirname, '../../shared/data');
const FILES = ['binance-spot-btcusdt-20240808.ndjson.gz', 'binance-spot-btcusdt-20240809.ndjson.gz'];
const NEWLINE = 10;
const SPACE = 32;
/** The exchange's clock at the start of the recording; what a frame's arrival is stamped with here. */
const NOW_US = timestampUs(1_723_161_255_000_000);

const EXCHANGE_INFO = {
  symbols: [
    {
      symbol: 'BTCUSDT',
      status: 'TRADING',
      baseAsset: 'BTC',
      baseAssetPrecision: 8,
      quoteAsset: 'USDT',
      quotePrecision: 8,
      filters: [
        { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '1000000.00', tickSize: '0.01000000' },
        { filterType: 'LOT_SIZE', minQty: '0.00001000', maxQty: '9000.00000000', stepSize: '0.00001000' },
      ],
    },
  ],
};

/** Calls `visit` with the JSON of each recorded line, as text: what both sides of the comparison start from. */
function eachLine(bytes: Buffer, visit: (json: string) => void): number {
  let lines = 0;
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    if (end > start) {
      visit(bytes.toString('utf8', bytes.indexOf(SPACE, start) + 1, end));
      lines += 1;
    }
    start = end + 1;
  }
  return lines;
}

interface Outcome {
  readonly lines: number;
  readonly trades: number;
  readonly quotes: number;
  readonly deltas: number;
  readonly lastUpdateId: number;
}

/** From bytes to normalised events and a book that is in step. */
function collect(bytes: Buffer, instrument: Instrument): Outcome {
  const decoder = new FrameDecoder([instrument]);
  const book = new OrderBook(instrument.id);
  const synchroniser = new BookSynchroniser(book);
  let trades = 0;
  let quotes = 0;
  let deltas = 0;
  const lines = eachLine(bytes, (json) => {
    const decoded = decoder.decode(json, NOW_US);
    if (!decoded.ok) {
      // The REST snapshot stands among the frames.
      if (!json.startsWith('{"lastUpdateId"')) throw new Error(decoded.fault.message);
      synchroniser.onSnapshot(decodeDepth(JSON.parse(json), instrument, NOW_US));
      return;
    }
    const frame = decoded.value;
    if (frame.kind === 'trade') trades += 1;
    else if (frame.kind === 'quote') quotes += 1;
    else if (frame.kind === 'book-delta') {
      deltas += 1;
      const outcome = synchroniser.onDelta(frame);
      if (outcome === 'gap' || outcome === 'crossed') throw new Error(`the book fell out of step: ${outcome}`);
    }
  });
  if (!synchroniser.inStep) throw new Error('the book never came in step');
  return { lines, trades, quotes, deltas, lastUpdateId: book.lastUpdateId };
}

/** Messages a second from the recording's bytes to events and book, beside `JSON.parse` of the same lines, in turns. */
export async function run(options: BenchOptions): Promise<BenchReport> {
  const title = 'Price collector: recorded bytes to normalised events and order book';
  const paths = FILES.map((name) => join(DATA, name));
  const absent = paths.filter((path) => !existsSync(path));
  if (absent.length > 0)
    return { title, cases: [], comparisons: [], facts: {}, skipped: `absent: ${absent.join(', ')}` };
  const bytes = Buffer.concat(paths.map((path) => gunzipSync(readFileSync(path))));
  const instrument = readExchangeListing(EXCHANGE_INFO, NOW_US).symbols.get(instrumentId('BTCUSDT'))?.instrument;
  if (instrument === undefined) throw new Error('no instrument');
  let kept = 0;
  const parse = (): number =>
    eachLine(bytes, (json) => {
      // Something of the result is used, so that the parse can't be left out.
      if (JSON.parse(json) !== null) kept += 1;
    });
  const rate = (work: () => number): number => {
    const start = performance.now();
    const lines = work();
    return (lines / (performance.now() - start)) * 1_000;
  };
  const split = (): number => eachLine(bytes, (json) => (kept += json.length));
  let outcome = collect(bytes, instrument);
  parse();
  split();
  const collecting: number[] = [];
  const parsing: number[] = [];
  const splitting: number[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    collecting.push(
      rate(() => {
        outcome = collect(bytes, instrument);
        return outcome.lines;
      }),
    );
    parsing.push(rate(parse));
    splitting.push(rate(split));
    options.log(`round ${round + 1} of ${options.rounds}`);
    // Lets the collector of garbage and the log have their turn outside the measurement.
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
  const unit = 'messages/s';
  return {
    title,
    cases: [
      { name: 'bytes to events and book', unit, better: 'higher', samples: collecting },
      { name: 'bytes to JSON.parse', unit, better: 'higher', samples: parsing },
      { name: 'bytes to lines of text only', unit, better: 'higher', samples: splitting },
    ],
    comparisons: [{ case: 'bytes to events and book', baseline: 'bytes to JSON.parse', aimAtMost: 2 }],
    facts: { bytes: bytes.length, ...outcome, used: kept > 0 },
    skipped: null,
  };
}
