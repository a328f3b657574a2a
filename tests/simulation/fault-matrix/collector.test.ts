import { expect, it } from 'vitest';
import { cellOf } from './cells.ts';
import { batchesOf, failureOf } from './cases.ts';
import { runCollectorCase } from './collector-case.ts';

const batches = batchesOf('collector');

// One case takes a fifth of a second; the time allowed is for a machine that is shared.
it.each(batches)(
  'the collector survives every fault of the matrix: data complete, or the gap known and said (from seed %i)',
  { timeout: 180_000 },
  async (_first, batch) => {
    const failures: string[] = [];
    for (const seed of batch) {
      const failure = await failureOf(seed);
      if (failure !== null) failures.push(failure);
    }
    expect(failures.join('\n\n')).toBe('');
  },
);

it('the same seed gives the same run', { timeout: 60_000 }, async () => {
  for (const seed of batches[0]?.[1].slice(0, 3) ?? []) {
    const [one, other] = [await runCollectorCase(seed, cellOf(seed)), await runCollectorCase(seed, cellOf(seed))];
    expect(one.transcript.length).toBeGreaterThan(100);
    expect(other.transcript).toEqual(one.transcript);
    expect(other.faultLog).toEqual(one.faultLog);
  }
});
