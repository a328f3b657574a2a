import {
  PLAIN_TERMS,
  amount,
  assetId,
  clientOrderId,
  instrumentId,
  price,
  quantity,
  strategyId,
  timestampUs,
  type Instrument,
  type OrderRequest,
  type VenueOrderEvent,
} from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { money } from '../exchange/exchange.test-support.ts';
import { FeedAccount, type FeedAccountOptions } from './feed-account.ts';
import { orderPart, orderToPart, partsOf, stateOfParts } from './feed-account-parts.ts';
import { DEFAULT_TICK_RULES } from './fill-rules.ts';

const BTCUSDT: Instrument = {
  id: instrumentId('BTCUSDT'),
  base: assetId('BTC'),
  quote: assetId('USDT'),
  tick: { units: 1, scale: 2 },
  lot: { units: 1, scale: 3 },
  quantityMin: quantity(1),
  quantityMax: quantity(1_000),
  marketQuantityMax: quantity(500),
  notionalMin: money('0.01'),
  notionalMax: null,
  status: 'trading',
  version: 1,
  validFromUs: timestampUs(0),
};
const OPTIONS: FeedAccountOptions = {
  rules: { ...DEFAULT_TICK_RULES, resting: 'through' },
  fees: { makerPpm: 1_000, takerPpm: 1_000 },
  feesFrom: 'quote' as const,
  balances: [
    { asset: assetId('BTC'), free: money('0.1') },
    { asset: assetId('USDT'), free: money('3') },
  ],
};

const requestOf = (id: string, part: Partial<OrderRequest> = {}): OrderRequest => ({
  clientOrderId: clientOrderId(id),
  strategyId: strategyId('test'),
  instrument: BTCUSDT.id,
  side: 'buy',
  type: (part.limitPrice ?? null) === null ? 'market' : 'limit',
  timeInForce: 'gtc',
  quantity: quantity(10),
  limitPrice: null,
  ...PLAIN_TERMS,
  reduceOnly: false,
  createdUs: timestampUs(1),
  ...part,
});

function quote(account: FeedAccount, us: number, bid: number): readonly VenueOrderEvent[] {
  return account.observe({
    kind: 'quote',
    instrument: BTCUSDT.id,
    updateId: us,
    bidPrice: price(bid),
    bidQuantity: quantity(15),
    askPrice: price(bid + 2),
    askQuantity: quantity(15),
    tsEventUs: timestampUs(us),
    tsInitUs: timestampUs(us),
  });
}

function trade(account: FeedAccount, us: number, at: number): readonly VenueOrderEvent[] {
  return account.observe({
    kind: 'trade',
    instrument: BTCUSDT.id,
    tradeId: us,
    price: price(at),
    quantity: quantity(5),
    buyerIsMaker: true,
    tsEventUs: timestampUs(us),
    tsInitUs: timestampUs(us),
  });
}

function opened(): FeedAccount {
  const account = new FeedAccount(OPTIONS);
  account.useInstruments([BTCUSDT]);
  return account;
}

/** Written down in parts and read again. */
function reread(account: FeedAccount, options = OPTIONS): FeedAccount {
  const { feed, orders } = account.state();
  const parts = new Map([
    ...partsOf(feed),
    ...orders.map((order) => [orderPart(order.request.clientOrderId), orderToPart(order)] as const),
  ]);
  const texts = JSON.parse(JSON.stringify([...parts])) as [string, unknown][];
  return new FeedAccount(options, stateOfParts(new Map(texts)));
}

describe('an account at a feed', () => {
  test.each([[true], [false]])('keeps the place of a resting order in its queue (read again: %s)', (again) => {
    const options: FeedAccountOptions = { ...OPTIONS, rules: { ...DEFAULT_TICK_RULES, resting: 'queue' } };
    let account = new FeedAccount(options);
    account.useInstruments([BTCUSDT]);
    quote(account, 1, 1_000);
    // Behind 15 lots at its price, of which 10 trade.
    account.submit(requestOf('waits', { limitPrice: price(1_000) }));
    trade(account, 3, 1_000);
    trade(account, 4, 1_000);
    if (again) {
      account = reread(account, options);
      quote(account, 5, 1_000);
    }
    expect(trade(account, 6, 1_000)).toEqual([]);
    expect(trade(account, 7, 1_000)).toMatchObject([{ kind: 'order-filled', fill: { quantity: 5 } }]);
  });

  test('tells what becomes of its orders in the words of the port', () => {
    const account = opened();
    expect(account.submit(requestOf('early'))).toMatchObject([{ kind: 'order-rejected', code: 'no_quote' }]);
    quote(account, 1_000, 1_000);
    expect(account.submit(requestOf('a', { createdUs: timestampUs(2_000) }))).toMatchObject([
      { kind: 'order-accepted', clientOrderId: 'a', venueOrderId: '1', tsEventUs: 2_000 },
      { kind: 'order-filled', fill: { fillId: '1', price: 1_003, quantity: 10, feeAsset: 'USDT', liquidity: 'taker' } },
    ]);
    expect(account.submit(requestOf('a'))).toMatchObject([{ kind: 'order-rejected', code: 'duplicate_order' }]);
    expect(account.submit(requestOf('early'))).toMatchObject([{ code: 'duplicate_order' }]);
    const ioc = requestOf('b', { limitPrice: price(1_002), timeInForce: 'ioc' });
    expect(account.submit(ioc).map(({ kind }) => kind)).toEqual(['order-accepted', 'order-filled', 'order-expired']);
    expect(account.submit(requestOf('c', { instrument: instrumentId('NOPE') }))).toMatchObject([
      { kind: 'order-rejected', code: 'instrument_unknown' },
    ]);
    account.submit(requestOf('d', { limitPrice: price(900) }));
    expect(account.openOrders().map((order) => order.clientOrderId)).toEqual(['d']);
    expect(account.cancel(clientOrderId('d'), timestampUs(3_000))).toMatchObject([
      { kind: 'order-canceled', clientOrderId: 'd', tsEventUs: 3_000 },
    ]);
    for (const gone of ['d', 'a', 'never']) {
      expect(account.cancel(clientOrderId(gone), timestampUs(3_000))).toMatchObject([{ code: 'order_unknown' }]);
    }
    expect(account.order(clientOrderId('early'))).toBeNull();
    expect(account.fillsOf(clientOrderId('b'))).toHaveLength(1);
  });

  const LIST = clientOrderId('list');
  const exit = (id: string, part: Partial<OrderRequest>): OrderRequest =>
    requestOf(id, { side: 'sell', listId: LIST, createdUs: timestampUs(2_000), ...part });
  const PAIR = [
    exit('profit', { type: 'limit_maker', limitPrice: price(1_050) }),
    exit('loss', { type: 'stop_loss_limit', limitPrice: price(940), stopPrice: price(950) }),
  ];

  test('says why an order of a list ended that nobody canceled', () => {
    const account = opened();
    quote(account, 1_000, 1_000);
    expect(account.submitList({ listId: LIST, kind: 'oco', orders: PAIR }).map(({ kind }) => kind)).toEqual([
      'order-accepted',
      'order-accepted',
    ]);
    expect(trade(account, 3_000, 949)).toMatchObject([
      { kind: 'order-expired', clientOrderId: 'profit', reason: expect.stringContaining('pair') as string },
      { kind: 'order-triggered', clientOrderId: 'loss', tsEventUs: 3_000 },
      { kind: 'order-filled' },
    ]);
    const entry = requestOf('entry', { limitPrice: price(1_002), timeInForce: 'ioc', quantity: quantity(20) });
    const list = { listId: clientOrderId('other'), kind: 'oto' } as const;
    const later = requestOf('later', { side: 'sell', limitPrice: price(1_100) });
    const orders = [entry, later].map((order) => ({ ...order, listId: list.listId, createdUs: timestampUs(4_000) }));
    quote(account, 3_500, 1_000);
    expect(account.submitList({ ...list, orders })).toMatchObject([
      { kind: 'order-accepted', clientOrderId: 'entry' },
      { kind: 'order-accepted', clientOrderId: 'later' },
      { kind: 'order-filled' },
      { kind: 'order-expired', clientOrderId: 'entry', reason: expect.stringContaining('IOC') as string },
      { kind: 'order-expired', clientOrderId: 'later', reason: expect.stringContaining('waited for') as string },
    ]);
  });

  test('tells of a leg that could not be placed when its turn came as expired, with why', () => {
    const account = opened();
    quote(account, 1_000, 1_000);
    const entry = exit('entry', { side: 'buy', limitPrice: price(900) });
    const late = exit('late', { type: 'stop_loss', stopPrice: price(950) });
    account.submitList({ listId: LIST, kind: 'oto', orders: [entry, late] });
    // The price falls through the entry and the stop's trigger at once.
    expect(quote(account, 3_000, 880)).toMatchObject([
      { kind: 'order-filled', fill: { clientOrderId: 'entry' } },
      { kind: 'order-expired', clientOrderId: 'late', reason: expect.stringContaining('trigger') as string },
    ]);
    expect(account.order(late.clientOrderId)).toMatchObject({ status: 'expired', type: 'stop_loss', stopPrice: 950 });
  });

  test('refuses a list that has not the orders of its kind, and remembers none of their ids as free', () => {
    const account = opened();
    quote(account, 1_000, 1_000);
    const elsewhere = PAIR.map((order) => ({ ...order, listId: null }));
    for (const orders of [PAIR.slice(0, 1), elsewhere]) {
      for (const event of account.submitList({ listId: LIST, kind: 'oco', orders })) {
        expect(event).toMatchObject({ kind: 'order-rejected' });
      }
    }
    expect(account.openOrders()).toEqual([]);
    expect(account.submitList({ listId: LIST, kind: 'oco', orders: PAIR })).toMatchObject([
      { code: 'duplicate_order' },
      { code: 'duplicate_order' },
    ]);
  });

  test('with latency, cancels lists and replaces orders that are still on their way', () => {
    const late = { ...OPTIONS, latency: { feed: 0, order: 500, response: 100, seed: 1 } };
    const account = new FeedAccount(late);
    account.useInstruments([BTCUSDT]);
    quote(account, 1_000, 1_000);
    expect(account.submitList({ listId: LIST, kind: 'oco', orders: PAIR })).toEqual([]);
    expect(account.cancelList(LIST, timestampUs(2_100))).toEqual([]);
    expect(account.submit(requestOf('a', { limitPrice: price(900), createdUs: timestampUs(2_200) }))).toEqual([]);
    const next = requestOf('b', { limitPrice: price(910), createdUs: timestampUs(2_300) });
    expect(account.replace(clientOrderId('a'), next)).toEqual([]);
    expect(account.submit(next)).toMatchObject([{ code: 'duplicate_order' }]);
    const told = quote(account, 9_000, 1_000).map((event) =>
      event.kind === 'order-filled' ? event.kind : `${event.kind} ${event.clientOrderId} ${event.tsEventUs}`,
    );
    expect(told.toSorted()).toEqual(
      [
        'order-accepted loss 2600',
        'order-accepted profit 2600',
        'order-canceled loss 2700',
        'order-canceled profit 2700',
        'order-accepted a 2800',
        'order-canceled a 2900',
        'order-accepted b 2900',
      ].toSorted(),
    );
  });

  test('with latency, places nothing in the stead of an order that was canceled before the replacement arrived', () => {
    const account = new FeedAccount({ ...OPTIONS, latency: { feed: 0, order: 500, response: 0, seed: 1 } });
    account.useInstruments([BTCUSDT]);
    quote(account, 1_000, 1_000);
    account.submit(requestOf('a', { limitPrice: price(900), createdUs: timestampUs(2_000) }));
    account.cancel(clientOrderId('a'), timestampUs(2_100));
    account.replace(clientOrderId('a'), requestOf('b', { limitPrice: price(910), createdUs: timestampUs(2_200) }));
    expect(quote(account, 9_000, 1_000)).toMatchObject([
      { kind: 'order-accepted', clientOrderId: 'a' },
      { kind: 'order-canceled', clientOrderId: 'a' },
      { kind: 'cancel-rejected', clientOrderId: 'a', code: 'order_unknown' },
      { kind: 'order-rejected', clientOrderId: 'b', code: 'not_replaced' },
    ]);
    expect(account.order(clientOrderId('b'))).toBeNull();
  });

  test('still knows what the market shows when other instruments change, and nothing of one whose steps have changed', () => {
    const account = opened();
    quote(account, 1_000, 1_000);
    account.submit(requestOf('a', { limitPrice: price(990) }));
    expect(account.useInstruments([{ ...BTCUSDT, id: instrumentId('ETHUSDT'), base: assetId('ETH') }])).toEqual([]);
    expect(account.submit(requestOf('b')).map(({ kind }) => kind)).toEqual(['order-accepted', 'order-filled']);
    expect(account.useInstruments([{ ...BTCUSDT, status: 'halted' }])).toEqual([]);
    expect(account.submit(requestOf('c'))).toMatchObject([{ code: 'market_closed' }]);
    expect(account.useInstruments([{ ...BTCUSDT, tick: { units: 1, scale: 1 } }])).toMatchObject([
      { kind: 'order-canceled', clientOrderId: 'a' },
    ]);
    expect(account.submit(requestOf('d'))).toMatchObject([{ code: 'no_quote' }]);
  });

  test('refuses an order that was on its way in steps that are none of today’s when it arrives', () => {
    const account = new FeedAccount({ ...OPTIONS, latency: { feed: 0, order: 500, response: 0, seed: 1 } });
    account.useInstruments([BTCUSDT]);
    quote(account, 1_000, 1_000);
    const sent = { createdUs: timestampUs(2_000), limitPrice: price(990) };
    expect(account.submit(requestOf('old', sent))).toEqual([]);
    const finer = { ...BTCUSDT, tick: { ...BTCUSDT.tick, scale: BTCUSDT.tick.scale + 1 }, version: 2 };
    expect(account.useInstruments([finer])).toEqual([]);
    expect(account.submit(requestOf('new', { ...sent, limitPrice: price(9_900) }))).toEqual([]);
    expect(quote(account, 2_100, 10_000)).toEqual([]);
    expect(quote(account, 3_000, 10_000)).toMatchObject([
      { kind: 'order-rejected', clientOrderId: 'old', code: 'filter_price_filter' },
      { kind: 'order-accepted', clientOrderId: 'new' },
    ]);
  });

  test('forgets the oldest of more than a thousand orders that have ended', () => {
    const account = opened();
    quote(account, 1_000, 1_000);
    for (let index = 0; index < 1_001; index += 1) account.submit(requestOf(`o${index}`, { quantity: quantity(0) }));
    account.takeTouched();
    account.submit(requestOf('last', { quantity: quantity(0) }));
    expect([...account.takeTouched()].map(([id, order]) => [id, order?.status ?? null])).toEqual([
      ['last', 'rejected'],
      ['o1', null],
    ]);
  });

  test('keeps as few orders that have ended as it is told to, and every open one', () => {
    const account = new FeedAccount({ ...OPTIONS, endedOrdersKept: 2 });
    account.useInstruments([BTCUSDT]);
    quote(account, 1_000, 1_000);
    account.submit(requestOf('open', { limitPrice: price(900) }));
    for (const id of ['a', 'b', 'c']) account.submit(requestOf(id, { quantity: quantity(0) }));
    const known = () => account.state().orders.map(({ request, status }) => [request.clientOrderId, status]);
    expect(known()).toEqual([
      ['b', 'rejected'],
      ['c', 'rejected'],
      ['open', 'accepted'],
    ]);
    expect(account.submit(requestOf('c', {}))).toMatchObject([{ kind: 'order-rejected', code: 'duplicate_order' }]);
    // Nobody knows of the first any more.
    expect(account.submit(requestOf('a', { limitPrice: price(900) }))).toMatchObject([{ kind: 'order-accepted' }]);
    expect(() => new FeedAccount({ ...OPTIONS, endedOrdersKept: -1 })).toThrow('endedOrdersKept');
  });

  test('keeps its fee rates while open buys have locked them, and takes new ones after', () => {
    const account = opened();
    quote(account, 1_000, 1_000);
    account.submit(requestOf('a', { limitPrice: price(900) }));
    const dearer = { ...OPTIONS, fees: { makerPpm: 5_000, takerPpm: 5_000 } };
    const again = new FeedAccount(dearer, account.state());
    expect(again.fees()).toEqual(OPTIONS.fees);
    again.cancel(clientOrderId('a'), timestampUs(2_000));
    expect(new FeedAccount(dearer, again.state()).fees()).toEqual(dearer.fees);
  });

  const step = fc.oneof(
    fc.record({ kind: fc.constant('quote' as const), bid: fc.integer({ min: 950, max: 1_050 }) }),
    fc.record({
      kind: fc.constant('order' as const),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      size: fc.integer({ min: 1, max: 60 }),
      limit: fc.option(fc.integer({ min: 940, max: 1_060 })),
    }),
    fc.record({ kind: fc.constant('cancel' as const), of: fc.nat({ max: 30 }) }),
    fc.record({ kind: fc.constant('trade' as const), at: fc.integer({ min: 930, max: 1_070 }) }),
    fc.record({
      kind: fc.constant('stop' as const),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      at: fc.integer({ min: 940, max: 1_060 }),
      trailing: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('list' as const), below: fc.nat({ max: 60 }), entry: fc.boolean() }),
    fc.record({ kind: fc.constant('cancel-list' as const), of: fc.nat({ max: 30 }) }),
    fc.record({
      kind: fc.constant('replace' as const),
      of: fc.nat({ max: 30 }),
      at: fc.integer({ min: 900, max: 990 }),
    }),
  );
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  function take(account: FeedAccount, each: Step, index: number): readonly VenueOrderEvent[] {
    const us = timestampUs(index * 1_000 + 500);
    const request = (part: Partial<OrderRequest>, name = ''): OrderRequest =>
      requestOf(`o${index}${name}`, { createdUs: us, ...part });
    switch (each.kind) {
      case 'quote':
        return quote(account, us, each.bid);
      case 'trade':
        return trade(account, us, each.at);
      case 'cancel':
        return account.cancel(clientOrderId(`o${each.of}`), us);
      case 'cancel-list':
        return account.cancelList(clientOrderId(`l${each.of}`), us);
      case 'replace':
        return account.replace(clientOrderId(`o${each.of}`), request({ limitPrice: price(each.at) }));
      case 'stop': {
        const trails = each.trailing ? { trailingBps: 100 } : { stopPrice: price(each.at) };
        return account.submit(request({ side: each.side, type: 'stop_loss', ...trails }));
      }
      case 'list': {
        const listId = clientOrderId(`l${index}`);
        const entry = request({ limitPrice: price(1_000 - each.below), listId }, 'e');
        const profit = request({ side: 'sell', type: 'limit_maker', limitPrice: price(1_065), listId }, 'p');
        const loss = request({ side: 'sell', type: 'stop_loss', stopPrice: price(935), listId }, 's');
        if (each.entry) return account.submitList({ listId, kind: 'otoco', orders: [entry, profit, loss] });
        return account.submitList({ listId, kind: 'oco', orders: [profit, loss] });
      }
      case 'order': {
        const limitPrice = each.limit === null ? null : price(each.limit);
        return account.submit(request({ side: each.side, quantity: quantity(each.size), limitPrice }));
      }
    }
  }

  test('goes on from what was written down as if nothing had happened', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 30 }), fc.nat({ max: 30 }), (steps, cut) => {
        const whole = opened();
        let other = opened();
        for (const [index, each] of steps.entries()) {
          if (index === cut) {
            other = reread(other);
            // What the market shows is not written down: it is shown again.
            for (const show of [quote, trade]) {
              expect(show(other, index * 1_000 + 1, 1_000)).toEqual(show(whole, index * 1_000 + 1, 1_000));
            }
          }
          const [left, right] = [whole, other].map((account) => take(account, each, index));
          expect(right).toEqual(left);
        }
        const [left, right] = [whole, other].map((account) => account.state());
        expect(right?.feed).toEqual(left?.feed);
        expect(new Set(right?.orders)).toEqual(new Set(left?.orders));
        expect(other.openOrders()).toEqual(whole.openOrders());
        expect(other.balances().every(({ free }) => free >= amount(0n))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
