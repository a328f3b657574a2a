import { describe, expect, it } from 'vitest';
import { apiMethods } from '../method-table.ts';
import { makeTradingWorld, type TradingWorld } from '../trading/trading-world.test-support.ts';
import { connectApi } from './socket-world.test-support.ts';

type Fields = Readonly<Record<string, string | number | boolean>>;

const METHODS = apiMethods(true).filter(({ rest, socket }) => rest !== null && socket !== null);

const BTC = { symbol: 'BTCUSDT' } as const;
const LIMIT = { ...BTC, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01', price: '19000' } as const;
const OCO = {
  ...BTC,
  side: 'SELL',
  quantity: '0.01',
  aboveType: 'LIMIT_MAKER',
  abovePrice: '21000',
  belowType: 'STOP_LOSS_LIMIT',
  belowStopPrice: '18000',
  belowPrice: '17900',
  belowTimeInForce: 'GTC',
} as const;
const WORKING = {
  ...BTC,
  workingType: 'LIMIT',
  workingSide: 'BUY',
  workingPrice: '18500',
  workingQuantity: '0.01',
  workingTimeInForce: 'GTC',
} as const;

/** One request after the other on the same exchange; each method at least once, done or refused. */
const SCRIPT: readonly (readonly [socket: string, fields: Fields])[] = [
  ['ping', {}],
  ['ping', { more: 1 }],
  ['time', {}],
  ['exchangeInfo', {}],
  ['exchangeInfo', { symbols: '["BTCUSDT","ETHUSDT"]' }],
  ['exchangeInfo', { symbol: 'NOPE' }],
  ['executionRules', BTC],
  ['referencePrice', BTC],
  ['referencePrice.calculation', BTC],
  ['order.place', { ...BTC, side: 'BUY', type: 'MARKET', quantity: '0.6', newClientOrderId: 'took' }],
  ['order.place', LIMIT],
  ['order.place', { ...LIMIT, quantity: '1000' }],
  ['order.place', { ...LIMIT, quantity: '0.0000001' }],
  ['order.place', { ...LIMIT, newOrderRespType: 'ACK', newClientOrderId: 'mine', strategyId: 7, icebergQty: '0.005' }],
  ['order.place', { ...LIMIT, newClientOrderId: 'mine' }],
  ['order.test', LIMIT],
  ['order.test', { ...LIMIT, computeCommissionRates: true }],
  ['order.status', { ...BTC, origClientOrderId: 'mine' }],
  ['order.status', { ...BTC, orderId: 999 }],
  ['order.amend.keepPriority', { ...BTC, origClientOrderId: 'mine', newQty: '0.008' }],
  ['order.amendments', { ...BTC, orderId: 6 }],
  ['openOrders.status', BTC],
  ['openOrders.status', {}],
  ['order.cancelReplace', { ...LIMIT, cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrderId: 5, price: '18999' }],
  ['order.cancelReplace', { ...LIMIT, cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrderId: 5 }],
  ['order.cancelReplace', { ...LIMIT, cancelReplaceMode: 'ALLOW_FAILURE', cancelOrderId: 5 }],
  ['order.cancel', { ...BTC, origClientOrderId: 'nobody' }],
  ['order.cancel', { ...BTC, orderId: 7 }],
  [
    'orderList.place',
    { ...BTC, side: 'SELL', quantity: '0.01', price: '21000', stopPrice: '18000', listClientOrderId: 'old' },
  ],
  ['orderList.place.oco', OCO],
  ['orderList.place.oco', { ...OCO, belowStopPrice: '22000' }],
  [
    'orderList.place.oto',
    {
      ...WORKING,
      pendingType: 'LIMIT',
      pendingSide: 'SELL',
      pendingPrice: '21500',
      pendingQuantity: '0.01',
      pendingTimeInForce: 'GTC',
      listClientOrderId: 'oto',
    },
  ],
  [
    'orderList.place.otoco',
    {
      ...WORKING,
      pendingSide: 'SELL',
      pendingQuantity: '0.01',
      pendingAboveType: 'LIMIT_MAKER',
      pendingAbovePrice: '21500',
      pendingBelowType: 'STOP_LOSS',
      pendingBelowStopPrice: '17000',
    },
  ],
  ['orderList.place.opo', BTC],
  ['orderList.place.opoco', BTC],
  ['sor.order.place', LIMIT],
  ['sor.order.test', LIMIT],
  ['orderList.status', { origClientOrderId: 'oto' }],
  ['orderList.status', { orderListId: 999 }],
  ['openOrderLists.status', {}],
  ['orderList.cancel', { ...BTC, listClientOrderId: 'oto' }],
  ['openOrders.cancelAll', BTC],
  ['openOrders.cancelAll', BTC],
  ['allOrders', BTC],
  ['allOrderLists', {}],
  ['myTrades', BTC],
  ['myPreventedMatches', { ...BTC, orderId: 4 }],
  ['myAllocations', BTC],
  ['account.status', { omitZeroBalances: true }],
  ['account.commission', BTC],
  ['account.rateLimits.orders', {}],
  ['myFilters', BTC],
  ['depth', { ...BTC, limit: 5 }],
  ['depth', { symbol: 'btcusdt' }],
  ['trades.recent', BTC],
  ['trades.historical', { ...BTC, fromId: 1, limit: 1 }],
  ['blockTrades.historical', { ...BTC, fromId: 1 }],
  ['trades.aggregate', BTC],
  ['klines', { ...BTC, interval: '1m' }],
  ['uiKlines', { ...BTC, interval: '1m', timeZone: '8' }],
  ['avgPrice', BTC],
  ['ticker', BTC],
  ['ticker.tradingDay', BTC],
  ['ticker.24hr', BTC],
  ['ticker.price', BTC],
  ['ticker.book', {}],
];

function openWorld(): TradingWorld {
  const world = makeTradingWorld();
  const offer = { side: 'SELL', type: 'LIMIT', timeInForce: 'GTC' } as const;
  world.provide('BTCUSDT', { ...offer, price: '20000', quantity: '0.5' });
  world.provide('BTCUSDT', { ...offer, price: '20010', quantity: '2' });
  world.provide('BTCUSDT', { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: '19990', quantity: '1' });
  return world;
}

/** What this exchange does not have, and says so. */
const REFUSED = [
  'orderList.place.opo',
  'orderList.place.opoco',
  'referencePrice',
  'referencePrice.calculation',
  'sor.order.place',
  'sor.order.test',
];

interface Outcome {
  readonly status: number;
  readonly body: unknown;
  readonly usedWeight: number;
  readonly orderCounts: readonly (number | undefined)[];
}

describe('both doors', () => {
  it('serve every method of the table, and the script has them all', () => {
    expect(new Set(SCRIPT.map(([socket]) => socket))).toEqual(new Set(METHODS.map(({ socket }) => socket)));
  });

  it('answer the same requests in the same way, and count them alike', async () => {
    const world = openWorld();
    const other = openWorld();
    const client = connectApi(other);
    // Opening the connection has cost two; the other world pays as much.
    for (let call = 0; call < 2; call += 1) await world.send('GET', 'ping');
    const done = new Set<string>();
    for (const [socket, fields] of SCRIPT) {
      const method = METHODS.find((each) => each.socket === socket);
      const path = method?.rest?.path.replace('/api/v3/', '') ?? '';
      const verb = method?.rest?.method ?? 'GET';
      const query = new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)]));
      const rest =
        method?.security === 'SIGNED'
          ? await world.signed(world.ann, verb, path, fields)
          : await world.send(verb, path, { query: query.toString() });
      const answer =
        method?.security === 'SIGNED' ? client.signed(other.ann, socket, fields) : client.ask(socket, fields);
      const ofRest: Outcome = {
        status: rest.status,
        body: rest.json,
        usedWeight: Number(rest.headers?.['x-mbx-used-weight-1m']),
        orderCounts: ['10s', '1d'].map((window) => {
          const count = rest.headers?.[`x-mbx-order-count-${window}`];
          return count === undefined ? undefined : Number(count);
        }),
      };
      const countOf = (interval: string): number | undefined =>
        answer.rateLimits?.find((limit) => limit.interval === interval)?.count;
      const ofSocket: Outcome = {
        status: answer.status,
        body: answer.result ?? answer.error,
        usedWeight: countOf('MINUTE') ?? NaN,
        orderCounts: [countOf('SECOND'), countOf('DAY')],
      };
      expect({ socket, fields, ...ofSocket }).toEqual({ socket, fields, ...ofRest });
      if (answer.status === 200) done.add(socket);
      await world.clock.advance(1_000);
      await other.clock.advance(1_000);
    }
    const refused = METHODS.flatMap(({ socket }) => (socket === null || done.has(socket) ? [] : [socket]));
    expect(new Set(refused)).toEqual(new Set(REFUSED));
  });
});
