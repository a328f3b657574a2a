import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare, MUST_BE_SEEN, SETTINGS, type Tally } from './compared.test-support.ts';
import { draws } from './random-commands.test-support.ts';

const SEEDS = 1_000;
const seed = Number(process.env['MONSTA_SOAK_SEED'] ?? '1');

describe('the engine and a plainly written exchange, with a thousand seeds', () => {
  it(`answer, report, book and charge the same (from seed ${seed})`, { timeout: 3_600_000 }, () => {
    const tally: Tally = new Map();
    for (let at = 0; at < SEEDS; at += 1) {
      const setting = SETTINGS[at % SETTINGS.length];
      if (setting === undefined) throw new Error('there is a setting for every seed');
      fc.assert(
        fc.property(draws(600), (drawn) => compare(setting, drawn, tally)),
        { numRuns: 12, seed: (seed + at) % 2 ** 31 },
      );
    }
    expect(MUST_BE_SEEN.filter((event) => !tally.has(event))).toEqual([]);
  });
});
