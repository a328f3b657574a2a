import { expectOk } from '@monsta/core';
import { describe, expect, test } from 'vitest';
import { verifyAgreement, type Books } from './agreement.ts';
import { scripted, World, type Cut, type Step, type Wish } from './world.ts';

/**
 * An entry at the market and one that rests until the price falls through it, each followed by an exit. The last minutes ask for nothing more than
 * to be flat, so that whatever the cut left undone is decided once more.
 */
const WISHES: readonly Wish[] = [1, 0, { share: 1, limitPrice: 59_900 }, null, 0, 0, 0];
const CLOSES = [6_000_000, 6_010_000, 6_000_000, 5_985_000, 6_000_000, 6_000_000, 6_000_000];

interface Story extends Books {
  readonly calls: ReadonlyMap<Step, number>;
  readonly cutAt: number | null;
}

/** Plays the minutes; at the cut the program dies, and is started again for the next minute. */
async function play(cut: Cut | null): Promise<Story> {
  const world = new World();
  try {
    let life = await world.live([scripted(WISHES)], cut === null ? {} : { cut });
    const first = life;
    await world.start(life);
    let cutAt: number | null = null;
    for (const [minute, close] of CLOSES.entries()) {
      if (life.power.off) {
        cutAt ??= minute;
        await life.kill();
        life = await world.live([scripted(WISHES)]);
        expectOk(await world.start(life));
      }
      await world.minute(life, close, [close, close - 1]);
    }
    if (life.power.off) {
      cutAt ??= CLOSES.length;
      await life.kill();
      life = await world.live([scripted(WISHES)]);
      expectOk(await world.start(life));
    }
    await world.quiet(life);
    const books = await verifyAgreement(life);
    expect(life.fatal).toEqual([]);
    expect(life.role.readiness().ready).toBe(true);
    const steps: readonly Step[] = ['commit', 'submit', 'paper-append', 'paper-sync', 'event'];
    const calls = new Map(steps.map((step) => [step, first.power.calls(step)]));
    await life.kill();
    return { ...books, calls, cutAt };
  } finally {
    world.remove();
  }
}

const whole = await play(null);

test('without a cut there are four orders, all filled, and a decision for each bar', () => {
  expect(whole.orders.map(({ side, type, status }) => `${side} ${type} ${status}`)).toEqual([
    'sell market filled',
    'buy limit filled',
    'sell market filled',
    'buy market filled',
  ]);
  expect(whole.decisions).toHaveLength(CLOSES.length);
});

/** The opening of the paper account is the venue's own affair and tested there. */
const OPENING: readonly Step[] = ['paper-append', 'paper-sync'];
const cuts = [...whole.calls].flatMap(([step, calls]) =>
  Array.from({ length: calls }, (_, call) => call)
    .filter((call) => call > 0 || !OPENING.includes(step))
    .flatMap((call) => (['before', 'after'] as const).map((when): Cut => ({ step, call, when }))),
);

describe('the power fails at each step between an intent and its outcome', () => {
  test.each(cuts.map((cut) => [`${cut.when} ${cut.step} ${cut.call}`, cut] as const))(
    '%s: nothing is lost, nothing is doubled, ledger equals venue',
    { timeout: 60_000 },
    async (_name, cut) => {
      const story = await play(cut);
      expect(story.cutAt).not.toBeNull();
      // The bar that was being decided, or the wish that was refused meanwhile, may be missing; nothing may be there twice.
      expect(story.decisions.length).toBeGreaterThanOrEqual(CLOSES.length - 2);
      const lost = story.orders.filter(({ status }) => status === 'rejected');
      expect(lost.length).toBeLessThanOrEqual(1);
      expect(lost.every(({ reasonCode }) => reasonCode === 'never_arrived')).toBe(true);
      expect(story.orders.length - lost.length).toBeLessThanOrEqual(whole.orders.length);
      const net = story.fills.reduce((sum, { side, quantity }) => sum + (side === 'buy' ? quantity : -quantity), 0);
      // Fees paid in coins leave less to sell than was bought: at most 0.1 % of each entry and a lot.
      expect(net).toBeGreaterThanOrEqual(0);
      expect(net).toBeLessThan(10);
    },
  );
});
