import { seededRandom } from '@monsta/core';
import { expect, it } from 'vitest';
import { runStrategy } from '../testing/run-strategy.ts';
import { SHIPPED } from './load.ts';

/** A walk with swings wide enough for whoever trades on them. */
function walk(length: number): number[] {
  const random = seededRandom(7);
  let price = 60_000;
  return Array.from({ length }, (_, index) => {
    price *= 1 + (random.next() - 0.5) / 50 + Math.sin(index / 15) / 200;
    return Math.round(price);
  });
}

it.each(Object.entries(SHIPPED))(
  '%s decides at a bar the same whether or not later bars are there',
  (_name, strategy) => {
    const closes = walk(400);
    const whole = runStrategy(strategy, { closes });
    expect(whole.failure).toBeNull();
    expect(whole.decisions.some(({ action }) => action !== 'warm_up')).toBe(true);
    for (const length of [150, 151, 277]) {
      const { decisions } = runStrategy(strategy, { closes: closes.slice(0, length) });
      const endMs = decisions.at(-1)?.timeMs ?? 0;
      expect(decisions).toEqual(whole.decisions.filter(({ timeMs }) => timeMs <= endMs));
    }
  },
);
