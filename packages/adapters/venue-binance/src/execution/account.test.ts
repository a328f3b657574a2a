import {
  amount,
  assetId,
  clientOrderId,
  price,
  quantity,
  type OrderRequest,
  type VenueAccountEvent,
} from '@monsta/core';
import { afterEach, describe, expect, it } from 'vitest';
import { ExecutionWorld, MID, type WorldClient, type WorldOptions } from './execution-world.test-support.ts';
import { TRADED } from './test-exchange.test-support.ts';

let world: ExecutionWorld;
let client: WorldClient;
async function begin(options?: WorldOptions): Promise<void> {
  world = await ExecutionWorld.open(options);
  world.market();
  client = await world.connect();
}
afterEach(() => world.close());

const USDT = 10n ** 18n;
const USER = { channel: 'user-data' };
type Of<K extends VenueAccountEvent['kind']> = Extract<VenueAccountEvent, { readonly kind: K }>;
const told = <K extends VenueAccountEvent['kind']>(kind: K): readonly Of<K>[] =>
  client.told.filter((event): event is Of<K> => event.kind === kind);
const transfers = (): readonly (readonly unknown[])[] =>
  told('transfer').map(({ cause, asset, amount: change }) => [cause, asset, change]);
const submit = (terms: Partial<OrderRequest> = {}): OrderRequest => {
  const request = world.order(terms);
  client.venue.submit(request);
  return request;
};

/** An order that somebody makes on the venue's own page. */
const byHand = (terms: Readonly<Record<string, string>> = {}): Promise<void> =>
  world.byHand(client, '/api/v3/order', {
    symbol: TRADED,
    side: 'BUY',
    type: 'MARKET',
    quantity: '0.002',
    newClientOrderId: 'web_1',
    ...terms,
  });

describe('trades made by hand', () => {
  it('are told as foreign fills, once, and as nothing of ours', async () => {
    await begin();
    world.fault({ fault: 'duplicate', times: 'always', where: USER });
    await byHand();
    await world.clock.advance(90_000);
    expect(told('foreign-fill')).toMatchObject([
      { fill: { clientOrderId: 'web_1', instrument: 'BTCUSDT', side: 'buy', quantity: 200, price: MID + 100 } },
    ]);
    expect(client.events).toEqual([]);
    expect(transfers()).toEqual([]);
    expect(told('reports')).toEqual([]);
  });

  it('are found where nobody reported them', async () => {
    await begin();
    world.fault(
      { fault: 'cut', where: { channel: 'connection', path: '/ws-api/*' } },
      { fault: 'refuse', status: 503, times: 3, where: { channel: 'connection', path: '/ws-api/*' } },
    );
    await world.clock.advance(500);
    await byHand();
    await byHand({ newClientOrderId: 'web_2', side: 'SELL' });
    await world.clock.advance(180_000);
    expect(told('foreign-fill').map(({ fill }) => fill.clientOrderId)).toEqual(['web_1', 'web_2']);
    expect(transfers()).toEqual([]);
  });

  it('that cancel an order of ours end it', async () => {
    await begin();
    const order = submit({ limitPrice: price(MID - 10_000), quantity: quantity(1_000) });
    await world.clock.advance(100);
    world.model.exchange.cancelAll(world.ann.account, TRADED, world.clock.nowUs());
    await world.clock.advance(100);
    expect(world.story(client, order.clientOrderId)).toEqual(['accepted', 'canceled']);
  });

  it('that make an order of ours smaller leave it ours, by our id', async () => {
    await begin();
    const order = submit({ limitPrice: price(MID - 10_000), quantity: quantity(1_000) });
    await world.clock.advance(100);
    const amended = { symbol: TRADED, origClientOrderId: order.clientOrderId, newQty: '0.004' };
    await world.byHand(client, '/api/v3/order/amend/keepPriority', amended, 'PUT');
    await world.clock.advance(90_000);
    const known = { clientOrderId: order.clientOrderId, quantity: 400, status: 'accepted' };
    expect(await world.during(client.venue.order(order.clientOrderId))).toMatchObject({ value: known });
    expect(await world.during(client.venue.openOrders())).toMatchObject({ value: [known] });
    world.market(MID - 12_000);
    await world.clock.advance(100);
    expect(world.story(client, order.clientOrderId)).toEqual(['accepted', 'filled']);
    expect(told('reports')).toEqual([]);
  });

  it('are among the fills since a time, each with the id of its order', async () => {
    await begin();
    const since = world.clock.nowUs();
    const ours = submit();
    await world.clock.advance(100);
    await byHand();
    await world.clock.advance(100);
    const fills = await world.during(client.venue.fillsSince(TRADED, since));
    expect(fills.ok && fills.value.map((fill) => fill.clientOrderId)).toEqual([ours.clientOrderId, 'web_1']);
  });
});

describe('money that moves without an order', () => {
  it('is told with its cause: a deposit, a withdrawal, a conversion of dust', async () => {
    await begin({ accounts: [{ name: 'ann', balances: { USDT: '100000', BTC: '10', XRP: '3' } }] });
    world.fault({ fault: 'duplicate', delayMs: 300, times: 'always', where: USER });
    await world.simulate('deposit', { account: 'ann', asset: 'USDT', amount: '250' });
    await world.simulate('withdraw', { account: 'ann', asset: 'BTC', amount: '0.5' });
    await world.simulate('convert', { account: 'ann', asset: 'XRP', amount: '0.7', brings: '0.001' });
    await world.clock.advance(10_000);
    expect(transfers()).toEqual([
      ['deposit', 'USDT', amount(250n * USDT)],
      ['withdrawal', 'BTC', amount(-USDT / 2n)],
      ['conversion', 'XRP', amount((-7n * USDT) / 10n)],
      ['conversion', 'BNB', amount(USDT / 1_000n)],
    ]);
    expect(new Set(told('transfer').map(({ id }) => id)).size).toBe(4);
    await world.clock.advance(180_000);
    expect(transfers()).toHaveLength(4);
    expect(told('reports')).toEqual([]);
  });

  it('while nobody was connected is told at the next start, and not twice', async () => {
    await begin();
    await world.simulate('deposit', { account: 'ann', asset: 'USDT', amount: '1' });
    await world.clock.advance(10_000);
    const known = world.clock.nowUs();
    await world.during(client.venue.close());
    await world.simulate('withdraw', { account: 'ann', asset: 'USDT', amount: '30' });
    await world.clock.advance(60_000);
    client = await world.connect(known);
    await world.clock.advance(200_000);
    expect(transfers()).toEqual([['withdrawal', 'USDT', amount(-30n * USDT)]]);
    expect(told('transfer')).toMatchObject([{ id: expect.stringMatching(/^withdrawal:/) as string }]);
  });

  it('that no record explains is told as such', async () => {
    await begin();
    await world.simulate('deposit', { account: 'ann', asset: 'USDT', amount: '9', recorded: false });
    await world.clock.advance(30_000);
    expect(transfers()).toEqual([]);
    await world.clock.advance(60_000);
    expect(transfers()).toEqual([['unexplained', 'USDT', amount(9n * USDT)]]);
  });

  it('is told as unexplained at once where the venue has no wallet to ask', async () => {
    await begin();
    world.fault({
      fault: 'refuse',
      status: 404,
      body: 'html',
      times: 'always',
      where: { channel: 'rest', path: '/sapi/*' },
    });
    await world.simulate('deposit', { account: 'ann', asset: 'USDT', amount: '9' });
    await world.clock.advance(1_000);
    expect(transfers()).toEqual([['unexplained', 'USDT', amount(9n * USDT)]]);
  });

  it('is told without its cause where the key may not read the wallet, which keeps nobody from trading', async () => {
    world = await ExecutionWorld.open();
    const refusal = { status: 401, code: -2015, message: 'Invalid API-key, IP, or permissions for action.' };
    world.fault({ fault: 'refuse', ...refusal, times: 'always', where: { channel: 'rest', path: '/sapi/*' } });
    world.market();
    client = await world.connect();
    await world.simulate('deposit', { account: 'ann', asset: 'USDT', amount: '9' });
    await world.clock.advance(1_000);
    expect(transfers()).toEqual([['unexplained', 'USDT', amount(9n * USDT)]]);
  });

  it('is found where nobody reported it, with its causes, each once', async () => {
    await begin();
    world.fault({ fault: 'drop', times: 'always', when: { forMs: 5_000 }, where: USER });
    await world.simulate('deposit', { account: 'ann', asset: 'USDT', amount: '250' });
    await world.simulate('deposit', { account: 'ann', asset: 'USDT', amount: '50' });
    await world.clock.advance(240_000);
    expect(transfers()).toEqual([
      ['deposit', 'USDT', amount(50n * USDT)],
      ['deposit', 'USDT', amount(250n * USDT)],
    ]);
  });

  it('is told once where the report comes after it was found', async () => {
    await begin({ settings: { compareIntervalMs: 2_000 } });
    world.fault({ fault: 'delay', delayMs: 40_000, where: { ...USER, event: 'balanceUpdate' } });
    await world.simulate('deposit', { account: 'ann', asset: 'USDT', amount: '250' });
    await world.clock.advance(200_000);
    expect(transfers()).toEqual([['deposit', 'USDT', amount(250n * USDT)]]);
  });
});

describe('fees', () => {
  it('in a third asset are exact, and are no transfers', async () => {
    world = await ExecutionWorld.open({
      discount: 'BNB',
      accounts: [{ name: 'ann', balances: { USDT: '100000', BTC: '10', BNB: '5' }, paysInDiscountAsset: true }],
    });
    world.model.exchange.setDiscountPrice(assetId('USDT'), { units: 600n, scale: 0 });
    world.model.exchange.setDiscountPrice(assetId('BTC'), { units: 1n, scale: 2 });
    world.market();
    client = await world.connect();
    const fees = await world.during(client.venue.fees(TRADED));
    expect(fees).toMatchObject({
      value: { makerPpm: 1_000, takerPpm: 1_000, discount: { asset: 'BNB', ppm: 250_000 } },
    });
    const order = submit({ quantity: quantity(100_000) });
    await world.clock.advance(180_000);
    const fills = client.events.flatMap((event) => (event.kind === 'order-filled' ? [event.fill] : []));
    expect(fills).toMatchObject([{ clientOrderId: order.clientOrderId, feeAsset: 'BNB' }]);
    expect(fills[0]?.fee).toBeGreaterThan(0n);
    expect(transfers()).toEqual([]);
    expect(told('reports')).toEqual([]);
  });
});

describe('steps that the exchange changes', () => {
  it('count for orders from then on; an order of before is told in its own', async () => {
    await begin();
    const order = submit({ limitPrice: price(MID - 9_999), quantity: quantity(1_000) });
    await world.clock.advance(100);
    world.rules = { ...world.rules, tick: { units: 1, scale: 1 } };
    const later = submit({ limitPrice: price((MID - 20_000) / 10), quantity: quantity(1_000) });
    await world.clock.advance(70_000);
    world.market(MID - 12_000, 400);
    await world.clock.advance(70_000);
    world.market(MID - 30_000, 5_000);
    await world.clock.advance(130_000);
    const prices = (id: OrderRequest): readonly number[] =>
      client.events.flatMap((event) =>
        event.kind === 'order-filled' && event.fill.clientOrderId === id.clientOrderId ? [event.fill.price] : [],
      );
    expect(prices(order)).toEqual([MID - 9_999, MID - 9_999]);
    expect(prices(later)).toEqual([(MID - 20_000) / 10]);
    expect(transfers()).toEqual([]);
    expect(told('reports')).toEqual([]);
  });
});

describe('an account on which nothing happens', () => {
  it('is asked for its balances alone, and as a whole each tenth time', async () => {
    await begin();
    submit({ limitPrice: price(MID - 10_000), quantity: quantity(1_000) });
    await world.clock.advance(180_000);
    world.asked.length = 0;
    await world.clock.advance(1_200_000);
    const times = (path: string): number => world.asked.filter((asked) => asked === `/api/v3/${path}`).length;
    expect(times('account')).toBeGreaterThan(15);
    expect(times('openOrders')).toBe(2);
    expect(times('myTrades')).toBe(2);
    expect(told('reports')).toEqual([]);
  });

  it('hears of a fill that nobody reports', async () => {
    await begin();
    const order = submit({ limitPrice: price(MID - 10_000), quantity: quantity(1_000) });
    await world.clock.advance(300_000);
    world.fault({ fault: 'drop', times: 'always', when: { forMs: 5_000 }, where: USER });
    world.market(MID - 12_000);
    await world.clock.advance(90_000);
    expect(world.story(client, order.clientOrderId)).toEqual(['accepted', 'filled']);
  });

  it('hears of a stop whose trigger nobody reports, though that moves no money', async () => {
    await begin();
    const stop = { type: 'stop_loss_limit', side: 'sell', stopPrice: price(MID - 5_000) } as const;
    const order = submit({ ...stop, limitPrice: price(MID + 50_000), quantity: quantity(1_000) });
    await world.clock.advance(300_000);
    world.fault({ fault: 'drop', times: 'always', when: { forMs: 5_000 }, where: USER });
    world.market(MID - 6_000);
    await world.clock.advance(90_000);
    expect(world.story(client, order.clientOrderId)).toEqual(['accepted', 'triggered']);
  });
});

describe('balances', () => {
  it('are told as they change, and stand in the end as the venue has them', async () => {
    await begin();
    world.fault({ fault: 'reorder', window: 4, holdMs: 1_000, times: 'always', where: USER });
    for (let index = 0; index < 6; index += 1) submit({ clientOrderId: clientOrderId(`w-b${index}`) });
    await world.clock.advance(200_000);
    const now = await world.during(client.venue.balances());
    const last = new Map(
      told('balances')
        .flatMap(({ balances }) => balances)
        .map((each) => [each.asset, each]),
    );
    for (const balance of now.ok ? now.value : []) expect(last.get(balance.asset)).toEqual(balance);
    expect(last.size).toBe(2);
  });
});
