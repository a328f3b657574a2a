import { formatUnits, parseDecimal, pow10 } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccountCredentials } from './demo-accounts.ts';
import { makeTradingWorld, type TradingWorld } from './trading-world.test-support.ts';

const SCALE = 16;

/** A decimal text in units of 10^-16. */
function units(text: string): bigint {
  const parsed = parseDecimal(text);
  if (!parsed.ok) throw new Error(`'${text}' is no decimal`);
  return parsed.value.units * pow10(SCALE - parsed.value.scale);
}

interface Trade {
  readonly id: number;
  readonly orderId: number;
  readonly price: string;
  readonly qty: string;
  readonly quoteQty: string;
  readonly commission: string;
  readonly commissionAsset: string;
  readonly isBuyer: boolean;
}
interface Queried {
  readonly orderId: number;
  readonly executedQty: string;
  readonly origQty: string;
  readonly cummulativeQuoteQty: string;
  readonly price: string;
  readonly status: string;
  readonly side: string;
}

interface Step {
  readonly who: 'ann' | 'ben';
  readonly act: 'limit' | 'market' | 'quote' | 'cancel' | 'replace' | 'amend';
  readonly side: 'BUY' | 'SELL';
  readonly price: number;
  readonly size: number;
}

const steps: fc.Arbitrary<Step> = fc.record({
  who: fc.constantFrom('ann' as const, 'ben'),
  act: fc.constantFrom('limit', 'limit', 'limit', 'market', 'quote', 'cancel', 'replace', 'amend'),
  side: fc.constantFrom('BUY', 'SELL'),
  price: fc.integer({ min: 19_950, max: 20_050 }),
  size: fc.integer({ min: 1, max: 40 }),
});

async function act(world: TradingWorld, step: Step): Promise<void> {
  const { signed } = world;
  const who = world[step.who];
  const common = { symbol: 'BTCUSDT', side: step.side };
  const quantity = `0.${String(step.size).padStart(3, '0')}`;
  const limit = { ...common, type: 'LIMIT', timeInForce: 'GTC', quantity, price: step.price };
  const open = (await signed(who, 'GET', 'openOrders')).json as readonly Queried[];
  const orderId = open[step.size % Math.max(1, open.length)]?.orderId ?? 1;
  switch (step.act) {
    case 'limit':
      await signed(who, 'POST', 'order', limit);
      return;
    case 'market':
      await signed(who, 'POST', 'order', { ...common, type: 'MARKET', quantity });
      return;
    case 'quote':
      await signed(who, 'POST', 'order', { ...common, type: 'MARKET', quoteOrderQty: step.size * 10 });
      return;
    case 'cancel':
      await signed(who, 'DELETE', 'order', { symbol: 'BTCUSDT', orderId });
      return;
    case 'replace':
      await signed(who, 'POST', 'order/cancelReplace', {
        ...limit,
        cancelReplaceMode: 'ALLOW_FAILURE',
        cancelOrderId: orderId,
      });
      return;
    case 'amend':
      await signed(who, 'PUT', 'order/amend/keepPriority', { symbol: 'BTCUSDT', orderId, newQty: '0.001' });
      return;
  }
}

/** What an account must have of an asset after all that it can be asked about, and what of it must be locked. */
async function expected(
  world: TradingWorld,
  who: AccountCredentials,
): Promise<Readonly<Record<string, { total: bigint; locked: bigint }>>> {
  const trades = (await world.signed(who, 'GET', 'myTrades', { symbol: 'BTCUSDT', limit: 1_000 }))
    .json as readonly Trade[];
  const open = (await world.signed(who, 'GET', 'openOrders', { symbol: 'BTCUSDT' })).json as readonly Queried[];
  const btc = { total: units('10'), locked: 0n };
  const usdt = { total: units('100000'), locked: 0n };
  for (const { qty, quoteQty, commission, commissionAsset, isBuyer, price } of trades) {
    expect(units(quoteQty) * pow10(SCALE)).toBe(units(qty) * units(price));
    btc.total += isBuyer ? units(qty) : -units(qty);
    usdt.total += isBuyer ? -units(quoteQty) : units(quoteQty);
    const paid = commissionAsset === 'BTC' ? btc : usdt;
    paid.total -= units(commission);
  }
  for (const order of open) {
    const left = units(order.origQty) - units(order.executedQty);
    if (order.side === 'SELL') btc.locked += left;
    else usdt.locked += (left * units(order.price)) / pow10(SCALE);
  }
  return { BTC: btc, USDT: usdt };
}

const LIMITS = { ordersPerTenSeconds: 1_000_000, ordersPerDay: 1_000_000, weightPerMinute: 1_000_000 };

describe('what an account is told over REST', () => {
  it('adds up to the digit: balances are what it began with, its trades and its fees; what is locked is what its open orders need', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 5, maxLength: 60 }), async (taken) => {
        const world = makeTradingWorld({ requestLimits: LIMITS });
        for (const step of taken) await act(world, step);
        for (const who of [world.ann, world.ben]) {
          const { balances } = (await world.signed(who, 'GET', 'account')).json as {
            balances: readonly { asset: string; free: string; locked: string }[];
          };
          for (const [asset, { total, locked }] of Object.entries(await expected(world, who))) {
            const told = balances.find((balance) => balance.asset === asset);
            expect({ asset, total: units(told?.free ?? '') + units(told?.locked ?? ''), locked: told?.locked }).toEqual(
              {
                asset,
                total,
                locked: formatUnits(locked / pow10(SCALE - 8), 8),
              },
            );
          }
          const all = (await world.signed(who, 'GET', 'allOrders', { symbol: 'BTCUSDT', limit: 1_000 }))
            .json as readonly Queried[];
          const trades = (await world.signed(who, 'GET', 'myTrades', { symbol: 'BTCUSDT', limit: 1_000 }))
            .json as readonly Trade[];
          for (const { orderId, executedQty, cummulativeQuoteQty } of all) {
            const own = trades.filter((trade) => trade.orderId === orderId);
            expect(own.reduce((sum, { qty }) => sum + units(qty), 0n)).toBe(units(executedQty));
            expect(own.reduce((sum, { quoteQty }) => sum + units(quoteQty), 0n)).toBe(units(cummulativeQuoteQty));
          }
        }
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});
