import { expectOk } from '@monsta/core';
import { openFileJournal, readJournalFiles } from '@monsta/journal-file';
import { recordingTelemetry, VirtualClock } from '@monsta/testkit';
import {
  decodeInput,
  decodeLife,
  JournalReplay,
  Kernel,
  type KernelOutput,
  type ReplayDifference,
} from '@monsta/trading';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ACCOUNT, scripted, World } from './world.ts';

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.remove();
});

/** No locks: what is wanted is traded. */
const OPTIONS = { config: { risk: { staleAfterMs: 120_000, lossCooldownMs: 0 } } };

test('the journal of two lives, replayed, gives the same orders and decisions as were recorded', async () => {
  const world = new World();
  worlds.push(world);
  const strategies = [scripted([1, 0, { share: 1, limitPrice: 59_900 }, null, 0, 0])];
  const closes = [6_000_000, 6_010_000, 6_000_000, 5_985_000, 6_000_000, 6_000_000];
  let life = await world.live(strategies, OPTIONS);
  expectOk(await world.start(life));
  for (const [minute, close] of closes.entries()) {
    if (minute === 3) {
      await life.kill();
      life = await world.live(strategies, OPTIONS);
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
  let kernel: Kernel | null = null;
  const outputs: KernelOutput[] = [];
  for await (const record of journal.read(0)) {
    const { payload } = expectOk(record);
    // Each life begins with the ledger's state: another kernel.
    const begun = decodeLife(payload);
    if (begun !== null) kernel = new Kernel(begun.config, strategies);
    const input = decodeInput(payload);
    // Beginnings of lives and records of commands are no inputs.
    if (input === null || kernel === null) continue;
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

/** Runs the journal of a world again; `change` may tamper with a record before. */
async function replayed(
  world: World,
  strategies: Parameters<World['live']>[0],
  change: (payload: unknown, sequence: number) => unknown = (payload) => payload,
) {
  const replay = new JournalReplay();
  let difference: ReplayDifference | null = null;
  for await (const record of readJournalFiles(join(world.directory, 'journal'))) {
    const { sequence, payload } = expectOk(record);
    const given = change(payload, sequence);
    const life = decodeLife(given);
    if (life === null) difference ??= replay.take(sequence, given);
    else replay.begin(life, strategies, null);
  }
  replay.finish();
  return { difference, counts: replay.counts };
}

test('a run with kills and a refused order comes out again, command for command; a journal or a strategy that was tampered with does not', async () => {
  const world = new World();
  worlds.push(world);
  const wishes = [1, 0, { share: 1, limitPrice: 59_900 }, 0, 1, 0] as const;
  const strategies = [scripted(wishes)];
  let life = await world.live(strategies, OPTIONS);
  expectOk(await world.start(life));
  for (const [minute, close] of [6_000_000, 6_010_000, 6_000_000, 5_985_000, 6_000_000, 6_000_000].entries()) {
    if (minute === 2 || minute === 4) {
      await life.kill();
      life = await world.live(strategies, OPTIONS);
      expectOk(await world.start(life));
    }
    await world.minute(life, close, [close, close - 1]);
  }
  await life.kill();

  const same = await replayed(world, strategies);
  expect(same.difference).toBeNull();
  expect(same.counts).toMatchObject({ lives: 3, unchecked: 0, gaps: 0 });
  expect(same.counts.commands).toBeGreaterThan(3);

  const otherStrategy = await replayed(world, [scripted([0.5, ...wishes.slice(1)])]);
  expect(otherStrategy.difference).toMatchObject({ input: 'market', recorded: [{ kind: 'submit' }] });

  const isClosedBar = (payload: unknown): boolean => JSON.stringify(payload).includes('"kind":"bar"');
  let bars = 0;
  const withoutABar = await replayed(world, strategies, (payload) => {
    if (!isClosedBar(payload)) return payload;
    bars += 1;
    return bars === 1 ? { kind: 'tick', tsUs: (payload as { tsUs: number }).tsUs } : payload;
  });
  expect(withoutABar.difference).toMatchObject({ recorded: [{ kind: 'submit' }], replayed: null });

  const withoutACommand = await replayed(world, strategies, (payload, sequence) =>
    (payload as { kind: string }).kind === 'commands' ? { kind: 'tick', tsUs: sequence } : payload,
  );
  expect(withoutACommand.difference).toMatchObject({ recorded: null, replayed: [{ kind: 'submit' }] });
});

test('what the journal no longer holds the beginning of, or could not be written, is said and not compared', async () => {
  const world = new World();
  worlds.push(world);
  const strategies = [scripted([1, 0])];
  const life = await world.live(strategies, OPTIONS);
  expectOk(await world.start(life));
  await world.minute(life, 6_000_000, [6_000_000, 5_999_999]);
  await life.kill();
  const headless = await replayed(world, strategies, (payload) => (decodeLife(payload) === null ? payload : {}));
  expect(headless.counts).toMatchObject({ lives: 0, inputs: 0 });
  expect(headless.counts.unchecked).toBeGreaterThan(3);
  const gap = await replayed(world, strategies, (payload, sequence) => (sequence === 4 ? { kind: 'gap' } : payload));
  expect(gap.difference).toBeNull();
  expect(gap.counts).toMatchObject({ lives: 1, gaps: 1 });
});
