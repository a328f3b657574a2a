import { accountId, amount, assetId, expectOk, instrumentId, notional, parseAmount, quantity } from '@monsta/core';
import { readOrder, type ExchangeTrade, type OrderFields } from '@monsta/matching';
import type { OutgoingResponse } from '@monsta/ports';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIQUIDITY } from '../trading/trading-world.test-support.ts';
import { makeFaultWorld, requestTo, type FaultWorld } from './fault-world.test-support.ts';

const CLIENT = accountId('client');
const BTC = instrumentId('BTCUSDT');
const CANCEL = { channel: 'rest', method: 'DELETE', path: '/api/v3/order' };
const PLACE = { channel: 'rest', method: 'POST', path: '/api/v3/order' };

/** A world with a client that has money, and rules that fill its orders. */
function clientWorld(...rules: readonly object[]): FaultWorld {
  const world = makeFaultWorld(rules.map((rule) => ({ fault: 'fill', ...rule })));
  const balances = ['BTC', 'USDT'].map((asset) => ({ asset: assetId(asset), free: expectOk(parseAmount('1000000')) }));
  world.model.exchange.addAccount(CLIENT, { balances });
  return world;
}

function place({ model }: FaultWorld, fields: OrderFields, account = CLIENT): number {
  const rules = model.exchange.rules(BTC);
  if (rules === null) throw new Error('no rules');
  const read = readOrder(fields, rules);
  if (!('terms' in read)) throw new Error(read.fault.message);
  return expectOk(model.exchange.place({ ...read.terms, account, symbol: BTC }, model.nowUs())).orderId;
}

const bid = (size: string, at = '90000'): OrderFields => ({
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  price: at,
  quantity: size,
});

/** A cancel through the faults; the status that the order had when the cancel was done. */
async function cancel(world: FaultWorld, target: string): Promise<string> {
  const { exchange } = world.model;
  const route = world.desk.wrapRoute({
    method: 'DELETE',
    path: '/api/v3/order',
    handle: ({ rawQuery }) => {
      const orderId = Number(new URLSearchParams(rawQuery).get('orderId'));
      const order = exchange.order({ account: CLIENT, symbol: BTC, orderId, clientOrderId: null });
      return { status: 200, body: order === null ? 'gone' : `${order.status} ${order.executed}` };
    },
  });
  const response = await route.handle({ ...requestTo(`/api/v3/order?${target}`), method: 'DELETE' });
  return String(response.body);
}

describe('a fill at an awkward moment', () => {
  it('comes right before the cancel of the order: in part, or wholly', async () => {
    const world = clientWorld({ where: CANCEL, percent: 40 }, { where: CANCEL, percent: 100, when: { after: 1 } });
    const orderId = place(world, bid('0.01'));
    expect(await cancel(world, `symbol=BTCUSDT&orderId=${orderId}`)).toBe('PARTIALLY_FILLED 400');
    expect(await cancel(world, `symbol=BTCUSDT&orderId=${orderId}`)).toBe('gone');
    expect(world.notes()).toEqual([
      `order ${orderId} traded 400 of 1000 lots`,
      `order ${orderId} traded 600 of 600 lots`,
    ]);
  });

  it('finds the order by the name that the client gave it', async () => {
    const world = clientWorld({ where: CANCEL });
    place(world, { ...bid('0.01'), newClientOrderId: 'mine' });
    await cancel(world, 'symbol=BTCUSDT&origClientOrderId=mine');
    expect(world.notes()[0]).toMatch(/^order \d+ traded 500 of 1000 lots$/);
  });

  it('comes between the accepting of an order and its answer', async () => {
    const world = clientWorld({ where: PLACE, moment: 'after', percent: 100 });
    let orderId = 0;
    const route = world.desk.wrapRoute({
      method: 'POST',
      path: '/api/v3/order',
      handle: (): OutgoingResponse => {
        orderId = place(world, bid('0.01'));
        return { status: 200, body: JSON.stringify({ symbol: 'BTCUSDT', orderId, status: 'NEW' }) };
      },
    });
    const response = await route.handle({ ...requestTo('/api/v3/order'), method: 'POST' });
    // The answer tells what was true when it was written.
    expect(JSON.parse(String(response.body))).toMatchObject({ status: 'NEW' });
    expect(world.model.exchange.openOrders(CLIENT, BTC)).toEqual([]);
    expect(world.notes()).toEqual([`order ${orderId} traded 1000 of 1000 lots`]);
  });

  it('says in the log where it can not come', async () => {
    const world = clientWorld({ where: CANCEL, percent: 100, times: 'always' });
    const stop = place(world, {
      side: 'SELL',
      type: 'STOP_LOSS_LIMIT',
      timeInForce: 'GTC',
      price: '80000',
      stopPrice: '81000',
      quantity: '0.01',
    });
    const small = place(world, bid('0.0001'));
    const fillSmall = clientWorld({ where: CANCEL, percent: 1 });
    const other = place(fillSmall, bid('0.0001'));
    await cancel(world, '');
    await cancel(world, 'symbol=BTCUSDT&orderId=999999');
    await cancel(world, 'symbol=NOTHING&orderId=1');
    await cancel(world, `symbol=BTCUSDT&orderId=${stop}`);
    await cancel(world, `symbol=BTCUSDT&orderId=${small}`);
    await cancel(fillSmall, `symbol=BTCUSDT&orderId=${other}`);
    expect(world.notes()).toEqual([
      'not applicable: it names no order',
      'not applicable: there is no such open order',
      'not applicable: there is no such open order',
      'not applicable: the order is not on the book',
      `order ${small} traded 10 of 10 lots`,
    ]);
    // A tenth of what may be sent at all.
    expect(fillSmall.notes()[0]).toMatch(
      /^not applicable: the exchange refused the counterparty: Filter failure: NOTIONAL/,
    );
  });

  it('trades first what stands before the order, and exactly so much of the order; money only changes hands', async () => {
    const totalOf = (world: FaultWorld, asset: string): bigint =>
      [CLIENT, LIQUIDITY]
        .flatMap((account) => world.model.exchange.positions(account))
        .filter((position) => position.asset === asset)
        .reduce((sum, { free, locked }) => sum + free + locked, 0n);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ cents: fc.integer({ min: -3, max: 3 }), lots: fc.integer({ min: 10, max: 500 }) }), {
          maxLength: 8,
        }),
        fc.integer({ min: 100, max: 2_000 }),
        fc.integer({ min: 10, max: 100 }),
        async (ahead, lots, percent) => {
          const world = clientWorld({ where: CANCEL, percent });
          const size = (count: number): string => (count / 100_000).toFixed(5);
          for (const each of ahead)
            place(world, bid(size(each.lots), `9000${each.cents < 0 ? 0 : each.cents}.00`), LIQUIDITY);
          const orderId = place(world, bid(size(lots), '90000'));
          const trades: ExchangeTrade[] = [];
          world.model.listen({
            onReport: () => undefined,
            onTrade: (trade) => trades.push(trade),
            onBest: () => undefined,
            onListStatus: () => undefined,
            onAccount: () => undefined,
          });
          const before = { BTC: totalOf(world, 'BTC'), USDT: totalOf(world, 'USDT') };
          const fees = world.model.exchange.feesCollected().get(assetId('BTC')) ?? 0n;
          await cancel(world, `symbol=BTCUSDT&orderId=${orderId}`);
          const wanted = Math.max(1, Math.floor((lots * percent) / 100));
          expect(world.notes()).toEqual([`order ${orderId} traded ${wanted} of ${lots} lots`]);
          const ours = trades.filter(({ buyerOrderId }) => buyerOrderId === orderId);
          expect(ours.reduce((sum, trade) => sum + trade.quantity, 0)).toBe(wanted);
          const rules = world.model.exchange.rules(BTC);
          if (rules === null) throw new Error('no rules');
          const bought = trades.reduce((sum, trade) => sum + BigInt(trade.quantity), 0n) * 10n ** 13n;
          const paid = trades.reduce((sum, trade) => sum + notional(trade.price, quantity(trade.quantity), rules), 0n);
          const charged = (world.model.exchange.feesCollected().get(assetId('BTC')) ?? 0n) - fees;
          expect(amount(totalOf(world, 'BTC') + charged)).toBe(before.BTC + bought);
          expect(totalOf(world, 'USDT')).toBe(before.USDT - paid);
        },
      ),
      { numRuns: 60 },
    );
  });
});
