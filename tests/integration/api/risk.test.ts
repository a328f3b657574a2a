import { topics } from '@monsta/contracts';
import { expectOk } from '@monsta/core';
import { expect, it } from 'vitest';
import { risk } from './samples.test-support.ts';
import { call, startWorld } from './world.test-support.ts';

it('risk is null with a reason until it is reported, then as reported', async () => {
  const world = await startWorld();
  expect((await call(world, '/api/v1/risk')).body).toMatchObject({ risk: null, absence: { code: 'not_reported' } });
  world.publish(topics.risk, risk);
  expectOk(await world.stream.drain(1_000));
  expect((await call(world, '/api/v1/risk')).body).toEqual({ risk, absence: null });
});
