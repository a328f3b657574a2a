import { amount, assetId, type InstrumentId } from '@monsta/core';
import { readSymbolRules, type SymbolRules } from '@monsta/matching';
import { describe, expect, it } from 'vitest';
import { readPosition } from './account-book.ts';
import { readAccount, readCommission, readConversions, readDeposits, readWithdrawals } from './account-replies.ts';
import { readAnswer, readExecutionReport, readTrade, venueOrderOf } from './order-reports.ts';
import { refusalOf, refusalOfFault } from './refusals.ts';
import { readMovement } from './transfers.ts';

function rulesFor(
  symbol: string,
  baseAsset: string,
  quoteAsset: string,
  tickSize: string,
  stepSize: string,
): SymbolRules {
  const read = readSymbolRules({
    symbol,
    status: 'TRADING',
    baseAsset,
    baseAssetPrecision: 8,
    quoteAsset,
    quotePrecision: 8,
    orderTypes: ['LIMIT', 'MARKET'],
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: tickSize, maxPrice: '1000000', tickSize },
      { filterType: 'LOT_SIZE', minQty: stepSize, maxQty: '1000000', stepSize },
    ],
  });
  if (!read.ok) throw new Error(read.fault.message);
  return read.value;
}
const RULES = [
  rulesFor('BTCUSDT', 'BTC', 'USDT', '0.01', '0.00001'),
  rulesFor('LTCBTC', 'LTC', 'BTC', '0.00000010', '0.00000010'),
  rulesFor('BNBBTC', 'BNB', 'BTC', '0.00000010', '0.00000010'),
  rulesFor('ETHBTC', 'ETH', 'BTC', '0.00000010', '0.00000010'),
];
const rulesOf = (symbol: InstrumentId): SymbolRules | null => RULES.find((rules) => rules.symbol === symbol) ?? null;

/** An `executionReport` with the values of the documentation's example. */
const REPORT = {
  e: 'executionReport',
  E: 1499405658658,
  s: 'ETHBTC',
  c: 'mUvoqJxFIILMdfAW5iGSOW',
  S: 'BUY',
  o: 'LIMIT',
  f: 'GTC',
  q: '1.00000000',
  p: '0.10264410',
  P: '0.00000000',
  F: '0.00000000',
  g: -1,
  C: '',
  x: 'NEW',
  X: 'NEW',
  r: 'NONE',
  i: 4293153,
  l: '0.00000000',
  z: '0.00000000',
  L: '0.00000000',
  n: '0',
  N: null,
  T: 1499405658657,
  t: -1,
  I: 8641984,
  w: true,
  m: false,
  M: false,
  O: 1499405658657,
  Z: '0.00000000',
  Y: '0.00000000',
  Q: '0.00000000',
  W: 1499405658657,
  V: 'NONE',
};

describe('reports of the user stream, as documented', () => {
  it('a new order', () => {
    expect(readExecutionReport(REPORT, rulesOf)).toMatchObject({
      symbol: 'ETHBTC',
      venueOrderId: '4293153',
      clientOrderId: 'mUvoqJxFIILMdfAW5iGSOW',
      terms: { side: 'buy', type: 'limit', quantity: 10_000_000, limitPrice: 1_026_441, stopPrice: null },
      status: 'accepted',
      executed: 0,
      worked: true,
      trades: [],
      createdUs: 1499405658657000,
      rejectCode: null,
    });
  });

  it('a trade with its fee in a third asset', () => {
    const traded = {
      x: 'TRADE',
      X: 'PARTIALLY_FILLED',
      l: '0.50000000',
      z: '0.50000000',
      L: '0.10264400',
      t: 77,
      n: '0.00012345',
      N: 'BNB',
      m: true,
    };
    expect(readExecutionReport({ ...REPORT, ...traded }, rulesOf)).toMatchObject({
      status: 'partially_filled',
      executed: 5_000_000,
      trades: [
        {
          cumulative: 5_000_000,
          trade: {
            tradeId: 77,
            price: 1_026_440,
            quantity: 5_000_000,
            fee: amount(123_450_000_000_000n),
            feeAsset: 'BNB',
            maker: true,
          },
        },
      ],
    });
  });

  it('a cancel carries an id of its own, and the order’s beside it', () => {
    const canceled = { c: 'cancel-1', C: 'mUvoqJxFIILMdfAW5iGSOW', x: 'CANCELED', X: 'CANCELED' };
    expect(readExecutionReport({ ...REPORT, ...canceled }, rulesOf)).toMatchObject({
      clientOrderId: 'mUvoqJxFIILMdfAW5iGSOW',
      status: 'canceled',
    });
  });

  it.each([
    [{ X: 'EXPIRED', x: 'EXPIRED', f: 'IOC' }, 'expired', 'IOC: no more at this price'],
    [
      { X: 'EXPIRED_IN_MATCH', x: 'TRADE_PREVENTION' },
      'expired',
      'it would have traded with another order of the same account',
    ],
    [{ X: 'EXPIRED', x: 'EXPIRED', eR: 'OCO_TRIGGER' }, 'expired', 'the venue says OCO_TRIGGER'],
    [{ X: 'EXPIRED', x: 'EXPIRED', o: 'MARKET' }, 'expired', 'nothing more is offered'],
  ])('an end, with its reason: %j', (fields, status, reason) => {
    expect(readExecutionReport({ ...REPORT, ...fields }, rulesOf)).toMatchObject({ status, reason });
  });

  it.each([
    ['a status of tomorrow', { X: 'SOMETHING_NEW' }, "X: 'SOMETHING_NEW' is unknown"],
    ['a quantity between two lots', { q: '1.00000001' }, 'no multiple'],
    ['a symbol that is not listed', { s: 'NOSUCH' }, 'NOSUCH is not in exchangeInfo'],
    ['no order id', { i: 'x' }, 'i must be a whole number'],
  ])('are unreadable with %s', (_name, fields, why) => {
    const read = (): unknown => readExecutionReport({ ...REPORT, ...fields }, rulesOf);
    expect(read).toThrow(why);
  });

  it('balances and movements', () => {
    const position = {
      e: 'outboundAccountPosition',
      E: 1564034571105,
      u: 1564034571073,
      B: [{ a: 'ETH', f: '10000.000000', l: '0.000000' }],
    };
    expect(readPosition(position)).toEqual({
      changedUs: 1564034571073000,
      balances: [{ asset: 'ETH', free: amount(10n ** 22n), locked: amount(0n) }],
    });
    const update = { e: 'balanceUpdate', E: 1573200697110, a: 'BTC', d: '-100.00000000', T: 1573200697068 };
    expect(readMovement(update)).toEqual({ asset: 'BTC', change: amount(-(10n ** 20n)), tsUs: 1573200697068000 });
  });
});

describe('answers, as documented', () => {
  const PLACED = {
    symbol: 'BTCUSDT',
    orderId: 28,
    orderListId: -1,
    clientOrderId: '6gCrw2kRUAF9CvJDGP16IP',
    transactTime: 1507725176595,
  };
  const FULL = {
    ...PLACED,
    price: '0.00000000',
    origQty: '10.00000000',
    executedQty: '10.00000000',
    origQuoteOrderQty: '0.000000',
    cummulativeQuoteQty: '10.00000000',
    status: 'FILLED',
    timeInForce: 'GTC',
    type: 'MARKET',
    side: 'SELL',
    workingTime: 1507725176595,
    selfTradePreventionMode: 'NONE',
    fills: [
      { price: '4000.00000000', qty: '1.00000000', commission: '4.00000000', commissionAsset: 'USDT', tradeId: 56 },
      { price: '3999.00000000', qty: '9.00000000', commission: '19.99500000', commissionAsset: 'USDT', tradeId: 57 },
    ],
  };

  it('a new order acknowledged, and one told in full with its trades', () => {
    expect(readAnswer(PLACED, rulesOf)).toMatchObject({
      venueOrderId: '28',
      status: null,
      executed: null,
      terms: null,
      trades: [],
    });
    expect(readAnswer(FULL, rulesOf)).toMatchObject({
      status: 'filled',
      executed: 1_000_000,
      terms: { side: 'sell', type: 'market', limitPrice: null },
      trades: [
        { cumulative: 100_000, trade: { tradeId: 56, price: 400_000, maker: false, side: 'sell' } },
        { cumulative: 1_000_000, trade: { tradeId: 57, quantity: 900_000, feeAsset: 'USDT' } },
      ],
    });
  });

  it('a cancel, by the id of the order and not of the cancel', () => {
    const canceled = {
      ...FULL,
      fills: undefined,
      origClientOrderId: 'myOrder1',
      clientOrderId: 'cancelMyOrder1',
      status: 'CANCELED',
      executedQty: '0.00000000',
    };
    expect(readAnswer(canceled, rulesOf)).toMatchObject({ clientOrderId: 'myOrder1', status: 'canceled', executed: 0 });
  });

  it('a query, as the port tells it', () => {
    const queried = {
      symbol: 'LTCBTC',
      orderId: 1,
      orderListId: -1,
      clientOrderId: 'myOrder1',
      price: '0.1',
      origQty: '1.0',
      executedQty: '0.0',
      cummulativeQuoteQty: '0.0',
      status: 'NEW',
      timeInForce: 'GTC',
      type: 'LIMIT',
      side: 'BUY',
      stopPrice: '0.0',
      icebergQty: '0.0',
      time: 1499827319559,
      updateTime: 1499827319559,
      isWorking: true,
      workingTime: 1499827319559,
      origQuoteOrderQty: '0.000000',
      selfTradePreventionMode: 'NONE',
    };
    expect(venueOrderOf(readAnswer(queried, rulesOf))).toEqual({
      clientOrderId: 'myOrder1',
      venueOrderId: '1',
      instrument: 'LTCBTC',
      side: 'buy',
      type: 'limit',
      status: 'accepted',
      quantity: 10_000_000,
      filledQuantity: 0,
      limitPrice: 1_000_000,
      stopPrice: null,
    });
  });

  it('a trade of the account', () => {
    const row = {
      symbol: 'BNBBTC',
      id: 28457,
      orderId: 100234,
      orderListId: -1,
      price: '4.00000100',
      qty: '12.00000000',
      quoteQty: '48.000012',
      commission: '10.10000000',
      commissionAsset: 'BNB',
      time: 1499865549590,
      isBuyer: true,
      isMaker: false,
      isBestMatch: true,
    };
    expect(readTrade(row, rulesOf)).toEqual({
      tradeId: 28457,
      venueOrderId: '100234',
      side: 'buy',
      price: 40_000_010,
      quantity: 120_000_000,
      fee: amount(10_100_000_000_000_000_000n),
      feeAsset: assetId('BNB'),
      maker: false,
      tsUs: 1499865549590000,
    });
  });

  it('the account', () => {
    const account = {
      updateTime: 123456789,
      balances: [{ asset: 'BTC', free: '4723846.89208129', locked: '0.00000000' }],
    };
    expect(readAccount(account).balances).toEqual([
      { asset: 'BTC', free: amount(4_723_846_892_081_290_000_000_000n), locked: amount(0n) },
    ]);
  });

  it('commission: its three kinds together, each rounded up to parts per million, and what the discount saves', () => {
    const kind = (maker: string, taker: string, buyer: string, seller: string) => ({ maker, taker, buyer, seller });
    const reply = {
      symbol: 'BTCUSDT',
      standardCommission: kind('0.00000010', '0.00000020', '0.00000030', '0.00000040'),
      specialCommission: kind('0.01000000', '0.02000000', '0.03000000', '0.04000000'),
      taxCommission: kind('0.00000112', '0.00000114', '0.00000118', '0.00000116'),
      discount: { enabledForAccount: true, enabledForSymbol: true, discountAsset: 'BNB', discount: '0.75000000' },
    };
    // 0.05000280 and 0.06000292.
    expect(readCommission(reply)).toEqual({
      makerPpm: 50_003,
      takerPpm: 60_003,
      discount: { asset: 'BNB', ppm: 250_000 },
    });
    const off = { ...reply.discount, enabledForAccount: false };
    expect(readCommission({ ...reply, discount: off }).discount).toBeNull();
  });
});

describe('records of the wallet, as documented', () => {
  it('deposits that have been credited', () => {
    const deposit = {
      id: '769800519366885376',
      amount: '0.001',
      coin: 'BNB',
      network: 'BNB',
      status: 0,
      txId: '98A3',
      insertTime: 1661493146000,
    };
    expect(readDeposits([deposit, { ...deposit, status: 1 }])).toEqual([
      {
        id: 'deposit:769800519366885376',
        cause: 'deposit',
        asset: 'BNB',
        changes: [amount(10n ** 15n)],
        tsUs: 1661493146000000,
      },
    ]);
  });

  it('withdrawals, with their fee or without', () => {
    const withdrawal = {
      id: 'b6ae22b3',
      amount: '8.91000000',
      transactionFee: '0.004',
      coin: 'USDT',
      status: 6,
      applyTime: '2019-10-12 11:12:02',
    };
    expect(readWithdrawals([withdrawal, { ...withdrawal, status: 3 }])).toEqual([
      {
        id: 'withdrawal:b6ae22b3',
        cause: 'withdrawal',
        asset: 'USDT',
        changes: [amount(-8_914_000_000_000_000_000n), amount(-8_910_000_000_000_000_000n)],
        tsUs: Date.UTC(2019, 9, 12, 11, 12, 2) * 1_000,
      },
    ]);
  });

  it('conversions: each asset taken, and what they brought', () => {
    const detail = { transId: 4359321, serviceChargeAmount: '0.000009', operateTime: 1615985535000 };
    const dust = {
      total: 1,
      userAssetDribblets: [
        {
          operateTime: 1615985535000,
          totalTransferedAmount: '0.00132256',
          totalServiceChargeAmount: '0.00002699',
          transId: 45178372831,
          userAssetDribbletDetails: [
            { ...detail, amount: '0.0009', transferedAmount: '0.000441', fromAsset: 'USDT' },
            { ...detail, amount: '0.0009', transferedAmount: '0.000441', fromAsset: 'ETH' },
          ],
        },
      ],
    };
    expect(readConversions(dust).map(({ id, asset, changes }) => [id, asset, changes[0]])).toEqual([
      ['conversion:45178372831:USDT', 'USDT', amount(-900_000_000_000_000n)],
      ['conversion:45178372831:ETH', 'ETH', amount(-900_000_000_000_000n)],
      ['conversion:45178372831:BNB', 'BNB', amount(1_322_560_000_000_000n)],
    ]);
  });
});

describe('refusals', () => {
  it.each([
    [-1013, 'Filter failure: LOT_SIZE', 'filter_lot_size'],
    [-1013, 'Filter failure: MAX_NUM_ALGO_ORDERS', 'filter_max_num_algo_orders'],
    [-1013, 'Market is closed.', 'market_closed'],
    [-1111, "Parameter 'quantity' has too much precision.", 'filter_precision'],
    [-1121, 'Invalid symbol.', 'instrument_unknown'],
    [-2010, 'Account has insufficient balance for requested action.', 'insufficient_balance'],
    [-2010, 'Duplicate order sent.', 'duplicate_order'],
    [-2010, 'Order would immediately match and take.', 'would_match_immediately'],
    [-2010, 'Order would trigger immediately.', 'would_trigger_immediately'],
    [-2010, 'The relationship of the prices for the orders is not correct.', 'oco_bad_prices'],
    [-2010, 'A reason of tomorrow.', 'venue_refused'],
    [-2011, 'Unknown order sent.', 'order_unknown'],
    [-2013, 'Order does not exist.', 'order_unknown'],
  ])('%i %s is %s', (number, message, code) => {
    expect(refusalOf(number, message)).toEqual({ code, reason: `${number} ${message}` });
  });

  it('that the venue did not word keep the code of the client', () => {
    const fault = { code: 'venue_limited', message: 'no call for 3 s', retry: 'retryable' } as const;
    expect(refusalOfFault(fault)).toEqual({ code: 'venue_limited', reason: 'no call for 3 s' });
  });
});
