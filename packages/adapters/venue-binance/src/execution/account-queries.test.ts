import { instrumentId, ok, timestampUs, venueOrderId, type Result } from '@monsta/core';
import { rulesOfInstrument } from '@monsta/matching';
import { recordingTelemetry, sampleInstrument } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import type { RestCall, RestReply } from '../rest-client.ts';
import { AccountQueries } from './account-queries.ts';

const BTC = instrumentId('BTCUSDT');
const DAY_MS = 86_400_000;
const START_MS = 1_740_830_400_000;

type Answer = (call: RestCall) => unknown;

function make(answer: Answer) {
  const calls: RestCall[] = [];
  const { logger, records } = recordingTelemetry();
  const rules = rulesOfInstrument(sampleInstrument({ id: BTC }));
  const caller = {
    call: (call: RestCall): Promise<Result<RestReply>> => {
      calls.push(call);
      return Promise.resolve(ok({ body: JSON.stringify(answer(call)), headers: {}, sentMs: 0, receivedMs: 1 }));
    },
  };
  const rulesOf = (symbol: string) => (symbol === BTC ? rules : null);
  return { queries: new AccountQueries(caller, rulesOf, logger, new AbortController().signal), calls, records };
}

const tradeRow = (id: number, orderId = 7) => ({
  symbol: 'BTCUSDT',
  id,
  orderId,
  price: '60000.00',
  qty: '0.00100000',
  commission: '0.1',
  commissionAsset: 'USDT',
  time: START_MS + id,
  isBuyer: true,
  isMaker: false,
});

describe('trades of an account', () => {
  it('are read page by page until one is not full', async () => {
    const last = 2_345;
    const { queries, calls } = make(({ parameters = {} }) => {
      const from = Number(parameters['fromId']);
      return Array.from({ length: Math.min(1_000, Math.max(0, last - from + 1)) }, (_, at) => tradeRow(from + at));
    });
    const trades = await queries.tradesFrom(BTC, 100, 'data');
    expect(trades.ok && trades.value.map(({ tradeId }) => tradeId)).toEqual(
      Array.from({ length: last - 99 }, (_, at) => 100 + at),
    );
    expect(calls.map(({ parameters }) => parameters?.['fromId'])).toEqual([100, 1_100, 2_100]);
    expect(calls[0]).toMatchObject({
      method: 'GET',
      path: '/api/v3/myTrades',
      security: 'signed',
      weight: 20,
      priority: 'data',
    });
  });

  it('of one order cost less', async () => {
    const { queries, calls } = make(() => []);
    await queries.tradesOf(BTC, venueOrderId('7'));
    expect(calls).toMatchObject([{ weight: 5, parameters: { symbol: 'BTCUSDT', orderId: '7', fromId: 0 } }]);
  });

  it('since a time are looked for a day at a time, and from the first one on by their ids', async () => {
    const { queries, calls } = make(({ parameters = {} }) => {
      if (parameters['fromId'] !== undefined) return [tradeRow(5), tradeRow(6)];
      return Number(parameters['endTime']) > START_MS ? [tradeRow(5)] : [];
    });
    const fromMs = START_MS - 2.5 * DAY_MS;
    const trades = await queries.tradesSince(BTC, timestampUs(fromMs * 1_000), timestampUs((START_MS + 1_000) * 1_000));
    expect(trades.ok && trades.value.map(({ tradeId }) => tradeId)).toEqual([5, 6]);
    const ranges = calls
      .slice(0, -1)
      .map(({ parameters = {} }) => Number(parameters['endTime']) - Number(parameters['startTime']));
    expect(ranges).toEqual([DAY_MS, DAY_MS, DAY_MS / 2 + 998]);
  });
});

describe('orders of an account', () => {
  const row = {
    symbol: 'BTCUSDT',
    orderId: 7,
    orderListId: -1,
    clientOrderId: 'w-1',
    price: '60000.00',
    origQty: '0.00100000',
    executedQty: '0.00000000',
    status: 'CANCELED',
    timeInForce: 'GTC',
    type: 'LIMIT',
    side: 'BUY',
    stopPrice: '0.00000000',
    time: START_MS,
    updateTime: START_MS,
    workingTime: START_MS,
  };

  it('that can not be read are left out and said: of old steps, or of a kind of tomorrow', async () => {
    const { queries, records } = make(() => [
      { ...row, orderId: 5, price: '60000.001' },
      { ...row, orderId: 6, type: 'A_TYPE_OF_TOMORROW' },
      row,
    ]);
    const orders = await queries.recentOrders(BTC);
    expect(orders.ok && orders.value.map((order) => order.venueOrderId)).toEqual(['7']);
    expect(records.filter(({ level }) => level === 'warn')).toHaveLength(2);
  });
});
