import { expectOk } from '@monsta/core';
import { openFileJournal } from '@monsta/journal-file';
import { recordingTelemetry, VirtualClock } from '@monsta/testkit';
import { decodeInput, Kernel, UNLIMITED, type KernelConfig, type KernelOutput } from '@monsta/trading';
import { assetId, parseAmount } from '@monsta/core';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ACCOUNT, scripted, World } from './world.ts';

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.remove();
});

const CONFIG: KernelConfig = {
  accountId: ACCOUNT,
  quoteAsset: assetId('USDT'),
  allocationPpm: 95_000,
  rebalanceBandPpm: 200_000,
  exitPlan: null,
  equitySampleMs: 60_000,
  limits: {
    ...UNLIMITED,
    positionPpmMax: 100_000,
    dailyLossPpmMax: 50_000,
    drawdownPpmMax: 200_000,
    openOrdersMax: 20,
    priceCollarPpm: 50_000,
    staleAfterMs: 120_000,
    orderNotionalMin: expectOk(parseAmount('5')),
    cashReservePpm: 5_000,
    exposureMax: null,
  },
};

test('the journal of two lives, replayed, gives the same orders and decisions as were recorded', async () => {
  const world = new World();
  worlds.push(world);
  const strategies = [scripted([1, 0, { share: 1, limitPrice: 59_900 }, null, 0, 0])];
  const closes = [6_000_000, 6_010_000, 6_000_000, 5_985_000, 6_000_000, 6_000_000];
  let life = await world.live(strategies);
  expectOk(await world.start(life));
  for (const [minute, close] of closes.entries()) {
    if (minute === 3) {
      await life.kill();
      life = await world.live(strategies);
      expectOk(await world.start(life));
    }
    await world.minute(life, close, [close, close - 1]);
  }
  const page = { limit: 1_000, cursor: null };
  const decisions = expectOk(await life.ledger.decisions(ACCOUNT, page)).items;
  const orders = expectOk(await life.ledger.orders(ACCOUNT, page)).items.map(({ value }) => value.clientOrderId);
  await life.kill();

  const { logger } = recordingTelemetry();
  const journal = expectOk(
    await openFileJournal({ directory: join(world.directory, 'journal'), clock: new VirtualClock(), logger }),
  );
  let kernel = new Kernel(CONFIG, strategies);
  let recovered = false;
  const outputs: KernelOutput[] = [];
  for await (const record of journal.read(0)) {
    const input = decodeInput(expectOk(record).payload);
    expect(input).not.toBeNull();
    if (input === null) continue;
    // Each life begins with the instruments and the ledger's state: another kernel.
    if (input.kind === 'instruments' && recovered) kernel = new Kernel(CONFIG, strategies);
    recovered = true;
    outputs.push(...kernel.handle(input));
  }
  await journal.close();
  expect(outputs.flatMap((output) => (output.kind === 'decision' ? [output.decision] : [])).toReversed()).toEqual(
    decisions,
  );
  expect(
    outputs.flatMap((output) => (output.kind === 'submit' ? [output.request.clientOrderId] : [])).toReversed(),
  ).toEqual(orders);
  expect(orders).toHaveLength(4);
});
