import { riskSchema, topics, tradingStateSchema } from '@monsta/contracts';
import type { ClockReading } from '@monsta/ports';
import { expectOk } from '@monsta/core';
import { afterEach, describe, expect, test } from 'vitest';
import { verifyAgreement } from './agreement.ts';
import { scripted, World, type Life } from './world.ts';

const worlds: World[] = [];
const lives: Life[] = [];
afterEach(async () => {
  for (const life of lives.splice(0)) await life.kill();
  for (const world of worlds.splice(0)) world.remove();
});

async function begin(...parameters: Parameters<World['live']>) {
  const world = new World();
  worlds.push(world);
  const life = await world.live(...parameters);
  lives.push(life);
  expectOk(await world.start(life));
  return { world, life };
}

const riskOf = (life: Life) => riskSchema.parse(life.published.get(topics.risk)?.at(-1));
const stateOf = (life: Life) => tradingStateSchema.parse(life.published.get(topics.tradingState)?.at(-1));

test('what is used of each limit is published in its form, with the account’s day', async () => {
  const { world, life } = await begin([scripted([1])], {
    config: { risk: { staleAfterMs: 120_000, day: { timeZone: 'Asia/Seoul', hour: 9 } } },
  });
  await world.minute(life, 6_000_000);
  await world.tape.clock.advance(6_000);
  await world.quiet(life);
  const risk = riskOf(life);
  const use = risk.limits.find(({ rule }) => rule === 'position_max');
  expect(use).toMatchObject({ instrument: 'BTCUSDT', limit: '0.1' });
  expect(use?.fraction).toBeCloseTo(0.95, 2);
  // 09:00 in Seoul is midnight UTC.
  expect(risk.day).toEqual({
    startMs: 1_723_075_200_000,
    endMs: 1_723_161_600_000,
    timeZone: 'Asia/Seoul',
    hour: 9,
  });
  expect(life.published.get(topics.account)?.at(-1)).toMatchObject({ dayStartMs: 1_723_075_200_000 });
  // Paper has no clock of its own to differ.
  expect(risk.limits.find(({ rule }) => rule === 'clock_drift')).toMatchObject({ limit: '1000', used: null });
});

describe('a venue whose clock differs from ours', () => {
  const CONFIG = {
    risk: { staleAfterMs: 120_000, lossCooldownMs: 0 },
    protectiveStop: { distancePpm: 20_000 },
  };

  test('halts with the reason: entries are denied, the stop stays; and trading goes on when the clocks agree again', async () => {
    let reading: ClockReading | null = { offsetMs: 3, errorMs: 20 };
    const { world, life } = await begin([scripted([1, 0.5, 1])], { config: CONFIG, clock: () => reading });
    await world.minute(life, 6_000_000);
    const resting = async () => (await verifyAgreement(life)).orders.filter(({ status }) => status === 'accepted');
    expect(await resting()).toMatchObject([{ side: 'sell', type: 'stop_loss_limit' }]);
    const [stop] = await resting();

    reading = { offsetMs: -1_500, errorMs: 20 };
    await world.tape.clock.advance(2_000);
    await world.quiet(life);
    expect(stateOf(life)).toMatchObject({ state: 'HALTED', by: 'risk' });
    expect(stateOf(life).reason).toMatch(/1500 ms behind/);
    await world.minute(life, 6_000_000);
    const denied = (await verifyAgreement(life)).decisions[0];
    expect(denied).toMatchObject({ action: 'not_trading', risk: { rule: 'trading_state' } });
    expect((await resting()).map(({ clientOrderId }) => clientOrderId)).toEqual([stop?.clientOrderId]);
    const { limits, causes } = riskOf(life);
    expect(limits.find(({ rule }) => rule === 'clock_drift')).toMatchObject({ used: '1500', fraction: 1.5 });
    expect(causes).toMatchObject([{ strategyId: null, code: 'clock_drift', state: 'HALTED' }]);

    reading = { offsetMs: 40, errorMs: 20 };
    await world.tape.clock.advance(2_000);
    await world.quiet(life);
    expect(stateOf(life)).toMatchObject({ state: 'ACTIVE' });
    await world.minute(life, 6_000_000);
    expect((await verifyAgreement(life)).decisions[0]).toMatchObject({ action: 'hold' });
    expect((await resting()).map(({ clientOrderId }) => clientOrderId)).toEqual([stop?.clientOrderId]);
    expect(life.fatal).toEqual([]);
  });

  test('that nobody knows well halts as well, from the start; and nothing is sent until it is measured better', async () => {
    let reading: ClockReading | null = { offsetMs: 0, errorMs: 5_000 };
    const { world, life } = await begin([scripted([1, 1])], { config: CONFIG, clock: () => reading });
    await world.minute(life, 6_000_000);
    expect(stateOf(life).state).toBe('HALTED');
    expect(stateOf(life).reason).toMatch(/known to 5000 ms only/);
    expect((await verifyAgreement(life)).orders).toEqual([]);
    reading = { offsetMs: 0, errorMs: 50 };
    await world.minute(life, 6_000_000);
    expect((await verifyAgreement(life)).orders.some(({ side, status }) => side === 'buy' && status === 'filled')).toBe(
      true,
    );
  });
});
