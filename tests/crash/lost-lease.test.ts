import { randomUUID } from 'node:crypto';
import { expectOk } from '@monsta/core';
import { expect, it, onTestFinished } from 'vitest';
import { LiveWorld, untilReady, type TheirOrder } from '../support/live-world.test-support.ts';
import { textOf, until } from '../support/program.test-support.ts';
import { connectRedis, REDIS_URL, redisAbsence } from '../support/redis.test-support.ts';

/** Renewed every 10 s. */
const NOTICED_WITHIN_MS = 60_000;
/** Longer than the watchdog waits before it acts for a program that it takes for lost. */
const WATCHDOG_WAITS_MS = 10_000;

const absence = await redisAbsence();

const ids = (orders: readonly TheirOrder[]): readonly string[] => orders.map(({ clientOrderId }) => clientOrderId);

it.skipIf(absence !== null)(
  `a program whose account another one has taken ends, says why, and cancels nothing${absence === null ? '' : ` (${absence})`}`,
  { timeout: 400_000 },
  async () => {
    const world = await LiveWorld.open(11);
    onTestFinished(() => world.close());
    const keyPrefix = `monsta-test:${randomUUID()}:`;
    const cache = expectOk(await connectRedis({ keyPrefix, connectTimeoutMs: 1_000 }));
    onTestFinished(() => cache.close());
    const below = Math.floor((await world.price('BTCUSDT')) * 0.97);
    const strategy = world.strategy('resting', `    context.setTarget(0.3, { limitPrice: ${below} });`);
    world.settings = { cache: { kind: 'redis', url: REDIS_URL, key_prefix: keyPrefix } };
    const program = await world.start(strategy, {}, '--instruments', 'BTCUSDT');
    onTestFinished(() => program.kill());
    const name = textOf(program, 'accountId');
    onTestFinished(async () => {
      await cache.delete(`lease:${name}`);
      await cache.delete(`lease-token:${name}`);
    });
    await untilReady(program);
    const before = await until(
      () => world.openOrders(['BTCUSDT']),
      (orders) => orders.length === 1,
      200_000,
      'a resting entry',
    );
    expect(expectOk(await cache.get(`lease:${name}`))).toContain('"token"');
    expectOk(await cache.set(`lease:${name}`, '{"host":"elsewhere","pid":1,"sinceMs":0,"about":"/data"}', 600_000));
    expect(await program.exited(NOTICED_WITHIN_MS)).toBe(1);
    expect(program.log()).toContain(`trading is halted: another program may trade account ${name}`);
    // The watchdog stands back too: somebody else looks after the account.
    await until(
      () => Promise.resolve(world.watchdogPid()),
      (pid) => pid === null,
      WATCHDOG_WAITS_MS + 20_000,
      'the end of the watchdog',
    );
    expect(ids(await world.openOrders(['BTCUSDT']))).toEqual(ids(before));
    expect(world.hasReports()).toBe(false);
    // What the other holds was not taken from it.
    expect(expectOk(await cache.get(`lease:${name}`))).toContain('elsewhere');
  },
);
