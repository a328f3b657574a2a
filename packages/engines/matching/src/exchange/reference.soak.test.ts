import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare, MUST_BE_SEEN, SETTINGS, type Tally } from './compared.test-support.ts';
import { draws } from './random-commands.test-support.ts';

/** What is compared however short the run. */
const SEEDS_MIN = 1_000;
const firstSeed = Number(process.env['MONSTA_SOAK_SEED'] ?? '1');
const durationMs = Number(process.env['MONSTA_SOAK_DURATION_S'] ?? '600') * 1_000;
/** A thousand seeds take some minutes, on a busy machine many. */
const timeout = durationMs + 7_200_000;

describe('the engine and a plainly written exchange, with a thousand seeds and more', () => {
  it(`answer, report, book and charge the same (from seed ${firstSeed})`, { timeout }, () => {
    const tally: Tally = new Map();
    const endsMs = performance.now() + durationMs;
    for (let at = 0; at < SEEDS_MIN || performance.now() < endsMs; at += 1) {
      const setting = SETTINGS[at % SETTINGS.length];
      if (setting === undefined) throw new Error('there is a setting for every seed');
      fc.assert(
        fc.property(draws(600), (drawn) => compare(setting, drawn, tally)),
        { numRuns: 2, seed: (firstSeed + at) % 2 ** 31 },
      );
    }
    expect(MUST_BE_SEEN.filter((event) => !tally.has(event))).toEqual([]);
  });
});
