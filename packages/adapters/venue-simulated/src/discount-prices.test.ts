import {
  accountId,
  amount,
  assetId,
  expectOk,
  instrumentId,
  MS_PER_DAY,
  price,
  quantity,
  type AssetId,
  type Decimal,
  type Instrument,
  type OrderSide,
} from '@monsta/core';
import type { Exchange } from '@monsta/matching';
import { VirtualClock } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import { discountAmong, DiscountPrices } from './discount-prices.ts';
import { EPOCH_MS, SIMULATED_PROFILES } from './profiles.ts';
import { createSimulatedExchange } from './simulated-exchange.ts';

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

it('the fee follows the last trade of BNB', () => {
  const clock = new VirtualClock((EPOCH_MS + 65 * MS_PER_DAY) * 1_000);
  const model = createSimulatedExchange({ seed: 1, clock });
  const { trading } = model;
  if (trading === null) throw new Error('orders can be placed on it');
  trading.advance();
  const { exchange } = trading;
  const account = accountId('whale');
  const free = amount(10n ** 30n);
  const assets = ['USDT', 'BTC', 'BNB'].map((asset) => assetId(asset));
  exchange.addAccount(account, {
    balances: assets.map((asset) => ({ asset, free })),
    fees: { makerPpm: 1_000, takerPpm: 1_000 },
    paysInDiscountAsset: true,
  });
  const take = (symbol: string, side: OrderSide, limit: number, lots: number): void => {
    const terms = { quoteOrderQuantity: null, stopPrice: null, trailingDelta: null, icebergQuantity: null };
    const plain = { ...terms, selfTradeMode: null, strategyId: null, strategyType: null, clientOrderId: null };
    const order = {
      ...plain,
      type: 'LIMIT',
      timeInForce: 'ioc',
      price: price(limit),
      quantity: quantity(lots),
    } as const;
    expectOk(exchange.place({ ...order, account, symbol: instrumentId(symbol), side }, clock.nowUs()));
  };
  const held = (asset: string): bigint =>
    exchange.positions(account).find((each) => each.asset === assetId(asset))?.free ?? 0n;
  const lastOf = (symbol: string): number => exchange.lastPrice(instrumentId(symbol)) ?? 0;
  const before = lastOf('BNBUSDT');
  take('BNBUSDT', 'buy', before + 2_000, 9_000_000);
  const last = lastOf('BNBUSDT');
  expect(last).toBeGreaterThan(before + 500);
  const [money, coins] = [held('USDT'), held('BNB')];
  take('BTCUSDT', 'sell', lastOf('BTCUSDT') - 10_000, 100);
  const received = held('USDT') - money;
  const fee = (coins - held('BNB')) / 10n ** 10n;
  // In the eighth digit: a thousandth, a quarter less, at so many cents a BNB; rounded up once for each fill.
  const worth = (received * 75n * 100n) / (BigInt(last) * 10n ** 15n);
  expect(received).toBeGreaterThan(0n);
  expect(fee - worth).toBeGreaterThanOrEqual(0n);
  expect(fee - worth).toBeLessThan(4n);
  model.close();
});
