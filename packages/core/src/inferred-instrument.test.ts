import { describe, expect, it } from 'vitest';
import { assetId, instrumentId } from './ids.ts';
import { inferInstrument } from './inferred-instrument.ts';

const steps = { tick: { units: 1, scale: 2 }, lot: { units: 1, scale: 8 } };

describe('an instrument of which only the name is known', () => {
  it('has the quote asset that its name ends in', () => {
    expect(inferInstrument({ id: instrumentId('ETHBTC'), ...steps, quote: null })).toMatchObject({
      base: 'ETH',
      quote: 'BTC',
    });
  });

  it('has the quote asset that is given, which need not be in the name', () => {
    expect(inferInstrument({ id: instrumentId('GOOG'), ...steps, quote: assetId('USD') })).toMatchObject({
      base: 'GOOG',
      quote: 'USD',
    });
    expect(inferInstrument({ id: instrumentId('XYZDOT'), ...steps, quote: assetId('DOT') })).toMatchObject({
      base: 'XYZ',
      quote: 'DOT',
    });
  });
});
