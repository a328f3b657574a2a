import { expectOk } from '@monsta/core';
import type { OrderSide } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import type { Exchange } from './exchange.ts';
import {
  ANN,
  BEN,
  BTC,
  CYD,
  SYMBOL,
  USDT,
  balanceOf,
  cancelOf,
  limit,
  lots,
  market,
  money,
  openExchange,
  terms,
} from './exchange.test-support.ts';
import type { NewOco, NewOto, NewOtoco } from './vocabulary.ts';

const NAME = { account: BEN, symbol: SYMBOL, listClientOrderId: null } as const;

/** Sell 5 at 11,000 or, when it falls to 9,500, at 9,400. */
const SELL_OCO: NewOco = {
  ...NAME,
  kind: 'OCO',
  above: terms({ side: 'sell', type: 'LIMIT_MAKER', price: 11_000, quantity: 5 }),
  below: terms({
    side: 'sell',
    type: 'STOP_LOSS_LIMIT',
    timeInForce: 'gtc',
    price: 9_400,
    stopPrice: 9_500,
    quantity: 5,
  }),
};

const BUY_OCO: NewOco = {
  ...NAME,
  kind: 'OCO',
  above: terms({
    side: 'buy',
    type: 'STOP_LOSS_LIMIT',
    timeInForce: 'gtc',
    price: 12_000,
    stopPrice: 11_000,
    quantity: 5,
  }),
  below: terms({ side: 'buy', type: 'LIMIT_MAKER', price: 9_000, quantity: 5 }),
};

const OTO: NewOto = {
  ...NAME,
  kind: 'OTO',
  working: terms({ side: 'buy', type: 'LIMIT', timeInForce: 'gtc', price: 10_000, quantity: 5 }),
  pending: terms({ side: 'sell', type: 'LIMIT', timeInForce: 'gtc', price: 12_000, quantity: 5 }),
};

const OTOCO: NewOtoco = {
  ...NAME,
  kind: 'OTOCO',
  working: OTO.working,
  above: SELL_OCO.above,
  below: SELL_OCO.below,
};

function trade(exchange: Exchange, at: number, side: OrderSide = 'sell'): void {
  const other = side === 'sell' ? 'buy' : 'sell';
  expectOk(exchange.place(limit(ANN, other, at, 1), 10));
  expectOk(exchange.place(limit(CYD, side, at, 1), 10));
}

const opened = () => openExchange(undefined, { openingPrice: 10_000 });

describe('one cancels the other', () => {
  it('locks the funds of one leg only, the dearer', () => {
    const { exchange } = opened();
    expectOk(exchange.placeList(SELL_OCO, 1));
    expect(balanceOf(exchange, BEN, BTC).locked).toBe(money('0.005'));
    expectOk(exchange.placeList(BUY_OCO, 1));
    expect(balanceOf(exchange, BEN, USDT).locked).toBe(money('0.6'));
  });

  it('the limit leg that trades expires the stop before its own trade is told', () => {
    const { exchange, heard } = opened();
    expectOk(exchange.placeList(SELL_OCO, 1));
    expectOk(exchange.place(market(CYD, 'buy', 2), 2));
    expect(heard.told()).toEqual([
      '1 NEW/NEW',
      '2 NEW/NEW',
      '3 NEW/NEW',
      '1 EXPIRED/EXPIRED',
      '2 TRADE/PARTIALLY_FILLED',
      '3 TRADE/FILLED',
    ]);
    expectOk(exchange.place(market(CYD, 'buy', 3), 3));
    expect(heard.lists.map(({ listStatusType }) => listStatusType)).toEqual(['EXEC_STARTED', 'ALL_DONE']);
    expect(heard.reports[3]?.expiryReason).toBe('OCO_TRIGGER');
    expect(balanceOf(exchange, BEN, BTC).locked).toBe(money('0'));
  });

  it('the stop leg that triggers expires the limit leg and takes over the funds', () => {
    const { exchange, heard } = opened();
    expectOk(exchange.placeList(BUY_OCO, 1));
    trade(exchange, 11_000, 'buy');
    expect(heard.reports.filter(({ orderId }) => orderId === 2).map(({ status }) => status)).toEqual([
      'NEW',
      'EXPIRED',
    ]);
    expect(exchange.depth(SYMBOL, 5)?.bids).toEqual([[12_000, 5]]);
    expect(balanceOf(exchange, BEN, USDT).locked).toBe(money('0.6'));
  });

  it('the cancel of one leg cancels both and unlocks all', () => {
    const { exchange, heard } = opened();
    expectOk(exchange.placeList(BUY_OCO, 1));
    expectOk(exchange.cancel(cancelOf(BEN, 2), 2));
    expect(heard.told(2)).toEqual(['2 CANCELED/CANCELED', '1 CANCELED/CANCELED']);
    expect(heard.lists.at(-1)).toMatchObject({ listStatusType: 'ALL_DONE', contingencyType: 'OCO' });
    expect(balanceOf(exchange, BEN, USDT)).toEqual({ free: money('10000000'), locked: money('0') });
  });

  it('amending one leg amends both', () => {
    const { exchange } = opened();
    expectOk(exchange.placeList(BUY_OCO, 1));
    const name = { account: BEN, symbol: SYMBOL, orderId: 1, clientOrderId: null, newClientOrderId: null };
    expectOk(exchange.amend({ ...name, newQuantity: lots(2) }, 2));
    expect(exchange.openOrders(BEN, SYMBOL).map(({ quantity }) => quantity)).toEqual([2, 2]);
    expect(balanceOf(exchange, BEN, USDT).locked).toBe(money('0.24'));
  });

  it.each([
    [
      'both limits',
      { ...SELL_OCO, below: terms({ side: 'sell', type: 'LIMIT_MAKER', price: 9_000, quantity: 5 }) },
      -1168,
    ],
    ['a plain limit', { ...SELL_OCO, above: OTO.pending }, -1158],
    ['legs on the wrong sides', { ...SELL_OCO, above: SELL_OCO.below, below: SELL_OCO.above }, -1166],
    [
      'an iceberg that does not stay',
      {
        ...SELL_OCO,
        below: terms({
          side: 'sell',
          type: 'STOP_LOSS_LIMIT',
          timeInForce: 'ioc',
          price: 9_400,
          stopPrice: 9_500,
          quantity: 5,
          icebergQuantity: 1,
        }),
      },
      -1160,
    ],
    ['legs of unlike quantity', { ...SELL_OCO, above: { ...SELL_OCO.above, quantity: lots(4) } }, -1128],
    ['a profit below the market', { ...SELL_OCO, above: { ...SELL_OCO.above, price: BUY_OCO.below.price } }, -2010],
  ])('refuses %s', (_, request, number) => {
    const { exchange, heard } = opened();
    expect(exchange.placeList(request, 1)).toMatchObject({ ok: false, fault: { number } });
    expect(heard.reports).toEqual([]);
    expect(balanceOf(exchange, BEN, BTC).locked).toBe(money('0'));
  });
});

describe('one triggers the other', () => {
  it('the pending order waits, without funds, until the working order is wholly filled', () => {
    const { exchange, heard } = opened();
    expectOk(exchange.placeList(OTO, 1));
    expect(heard.told()).toEqual(['1 NEW/NEW', '2 NEW/PENDING_NEW']);
    expect(balanceOf(exchange, BEN, BTC).locked).toBe(money('0'));
    expectOk(exchange.place(market(ANN, 'sell', 4), 2));
    expect(exchange.depth(SYMBOL, 5)?.asks).toEqual([]);
    expectOk(exchange.place(market(ANN, 'sell', 1), 3));
    expect(heard.told().at(-1)).toBe('2 NEW/NEW');
    expect(exchange.depth(SYMBOL, 5)?.asks).toEqual([[12_000, 5]]);
    expect(balanceOf(exchange, BEN, BTC).locked).toBe(money('0.005'));
  });

  it('the end of the working order is the end of the pending one', () => {
    const { exchange, heard } = opened();
    expectOk(exchange.placeList(OTO, 1));
    expectOk(exchange.cancel(cancelOf(BEN, 1), 2));
    expect(heard.told(2)).toEqual(['1 CANCELED/CANCELED', '2 CANCELED/CANCELED']);
    expectOk(exchange.placeList({ ...OTO, working: { ...OTO.working, timeInForce: 'ioc' } }, 3));
    expect(heard.told(4)).toEqual(['3 NEW/NEW', '4 NEW/PENDING_NEW', '3 EXPIRED/EXPIRED', '4 EXPIRED/EXPIRED']);
    expect(heard.reports.slice(-2).map(({ expiryReason }) => expiryReason)).toEqual([
      'UNFILLED_IOC_QUANTITY_EXPIRED',
      'OTO_PHASE_ONE_EXPIRED',
    ]);
    expect(heard.lists.at(-1)?.listStatusType).toBe('ALL_DONE');
  });

  it('a pending order without funds when its turn comes is rejected, with the reason', () => {
    const { exchange, heard } = opened();
    expectOk(exchange.placeList({ ...OTO, pending: { ...OTO.pending, quantity: lots(2_000_000) } }, 1));
    expectOk(exchange.place(market(ANN, 'sell', 5), 2));
    expect(heard.reports.at(-1)).toMatchObject({ status: 'REJECTED', rejectReason: 'INSUFFICIENT_BALANCES' });
    expect(exchange.openOrders(BEN, null)).toEqual([]);
  });
});

describe('one triggers a pair', () => {
  it('of which one cancels the other', () => {
    const { exchange, heard } = opened();
    expectOk(exchange.placeList(OTOCO, 1));
    expectOk(exchange.place(market(ANN, 'sell', 5), 2));
    expect(heard.told(-2)).toEqual(['2 NEW/NEW', '3 NEW/NEW']);
    trade(exchange, 9_500);
    expect(heard.reports.filter(({ orderId }) => orderId === 3).at(-1)?.status).toBe('EXPIRED');
    expect(exchange.depth(SYMBOL, 5)?.asks).toEqual([[9_400, 5]]);
    expectOk(exchange.place(market(CYD, 'buy', 5), 12));
    expect(heard.lists.at(-1)).toMatchObject({ listStatusType: 'ALL_DONE', contingencyType: 'OTO' });
  });

  it('whose prices no longer fit is rejected as a whole', () => {
    const { exchange, heard } = opened();
    expectOk(
      exchange.placeList({ ...OTOCO, working: { ...OTO.working, price: limit(BEN, 'buy', 9_000, 1).price } }, 1),
    );
    expectOk(exchange.place(market(ANN, 'sell', 5), 2));
    expect(heard.told(-2)).toEqual(['2 REJECTED/REJECTED', '3 REJECTED/REJECTED']);
    expect(heard.reports.at(-1)?.rejectReason).toBe('OCO_BAD_PRICES');
    expect(heard.lists.at(-1)?.listStatusType).toBe('ALL_DONE');
  });

  it('can be canceled by its own name', () => {
    const { exchange } = opened();
    const { orderListId } = expectOk(exchange.placeList(OTOCO, 1));
    const name = { account: BEN, symbol: SYMBOL, orderListId, listClientOrderId: null };
    expect(expectOk(exchange.cancelList(name, null, 2)).listOrderStatus).toBe('ALL_DONE');
    expect(exchange.openOrders(BEN, null)).toEqual([]);
    expect(exchange.cancelList(name, null, 3)).toMatchObject({ fault: { number: -2011 } });
  });
});
