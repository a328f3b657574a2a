import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Params } from '../socket-api/socket-world.test-support.ts';
import { listening, type Event } from './user-data.test-support.ts';

interface Draw {
  readonly kind: number;
  readonly buys: boolean;
  readonly offset: number;
  readonly size: number;
  readonly pick: number;
  readonly others: boolean;
}

const draws = fc.array(
  fc.record({
    kind: fc.integer({ min: 0, max: 15 }),
    buys: fc.boolean(),
    offset: fc.integer({ min: -20, max: 20 }),
    size: fc.integer({ min: 1, max: 40 }),
    pick: fc.integer({ min: 0, max: 9 }),
    others: fc.boolean(),
  }),
  { minLength: 5, maxLength: 40, size: 'max' },
);

/** The request that a draw means; what it cancels or changes is one of `open`, sometimes one that there is not. */
function requestOf(draw: Draw, open: readonly number[]): readonly [method: string, path: string, fields: Params] {
  const { kind, offset, pick } = draw;
  const side = draw.buys ? 'BUY' : 'SELL';
  const away = draw.buys ? 1 : -1;
  const quantity = (draw.size / 100).toFixed(2);
  const price = String(20_000 + offset * 5);
  const above = String(20_000 + Math.abs(offset) * 5 + 5);
  const below = String(20_000 - Math.abs(offset) * 5 - 5);
  const orderId = open[pick % Math.max(1, open.length)] ?? 999_999;
  const limit = { side, type: 'LIMIT', timeInForce: 'GTC', quantity, price };
  const stop = draw.buys ? above : below;
  const working = {
    workingType: 'LIMIT',
    workingSide: side,
    workingPrice: price,
    workingQuantity: quantity,
    workingTimeInForce: pick < 3 ? 'IOC' : 'GTC',
  };
  const other = draw.buys ? 'SELL' : 'BUY';
  switch (kind) {
    case 0:
      return ['POST', 'order', { side, type: 'MARKET', quantity }];
    case 1:
      return ['POST', 'order', { side, type: 'MARKET', quoteOrderQty: String(draw.size * 50) }];
    case 2:
      return ['POST', 'order', { ...limit, timeInForce: pick < 5 ? 'IOC' : 'FOK' }];
    case 3:
      return ['POST', 'order', { side, type: 'LIMIT_MAKER', quantity, price: draw.buys ? below : above }];
    case 4:
      return ['POST', 'order', { side, type: 'STOP_LOSS', quantity, stopPrice: stop }];
    case 5:
      return ['POST', 'order', { ...limit, type: 'STOP_LOSS_LIMIT', stopPrice: stop }];
    case 6:
      return ['POST', 'order', { side, type: 'TAKE_PROFIT', quantity, stopPrice: draw.buys ? below : above }];
    case 7:
      return ['DELETE', 'order', { orderId }];
    case 8:
      return ['PUT', 'order/amend/keepPriority', { orderId, newQty: (draw.size / 200).toFixed(3) }];
    case 9:
      return [
        'POST',
        'order/cancelReplace',
        { ...limit, cancelOrderId: orderId, cancelReplaceMode: pick < 5 ? 'STOP_ON_FAILURE' : 'ALLOW_FAILURE' },
      ];
    case 10: {
      const pair = { quantity, side };
      const legs = draw.buys
        ? { aboveType: 'STOP_LOSS', aboveStopPrice: above, belowType: 'LIMIT_MAKER', belowPrice: below }
        : { aboveType: 'LIMIT_MAKER', abovePrice: above, belowType: 'STOP_LOSS', belowStopPrice: below };
      return ['POST', 'orderList/oco', { ...pair, ...legs }];
    }
    case 11: {
      const pending = {
        pendingType: 'LIMIT',
        pendingSide: other,
        pendingQuantity: quantity,
        pendingTimeInForce: 'GTC',
      };
      return ['POST', 'orderList/oto', { ...working, ...pending, pendingPrice: String(20_000 + away * 100) }];
    }
    case 12: {
      const legs = draw.buys
        ? {
            pendingAboveType: 'LIMIT_MAKER',
            pendingAbovePrice: '20300',
            pendingBelowType: 'STOP_LOSS',
            pendingBelowStopPrice: '19600',
          }
        : {
            pendingAboveType: 'STOP_LOSS',
            pendingAboveStopPrice: '20300',
            pendingBelowType: 'LIMIT_MAKER',
            pendingBelowPrice: '19600',
          };
      return ['POST', 'orderList/otoco', { ...working, ...legs, pendingSide: other, pendingQuantity: quantity }];
    }
    case 13:
      return ['DELETE', 'openOrders', {}];
    default:
      return ['POST', 'order', { ...limit, ...(pick === 0 ? { icebergQty: '0.01' } : {}) }];
  }
}

interface Known {
  readonly price: unknown;
  readonly quantity: unknown;
  readonly executed: unknown;
  readonly spent: unknown;
  readonly status: unknown;
  readonly name: unknown;
}

/** What an account knows of itself from its events alone. */
class Rebuilt {
  readonly open = new Map<number, Known>();
  readonly balances = new Map<string, { readonly free: string; readonly locked: string }>();
  readonly trades: unknown[] = [];

  hear(event: Event): void {
    if (event['e'] === 'outboundAccountPosition') {
      for (const { a, f, l } of event['B'] as readonly { a: string; f: string; l: string }[]) {
        this.balances.set(a, { free: f, locked: l });
      }
      return;
    }
    if (event['e'] !== 'executionReport') return;
    const id = Number(event['i']);
    const { X: status, p: price, q: quantity, z: executed, Z: spent, c: name } = event;
    if (event['x'] === 'TRADE')
      this.trades.push([event['t'], id, event['L'], event['l'], event['n'], event['N'], event['m']]);
    const lives = status === 'NEW' || status === 'PARTIALLY_FILLED' || status === 'PENDING_NEW';
    if (lives) this.open.set(id, { price, quantity, executed, spent, status, name });
    else this.open.delete(id);
  }
}

type Row = Readonly<Record<string, unknown>>;

describe('from its events alone', () => {
  it('an account knows its orders, balances and trades as the exchange has them, whatever happened', async () => {
    let commands = 0;
    let filled = 0;
    await fc.assert(
      fc.asyncProperty(draws, async (drawn) => {
        const { world, told } = listening();
        const { ann } = world;
        const rows = async (path: string, fields: Params = {}): Promise<readonly Row[]> =>
          (await world.signed(ann, 'GET', path, { symbol: 'BTCUSDT', ...defined(fields) })).json as readonly Row[];
        const rebuilt = new Rebuilt();
        for (const { asset, free, locked } of await balancesOf(world)) {
          rebuilt.balances.set(String(asset), { free: String(free), locked: String(locked) });
        }
        for (const draw of drawn) {
          await world.clock.advance(100);
          if (draw.others) {
            // Somebody else trades: Ann's orders are filled, and triggered, without her doing.
            const size = {
              side: draw.buys ? ('SELL' as const) : ('BUY' as const),
              quantity: (draw.size / 50).toFixed(2),
            };
            const price = String(20_000 - (draw.buys ? 1 : -1) * (draw.offset + 25) * 3);
            world.provide('BTCUSDT', {
              ...size,
              type: 'LIMIT',
              timeInForce: 'GTC',
              price,
              selfTradePreventionMode: 'NONE',
            });
          } else {
            const [method, path, fields] = requestOf(draw, [...rebuilt.open.keys()]);
            const { status } = await world.signed(ann, method, path, { symbol: 'BTCUSDT', ...defined(fields) });
            if (status === 200) commands += 1;
          }
          for (const event of await told()) rebuilt.hear(event);
        }
        const open = (await rows('openOrders')).map((row) => [
          row['orderId'],
          {
            price: row['price'],
            quantity: row['origQty'],
            executed: row['executedQty'],
            spent: row['cummulativeQuoteQty'],
            status: row['status'],
            name: row['clientOrderId'],
          },
        ]);
        expect(new Map(open as [number, Known][])).toEqual(rebuilt.open);
        const balances = (await balancesOf(world)).map(({ asset, free, locked }) => [asset, { free, locked }]);
        expect(new Map(balances as [string, { free: string; locked: string }][])).toEqual(rebuilt.balances);
        const trades = (await rows('myTrades', { limit: 1_000 })).map((row) =>
          ['id', 'orderId', 'price', 'qty', 'commission', 'commissionAsset', 'isMaker'].map((name) => row[name]),
        );
        expect(trades).toEqual(rebuilt.trades);
        filled += trades.length;
      }),
      { numRuns: 60 },
    );
    // The draws must mean something: orders are placed, and traded.
    expect(commands).toBeGreaterThan(300);
    expect(filled).toBeGreaterThan(100);
  }, 60_000);
});

const defined = (fields: Params): Readonly<Record<string, string | number | boolean>> =>
  Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

async function balancesOf(world: ReturnType<typeof listening>['world']): Promise<readonly Row[]> {
  const { json } = await world.signed(world.ann, 'GET', 'account');
  return (json as { readonly balances: readonly Row[] }).balances;
}
