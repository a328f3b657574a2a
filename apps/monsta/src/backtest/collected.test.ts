import { backtestSpecSchema } from '@monsta/contracts';
import { assetId, expectOk, ok, price, timestampUs, US_PER_MS, type Bar } from '@monsta/core';
import type { BarQuery, MarketHistory } from '@monsta/ports';
import { sampleInstrument } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import { collectedSeries } from './collected.ts';

const instrument = sampleInstrument();
const HOUR_MS = 3_600_000;
const T0 = 1_723_000_000_000 - (1_723_000_000_000 % HOUR_MS);

const barAtIndex = (index: number, closed: boolean): Bar => {
  const openTimeUs = timestampUs((T0 + index * HOUR_MS) * US_PER_MS);
  const closeTimeUs = timestampUs((T0 + (index + 1) * HOUR_MS) * US_PER_MS);
  return {
    kind: 'bar',
    instrument: instrument.id,
    interval: '1h',
    openTimeUs,
    closeTimeUs,
    open: price(1_000 + index),
    high: price(1_010 + index),
    low: price(990 + index),
    close: price(1_005 + index),
    volume: BigInt(index) * 100_000_000n,
    quoteVolume: null,
    takerBuyVolume: null,
    takerBuyQuoteVolume: null,
    trades: null,
    firstTradeId: null,
    lastTradeId: null,
    bookImbalance: null,
    closed,
    tsEventUs: closeTimeUs,
    tsInitUs: closeTimeUs,
  };
};

/** So many bars, the newest forming. */
function held(count: number): MarketHistory {
  const bars = Array.from({ length: count }, (_, index) => barAtIndex(index, index < count - 1));
  const refused = () => Promise.reject(new Error('nobody asks for this'));
  return {
    instruments: () => Promise.resolve(ok([instrument])),
    bars: ({ limit, beforeUs }: BarQuery) =>
      Promise.resolve(ok(bars.filter(({ openTimeUs }) => openTimeUs < (beforeUs ?? Infinity)).slice(-limit))),
    trades: refused,
    book: refused,
    feeds: refused,
    venueTimeUs: refused,
  };
}

const spec = (more: object = {}) =>
  backtestSpecSchema.parse({
    strategy: 'ema-cross',
    data: { kind: 'collected' },
    instruments: [instrument.id],
    interval: '1h',
    ...more,
  });

const collected = (asked: ReturnType<typeof spec>, history: MarketHistory) =>
  collectedSeries(asked, assetId('USDT'), history);

describe('bars that the running program holds', () => {
  it('are its closed ones, all pages of them, in the instrument’s own ticks', async () => {
    const series = expectOk(await collected(spec(), held(20_011)));
    expect(series).toHaveLength(1);
    const [bars] = series;
    expect(bars).toMatchObject({ length: 20_010, interval: '1h', instrument: { id: instrument.id, quote: 'USDT' } });
    expect(bars?.instrument.tick).toEqual(instrument.tick);
    expect([bars?.openTimeMs[0], bars?.close[7], bars?.volume[7]]).toEqual([T0, 1_012, 700_000_000]);
    expect(bars?.openTimeMs.at(-1)).toBe(T0 + 20_009 * HOUR_MS);
  });

  it('end where they are asked to', async () => {
    const series = expectOk(await collected(spec({ toMs: T0 + 3 * HOUR_MS }), held(10)));
    expect([...(series[0]?.openTimeMs ?? [])]).toEqual([T0, T0 + HOUR_MS, T0 + 2 * HOUR_MS]);
  });

  it.each([
    [{ instruments: ['NOPEUSDT'] }, 10, 'backtest_data'],
    [{ tick: '0.5' }, 10, 'backtest_data'],
    [{}, 1, 'backtest_data'],
    [{ interval: null }, 10, 'backtest_spec'],
  ])('are refused with words where %j has none', async (more, count, code) => {
    expect(await collected(spec(more), held(count))).toMatchObject({ ok: false, fault: { code } });
  });
});
