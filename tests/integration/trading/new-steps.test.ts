import { topics } from '@monsta/contracts';
import { expectOk, formatPrice } from '@monsta/core';
import { afterEach, expect, test } from 'vitest';
import { verifyAgreement } from './agreement.ts';
import { ACCOUNT, scripted, World, type Life } from './world.ts';

const worlds: World[] = [];
const lives: Life[] = [];
afterEach(async () => {
  for (const life of lives.splice(0)) await life.kill();
  for (const world of worlds.splice(0)) world.remove();
});

async function begin(wishes: Parameters<typeof scripted>[0]) {
  const world = new World();
  worlds.push(world);
  const life = await world.live([scripted(wishes)]);
  lives.push(life);
  expectOk(await world.start(life));
  return { world, life };
}

/** Orders of the ledger, oldest first: side, status, and their price or that of their fills as it was stored. */
async function stored(life: Life): Promise<readonly string[]> {
  const page = { limit: 100, cursor: null };
  const orders = expectOk(await life.ledger.orders(ACCOUNT, page)).items.toReversed();
  const fills = expectOk(await life.ledger.fills(ACCOUNT, page)).items;
  return orders.map(({ value, instrument }) => {
    const own = fills.filter((fill) => fill.value.clientOrderId === value.clientOrderId);
    const prices = own.map((fill) => formatPrice(fill.value.price, fill.instrument));
    const limit = value.limitPrice === null ? [] : [formatPrice(value.limitPrice, instrument)];
    return [value.side, value.status, `v${instrument.version}`, ...limit, ...prices].join(' ');
  });
}

test('a position bought in old steps is sold in new ones, and every record reads as it was', async () => {
  const { world, life } = await begin([1, null, 0]);
  await world.minute(life, 6_000_000);
  world.tape.refine(life.stream);
  await world.quiet(life);
  await world.minute(life, 60_300_000);
  await world.minute(life, 60_600_000);
  const { decisions } = await verifyAgreement(life);
  expect(decisions.map(({ action }) => action)).toEqual(['exit', 'hold', 'enter']);
  // Taken at the touch, 0.005 % worse, in the ticks of their time.
  expect(await stored(life)).toEqual(['buy filled v1 60003.00', 'sell filled v2 60596.969']);
  expect(life.published.get(topics.fills)).toMatchObject([{ price: '60003.00' }, { price: '60596.969' }]);
  expect(life.fatal).toEqual([]);
  expect(expectOk(await life.ledger.instruments())).toMatchObject([{ tick: { units: 1, scale: 3 }, version: 2 }]);
});

test('a resting order of old steps ends at the paper venue, and the next is made in new ones', async () => {
  const { world, life } = await begin([{ share: 1, limitPrice: 59_000 }, null, { share: 1, limitPrice: 59_000.001 }]);
  await world.minute(life, 6_000_000);
  world.tape.refine(life.stream);
  await world.quiet(life);
  await world.minute(life, 60_000_000);
  await world.minute(life, 60_000_000);
  await verifyAgreement(life);
  expect(await stored(life)).toEqual(['buy canceled v1 59000.00', 'buy accepted v2 59000.001']);
});

test('new steps that nobody told of are found by asking, and nothing is read in the old ones for long', async () => {
  const { world, life } = await begin([1, null, 0]);
  await world.minute(life, 6_000_000);
  world.tape.refine(life.stream, false);
  await world.tape.clock.advance(5_000);
  await world.quiet(life);
  for (let waited = 0; waited < 40; waited += 1) {
    await world.tape.clock.advance(1_000);
    await world.quiet(life);
  }
  await world.minute(life, 60_300_000);
  await world.minute(life, 60_600_000);
  await verifyAgreement(life);
  expect(await stored(life)).toEqual(['buy filled v1 60003.00', 'sell filled v2 60596.969']);
});
