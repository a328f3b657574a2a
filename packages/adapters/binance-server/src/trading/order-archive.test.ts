import { describe, expect, it } from 'vitest';
import { OrderArchive } from './order-archive.ts';
import { makeTradingWorld, type TradingWorld } from './trading-world.test-support.ts';

/** What Ann's orders of 0.001 BTC were reported as, in an archive that keeps three orders and two trades. */
async function smallArchive(act: (world: TradingWorld) => Promise<void>): Promise<{
  readonly archive: OrderArchive;
  readonly world: TradingWorld;
}> {
  const world = makeTradingWorld();
  const archive = new OrderArchive({
    ordersMax: 3,
    tradesMax: 2,
    preventedMatchesMax: 2,
    amendmentsMax: 2,
    listsMax: 2,
  });
  world.model.listen({
    onReport: (report) => {
      if (report.account === world.ann.account) archive.onReport(report);
    },
    onTrade: () => undefined,
    onBest: () => undefined,
    onListStatus: (status) => archive.onListStatus(status),
    onAccount: () => undefined,
  });
  world.provide('BTCUSDT', { side: 'SELL', type: 'LIMIT', timeInForce: 'GTC', price: '20000', quantity: '1' });
  await act(world);
  return { archive, world };
}

const BUY = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.001' } as const;

describe('the archive of an account', () => {
  it('keeps the newest and forgets the oldest, also by their clients’ ids', async () => {
    const { archive, world } = await smallArchive(async ({ signed, ann }) => {
      for (let order = 1; order <= 10; order += 1) {
        expect((await signed(ann, 'POST', 'order', { ...BUY, newClientOrderId: `n${order}` })).status).toBe(200);
      }
    });
    const { account } = world.ann;
    const symbol = world.model.symbols()[0]?.instrument.id;
    if (symbol === undefined) throw new Error('no symbol');
    expect(archive.orders(account, symbol).map(({ clientOrderId }) => clientOrderId)).toEqual(['n8', 'n9', 'n10']);
    expect(archive.orderNamed(account, symbol, 'n7')).toBeNull();
    expect(archive.orderNamed(account, symbol, 'n8')?.orderId).toBe(9);
    expect(archive.order(account, symbol, 8)).toBeNull();
    const trades = archive.trades(account, symbol).map(({ tradeId }) => tradeId);
    expect(trades.length).toBeLessThanOrEqual(4);
    expect(trades.slice(-2)).toEqual([9, 10]);
  });

  it('keeps the newest lists', async () => {
    const { archive, world } = await smallArchive(async ({ signed, ann }) => {
      for (let list = 1; list <= 4; list += 1) {
        const placed = await signed(ann, 'POST', 'orderList/oto', {
          symbol: 'BTCUSDT',
          listClientOrderId: `list${list}`,
          workingType: 'LIMIT',
          workingSide: 'BUY',
          workingTimeInForce: 'GTC',
          workingPrice: '19000',
          workingQuantity: '0.001',
          pendingType: 'MARKET',
          pendingSide: 'SELL',
          pendingQuantity: '0.001',
        });
        expect(placed.status).toBe(200);
      }
    });
    const { account } = world.ann;
    expect(archive.lists(account).map(({ listClientOrderId }) => listClientOrderId)).toEqual(['list3', 'list4']);
    expect(archive.listNamed(account, 'list1')).toBeNull();
    expect(archive.list(account, 4)?.listClientOrderId).toBe('list4');
  });
});
