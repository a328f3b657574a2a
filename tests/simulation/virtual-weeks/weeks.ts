import { expect, it } from 'vitest';
import { runWeek, type WeekOutcome } from './week-case.ts';

export const DAYS = 7;
/** Seeds that every run of the tests plays, from 1 on. */
const SEEDS = 200;
const PARTS = 4;
const BATCH = 10;

/** How to play a seed again, and what did not hold; null where all did. */
export function failureOf(seed: number, { violations, transcript }: WeekOutcome): string | null {
  if (violations.length === 0) return null;
  const again = `npm run soak -- --seed ${seed} --duration-s 1 virtual-weeks`;
  return `seed ${seed}: ${again}\n  ${violations.slice(0, 5).join('\n  ')}\nbefore:\n  ${transcript.slice(-12).join('\n  ')}`;
}

/** Plays a quarter of the seeds: files run beside each other. */
export function playPart(part: number): void {
  const seeds = Array.from({ length: SEEDS / PARTS }, (_, index) => part + 1 + index * PARTS);
  const batches = Array.from({ length: Math.ceil(seeds.length / BATCH) }, (_, index) =>
    seeds.slice(index * BATCH, (index + 1) * BATCH),
  );
  it.each(batches.map((batch) => [batch[0] ?? 0, batch] as const))(
    'a week of five instruments and four strategies under faults, crashes and persons: nothing doubled, nothing lost, no limit exceeded, every halt explained (from seed %i)',
    { timeout: 400_000 },
    async (_first, batch) => {
      const failures: string[] = [];
      let fills = 0;
      for (const seed of batch) {
        const outcome = await runWeek(seed, DAYS);
        const failure = failureOf(seed, outcome);
        if (failure !== null) failures.push(failure);
        fills += outcome.fills;
      }
      expect(fills).toBeGreaterThan(0);
      expect(failures.join('\n\n')).toBe('');
    },
  );
}
