import {
  err,
  ok,
  parseInterval,
  parsePrice,
  parseQuantity,
  parseVolume,
  price,
  quantity,
  timestampUs,
  US_PER_MS,
  usFromMs,
  type Bar,
  type BookDelta,
  type BookLevel,
  type Instrument,
  type QuoteTick,
  type Result,
  type TimestampUs,
  type TradeTick,
} from '@monsta/core';
import { FrameScanner } from './frame-scanner.ts';
import {
  Malformed,
  readArray,
  readBoolean,
  readId,
  readObject,
  readOptionalId,
  readText,
  readTimeMs,
  take,
  type JsonObject,
} from './json-reader.ts';

/** What a frame says. A forming or closed `Bar` is the exchange's own. */
export type Frame =
  | TradeTick
  | QuoteTick
  | BookDelta
  | Bar
  | { readonly kind: 'server-shutdown' }
  /** The answer to a request of ours. */
  | { readonly kind: 'reply' };

const SHUTDOWN: Frame = { kind: 'server-shutdown' };
const REPLY: Frame = { kind: 'reply' };

interface SymbolContext {
  readonly instrument: Instrument;
  /** `,"s":"BTCUSDT",` as it stands in every frame of the symbol. */
  readonly symbolField: string;
}

const PREFIX = '{"stream":"';

/**
 * Turns the text of combined-stream frames into core types, strictly. Frames laid out as Binance sends them are scanned;
 * any other goes through `JSON.parse` and is checked field by field. Both ways give the same, or the same refusal.
 *
 * Faults: `venue_protocol` (no JSON, a field missing or of another type, an unknown stream), `off_grid`,
 * `decimal_malformed`, `out_of_range`, `instrument_unknown`.
 */
export class FrameDecoder {
  readonly #contexts = new Map<string, SymbolContext>();
  readonly #scanner = new FrameScanner();
  #slowFrames = 0;

  constructor(instruments: readonly Instrument[]) {
    for (const instrument of instruments) this.use(instrument);
  }

  /** Reads an instrument's frames in its steps from here on. */
  use(instrument: Instrument): void {
    this.#contexts.set(instrument.id.toLowerCase(), { instrument, symbolField: `,"s":"${instrument.id}",` });
  }

  /** Frames that took the way through `JSON.parse`. */
  get slowFrames(): number {
    return this.#slowFrames;
  }

  /** `nowUs`: the venue's time at which the frame came in. */
  decode(text: string, nowUs: TimestampUs): Result<Frame> {
    const scanned = this.#scan(text, nowUs);
    if (scanned !== null) return ok(scanned);
    this.#slowFrames += 1;
    return this.decodeFully(text, nowUs);
  }

  /** The way of frames in an unusual layout. */
  decodeFully(text: string, nowUs: TimestampUs): Result<Frame> {
    try {
      return ok(this.#parse(text, nowUs));
    } catch (error) {
      if (error instanceof Malformed) return { ok: false, fault: error.fault };
      if (error instanceof SyntaxError)
        return err('venue_protocol', `a frame is no JSON: ${text.slice(0, 80)}`, { cause: error });
      throw error;
    }
  }

  #scan(text: string, nowUs: TimestampUs): Frame | null {
    if (!text.startsWith(PREFIX)) return null;
    const at = text.indexOf('@', PREFIX.length);
    const context = at < 0 ? undefined : this.#contexts.get(text.slice(PREFIX.length, at));
    if (context === undefined) return null;
    const scanner = this.#scanner;
    scanner.begin(text, at + 1);
    let frame: Frame;
    if (scanner.accepts('bookTicker","data":{"u":')) frame = this.#scanQuote(scanner, context, nowUs);
    else if (scanner.accepts('trade","data":{"e":"trade","E":')) frame = this.#scanTrade(scanner, context, nowUs);
    else if (scanner.accepts('depth@100ms","data":{"e":"depthUpdate","E":'))
      frame = this.#scanDepth(scanner, context, nowUs);
    else return null;
    scanner.end();
    return scanner.failed ? null : frame;
  }

  #scanQuote(scanner: FrameScanner, { instrument, symbolField }: SymbolContext, nowUs: TimestampUs): QuoteTick {
    const updateId = scanner.integer();
    scanner.literal(symbolField);
    scanner.literal('"b":');
    const bidPrice = price(scanner.steps(instrument.tick));
    scanner.literal(',"B":');
    const bidQuantity = quantity(scanner.stepsDown(instrument.lot));
    scanner.literal(',"a":');
    const askPrice = price(scanner.steps(instrument.tick));
    scanner.literal(',"A":');
    const askQuantity = quantity(scanner.stepsDown(instrument.lot));
    scanner.literal('}}');
    return {
      kind: 'quote',
      instrument: instrument.id,
      updateId,
      bidPrice,
      bidQuantity,
      askPrice,
      askQuantity,
      tsEventUs: nowUs,
      tsInitUs: nowUs,
    };
  }

  #scanTrade(scanner: FrameScanner, { instrument, symbolField }: SymbolContext, nowUs: TimestampUs): TradeTick {
    scanner.timeMs();
    scanner.literal(symbolField);
    scanner.literal('"t":');
    const tradeId = scanner.integer();
    scanner.literal(',"p":');
    const at = price(scanner.steps(instrument.tick));
    scanner.literal(',"q":');
    const size = quantity(scanner.steps(instrument.lot));
    scanner.literal(',"T":');
    const tsEventUs = timestampUs(scanner.timeMs() * US_PER_MS);
    scanner.literal(',"m":');
    const buyerIsMaker = scanner.accepts('true');
    if (!buyerIsMaker) scanner.literal('false');
    scanner.literal(',"M":');
    if (!scanner.accepts('true')) scanner.literal('false');
    scanner.literal('}}');
    return {
      kind: 'trade',
      instrument: instrument.id,
      tradeId,
      price: at,
      quantity: size,
      buyerIsMaker,
      tsEventUs,
      tsInitUs: nowUs,
    };
  }

  #scanDepth(scanner: FrameScanner, { instrument, symbolField }: SymbolContext, nowUs: TimestampUs): BookDelta {
    const tsEventUs = timestampUs(scanner.timeMs() * US_PER_MS);
    scanner.literal(symbolField);
    scanner.literal('"U":');
    const firstUpdateId = scanner.integer();
    scanner.literal(',"u":');
    const lastUpdateId = scanner.integer();
    scanner.literal(',"b":[');
    const bids = scanLevels(scanner, instrument);
    scanner.literal(',"a":[');
    const asks = scanLevels(scanner, instrument);
    scanner.literal('}}');
    if (lastUpdateId < firstUpdateId) scanner.failed = true;
    return {
      kind: 'book-delta',
      instrument: instrument.id,
      firstUpdateId,
      lastUpdateId,
      bids,
      asks,
      tsEventUs,
      tsInitUs: nowUs,
    };
  }

  #parse(text: string, nowUs: TimestampUs): Frame {
    const root = readObject(JSON.parse(text), 'a frame');
    if (root['e'] === 'serverShutdown') return SHUTDOWN;
    if (root['stream'] === undefined) {
      if ('result' in root || 'error' in root) return REPLY;
      throw new Malformed('venue_protocol', `a frame without stream: ${text.slice(0, 80)}`);
    }
    const stream = readText(root['stream'], 'stream');
    if (stream === '!serverShutdown') return SHUTDOWN;
    const separator = stream.indexOf('@');
    const context = this.#contexts.get(stream.slice(0, separator));
    if (context === undefined)
      throw new Malformed('instrument_unknown', `a frame of stream '${stream.slice(0, 40)}', which was not asked for`);
    const data = readObject(root['data'], 'data');
    if (data['e'] === 'serverShutdown') return SHUTDOWN;
    const { instrument } = context;
    if (data['s'] !== instrument.id)
      throw new Malformed('venue_protocol', `stream ${stream} carries symbol ${String(data['s']).slice(0, 20)}`);
    const type = stream.slice(separator + 1);
    if (type === 'trade') return parseTrade(data, instrument, nowUs);
    if (type === 'bookTicker') return parseQuote(data, instrument, nowUs);
    if (type === 'depth@100ms' || type === 'depth') return parseDepth(data, instrument, nowUs);
    if (type.startsWith('kline_')) return parseKline(data, instrument, nowUs);
    throw new Malformed('venue_protocol', `stream '${stream.slice(0, 40)}' was not asked for`);
  }
}

function scanLevels(scanner: FrameScanner, instrument: Instrument): BookLevel[] {
  const levels: BookLevel[] = [];
  if (scanner.accepts(']')) return levels;
  do {
    scanner.literal('[');
    const at = price(scanner.steps(instrument.tick));
    scanner.literal(',');
    const size = quantity(scanner.stepsDown(instrument.lot));
    scanner.literal(']');
    levels.push([at, size]);
  } while (!scanner.failed && scanner.accepts(','));
  scanner.literal(']');
  return levels;
}

/**
 * Levels of a book. Orders that rest since the exchange had a finer tick lie between two of today's: such a level is left out, since no price here can name it. Quantities are
 * rounded down to whole lots: orders from the time of a finer lot make sums between two lots (seen in recordings of BTCUSDT), and what is beyond the last whole lot nobody can
 * trade today.
 */
export function parseLevels(value: unknown, where: string, instrument: Instrument): BookLevel[] {
  return readArray(value, where).flatMap((entry): readonly BookLevel[] => {
    const level = readArray(entry, where);
    const at = parsePrice(readText(level[0], `${where} price`), instrument);
    if (!at.ok && at.fault.code === 'off_grid') return [];
    const size = parseQuantity(readText(level[1], `${where} quantity`), instrument, 'down');
    return [[take(at, `${where} price`), take(size, `${where} quantity`)]];
  });
}

function parseTrade(data: JsonObject, instrument: Instrument, nowUs: TimestampUs): TradeTick {
  readTimeMs(data['E'], 'trade E');
  return {
    kind: 'trade',
    instrument: instrument.id,
    tradeId: readId(data['t'], 'trade t'),
    price: take(parsePrice(readText(data['p'], 'trade p'), instrument), 'trade p'),
    quantity: take(parseQuantity(readText(data['q'], 'trade q'), instrument), 'trade q'),
    buyerIsMaker: readBoolean(data['m'], 'trade m'),
    tsEventUs: usFromMs(readTimeMs(data['T'], 'trade T')),
    tsInitUs: nowUs,
  };
}

function parseQuote(data: JsonObject, instrument: Instrument, nowUs: TimestampUs): QuoteTick {
  return {
    kind: 'quote',
    instrument: instrument.id,
    updateId: readId(data['u'], 'bookTicker u'),
    bidPrice: take(parsePrice(readText(data['b'], 'bookTicker b'), instrument), 'bookTicker b'),
    bidQuantity: take(parseQuantity(readText(data['B'], 'bookTicker B'), instrument, 'down'), 'bookTicker B'),
    askPrice: take(parsePrice(readText(data['a'], 'bookTicker a'), instrument), 'bookTicker a'),
    askQuantity: take(parseQuantity(readText(data['A'], 'bookTicker A'), instrument, 'down'), 'bookTicker A'),
    tsEventUs: nowUs,
    tsInitUs: nowUs,
  };
}

function parseDepth(data: JsonObject, instrument: Instrument, nowUs: TimestampUs): BookDelta {
  const firstUpdateId = readId(data['U'], 'depth U');
  const lastUpdateId = readId(data['u'], 'depth u');
  if (lastUpdateId < firstUpdateId)
    throw new Malformed('venue_protocol', `depth u ${lastUpdateId} lies before U ${firstUpdateId}`);
  return {
    kind: 'book-delta',
    instrument: instrument.id,
    firstUpdateId,
    lastUpdateId,
    bids: parseLevels(data['b'], 'depth b', instrument),
    asks: parseLevels(data['a'], 'depth a', instrument),
    tsEventUs: usFromMs(readTimeMs(data['E'], 'depth E')),
    tsInitUs: nowUs,
  };
}

function parseKline(data: JsonObject, instrument: Instrument, nowUs: TimestampUs): Bar {
  const k = readObject(data['k'], 'kline k');
  const interval = take(parseInterval(readText(k['i'], 'kline i')), 'kline i');
  const at = (key: string) => take(parsePrice(readText(k[key], `kline ${key}`), instrument), `kline ${key}`);
  const volume = (key: string) => take(parseVolume(readText(k[key], `kline ${key}`)), `kline ${key}`);
  const closed = readBoolean(k['x'], 'kline x');
  const closeTimeUs = usFromMs(readTimeMs(k['T'], 'kline T') + 1);
  return {
    kind: 'bar',
    instrument: instrument.id,
    interval,
    openTimeUs: usFromMs(readTimeMs(k['t'], 'kline t')),
    closeTimeUs,
    open: at('o'),
    high: at('h'),
    low: at('l'),
    close: at('c'),
    volume: volume('v'),
    quoteVolume: volume('q'),
    takerBuyVolume: volume('V'),
    takerBuyQuoteVolume: volume('Q'),
    trades: readId(k['n'], 'kline n'),
    firstTradeId: readOptionalId(k['f'], 'kline f'),
    lastTradeId: readOptionalId(k['L'], 'kline L'),
    bookImbalance: null,
    closed,
    tsEventUs: closed ? closeTimeUs : usFromMs(readTimeMs(data['E'], 'kline E')),
    tsInitUs: nowUs,
  };
}
