import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare, MUST_BE_SEEN, SETTINGS, type Tally } from './compared.test-support.ts';
import { draws } from './random-commands.test-support.ts';

const COMMANDS_MIN = 100_000;

describe('the engine and a plainly written exchange', () => {
  it('answer, report, book and charge the same over 100,000 random commands', { timeout: 240_000 }, () => {
    const tally: Tally = new Map();
    let commands = 0;
    for (const setting of SETTINGS) {
      fc.assert(
        fc.property(draws(300), (drawn) => {
          commands += drawn.length;
          compare(setting, drawn, tally);
        }),
        { numRuns: 240, seed: 20_240_808, endOnFailure: false },
      );
    }
    expect(commands).toBeGreaterThanOrEqual(COMMANDS_MIN);
    expect(MUST_BE_SEEN.filter((event) => !tally.has(event))).toEqual([]);
  });
});
