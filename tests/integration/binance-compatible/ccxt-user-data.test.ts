import { generateKeyPairSync } from 'node:crypto';
import ccxt from 'ccxt';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ccxtFor } from './ccxt.test-support.ts';
import { openContractVenue, type ContractVenue } from './served-exchange.test-support.ts';
import { accountOf, control, Counterparty, marketNow } from './trading.test-support.ts';

const SYMBOL = 'BTC/USDT';

describe('ccxt hears of its account and trades over WebSocket', { timeout: 30_000 }, () => {
  let venue: ContractVenue;
  let client: Awaited<ReturnType<typeof ccxtFor>>;

  beforeAll(async () => {
    venue = await openContractVenue();
    client = await ccxtFor(venue.served, accountOf(venue, 0));
    await client.loadMarkets();
    // The first watch subscribes; whether that is done shows only by being told of something.
    const { away } = await marketNow(venue);
    let told = false;
    void client.watchOrders(SYMBOL).then(() => (told = true));
    await vi.waitUntil(
      async () => {
        const { id } = await client.createOrder(SYMBOL, 'limit', 'buy', 0.001, Number(away(-9)));
        await client.cancelOrder(String(id), SYMBOL);
        return told;
      },
      { timeout: 10_000, interval: 200 },
    );
  });
  afterAll(async () => {
    await client.close();
    await venue.close();
  });

  it('orders, as they are placed, filled and canceled', async () => {
    const { away } = await marketNow(venue);
    const watched = client.watchOrders(SYMBOL);
    await client.createOrder(SYMBOL, 'limit', 'buy', 0.001, Number(away(-5)), { newClientOrderId: 'watched' });
    const opened = await watched;
    expect(opened.at(-1)).toMatchObject({ clientOrderId: 'watched', status: 'open', type: 'limit', side: 'buy' });
    const next = client.watchOrders(SYMBOL);
    await client.cancelOrder(String(opened.at(-1)?.id), SYMBOL);
    expect((await next).at(-1)).toMatchObject({ clientOrderId: 'watched', status: 'canceled' });
  });

  it('its own trades and its balance', async () => {
    const trades = client.watchMyTrades(SYMBOL);
    const balance = client.watchBalance();
    const bought = await client.createOrder(SYMBOL, 'market', 'buy', 0.002);
    const [trade] = await trades;
    expect(trade).toMatchObject({ order: bought.id, side: 'buy', takerOrMaker: 'taker' });
    expect((await balance)['BTC']?.free).toBeGreaterThan(1);
  });

  it('a stop that the price triggers', async () => {
    const { away } = await marketNow(venue);
    const stop = await client.createOrder(SYMBOL, 'market', 'sell', 0.001, undefined, {
      stopLossPrice: Number(away(-0.2)),
    });
    const filled = (async () => {
      for (;;) {
        const orders = await client.watchOrders(SYMBOL);
        if (orders.some(({ id, status }) => id === stop.id && status === 'closed')) return;
      }
    })();
    await new Counterparty(venue).moveTo(away(-0.35), 'SELL');
    await filled;
    expect(await client.fetchOrder(String(stop.id), SYMBOL)).toMatchObject({ status: 'closed', filled: 0.001 });
  });

  it('orders, balances and markets asked over the WebSocket API', async () => {
    const { away } = await marketNow(venue);
    const placed = await client.createOrderWs(SYMBOL, 'limit', 'buy', 0.002, Number(away(-4)));
    expect(await client.fetchOrderWs(String(placed.id), SYMBOL)).toMatchObject({ id: placed.id, status: 'open' });
    expect(await client.fetchOpenOrdersWs(SYMBOL)).toMatchObject([{ id: placed.id }]);
    const edited = await client.editOrderWs(String(placed.id), SYMBOL, 'limit', 'buy', 0.001, Number(away(-5)));
    expect(edited.id).not.toBe(placed.id);
    expect(await client.cancelOrderWs(String(edited.id), SYMBOL)).toMatchObject({ status: 'canceled' });
    expect((await client.fetchBalanceWs()).info).toHaveProperty('balances');
    expect((await client.fetchMyTradesWs(SYMBOL)).length).toBeGreaterThan(1);
    expect(await client.fetchOHLCVWs(SYMBOL, '1m', undefined, 3)).toHaveLength(3);
    await expect(client.createOrderWs(SYMBOL, 'limit', 'buy', 50, Number(away(-4)))).rejects.toThrow(
      ccxt.InsufficientFunds,
    );
    await expect(client.cancelOrderWs('999999999', SYMBOL)).rejects.toThrow(ccxt.OrderNotFound);
  });

  it.each(['rsa', 'ed25519'] as const)('with a key of %s', async (kind) => {
    const { publicKey, privateKey } =
      kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2_048 }) : generateKeyPairSync('ed25519');
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const { apiKey } = (await control(venue, 'keys', { apiKey: accountOf(venue, 0).apiKey, publicKey: pem })) as {
      readonly apiKey: string;
    };
    const apiSecret = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const own = await ccxtFor(venue.served, { apiKey, apiSecret });
    expect((await own.fetchBalance())['USDT']).toEqual((await client.fetchBalance())['USDT']);
    expect((await own.fetchBalanceWs()).info).toHaveProperty('balances');
    await own.close();
  });
});
