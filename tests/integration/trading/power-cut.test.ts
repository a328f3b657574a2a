import { expectOk } from '@monsta/core';
import { describe, expect, test } from 'vitest';
import { verifyAgreement, type Books } from './agreement.ts';
import type { Cut, Step } from './power.ts';
import { scripted, World, type Wish } from './world.ts';

interface Plot {
  readonly wishes: readonly Wish[];
  readonly closes: readonly number[];
  readonly config?: object;
}

/**
 * An entry at the market and one that rests until the price falls through it, each followed by an exit. The last minutes ask for nothing more than
 * to be flat, so that whatever the cut left undone is decided once more.
 */
const PLAIN: Plot = {
  wishes: [1, 0, { share: 1, limitPrice: 59_900 }, null, 0, 0, 0],
  closes: [6_000_000, 6_010_000, 6_000_000, 5_985_000, 6_000_000, 6_000_000, 6_000_000],
};

/** With a stop below each position: one that makes room for a partial exit and covers the rest, is reached and sells, and one that an exit replaces. */
const STOPPED: Plot = {
  wishes: [1, 0.5, null, 1, 0, 0, 0],
  closes: [6_000_000, 6_000_000, 5_900_000, 5_900_000, 5_900_000, 5_900_000, 5_900_000],
  config: { protectiveStop: { distancePpm: 10_000, limitOffsetPpm: 30_000 } },
};

interface Story extends Books {
  readonly calls: ReadonlyMap<Step, number>;
  readonly cutAt: number | null;
}

/** Plays the minutes; at the cut the program dies, and is started again for the next minute. */
async function play({ wishes, closes, config = {} }: Plot, cut: Cut | null): Promise<Story> {
  const world = new World();
  const again = () => world.live([scripted(wishes)], { config });
  try {
    let life = cut === null ? await again() : await world.live([scripted(wishes)], { config, cut });
    const first = life;
    await world.start(life);
    let cutAt: number | null = null;
    for (const [minute, close] of closes.entries()) {
      if (life.power.off) {
        cutAt ??= minute;
        await life.kill();
        life = await again();
        expectOk(await world.start(life));
      }
      await world.minute(life, close, [close, close - 1]);
    }
    if (life.power.off) {
      cutAt ??= closes.length;
      await life.kill();
      life = await again();
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

const whole = await play(PLAIN, null);
const stopped = await play(STOPPED, null);

test('without a cut there are four orders, all filled, and a decision for each bar', () => {
  expect(whole.orders.map(({ side, type, status }) => `${side} ${type} ${status}`)).toEqual([
    'sell market filled',
    'buy limit filled',
    'sell market filled',
    'buy market filled',
  ]);
  expect(whole.decisions).toHaveLength(PLAIN.closes.length);
});

test('without a cut, stops follow the position, one sells, and one is replaced by an exit', () => {
  const told = stopped.orders.map(({ side, type, status }) => `${side} ${type} ${status}`);
  expect(told.toReversed()).toEqual([
    'buy market filled',
    'sell stop_loss_limit canceled',
    'sell market filled',
    'sell stop_loss_limit filled',
    'buy market filled',
    'sell stop_loss_limit canceled',
    'sell market filled',
  ]);
});

/** The opening of the paper account is the venue's own affair and tested there. */
const OPENING: readonly Step[] = ['paper-append', 'paper-sync'];
const cutsOf = (story: Story): readonly (readonly [string, Cut])[] =>
  [...story.calls].flatMap(([step, calls]) =>
    Array.from({ length: calls }, (_, call) => call)
      .filter((call) => call > 0 || !OPENING.includes(step))
      .flatMap((call) =>
        (['before', 'after'] as const).map((when) => [`${when} ${step} ${call}`, { step, call, when }] as const),
      ),
  );

/** What was bought and not sold: fees paid in coins leave less to sell, at most 0.1 % of each entry and a lot. */
function expectFlat({ fills }: Story): void {
  const net = fills.reduce((sum, { side, quantity }) => sum + (side === 'buy' ? quantity : -quantity), 0);
  expect(net).toBeGreaterThanOrEqual(0);
  expect(net).toBeLessThan(10);
}

describe('the power fails at each step between an intent and its outcome', () => {
  test.each(cutsOf(whole))(
    '%s: nothing is lost, nothing is doubled, ledger equals venue',
    { timeout: 60_000 },
    async (_name, cut) => {
      const story = await play(PLAIN, cut);
      expect(story.cutAt).not.toBeNull();
      // The bar that was being decided, or the wish that was refused meanwhile, may be missing; nothing may be there twice.
      expect(story.decisions.length).toBeGreaterThanOrEqual(PLAIN.closes.length - 2);
      const lost = story.orders.filter(({ status }) => status === 'rejected');
      expect(lost.length).toBeLessThanOrEqual(1);
      expect(lost.every(({ reasonCode }) => reasonCode === 'never_arrived')).toBe(true);
      expect(story.orders.length - lost.length).toBeLessThanOrEqual(whole.orders.length);
      expectFlat(story);
    },
  );
});

/** One step in three suffices here: the steps are those of before, what differs is what is under way. */
const fewer = cutsOf(stopped).filter((_cut, index) => index % 3 === 1);

/** At a start the paper venue has no price yet to measure a stop by; and the price may have fallen through where it was to be. */
const HINDRANCES = ['never_arrived', 'no_quote', 'would_trigger_immediately'];

describe('the power fails while stops rest, follow and sell', () => {
  test.each(fewer)('%s: no coin is sold twice, ledger equals venue', { timeout: 60_000 }, async (_name, cut) => {
    const story = await play(STOPPED, cut);
    expect(story.cutAt).not.toBeNull();
    const lost = story.orders.filter(({ status }) => status === 'rejected');
    for (const { reasonCode } of lost) expect(HINDRANCES).toContain(reasonCode);
    expectFlat(story);
  });
});
