import { assetId, clientOrderId, formatAmount, price, quantity, timestampUs } from '@monsta/core';
import { describe, expect, test } from 'vitest';
import { FeedMatching } from './feed-matching.ts';
import { DEFAULT_FILL_MODEL, type FillModel } from './fill-model.ts';
import { BTCUSDT, NOTHING, orderOf, quoteAt, tradeAt, usdt } from './market.test-support.ts';
import { VenueAccount } from './venue-account.ts';

const USDT = assetId('USDT');
const BTC = assetId('BTC');

function market(model: Partial<FillModel> = {}, money = '10000', coins = '0'): FeedMatching {
  const engine = new FeedMatching({ ...DEFAULT_FILL_MODEL, ...model }, new VenueAccount());
  engine.setInstruments([BTCUSDT]);
  engine.open([
    { asset: BTC, free: usdt(coins), locked: NOTHING },
    { asset: USDT, free: usdt(money), locked: NOTHING },
  ]);
  return engine;
}

const kinds = (changes: readonly { readonly kind: string }[]): string[] => changes.map(({ kind }) => kind);

describe('a market order', () => {
  test('buys at the ask plus slippage rounded up to the tick, and pays its fee in what it receives', () => {
    const engine = market();
    engine.observe(quoteAt(6_000_000, 6_000_001, 1_000));
    const changes = engine.submit(orderOf('a'));
    expect(kinds(changes)).toEqual(['accepted', 'filled']);
    // 60000.01 × 1.00005 = 60003.0100005 → 60003.02
    expect(changes[1]).toMatchObject({
      fill: { price: 6_000_302, quantity: 1_000, liquidity: 'taker', feeAsset: 'BTC' },
    });
    expect(formatAmount(engine.account.free(USDT))).toBe('9399.9698');
    expect(formatAmount(engine.account.free(BTC))).toBe('0.00999');
  });

  test('sells at the bid minus slippage rounded down, fee in the money received', () => {
    const engine = market({}, '0', '1');
    engine.observe(quoteAt(6_000_000, 6_000_001, 1_000));
    const changes = engine.submit(orderOf('a', { side: 'sell' }));
    // 60000 × 0.99995 = 59997; 599.97 − 0.59997
    expect(changes[1]).toMatchObject({ fill: { price: 5_999_700, feeAsset: 'USDT' } });
    expect(formatAmount(engine.account.free(USDT))).toBe('599.37003');
  });

  test('takes what the quote shows and pays more for what it does not show', () => {
    const engine = market({}, '100000');
    engine.observe(quoteAt(6_000_000, 6_000_000, 1_000, 500, 400));
    const changes = engine.submit(orderOf('a'));
    expect(changes.slice(1)).toMatchObject([
      { fill: { quantity: 400, price: 6_000_300 } },
      { fill: { quantity: 600, price: 6_003_300 } },
    ]);
  });

  test('expires partly filled where nothing fills beyond the touch', () => {
    const engine = market({ beyondTouchSlippagePpm: null });
    engine.observe(quoteAt(6_000_000, 6_000_000, 1_000, 500, 400));
    expect(kinds(engine.submit(orderOf('a')))).toEqual(['accepted', 'filled', 'expired']);
    expect(engine.account.balances().every(({ locked }) => locked === 0n)).toBe(true);
  });

  test('does not find again what an earlier order took of the same quote', () => {
    const engine = market({ beyondTouchSlippagePpm: null });
    engine.observe(quoteAt(6_000_000, 6_000_000, 1_000, 500, 1_000));
    engine.submit(orderOf('a'));
    expect(kinds(engine.submit(orderOf('b')))).toEqual(['accepted', 'expired']);
  });

  test.each([
    ['no quote has been seen', [], {}, 'no_quote'],
    ['the quote is stale', [quoteAt(1, 2, 1_000)], { createdUs: timestampUs(10_002_000) }, 'quote_stale'],
    ['the other side is empty', [quoteAt(6_000_000, 0, 1_000)], {}, 'no_quote'],
    ['it is worth less than the least notional', [quoteAt(1, 2, 1_000)], {}, 'filter_notional'],
    [
      'it is larger than a market order may be',
      [quoteAt(1, 2, 1_000)],
      { quantity: quantity(10_000_001) },
      'filter_market_lot_size',
    ],
    ['the quantity is zero', [quoteAt(1, 2, 1_000)], { quantity: quantity(0) }, 'filter_lot_size'],
    [
      'the money does not cover it',
      [quoteAt(6_000_000, 6_000_001, 1_000)],
      { quantity: quantity(20_000) },
      'insufficient_balance',
    ],
  ])('is rejected when %s', (_why, events, part, code) => {
    const engine = market();
    for (const event of events) engine.observe(event);
    const before = engine.account.balances();
    expect(engine.submit(orderOf('a', part))).toMatchObject([{ kind: 'rejected', code }]);
    expect(engine.account.balances()).toEqual(before);
  });

  test('with an id seen before is refused and changes nothing', () => {
    const engine = market();
    engine.observe(quoteAt(6_000_000, 6_000_001, 1_000));
    engine.submit(orderOf('a'));
    const before = engine.account.snapshot();
    expect(engine.submit(orderOf('a'))).toMatchObject([{ kind: 'refused', code: 'duplicate_order' }]);
    expect(engine.account.snapshot()).toEqual(before);
  });
});

describe('a limit order', () => {
  const resting = (part = {}): FeedMatching => {
    const engine = market();
    engine.observe(quoteAt(6_000_000, 6_000_100, 1_000));
    engine.submit(orderOf('a', { limitPrice: price(5_990_000), ...part }));
    return engine;
  };

  test('rests with its money locked, and gives it back when canceled', () => {
    const engine = resting();
    expect(engine.account.balances()[1]).toMatchObject({ free: usdt('9401'), locked: usdt('599') });
    expect(kinds(engine.cancel(clientOrderId('a'), timestampUs(2_000)))).toEqual(['canceled']);
    expect(engine.account.balances()[1]).toMatchObject({ free: usdt('10000'), locked: NOTHING });
    expect(engine.cancel(clientOrderId('a'), timestampUs(2_000))).toMatchObject([
      { kind: 'refused', code: 'order_unknown' },
    ]);
  });

  test('does not fill at a touch of its price, fills when a trade goes through it, at its own price and up to the trade', () => {
    const engine = resting();
    expect(engine.observe(tradeAt(5_990_000, 5_000, 2_000))).toEqual([]);
    expect(engine.observe(tradeAt(5_989_999, 400, 3_000))).toMatchObject([
      { fill: { price: 5_990_000, quantity: 400, liquidity: 'maker' } },
    ]);
    expect(engine.account.openOrders()).toMatchObject([{ status: 'partially_filled', filled: 400 }]);
    expect(kinds(engine.observe(tradeAt(5_980_000, 5_000, 4_000)))).toEqual(['filled']);
    expect(engine.account.openOrders()).toEqual([]);
  });

  test('is not filled by a trade older than itself that came late', () => {
    expect(resting().observe(tradeAt(5_000_000, 5_000, 500))).toEqual([]);
  });

  test('fills when a quote crosses it', () => {
    expect(resting().observe(quoteAt(5_980_000, 5_989_000, 2_000))).toMatchObject([{ fill: { price: 5_990_000 } }]);
  });

  test('that crosses the touch takes what is shown within its limit and rests with the rest', () => {
    const engine = market();
    engine.observe(quoteAt(6_000_000, 6_000_100, 1_000, 100, 400));
    const changes = engine.submit(orderOf('a', { limitPrice: price(6_000_150) }));
    expect(kinds(changes)).toEqual(['accepted', 'filled']);
    expect(changes[1]).toMatchObject({ fill: { price: 6_000_150, quantity: 400, liquidity: 'taker' } });
    expect(engine.account.openOrders()).toMatchObject([{ filled: 400 }]);
  });

  test.each([
    ['ioc', ['accepted', 'filled', 'expired'], 400],
    ['fok', ['accepted', 'expired'], 0],
  ] as const)('%s never rests', (timeInForce, expected, filled) => {
    const engine = market();
    engine.observe(quoteAt(6_000_000, 6_000_100, 1_000, 100, 400));
    expect(kinds(engine.submit(orderOf('a', { limitPrice: price(6_000_150), timeInForce })))).toEqual(expected);
    expect(engine.account.order(clientOrderId('a'))).toMatchObject({ status: 'expired', filled });
    expect(engine.account.openOrders()).toEqual([]);
  });

  test('shares a trade by price, then by age', () => {
    const engine = resting();
    engine.submit(orderOf('b', { limitPrice: price(5_991_000) }));
    engine.submit(orderOf('c', { limitPrice: price(5_990_000) }));
    const fills = engine.observe(tradeAt(5_980_000, 2_500, 2_000));
    expect(fills).toMatchObject([
      { fill: { clientOrderId: 'b', quantity: 1_000 } },
      { fill: { clientOrderId: 'a', quantity: 1_000 } },
      { fill: { clientOrderId: 'c', quantity: 500 } },
    ]);
  });
});
