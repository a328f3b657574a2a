import { describe, expect, it } from 'vitest';
import { barAt, emptyBarSeries, knowsFlow, sliceBarSeries, unknownBarFlow } from './bar-series.ts';
import { instrumentId } from './ids.ts';
import { inferInstrument } from './inferred-instrument.ts';

const INSTRUMENT = inferInstrument({
  id: instrumentId('BTCUSDT'),
  tick: { units: 1, scale: 2 },
  lot: { units: 1, scale: 5 },
  quote: null,
});

describe('flow of a series of bars', () => {
  it('is what is known of each bar, and null where it is not', () => {
    const flow = unknownBarFlow(2, true);
    const series = { ...emptyBarSeries(INSTRUMENT, '1h', 2, true), flow };
    expect(knowsFlow(series)).toBe(false);
    flow.takerBuyVolume[1] = 50_000_000;
    flow.bookImbalance[1] = -250_000;
    expect(knowsFlow(series)).toBe(true);
    expect(barAt(series, 0)).toMatchObject({ takerBuyVolume: null, trades: null, bookImbalance: null });
    expect(barAt(series, 1)).toMatchObject({ takerBuyVolume: 50_000_000n, trades: null, bookImbalance: -250_000 });
    expect(flow.trades.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('goes with a slice, in the same memory; a series without it has none', () => {
    const flow = unknownBarFlow(3);
    const part = sliceBarSeries({ ...emptyBarSeries(INSTRUMENT, '1h', 3), flow }, 1, 3);
    flow.trades[2] = 7;
    expect([part.length, barAt(part, 1).trades, barAt(part, 0).trades]).toEqual([2, 7, null]);
    const plain = sliceBarSeries(emptyBarSeries(INSTRUMENT, '1h', 3), 1, 3);
    expect([plain.flow, knowsFlow(plain), barAt(plain, 0).bookImbalance]).toEqual([undefined, false, null]);
  });
});
