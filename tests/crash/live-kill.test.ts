import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountMessage, FillMessage, OrderMessage } from '@monsta/contracts';
import { addAmounts, expectOk, formatAmount, parseAmount, seededRandom } from '@monsta/core';
import { getJson, textOf, until, type RunningProgram } from '../support/program.test-support.ts';
import {
  everything,
  LiveWorld,
  untilReady,
  wait,
  type TheirOrder,
  type TheirTrade,
} from '../support/live-world.test-support.ts';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'] as const;
const KILLS = 3;
const OPEN = new Set(['pending_submit', 'pending_cancel', 'accepted', 'partially_filled']);
const amount = (text: string) => expectOk(parseAmount(text));

describe('kill -9 in the middle of orders on an account of an exchange', () => {
  let world: LiveWorld;
  let program: RunningProgram | null = null;

  beforeAll(async () => {
    world = await LiveWorld.open(23);
  });
  afterAll(async () => {
    await program?.kill();
    await world.close();
  });

  /** Most kills come in the second and a half after a minute's end, when bars close, orders leave and outcomes come. */
  const untilNextKill = (random: ReturnType<typeof seededRandom>): Promise<void> =>
    wait(60_000 - (Date.now() % 60_000) + random.integer(1_500));

  it(
    'loses and doubles nothing: ledger and exchange say the same',
    { timeout: KILLS * 200_000 + 300_000 },
    async () => {
      const random = seededRandom(20_261_126);
      const flip = world.strategy('flip', '    context.setTarget(context.position.quantity > 0 ? 0 : 0.3);');
      const start = async (): Promise<RunningProgram> => {
        const started = await world.start(flip, {}, '--instruments', SYMBOLS.join(','));
        await untilReady(started);
        return started;
      };
      program = await start();
      for (let kill = 0; kill < KILLS; kill += 1) {
        await untilNextKill(random);
        await program.kill();
        await wait(random.integer(4_000));
        program = await start();
      }
      // One more minute's orders, and quiet after them.
      await wait(60_000 - (Date.now() % 60_000) + 5_000);
      const url = textOf(program, 'url');
      const orders = await until(
        () => everything<OrderMessage>(url, '/api/v1/orders'),
        (all) => all.every(({ status }) => !OPEN.has(status)),
        90_000,
        'the outcome of every order',
      );
      const fills = await everything<FillMessage>(url, '/api/v1/fills');
      const theirOrders: TheirOrder[] = [];
      const theirTrades: (TheirTrade & { readonly symbol: string })[] = [];
      for (const symbol of SYMBOLS) {
        theirOrders.push(...(await world.allOrders(symbol)));
        theirTrades.push(...(await world.trades(symbol)).map((trade) => ({ ...trade, symbol })));
      }

      expect(fills.length).toBeGreaterThan(0);
      // Each order that the exchange has is in the ledger once, as it ended there; what the ledger has beside never was one.
      const theirs = new Map(theirOrders.map((order) => [order.clientOrderId, order]));
      expect(theirs.size).toBe(theirOrders.length);
      const sent = orders.filter(({ clientOrderId }) => theirs.has(clientOrderId));
      expect(sent.map(({ clientOrderId }) => clientOrderId).toSorted()).toEqual([...theirs.keys()].toSorted());
      for (const { clientOrderId, status, filledQuantity } of sent) {
        const there = theirs.get(clientOrderId);
        expect([clientOrderId, status, amount(filledQuantity)]).toEqual([
          clientOrderId,
          there?.status.toLowerCase(),
          amount(there?.executedQty ?? '0'),
        ]);
      }
      const never = orders.filter(({ clientOrderId }) => !theirs.has(clientOrderId));
      expect(never.filter(({ status }) => status !== 'rejected' && status !== 'denied')).toEqual([]);

      const key = (symbol: string, id: number | string): string => `${symbol} ${id}`;
      expect(fills.map(({ instrument, fillId }) => key(instrument, fillId)).toSorted()).toEqual(
        theirTrades.map(({ symbol, id }) => key(symbol, id)).toSorted(),
      );

      const account = await getJson<AccountMessage>(`${url}/api/v1/account`);
      const balances = new Map(
        (await world.balances()).map(({ asset, free, locked }) => [asset, addAmounts(amount(free), amount(locked))]),
      );
      for (const { asset, free, locked } of account.balances)
        expect([asset, formatAmount(addAmounts(amount(free), amount(locked)))]).toEqual([
          asset,
          formatAmount(balances.get(asset) ?? amount('0')),
        ]);
      expect(program.log()).not.toContain('balance_divergence');
      expect(await program.stop()).toBe(0);
    },
  );
});
