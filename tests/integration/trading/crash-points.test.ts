import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectOk, isFinal, parseAmount } from '@monsta/core';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../../support/program.test-support.ts';
import { verifyAgreement } from './agreement.ts';
import { CrashPoints, POINTS, type Point } from './crash-points.ts';
import { CLOSE, MINUTES, SCENARIOS, strategyOf, type Ending, type Memory, type Scenario } from './crash-scenarios.ts';
import { ACCOUNT, World, type Life } from './world.ts';

const LOT = 10n ** 13n;

/** What the strategy remembers follows from what it has decided, as the ledger has both. */
async function verifyMemory(life: Life, decided: number): Promise<void> {
  const records = expectOk(await life.ledger.strategies(ACCOUNT));
  const memory = records.find(({ strategyId }) => strategyId === 'story')?.state as Record<string, Memory> | undefined;
  expect(memory?.['BTCUSDT']?.bars ?? 0).toBe(decided);
}

async function endingOf(life: Life): Promise<Ending> {
  const books = await verifyAgreement(life);
  const positions = expectOk(await life.ledger.positions(ACCOUNT));
  const held = positions.reduce((sum, { quantity }) => sum + expectOk(parseAmount(quantity)), 0n);
  const open = books.orders.filter(({ status }) => !isFinal(status));
  await verifyMemory(life, books.decisions.filter(({ id }) => id.startsWith('story:BTCUSDT:1m:')).length);
  return { ...books, life, held: Number(held / LOT), open };
}

/** Plays a scenario; the program dies at the point, is started again for the next minute, and once more in the end. */
async function play(scenario: Scenario, at: Point | null): Promise<readonly Point[]> {
  const world = new World();
  const points = new CrashPoints(scenario.isOfInterest(), scenario.most);
  const later = new CrashPoints(() => false, 0);
  const config = scenario.config ?? {};
  const begin = (cut: CrashPoints, where: Point | null): Promise<Life> =>
    world.live([strategyOf(scenario)], { config, cut: cut.watch(where) });
  let life = await begin(points, at);
  const again = async (): Promise<void> => {
    await life.kill();
    life = await begin(later, null);
    expectOk(await world.start(life));
    // The market speaks all the time.
    world.tape.publishQuote(life.stream);
    world.tape.trade(life.stream, CLOSE);
    await world.quiet(life);
  };
  try {
    await world.start(life);
    for (let minute = 0; minute < MINUTES; minute += 1) {
      if (life.power.off) await again();
      await world.minute(life, CLOSE, scenario.trades?.(minute) ?? [CLOSE]);
      await scenario.byHand?.(world, life, minute);
    }
    const submitted = [...points.submitted, ...later.submitted];
    expect(new Set(submitted).size, 'no order is sent twice').toBe(submitted.length);
    const ending = await endingOf(life);
    scenario.check(ending);
    expect(life.fatal).toEqual([]);
    // Recovery is where it is: another one finds nothing to do.
    await again();
    const { orders, fills } = await endingOf(life);
    expect(orders.map(({ updatedUs: _at, ...order }) => order)).toEqual(
      ending.orders.map(({ updatedUs: _at, ...order }) => order),
    );
    expect(fills).toEqual(ending.fills);
    return points.seen.slice(points.seen.indexOf(scenario.from));
  } finally {
    await life.kill();
    world.remove();
  }
}

const ORDERS = ['submit', 'replace', 'submit-list', 'twap slice', 'bracket entry', 'manual order', 'flatten'];
const SHORT: Readonly<Record<string, readonly string[]>> = {
  'every order': ORDERS,
  'every cancel': ['cancel', 'cancel-list'],
};

/** The points of the page, each with the kinds of commands that have it. */
const page = readFileSync(join(ROOT, 'docs/recovery.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, point = '', , , , kinds = '']) => ({
    point: point.replaceAll('`', ''),
    kinds: kinds.split(', ').flatMap((kind) => SHORT[kind] ?? kind),
  }));

test('docs/recovery.md has one row for each point, in their order', () => {
  expect(page.map(({ point }) => point)).toEqual(POINTS);
});

describe.each(SCENARIOS.map((scenario) => [scenario.kind, scenario] as const))(
  '%s: wherever the program dies between intent and outcome, nothing is lost and nothing is there twice',
  (kind, scenario) => {
    const points = page.flatMap(({ point, kinds }) =>
      kinds.includes(kind) ? POINTS.filter((known) => known === point) : [],
    );

    test('alive it comes through all the points that the page names for it, and through no others', async () => {
      expect((await play(scenario, null)).toSorted()).toEqual(points.toSorted());
    });

    test.each(points)('%s', { timeout: 60_000 }, async (point) => {
      expect(await play(scenario, point)).toContain(point);
    });
  },
);
