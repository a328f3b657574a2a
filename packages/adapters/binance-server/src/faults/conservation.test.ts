import { accountId, baseAmount, expectOk, instrumentId } from '@monsta/core';
import { recordingTelemetry } from '@monsta/testkit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { connectApi } from '../socket-api/socket-world.test-support.ts';
import { makeTradingWorld, type TradingWorld } from '../trading/trading-world.test-support.ts';
import { readFaultPlan } from './plan-reader.ts';
import { trafficRules } from './random-plan.test-support.ts';

const BTC = instrumentId('BTCUSDT');
const COUNTERPARTY = accountId('fault-counterparty');
const ASSETS = ['BTC', 'USDT'] as const;

/** What there is of the assets in the fees and in all accounts but the counterparty's. */
function totals({ model: { exchange } }: TradingWorld): readonly bigint[] {
  return ASSETS.map((asset) => {
    const held = exchange
      .accounts()
      .filter((account) => account !== COUNTERPARTY)
      .flatMap((account) => exchange.positions(account).filter((each) => each.asset === asset));
    const fees = [...exchange.feesCollected()].filter(([of]) => of === asset).map(([, amount]) => amount);
    return [...held.map(({ free, locked }) => free + locked), ...fees].reduce<bigint>((sum, part) => sum + part, 0n);
  });
}

const step = fc.record({
  who: fc.constantFrom('ann' as const, 'ben' as const),
  door: fc.constantFrom('rest' as const, 'socket' as const),
  act: fc.constantFrom('place' as const, 'cancel' as const, 'cancelAll' as const, 'account' as const),
  side: fc.constantFrom('BUY', 'SELL'),
  price: fc.integer({ min: 89_990, max: 90_010 }),
  lots: fc.integer({ min: 6, max: 99 }),
  waitMs: fc.constantFrom(0, 0, 10, 700),
});

const SOCKET_METHODS = {
  place: 'order.place',
  cancel: 'order.cancel',
  cancelAll: 'openOrders.cancelAll',
  account: 'account.status',
} as const;
const REST_METHODS = {
  place: ['POST', 'order'],
  cancel: ['DELETE', 'order'],
  cancelAll: ['DELETE', 'openOrders'],
  account: ['GET', 'account'],
} as const;

it(
  'whatever the faults, the server breaks nowhere, no book is crossed, and money changes hands without getting more or less',
  { timeout: 60_000 },
  async () => {
    const fills = fc.record({
      fault: fc.constant('fill'),
      moment: fc.constantFrom('before', 'after'),
      percent: fc.integer({ min: 1, max: 100 }),
      times: fc.constant('always'),
      where: fc.constantFrom({ channel: 'rest' }, { channel: 'ws-api' }),
    });
    let traded = 0;
    await fc.assert(
      fc.asyncProperty(
        trafficRules,
        fills,
        fc.nat(9_999),
        fc.array(step, { minLength: 15, maxLength: 30 }),
        async (rules, fill, seed, steps) => {
          const telemetry = recordingTelemetry();
          const plan = expectOk(readFaultPlan({ seed, rules: [...rules, fill] }));
          const world = makeTradingWorld({ faults: plan, logger: telemetry.logger });
          const { exchange } = world.model;
          // What the counterparty gave and took; whatever else it has was deposited for it.
          const taken = [0n, 0n];
          world.model.listen({
            onReport: ({ account, execution, side, lastQuote }) => {
              if (account !== COUNTERPARTY || execution === null) return;
              const sign = side === 'buy' ? 1n : -1n;
              const rules = exchange.rules(BTC) ?? missing();
              taken[0] = (taken[0] ?? 0n) + sign * baseAmount(execution.quantity, rules);
              taken[1] = (taken[1] ?? 0n) - sign * lastQuote;
            },
            onTrade: () => undefined,
            onBest: () => undefined,
            onListStatus: () => undefined,
            onAccount: () => undefined,
          });
          const before = totals(world);
          let client: ReturnType<typeof connectApi> | null = null;
          try {
            client = connectApi(world);
          } catch (refused) {
            expect(String(refused)).toContain('refused with 503');
          }
          for (const [index, { who, door, act, side, price, lots, waitMs }] of steps.entries()) {
            const order = {
              side,
              type: 'LIMIT',
              timeInForce: 'GTC',
              quantity: `0.000${String(lots).padStart(2, '0')}`,
              price: String(price),
            };
            const fields =
              act === 'account'
                ? {}
                : {
                    symbol: 'BTCUSDT',
                    ...(act === 'place' ? { ...order, newClientOrderId: `o${index}` } : {}),
                    ...(act === 'cancel' ? { origClientOrderId: `o${Math.max(0, index - 1)}` } : {}),
                  };
            if (door === 'rest') {
              // An answer that a fault took or made of HTML is no JSON; the server's own failures are in its log.
              const [method, path] = REST_METHODS[act];
              void world.signed(world[who], method, path, fields).catch(() => undefined);
            } else if (client !== null) {
              try {
                client.signed(world[who], SOCKET_METHODS[act], fields);
              } catch (unanswered) {
                expect(String(unanswered)).toContain('no answer');
              }
            }
            await world.clock.advance(waitMs);
            const best = exchange.best(BTC);
            if (best !== null && best.bidPrice > 0 && best.askPrice > 0)
              expect(best.bidPrice).toBeLessThan(best.askPrice);
          }
          world.server.close();
          await world.clock.settle();
          expect(telemetry.records.filter(({ level }) => level === 'error')).toEqual([]);
          expect(totals(world)).toEqual(before.map((total, index) => total - (taken[index] ?? 0n)));
          traded += world.server.faults.log().filter(({ note }) => note.includes('traded')).length;
        },
      ),
      { numRuns: 60 },
    );
    expect(traded).toBeGreaterThan(20);
  },
);

function missing(): never {
  throw new Error('the symbol has no rules');
}
