import { assetId, instrumentId, price, type AssetId, type Decimal, type Instrument } from '@monsta/core';
import type { Exchange } from '@monsta/matching';
import { describe, expect, it } from 'vitest';
import { discountAmong, DiscountPrices } from './discount-prices.ts';
import { SIMULATED_PROFILES } from './profiles.ts';

const instruments = SIMULATED_PROFILES.map(({ symbol }) => symbol.instrument);
const named = (id: string): Instrument => {
  const found = instruments.find((each) => each.id === instrumentId(id));
  if (found === undefined) throw new Error(`${id} is simulated`);
  return found;
};

describe('what a BNB costs', () => {
  const told = new Map<AssetId, Decimal>();
  const exchange: Pick<Exchange, 'setDiscountPrice'> = {
    setDiscountPrice: (asset, decimal) => void told.set(asset, decimal),
  };
  const prices = new DiscountPrices(exchange, named('BNBUSDT'));

  it('is not known of any asset before BNB was traded', () => {
    prices.traded(named('BTCUSDT'), price(6_000_000));
    expect([...told]).toEqual([]);
  });

  it('is its own price in money, and in other assets what both cost, rounded down', () => {
    prices.traded(named('BNBUSDT'), price(64_001));
    prices.traded(named('XRPUSDT'), price(5_000));
    expect([...told]).toEqual([
      [assetId('USDT'), { units: 64_001n, scale: 2 }],
      // 640.01 / 60,000 = 0.010666833…
      [assetId('BTC'), { units: 1_066_683n, scale: 8 }],
      // 640.01 / 0.5
      [assetId('XRP'), { units: 128_002_000_000n, scale: 8 }],
    ]);
  });

  it('follows both markets', () => {
    prices.traded(named('BTCUSDT'), price(3_200_050));
    expect(told.get(assetId('BTC'))).toEqual({ units: 2_000_000n, scale: 8 });
    prices.traded(named('BNBUSDT'), price(32_000));
    expect(told.get(assetId('BTC'))).toEqual({ units: 999_984n, scale: 8 });
    expect(told.get(assetId('USDT'))).toEqual({ units: 32_000n, scale: 2 });
  });

  it('is asked of nobody where BNB has no market', () => {
    expect(discountAmong([named('BTCUSDT')])).toBeNull();
    expect(discountAmong(instruments)).toMatchObject({ discount: { asset: 'BNB', payPpm: 750_000 } });
  });
});
