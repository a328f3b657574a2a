import { describe, expect, it } from 'vitest';
import { KLINE_INTERVALS } from './kline-intervals.ts';
import { parseStreamName } from './stream-names.ts';

describe('stream names', () => {
  it.each([
    ['btcusdt@trade', { kind: 'trade' }],
    ['btcusdt@aggTrade', { kind: 'aggTrade' }],
    ['btcusdt@avgPrice', { kind: 'avgPrice' }],
    ['btcusdt@referencePrice', { kind: 'silent' }],
    ['btcusdt@blockTrade', { kind: 'silent' }],
    ['btcusdt@miniTicker', { kind: 'miniTicker' }],
    ['btcusdt@ticker', { kind: 'ticker' }],
    ['btcusdt@ticker_4h', { kind: 'window-ticker', window: '4h' }],
    ['btcusdt@kline_4h', { kind: 'kline', grid: { interval: '4h', offsetUs: 0 } }],
    ['btcusdt@kline_1M@+08:00', { kind: 'kline', grid: { interval: '1M', offsetUs: 28_800_000_000 } }],
    ['btcusdt@depth', { kind: 'depth', everyMs: 1000 }],
    ['btcusdt@depth@100ms', { kind: 'depth', everyMs: 100 }],
    ['btcusdt@depth20', { kind: 'partial-depth', levels: 20, everyMs: 1000 }],
    ['btcusdt@depth5@100ms', { kind: 'partial-depth', levels: 5, everyMs: 100 }],
  ])('%s is understood', (name, stream) => {
    expect(parseStreamName(name)).toMatchObject({ instrument: 'BTCUSDT', stream });
  });

  it.each([
    ['!miniTicker@arr', { kind: 'miniTicker' }],
    ['!ticker@arr', { kind: 'ticker' }],
    ['!ticker_1h@arr', { kind: 'window-ticker', window: '1h' }],
    ['!ticker_1d@arr', { kind: 'window-ticker', window: '1d' }],
  ])('%s is of all symbols', (name, stream) => {
    expect(parseStreamName(name)).toEqual({ instrument: null, stream });
  });

  it('there are of each of the sixteen intervals', () => {
    expect(KLINE_INTERVALS).toHaveLength(16);
    for (const interval of KLINE_INTERVALS) {
      expect(parseStreamName(`bnbbtc@kline_${interval}`)).toMatchObject({
        stream: { kind: 'kline', grid: { interval } },
      });
    }
  });

  it.each([
    '',
    '@trade',
    'btcusdt',
    'btcusdt@',
    'BTCUSDT@trade',
    'btcusdt@aggtrade',
    'btcusdt@kline_7m',
    'btcusdt@kline_1H',
    'btcusdt@kline_1h@+09:00',
    'btcusdt@depth7',
    'btc/usdt@trade',
    'btcusdt@trade@100ms',
    'btcusdt@ticker_2h',
    '!ticker',
    '!ticker_2h@arr',
    '!trade@arr',
    '!serverShutdown',
  ])("'%s' is no stream", (name) => {
    expect(parseStreamName(name)).toBeNull();
  });
});
