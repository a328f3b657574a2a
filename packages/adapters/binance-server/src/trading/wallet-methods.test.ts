import { describe, expect, it } from 'vitest';
import { makeTradingWorld, START_MS } from './trading-world.test-support.ts';

describe('beside the exchange’s own methods', () => {
  it('the status is there for everybody', async () => {
    expect((await makeTradingWorld().send('GET', '/sapi/v1/system/status')).json).toEqual({ status: 0, msg: 'normal' });
  });

  it('fees are those that the account pays, of one symbol or of all', async () => {
    const { signed, ann } = makeTradingWorld();
    const fees = { makerCommission: '0.00100000', takerCommission: '0.00100000' };
    expect((await signed(ann, 'GET', '/sapi/v1/asset/tradeFee', { symbol: 'BTCUSDT' })).json).toEqual([
      { symbol: 'BTCUSDT', ...fees },
    ]);
    expect((await signed(ann, 'GET', '/sapi/v1/asset/tradeFee')).json).toHaveLength(5);
    expect((await signed(ann, 'GET', '/sapi/v1/asset/tradeFee', { symbol: 'NOPE' })).json).toMatchObject({
      code: -1121,
    });
  });

  it('coins carry the balances, and can’t be moved over any network', async () => {
    const { signed, ann } = makeTradingWorld();
    const { json } = await signed(ann, 'GET', '/sapi/v1/capital/config/getall');
    const found = (json as readonly { coin: string }[]).find(({ coin }) => coin === 'USDT');
    expect(found).toMatchObject({
      free: '100000.00000000',
      locked: '0.00000000',
      networkList: [],
      withdrawAllEnable: false,
    });
  });

  it('a key learns what it may do, and its account how it stands', async () => {
    const { signed, ann, model } = makeTradingWorld();
    expect((await signed(ann, 'GET', '/sapi/v1/account/apiRestrictions')).json).toMatchObject({
      ipRestrict: false,
      createTime: START_MS,
      enableReading: true,
      enableSpotAndMarginTrading: true,
      enableWithdrawals: false,
    });
    expect((await signed(ann, 'GET', '/sapi/v1/account/status')).json).toEqual({ data: 'Normal' });
    model.exchange.setTrading(ann.account, false);
    expect((await signed(ann, 'GET', '/sapi/v1/account/status')).json).toEqual({ data: 'Locked' });
  });

  it('a key that may do more than trade is told so, which opens nothing', async () => {
    const world = makeTradingWorld();
    const harmless = {
      enableWithdrawals: false,
      enableInternalTransfer: false,
      permitsUniversalTransfer: false,
      enableMargin: false,
      enableFutures: false,
    };
    for (const [permission, told] of [
      ['WITHDRAW', { enableWithdrawals: true }],
      ['TRANSFER', { enableInternalTransfer: true, permitsUniversalTransfer: true }],
      ['MARGIN', { enableMargin: true }],
      ['FUTURES', { enableFutures: true }],
    ] as const) {
      const { json } = await world.send('POST', '/sim/keys', {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ account: 'ann', permissions: ['TRADE', 'USER_DATA', permission] }),
      });
      const restrictions = await world.signed(json as typeof world.ann, 'GET', '/sapi/v1/account/apiRestrictions');
      expect(restrictions.json).toMatchObject({ ...harmless, ...told, enableSpotAndMarginTrading: true });
    }
  });

  it('their weight goes by the wallet’s name, also where they are refused', async () => {
    const { send, signed, ann } = makeTradingWorld();
    const { headers } = await send('GET', '/sapi/v1/system/status');
    expect(headers).toMatchObject({ 'x-sapi-used-ip-weight-1m': '1' });
    expect(headers).not.toHaveProperty('x-mbx-used-weight-1m');
    const refused = await signed(ann, 'GET', '/sapi/v1/asset/tradeFee', { symbol: 'NOPE' });
    expect(refused.headers).toMatchObject({ 'x-sapi-used-ip-weight-1m': '2' });
    expect((await send('GET', 'ping')).headers).not.toHaveProperty('x-sapi-used-ip-weight-1m');
  });

  it('what came, left and was changed is remembered, newest first, unless it came from another wallet', async () => {
    const world = makeTradingWorld();
    const { ann, clock } = world;
    const simulate = async (path: string, body: object): Promise<void> => {
      const headers = { 'content-type': 'application/json' };
      const sent = { body: JSON.stringify({ account: 'ann', ...body }), headers };
      expect((await world.send('POST', `/sim/${path}`, sent)).status).toBe(200);
      await clock.advance(1_000);
    };
    await simulate('deposit', { asset: 'USDT', amount: '5' });
    await simulate('deposit', { asset: 'BTC', amount: '0.5' });
    await simulate('deposit', { asset: 'USDT', amount: '7', recorded: false });
    await simulate('withdraw', { asset: 'USDT', amount: '3' });
    await simulate('convert', { asset: 'XRP', amount: '0.7', brings: '0.001' });
    const ask = async (path: string, fields = {}): Promise<unknown> =>
      (await world.signed(ann, 'GET', `/sapi/v1/${path}`, fields)).json;
    expect(await ask('capital/deposit/hisrec')).toMatchObject([
      { coin: 'BTC', amount: '0.50000000', status: 1, insertTime: START_MS + 1_000 },
      { coin: 'USDT', amount: '5.00000000', insertTime: START_MS },
    ]);
    expect(await ask('capital/deposit/hisrec', { coin: 'USDT', limit: 1 })).toHaveLength(1);
    expect(await ask('capital/deposit/hisrec', { startTime: START_MS + 1 })).toHaveLength(1);
    expect(await ask('capital/deposit/hisrec', { status: 0 })).toEqual([]);
    expect(await ask('capital/deposit/hisrec', { startTime: 1 })).toMatchObject({ code: -1127 });
    expect(await ask('capital/withdraw/history')).toMatchObject([
      { coin: 'USDT', amount: '3.00000000', transactionFee: '0', status: 6, applyTime: '2025-03-01 12:00:03' },
    ]);
    expect(await ask('asset/dribblet')).toMatchObject({
      total: 1,
      userAssetDribblets: [
        {
          totalTransferedAmount: '0.00100000',
          userAssetDribbletDetails: [{ fromAsset: 'XRP', amount: '0.70000000', transferedAmount: '0.00100000' }],
        },
      ],
    });
  });
});
