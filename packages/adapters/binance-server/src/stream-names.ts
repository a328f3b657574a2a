import { instrumentId, MS_PER_DAY, MS_PER_HOUR, type InstrumentId } from '@monsta/core';
import { KlineGrid, parseKlineInterval } from './kline-intervals.ts';

/** Rolling windows that have streams of their own. */
const TICKER_WINDOW_MS = { '1h': MS_PER_HOUR, '4h': 4 * MS_PER_HOUR, '1d': MS_PER_DAY } as const;
export type TickerWindow = keyof typeof TICKER_WINDOW_MS;
export const tickerWindowMs = (window: TickerWindow): number => TICKER_WINDOW_MS[window];

/** Statistics that one symbol has a stream of, and all symbols together another. */
export type TickerKind =
  | { readonly kind: 'ticker' | 'miniTicker' }
  | { readonly kind: 'window-ticker'; readonly window: TickerWindow };

/** What a stream of one symbol asks for. */
export type StreamKind =
  | { readonly kind: 'trade' | 'aggTrade' | 'bookTicker' | 'avgPrice' }
  /** Known streams in which nothing ever happens here: no block trades, no reference prices. */
  | { readonly kind: 'silent' }
  | TickerKind
  | { readonly kind: 'kline'; readonly grid: KlineGrid }
  | { readonly kind: 'depth'; readonly everyMs: 100 | 1000 }
  | { readonly kind: 'partial-depth'; readonly levels: 5 | 10 | 20; readonly everyMs: 100 | 1000 };

export type StreamName =
  | { readonly instrument: InstrumentId; readonly stream: StreamKind }
  /** `!miniTicker@arr` and the like: one frame with all symbols that changed. */
  | { readonly instrument: null; readonly stream: TickerKind };

const SYMBOL = /^[a-z0-9\-_.]{1,20}$/;
const DEPTH = /^depth(5|10|20)?(@100ms|@1000ms)?$/;
const KLINE = /^kline_([0-9]{1,2}[smhdwM])(@\+08:00)?$/;
const TICKER = /^(?:(ticker|miniTicker)|ticker_(1h|4h|1d))$/;
const PLAIN = ['trade', 'aggTrade', 'bookTicker', 'avgPrice'] as const;
const SILENT: readonly string[] = ['blockTrade', 'referencePrice'];
const EIGHT_HOURS_US = 8 * MS_PER_HOUR * 1_000;

function parseTicker(text: string): TickerKind | null {
  const [matched, plain, window] = TICKER.exec(text) ?? [];
  if (matched === undefined) return null;
  if (plain === 'ticker' || plain === 'miniTicker') return { kind: plain };
  return { kind: 'window-ticker', window: window === '1h' || window === '4h' ? window : '1d' };
}

function parseKind(text: string): StreamKind | null {
  const plain = PLAIN.find((kind) => kind === text);
  if (plain !== undefined) return { kind: plain };
  if (SILENT.includes(text)) return { kind: 'silent' };
  const ticker = parseTicker(text);
  if (ticker !== null) return ticker;
  const kline = KLINE.exec(text);
  if (kline !== null) {
    const interval = parseKlineInterval(kline[1] ?? '');
    const offsetUs = kline[2] === undefined ? 0 : EIGHT_HOURS_US;
    return interval === null ? null : { kind: 'kline', grid: new KlineGrid(interval, offsetUs) };
  }
  const depth = DEPTH.exec(text);
  if (depth === null) return null;
  const everyMs = depth[2] === '@100ms' ? 100 : 1000;
  if (depth[1] === undefined) return { kind: 'depth', everyMs };
  return { kind: 'partial-depth', levels: depth[1] === '5' ? 5 : depth[1] === '10' ? 10 : 20, everyMs };
}

/** `btcusdt@depth20@100ms`, `!ticker_1h@arr` and the like; symbols in small letters, as Binance wants them. Null for a name that no stream has. */
export function parseStreamName(name: string): StreamName | null {
  if (name.startsWith('!')) {
    const ticker = name.endsWith('@arr') ? parseTicker(name.slice(1, -'@arr'.length)) : null;
    return ticker === null ? null : { instrument: null, stream: ticker };
  }
  const at = name.indexOf('@');
  if (at < 1) return null;
  const symbol = name.slice(0, at);
  if (!SYMBOL.test(symbol)) return null;
  const stream = parseKind(name.slice(at + 1));
  return stream === null ? null : { instrument: instrumentId(symbol.toUpperCase()), stream };
}
