import { clientOrderId, expectOk, strategyId, timestampUs } from '@monsta/core';
import { sampleRoundTrip } from '@monsta/testkit';
import { afterEach, expect, test } from 'vitest';
import { verifyAgreement } from './agreement.ts';
import { ACCOUNT, scripted, World, type Life } from './world.ts';

const worlds: World[] = [];
const lives: Life[] = [];
afterEach(async () => {
  for (const life of lives.splice(0)) await life.kill();
  for (const world of worlds.splice(0)) world.remove();
});

/** A quarter of 2/3 − 1/3 ÷ 2 would be 12.5 %; a tenth is 5 %. */
const SIZING = {
  kind: 'kelly',
  tradesMin: 3,
  tradesMax: 200,
  scalePpm: 100_000,
  capPpm: 90_000,
  fallbackPpm: 10_000,
} as const;

function trip(strategy: string, n: number, profit: string) {
  const closedUs = timestampUs(1_723_000_000_000_000 + n * 1_000_000);
  return sampleRoundTrip(`${strategy}-${n}`, {
    accountId: ACCOUNT,
    strategyId: strategyId(strategy),
    openedUs: timestampUs(closedUs - 1_000_000),
    closedUs,
    entryValue: '100',
    profit,
    realizedProfit: profit,
    exitOrderId: clientOrderId(`o-${strategy}-${n}`),
  });
}

test.each([
  [
    'the own round trips of a strategy, which those of a busy one have pushed out of the newest',
    ['10', '10', '-5'],
    833,
  ],
  ['the fallback, while its own are too few', ['10', '10'], 166],
])('at a start Kelly is reckoned from %s', async (_what, own, lots) => {
  const world = new World();
  worlds.push(world);
  const life = await world.live([{ ...scripted([1]), sizing: SIZING }]);
  lives.push(life);
  const roundTrips = [
    ...own.map((profit, n) => trip('scripted', n, profit)),
    ...Array.from({ length: 600 }, (_each, n) => trip('busy', 1_000 + n, '-1')),
  ];
  expectOk(await life.ledger.commit({ accountId: ACCOUNT, roundTrips }));
  expectOk(await world.start(life));
  await world.minute(life, 6_000_000);
  const [order] = (await verifyAgreement(life)).orders;
  expect(order).toMatchObject({ side: 'buy', quantity: lots });
});
