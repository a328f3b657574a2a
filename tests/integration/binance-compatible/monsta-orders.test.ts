import {
  clientOrderId,
  type ClientOrderId,
  expectOk,
  formatAmount,
  formatPrice,
  formatQuantity,
  instrumentId,
  isFinal,
  type ForeignFill,
  type TimestampUs,
} from '@monsta/core';
import { createBinanceAccountAccess, createBinanceCredentials, createBinanceExecution } from '@monsta/venue-binance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { afterTrades, holdingsOf, type Holdings } from './money.test-support.ts';
import { hmacKey, monstaLine, MonstaTrader, type Terms } from './monsta.test-support.ts';
import { PlainClient, type Values } from './plain-client.test-support.ts';
import { openContractVenue, type ContractVenue } from './served-exchange.test-support.ts';
import { accountOf, control, Counterparty, marketNow } from './trading.test-support.ts';

const symbol = 'BTCUSDT';

type Row = Readonly<Record<string, unknown>>;

describe('our own client trades on the simulated exchange', { timeout: 60_000 }, () => {
  let venue: ContractVenue;
  let plain: PlainClient;
  let trader: MonstaTrader;
  let before: Holdings;
  let begunUs: TimestampUs;

  const read = async <T = readonly Row[]>(path: string, values: Values = {}): Promise<T> =>
    (await plain.signed(path, values)).body as T;
  const order = (id: string): Promise<Row> => read<Row>('order', { symbol, origClientOrderId: id });
  const accountOfPlain = async (): Promise<readonly Row[]> =>
    (await read<{ readonly balances: readonly Row[] }>('account', { omitZeroBalances: true })).balances;
  const sent = (): number => trader.line.requests.filter(({ method }) => method !== 'GET').length;

  beforeAll(async () => {
    venue = await openContractVenue();
    plain = new PlainClient(venue.served, accountOf(venue, 0));
    trader = await MonstaTrader.open(venue.served, hmacKey(accountOf(venue, 0)));
    before = holdingsOf(await accountOfPlain());
    begunUs = trader.line.connection.time.nowUs();
  });
  afterAll(async () => {
    await trader.close();
    await venue.close();
  });

  it('every type of order that waits is taken, read and canceled', async () => {
    const { away } = await marketNow(venue);
    const [low, high] = [away(-2), away(2)];
    const wanted: readonly (readonly [Terms, Row])[] = [
      [{ price: low }, { type: 'LIMIT', side: 'BUY', timeInForce: 'GTC', price: low }],
      [
        { side: 'sell', type: 'limit_maker', price: high },
        { type: 'LIMIT_MAKER', price: high },
      ],
      [
        { side: 'sell', type: 'stop_loss', stop: low },
        { type: 'STOP_LOSS', stopPrice: low },
      ],
      [
        { side: 'sell', type: 'stop_loss_limit', stop: low, price: away(-2.1) },
        { type: 'STOP_LOSS_LIMIT', stopPrice: low, price: away(-2.1), timeInForce: 'GTC' },
      ],
      [
        { side: 'sell', type: 'take_profit', stop: high },
        { type: 'TAKE_PROFIT', stopPrice: high },
      ],
      [
        { side: 'sell', type: 'take_profit_limit', stop: high, price: away(1.9), timeInForce: 'fok' },
        { type: 'TAKE_PROFIT_LIMIT', stopPrice: high, price: away(1.9), timeInForce: 'FOK' },
      ],
      [
        { side: 'sell', type: 'stop_loss', trailingBps: 150 },
        { type: 'STOP_LOSS', trailingDelta: 150 },
      ],
      [
        { side: 'sell', quantity: '0.01', price: high, shown: '0.002' },
        { type: 'LIMIT', icebergQty: '0.00200000', origQty: '0.01000000' },
      ],
    ];
    const ids = await Promise.all(wanted.map(([terms]) => trader.place(terms)));
    const eight = (text: unknown): unknown => (/^\d+\.\d\d$/.test(String(text)) ? `${String(text)}000000` : text);
    for (const [at, id] of ids.entries()) {
      const fields = Object.entries(wanted[at]?.[1] ?? {}).map(([name, value]) => [name, eight(value)] as const);
      expect(await order(id)).toMatchObject({ ...Object.fromEntries(fields), status: 'NEW' });
    }
    const listed = await read('openOrders', { symbol });
    const open = expectOk(await trader.venue.openOrders());
    expect(
      open.map((each) => [each.clientOrderId, each.venueOrderId, each.type.toUpperCase(), each.side.toUpperCase()]),
    ).toEqual(listed.map((row) => [row['clientOrderId'], String(row['orderId']), row['type'], row['side']]));
    expect(open.map(({ clientOrderId: id }) => id).toSorted()).toEqual([...ids].toSorted());
    await trader.cancel(...ids);
    expect(expectOk(await trader.venue.openOrders())).toEqual([]);
    expect(await read('openOrders', { symbol })).toEqual([]);
    expect(expectOk(await trader.venue.order(ids[0] ?? clientOrderId('')))).toMatchObject({ status: 'canceled' });
  });

  it('market, IOC and FOK end at once; post-only does not take', async () => {
    const { away } = await marketNow(venue);
    await trader.filled(await trader.place({ quantity: '0.002' }), '0.002');
    await trader.filled(await trader.place({ side: 'sell' }));
    await trader.filled(await trader.place({ price: away(1), timeInForce: 'ioc' }));
    await trader.filled(await trader.place({ price: away(1), timeInForce: 'fok' }));
    const ioc = trader.request({ price: away(-2), timeInForce: 'ioc' });
    const fok = trader.request({ price: away(-2), timeInForce: 'fok' });
    trader.venue.submit(ioc);
    trader.venue.submit(fok);
    await trader.told(ioc.clientOrderId, 'order-expired');
    await trader.told(fok.clientOrderId, 'order-expired');
    expect([await order(ioc.clientOrderId), await order(fok.clientOrderId)]).toMatchObject([
      { status: 'EXPIRED', executedQty: '0.00000000' },
      { status: 'EXPIRED', executedQty: '0.00000000' },
    ]);
    expect(await trader.rejected({ type: 'limit_maker', price: away(1) })).toMatchObject({
      code: 'would_match_immediately',
    });
    expect(await trader.rejected({ side: 'sell', type: 'stop_loss', stop: away(2) })).toMatchObject({
      code: 'would_trigger_immediately',
    });
  });

  it('stops and trailing stops are triggered when the price goes there, take profits too', async () => {
    const { away } = await marketNow(venue);
    const stop = await trader.place({ side: 'sell', type: 'stop_loss', stop: away(-0.2) });
    const limit = await trader.place({ side: 'sell', type: 'stop_loss_limit', stop: away(-0.2), price: away(-1) });
    const trailing = await trader.place({ side: 'sell', type: 'stop_loss', trailingBps: 20 });
    const profit = await trader.place({ type: 'take_profit', stop: away(-0.2) });
    await new Counterparty(venue).moveTo(away(-0.35), 'SELL');
    for (const id of [stop, limit, trailing, profit]) {
      await trader.filled(id);
      expect(await order(id)).toMatchObject({ status: 'FILLED' });
      await trader.told(id, 'order-triggered');
    }
  });

  it('OCO, OTO and OTOCO are placed, seen and canceled as lists', async () => {
    const { away } = await marketNow(venue);
    const above: Terms = { side: 'sell', type: 'limit_maker', price: away(3) };
    const below: Terms = { side: 'sell', type: 'stop_loss', stop: away(-3) };
    const lists = [
      await trader.placeList('oco', [above, below]),
      await trader.placeList('oto', [{ price: away(-2) }, { side: 'sell' }]),
      await trader.placeList('otoco', [
        { price: away(-2) },
        above,
        { ...below, type: 'stop_loss_limit', price: away(-4) },
      ]),
    ];
    const open = await read('openOrderList');
    expect(open.map((row) => [row['contingencyType'], row['listClientOrderId']])).toEqual([
      ['OCO', lists[0]?.[0]],
      ['OTO', lists[1]?.[0]],
      ['OTO', lists[2]?.[0]],
    ]);
    expect(open.map((row) => (row['orders'] as readonly Row[]).map(idOf).toSorted())).toEqual(
      lists.map(([, ...legs]) => legs.toSorted()),
    );
    for (const [list, ...legs] of lists) {
      if (list !== undefined) trader.venue.cancelList(list);
      await Promise.all(legs.map((id) => trader.told(id, 'order-canceled')));
    }
    expect(await read('openOrderList')).toEqual([]);
    expect(expectOk(await trader.venue.openOrders())).toEqual([]);
    const [again = clientOrderId('')] = lists[0] ?? [];
    trader.venue.cancelList(again);
    expect(await trader.told(again, 'cancel-rejected')).toMatchObject({ code: 'order_unknown' });
  });

  it('one order of an OCO ends the other; what waits for a working order comes to life with it', async () => {
    const { away } = await marketNow(venue);
    const [, above, below] = await trader.placeList('oco', [
      { side: 'sell', type: 'limit_maker', price: away(0.2) },
      { side: 'sell', type: 'stop_loss', stop: away(-3) },
    ]);
    await new Counterparty(venue).moveTo(away(0.3), 'BUY');
    await trader.filled(above ?? clientOrderId(''));
    await trader.told(below ?? clientOrderId(''), 'order-expired');
    const now = await marketNow(venue);
    const [, working, pending] = await trader.placeList('oto', [{ price: now.away(1) }, { side: 'sell' }]);
    await trader.filled(working ?? clientOrderId(''));
    await trader.filled(pending ?? clientOrderId(''));
    const [, first, profit, loss] = await trader.placeList('otoco', [
      { price: now.away(1) },
      { side: 'sell', type: 'limit_maker', price: now.away(3) },
      { side: 'sell', type: 'stop_loss', stop: now.away(-3) },
    ]);
    await trader.filled(first ?? clientOrderId(''));
    await expect
      .poll(async () => (await read('openOrders', { symbol })).map(idOf).toSorted(), {
        timeout: 20_000,
      })
      .toEqual([String(profit), String(loss)].toSorted());
    // Canceling one order of a list cancels the list.
    trader.venue.cancel(profit ?? clientOrderId(''));
    await trader.told(profit ?? clientOrderId(''), 'order-canceled');
    await trader.told(loss ?? clientOrderId(''), 'order-canceled');
  });

  it('an order is replaced, or stays where it can not be', async () => {
    const { away } = await marketNow(venue);
    const first = await trader.place({ price: away(-4), quantity: '0.002' });
    const second = trader.request({ price: away(-5), quantity: '0.002' });
    trader.venue.replace(first, second);
    await trader.told(first, 'order-canceled');
    await trader.told(second.clientOrderId, 'order-accepted');
    expect([await order(first), await order(second.clientOrderId)]).toMatchObject([
      { status: 'CANCELED' },
      { status: 'NEW' },
    ]);
    // By our own filters: nothing is sent.
    const tiny = trader.request({ price: away(-5), quantity: '0.00001' });
    const asked = sent();
    trader.venue.replace(second.clientOrderId, tiny);
    expect(await trader.told(tiny.clientOrderId, 'order-rejected')).toMatchObject({ code: 'filter_notional' });
    expect(await trader.told(second.clientOrderId, 'cancel-rejected')).toMatchObject({ code: 'not_replaced' });
    expect(sent()).toBe(asked);
    expect(await order(second.clientOrderId)).toMatchObject({ status: 'NEW' });
    // By the exchange, after the cancel: the old one is gone.
    const dear = trader.request({ price: away(-5), quantity: '20' });
    trader.venue.replace(second.clientOrderId, dear);
    expect(await trader.told(dear.clientOrderId, 'order-rejected')).toMatchObject({ code: 'insufficient_balance' });
    await trader.told(second.clientOrderId, 'order-canceled');
    expect(await order(second.clientOrderId)).toMatchObject({ status: 'CANCELED' });
    // What is no longer open: nothing is placed.
    const late = trader.request({ price: away(-5) });
    trader.venue.replace(first, late);
    expect(await trader.told(first, 'cancel-rejected')).toMatchObject({ code: 'order_unknown' });
    expect(await trader.told(late.clientOrderId, 'order-rejected')).toMatchObject({ code: 'not_replaced' });
    expect(await order(late.clientOrderId)).toMatchObject({ code: -2013 });
  });

  /** The market moves between the question and the order: what took nothing, or all, is tried again. */
  async function filledInPart(owner: MonstaTrader): Promise<{ readonly id: ClientOrderId; readonly price: string }> {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const price = (await marketNow(venue)).ask.toFixed(2);
      const id = await owner.place({ price, quantity: '20' });
      const placed = expectOk(await owner.venue.order(id));
      if (placed?.status === 'partially_filled') return { id, price };
      if (placed?.status === 'accepted') await owner.cancel(id);
    }
    throw new Error('no order was filled in part');
  }

  it('an order that was filled in part is not replaced', async () => {
    // Of an account that can take all that is offered at a price.
    const { apiKey, apiSecret } = accountOf(venue, 1);
    await control(venue, 'deposit', { apiKey, asset: 'USDT', amount: '90000000' });
    const rich = await MonstaTrader.open(venue.served, hmacKey({ apiKey, apiSecret }));
    const { id: half, price: at } = await filledInPart(rich);
    const whole = rich.request({ price: at, quantity: '20' });
    rich.venue.replace(half, whole);
    expect(await rich.told(half, 'cancel-rejected')).toMatchObject({ code: 'cancel_restricted' });
    expect(await rich.told(whole.clientOrderId, 'order-rejected')).toMatchObject({ code: 'not_replaced' });
    expect(expectOk(await rich.venue.order(half))).toMatchObject({ status: 'partially_filled' });
    await rich.cancel(half);
    await rich.close();
  });

  it('fills with their fees, one by one as the exchange lists them', async () => {
    const listed = await read('myTrades', { symbol, limit: 1_000 });
    const since = expectOk(await trader.venue.fillsSince(instrumentId(symbol), begunUs));
    expect(since.map(rowOf)).toEqual(listed.map(pick));
    expect(expectOk(await trader.venue.fillsSince(instrumentId(symbol), trader.request({}).createdUs))).toEqual([]);
    const told = trader.orders.events.flatMap((event) => (event.kind === 'order-filled' ? [event.fill] : []));
    expect(told.map(rowOf).toSorted(byId)).toEqual(listed.map(pick));
    const [{ clientOrderId: id } = { clientOrderId: clientOrderId('') }] = told;
    const asked = expectOk(await trader.venue.fillsOf(id));
    expect(asked.map(rowOf)).toEqual(told.filter((fill) => fill.clientOrderId === id).map(rowOf));
  });

  it('the money is what there was, plus and minus every trade and fee, to the last digit', async () => {
    const listed = await read('myTrades', { symbol, limit: 1_000 });
    const holdings = holdingsOf(await trader.balances());
    expect(holdings).toEqual(holdingsOf(await accountOfPlain()));
    expect(holdings).toEqual(afterTrades(before, listed, 'BTC', 'USDT'));
  });

  it('what is locked, and what the account pays', async () => {
    const { away } = await marketNow(venue);
    const resting = await trader.place({ price: away(-5), quantity: '0.01' });
    const ours = (await trader.balances()).find(({ asset }) => asset === 'USDT');
    const theirs = (await accountOfPlain()).find((row) => row['asset'] === 'USDT');
    expect([holdingsOf([{ ...ours, free: '0' }]), holdingsOf([{ ...ours, locked: '0' }])]).toEqual([
      holdingsOf([{ ...theirs, free: '0' }]),
      holdingsOf([{ ...theirs, locked: '0' }]),
    ]);
    expect(ours?.locked).not.toBe('0');
    await trader.cancel(resting);
    const { standardCommission } = await read<{ readonly standardCommission: Row }>('account/commission', { symbol });
    expect(expectOk(await trader.venue.fees(instrumentId(symbol)))).toEqual({
      makerPpm: Number(standardCommission['maker']) * 1_000_000,
      takerPpm: Number(standardCommission['taker']) * 1_000_000,
      discount: null,
    });
  });

  it('what a filter refuses is not sent, and refused by the exchange in the same words', async () => {
    const { away } = await marketNow(venue);
    const refused: readonly (readonly [string, Terms, Values])[] = [
      [
        'filter_notional',
        { price: away(-5), quantity: '0.00001' },
        { type: 'LIMIT', timeInForce: 'GTC', price: away(-5), quantity: '0.00001' },
      ],
      [
        'filter_lot_size',
        { price: away(-5), quantity: '9001' },
        { type: 'LIMIT', timeInForce: 'GTC', price: away(-5), quantity: '9001' },
      ],
      [
        'filter_price_filter',
        { price: '1000001' },
        { type: 'LIMIT', timeInForce: 'GTC', price: '1000001', quantity: '0.001' },
      ],
      ['filter_lot_size', { quantity: '9001' }, { type: 'MARKET', quantity: '9001' }],
      [
        'filter_trailing_delta',
        { type: 'take_profit', trailingBps: 2_001 },
        { type: 'TAKE_PROFIT', trailingDelta: 2_001, quantity: '0.001' },
      ],
      [
        'filter_iceberg_parts',
        { price: away(-5), quantity: '1', shown: '0.001' },
        { type: 'LIMIT', timeInForce: 'GTC', price: away(-5), quantity: '1', icebergQty: '0.001' },
      ],
    ];
    const asked = sent();
    const ours = await Promise.all(refused.map(([, terms]) => trader.rejected(terms)));
    expect(sent()).toBe(asked);
    for (const [at, [code, , values]] of refused.entries()) {
      const { status, body } = await plain.signed('order', { symbol, side: 'BUY', ...values }, { method: 'POST' });
      const error = body as { readonly code: number; readonly msg: string };
      expect({ code: ours[at]?.code, reason: ours[at]?.reason, status }).toEqual({
        code,
        reason: `${error.code} ${error.msg}`,
        status: 400,
      });
    }
  });

  it('what only the exchange can refuse is told under the same code: money, average price, an id that is taken', async () => {
    const { away } = await marketNow(venue);
    expect(await trader.rejected({ side: 'sell', price: away(5), quantity: '20' })).toMatchObject({
      code: 'insufficient_balance',
    });
    const limit = { symbol, type: 'LIMIT', timeInForce: 'GTC', side: 'SELL', price: away(5) };
    expect((await plain.signed('order', { ...limit, quantity: '20' }, { method: 'POST' })).body).toMatchObject({
      code: -2010,
    });
    expect(await trader.rejected({ price: '100', quantity: '0.1' })).toMatchObject({
      code: 'filter_percent_price_by_side',
    });
    // Ours is known here already, that of somebody else only there.
    const ours = await trader.place({ price: away(-5) });
    const asked = sent();
    expect(await trader.rejected({ id: ours, price: away(-5) })).toMatchObject({ code: 'duplicate_order' });
    expect(sent()).toBe(asked);
    await plain.signed('order', { ...limit, quantity: '0.001', newClientOrderId: 'by-hand' }, { method: 'POST' });
    expect(await trader.rejected({ id: 'by-hand', price: away(-5) })).toMatchObject({ code: 'duplicate_order' });
    expect(sent()).toBe(asked + 1);
    expect((await read('openOrders', { symbol })).map(idOf)).toEqual([ours, 'by-hand']);
    await trader.cancel(ours);
    await plain.signed('order', { symbol, origClientOrderId: 'by-hand' }, { method: 'DELETE' });
  });

  it('an order that nobody knows', async () => {
    const nobody = clientOrderId('nobody');
    trader.venue.cancel(nobody);
    expect(await trader.told(nobody, 'cancel-rejected')).toMatchObject({ code: 'order_unknown' });
    expect(expectOk(await trader.venue.order(nobody))).toBeNull();
    expect(expectOk(await trader.venue.fillsOf(nobody))).toEqual([]);
    expect(await order(nobody)).toMatchObject({ code: -2013 });
    const unlisted = { ...trader.request({}), instrument: instrumentId('NOPEUSDT') };
    trader.venue.submit(unlisted);
    expect(await trader.told(unlisted.clientOrderId, 'order-rejected')).toMatchObject({ code: 'instrument_unknown' });
  });

  it('nothing is left that is open, and every order has ended as the exchange says', async () => {
    expect(await read('openOrders', { symbol })).toEqual([]);
    for (const row of await read('allOrders', { symbol, limit: 1_000 })) {
      // One that was refused never was.
      if (!String(row['clientOrderId']).startsWith('m-') || row['status'] === 'REJECTED') continue;
      const found = expectOk(await trader.venue.order(clientOrderId(String(row['clientOrderId']))));
      expect(found).toMatchObject({
        venueOrderId: String(row['orderId']),
        status: String(row['status']).toLowerCase(),
      });
      expect(found !== null && isFinal(found.status)).toBe(true);
    }
    expect(trader.line.telemetry.records.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it.each([
    ['a key that the exchange does not know', { apiKey: 'k'.repeat(64), apiSecret: 'hidden-from-logs' }, -2015],
    ['a wrong secret', { apiSecret: 'hidden-from-logs' }, -1022],
  ])('%s is refused, and its secret told nowhere', async (_what, wrong, code) => {
    const key = { ...accountOf(venue, 0), ...wrong };
    const line = monstaLine(venue.served);
    const account = { name: 'wrong', credentials: expectOk(createBinanceCredentials(hmacKey(key))) };
    const access = await createBinanceAccountAccess(line.connection, account).openOrders();
    expect(access).toMatchObject({ ok: false, fault: { code: 'venue_key', details: { venueCode: code } } });
    expect((await new PlainClient(venue.served, key).signed('account')).body).toMatchObject({ code });
    const { connection } = line;
    const started = await createBinanceExecution({
      connection,
      account,
      symbols: [],
      rulesOf: () => null,
      isOurs: () => false,
    });
    expect(started).toMatchObject({ ok: false, fault: { code: 'venue_key', details: { venueCode: code } } });
    const log = JSON.stringify(line.telemetry.records);
    expect(log).toContain(`\\"code\\":${code}`);
    expect(log).not.toContain(key.apiSecret);
    await line.close();
  });
});

const idOf = (row: Row): string => String(row['clientOrderId']);

const pick = ({ id, orderId, price, qty, commission, commissionAsset, time, isBuyer, isMaker }: Row): Row => ({
  id,
  orderId,
  price: Number(price),
  qty: Number(qty),
  commission: Number(commission),
  commissionAsset,
  time,
  isBuyer,
  isMaker,
});

const GRID = { tick: { units: 1, scale: 2 }, lot: { units: 1, scale: 5 } };

const rowOf = (fill: ForeignFill): Row =>
  pick({
    id: Number(fill.fillId),
    orderId: Number(fill.venueOrderId),
    price: formatPrice(fill.price, GRID),
    qty: formatQuantity(fill.quantity, GRID),
    commission: formatAmount(fill.fee),
    commissionAsset: fill.feeAsset,
    time: fill.tsEventUs / 1_000,
    isBuyer: fill.side === 'buy',
    isMaker: fill.liquidity === 'maker',
  });

const byId = (one: Row, other: Row): number => Number(one['id']) - Number(other['id']);
