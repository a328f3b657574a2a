import { emptyTradeSeries, inferInstrument, instrumentId, type TradeSeries } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TradeQualityCount } from './trade-quality.ts';

const BTC = inferInstrument({
  id: instrumentId('BTCUSDT'),
  tick: { units: 1, scale: 2 },
  lot: { units: 1, scale: 8 },
  quote: null,
});

function trades(ids: readonly number[], priceOf: (id: number) => number = () => 100): TradeSeries {
  const series = emptyTradeSeries(BTC, ids.length);
  ids.forEach((id, row) => {
    series.tradeId[row] = id;
    series.timeUs[row] = id * 10;
    series.price[row] = priceOf(id);
  });
  return series;
}

function quality(pieces: readonly TradeSeries[]): ReturnType<TradeQualityCount['result']> {
  const count = new TradeQualityCount(2);
  for (const piece of pieces) count.take(piece);
  return count.result();
}

describe('the quality of trades', () => {
  it('counts ids that are missing, the longest gaps first, and prices that jump', () => {
    const found = quality([trades([3, 4, 9, 10, 12, 20], (id) => (id === 10 ? 1_000 : 100))]);
    expect(found).toEqual({
      ...{ trades: 6, firstId: 3, lastId: 20, firstUs: 30, lastUs: 200 },
      gaps: {
        count: 3,
        missing: 12,
        examples: [
          { beforeId: 12, afterId: 20, beforeUs: 120, afterUs: 200, missing: 7 },
          { beforeId: 4, afterId: 9, beforeUs: 40, afterUs: 90, missing: 4 },
        ],
      },
      jumps: {
        count: 2,
        examples: [
          { tradeId: 10, timeUs: 100, ratio: 10 },
          { tradeId: 12, timeUs: 120, ratio: 0.1 },
        ],
      },
    });
  });

  it('is the same in whatever pieces they come', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 60 }), { maxLength: 30 }), fc.nat({ max: 30 }), (ids, cut) => {
        const sorted = ids.toSorted((left, right) => left - right);
        const pieces = [sorted.slice(0, cut), [], sorted.slice(cut)].map((part) => trades(part));
        expect(quality(pieces)).toEqual(quality([trades(sorted)]));
      }),
    );
  });

  it('of none is that of none', () => {
    expect(quality([])).toMatchObject({ trades: 0, firstId: null, lastId: null, lastUs: null, gaps: { count: 0 } });
  });
});
