import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DecisionMessage, OrderMessage } from '@monsta/contracts';
import { textOf, until, type RunningProgram } from '../support/program.test-support.ts';
import { everything, LiveWorld, untilReady, type TheirOrder } from '../support/live-world.test-support.ts';

/** Three bars at most. */
const BARS_MS = 200_000;
const sidesOf = (orders: readonly TheirOrder[]): readonly string[] =>
  orders.map(({ side, symbol }) => `${side} ${symbol}`).toSorted();

describe('the orders of a program that trades live', () => {
  let world: LiveWorld;
  let program: RunningProgram | null = null;
  let resting = '';

  beforeAll(async () => {
    world = await LiveWorld.open(11);
    const below = Math.floor((await world.price('BTCUSDT')) * 0.97);
    // BTC: an entry that rests far below. ETH: an entry at once, and then an exit that rests far above.
    resting = world.strategy(
      'resting',
      `    if (context.instrument === 'BTCUSDT') context.setTarget(0.3, { limitPrice: ${below} });
    else if (context.position.averagePrice === null) context.setTarget(0.3);
    else context.setTarget(0, { limitPrice: context.position.averagePrice * 1.04 });`,
    );
  });
  afterAll(async () => {
    await program?.kill();
    await world.close();
  });

  const start = (strategy = resting): Promise<RunningProgram> =>
    world.start(strategy, {}, '--instruments', 'BTCUSDT,ETHUSDT');
  const openUntil = (sides: readonly string[], withinMs: number): Promise<readonly TheirOrder[]> =>
    until(
      () => world.openOrders(),
      (orders) => JSON.stringify(sidesOf(orders)) === JSON.stringify(sides),
      withinMs,
      `open orders ${sides.join(', ')}`,
    );
  const watchdogGone = (): Promise<number | null> =>
    until(
      () => Promise.resolve(world.watchdogPid()),
      (pid) => pid === null,
      30_000,
      'the end of the watchdog',
    );

  it('rest beside one of a person; a watchdog that is killed is replaced', { timeout: 400_000 }, async () => {
    program = await start();
    expect(program.document).toMatchObject({ tradingMode: 'live', origin: 'testnet' });
    await untilReady(program);
    const price = Math.floor((await world.price('BTCUSDT')) * 0.97);
    await world.place({
      ...{ symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC' },
      ...{ quantity: '0.001', price: String(price), newClientOrderId: 'web_by_hand' },
    });
    await openUntil(['BUY BTCUSDT', 'BUY BTCUSDT', 'SELL ETHUSDT'], BARS_MS);
    const first = world.watchdogPid();
    if (first === null) throw new Error('there is no watchdog');
    process.kill(first, 'SIGKILL');
    await until(
      () => Promise.resolve(world.watchdogLog().match(/"message":"watching"/g)?.length ?? 0),
      (times) => times === 2,
      60_000,
      'another watchdog',
    );
    expect(world.watchdogPid()).not.toBe(first);
    expect(program.log()).toContain('the watchdog is gone; another is started');
    expect(await world.openOrders()).toHaveLength(3);
  });

  it('after kill -9: entries are canceled, exits and orders of others stay', { timeout: 120_000 }, async () => {
    await program?.kill();
    const left = await openUntil(['BUY BTCUSDT', 'SELL ETHUSDT'], 60_000);
    expect(left.find(({ side }) => side === 'BUY')?.clientOrderId).toBe('web_by_hand');
    await watchdogGone();
    expect(world.hasReports()).toBe(true);
  });

  it('are as the next start finds them, and it tells what was done', { timeout: 400_000 }, async () => {
    program = await start();
    await untilReady(program);
    const url = textOf(program, 'url');
    expect(program.log()).toContain('watchdog_acted');
    expect(world.hasReports()).toBe(false);
    const orders = await everything<OrderMessage>(url, '/api/v1/orders');
    const theirs = await world.allOrders('BTCUSDT');
    for (const order of orders.filter(({ instrument }) => instrument === 'BTCUSDT')) {
      const same = theirs.find(
        ({ clientOrderId, orderId }) =>
          [clientOrderId, String(orderId)].includes(order.clientOrderId) || String(orderId) === order.venueOrderId,
      );
      expect([order.clientOrderId, order.status]).toEqual([order.clientOrderId, same?.status.toLowerCase()]);
    }
    // The entry again, at the next bar.
    await openUntil(['BUY BTCUSDT', 'BUY BTCUSDT', 'SELL ETHUSDT'], BARS_MS);
  });

  it(
    'at a normal stop: entries are canceled, exits stay, and the watchdog leaves quietly',
    { timeout: 120_000 },
    async () => {
      expect(await program?.stop()).toBe(0);
      expect(sidesOf(await world.openOrders())).toEqual(['BUY BTCUSDT', 'SELL ETHUSDT']);
      await watchdogGone();
      expect(world.hasReports()).toBe(false);
      expect(world.watchdogLog()).toContain('the program stops as asked');
    },
  );

  it(
    'when its strategy never returns: it is stopped alone and its entry taken off, and the watchdog has nothing to do',
    { timeout: 400_000 },
    async () => {
      const below = Math.floor((await world.price('BTCUSDT')) * 0.97);
      const hanging = world.strategy(
        'hanging',
        `    if (context.instrument === 'ETHUSDT') return;
    if (globalThis.asked) for (;;) {}
    globalThis.asked = true;
    context.setTarget(0.3, { limitPrice: ${below} });`,
      );
      program = await start(hanging);
      await untilReady(program);
      await openUntil(['BUY BTCUSDT', 'BUY BTCUSDT', 'SELL ETHUSDT'], BARS_MS);
      const decided = await everything<DecisionMessage>(textOf(program, 'url'), '/api/v1/decisions');
      expect(decided.length).toBeGreaterThan(0);
      await openUntil(['BUY BTCUSDT', 'SELL ETHUSDT'], 120_000);
      expect(program.log()).toContain('a strategy does not return');
      expect(world.watchdogPid()).not.toBeNull();
      expect(world.hasReports()).toBe(false);
      expect(await program.stop()).toBe(0);
    },
  );
});
