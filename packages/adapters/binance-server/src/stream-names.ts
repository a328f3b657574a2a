import { instrumentId, parseInterval, type InstrumentId, type Interval } from '@monsta/core';

/** What a stream's name asks for. */
export type StreamKind =
  | { readonly kind: 'trade' | 'aggTrade' | 'bookTicker' | 'ticker' | 'miniTicker' }
  | { readonly kind: 'kline'; readonly interval: Interval }
  | { readonly kind: 'depth'; readonly everyMs: 100 | 1000 }
  | { readonly kind: 'partial-depth'; readonly levels: 5 | 10 | 20; readonly everyMs: 100 | 1000 };

export interface StreamName {
  readonly instrument: InstrumentId;
  readonly stream: StreamKind;
}

const SYMBOL = /^[a-z0-9\-_.]{1,20}$/;
const DEPTH = /^depth(5|10|20)?(@100ms|@1000ms)?$/;
const PLAIN = ['trade', 'aggTrade', 'bookTicker', 'ticker', 'miniTicker'] as const;

function parseKind(text: string): StreamKind | null {
  const plain = PLAIN.find((kind) => kind === text);
  if (plain !== undefined) return { kind: plain };
  if (text.startsWith('kline_')) {
    const interval = parseInterval(text.slice('kline_'.length));
    return interval.ok ? { kind: 'kline', interval: interval.value } : null;
  }
  const depth = DEPTH.exec(text);
  if (depth === null) return null;
  const everyMs = depth[2] === '@100ms' ? 100 : 1000;
  if (depth[1] === undefined) return { kind: 'depth', everyMs };
  return { kind: 'partial-depth', levels: depth[1] === '5' ? 5 : depth[1] === '10' ? 10 : 20, everyMs };
}

/** `btcusdt@depth20@100ms` and the like; symbols in small letters, as Binance wants them. Null for a name that no stream has. */
export function parseStreamName(name: string): StreamName | null {
  const at = name.indexOf('@');
  if (at < 1) return null;
  const symbol = name.slice(0, at);
  if (!SYMBOL.test(symbol)) return null;
  const stream = parseKind(name.slice(at + 1));
  return stream === null ? null : { instrument: instrumentId(symbol.toUpperCase()), stream };
}
