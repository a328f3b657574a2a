import { describe, expect, it, onTestFinished } from 'vitest';
import { CONTROL, CONTROL_WORDS, TreeCrew, type AtomicWords } from './tree-crew.ts';
import { outcomeOf, scattered, stressTask } from './tree-stress.test-support.ts';
import { TestThreads } from './tree-threads.test-support.ts';

const TASKS = 24;
const SEEDS = [1, 2, 3];
/** On a machine whose cores are busy elsewhere, threads seldom meet in the middle of an exchange. */
const SCHEDULES_MAX = 8;

/** Runs jobs with helpers on random schedules; how many jobs came out wrong, and how many tasks helpers did. */
async function stress(
  seed: number,
  jobs: number,
  spoil: (atomics: AtomicWords) => AtomicWords,
): Promise<{ readonly wrong: number; readonly helped: number }> {
  const threads = await TestThreads.start(4);
  onTestFinished(() => threads.end());
  const control = new Int32Array(new SharedArrayBuffer(CONTROL_WORDS * 4));
  const words = new Int32Array(new SharedArrayBuffer((1 + TASKS) * 4));
  const counted = threads.tasks();
  threads.workers.forEach((worker, index) => worker.postMessage({ control, words, seed: seed * 100 + index * 2 }));
  const crew = new TreeCrew(spoil(scattered(control, seed)), stressTask(words, seed + 7), false, 1_000);
  let wrong = 0;
  // One wrong job says all: a broken protocol has no word on the others.
  for (let job = 1; job <= jobs && wrong === 0; job += 1) {
    words.fill(0);
    words[0] = job;
    const worked = crew.work(1, TASKS);
    // Tasks that are counted twice, or never, keep the trainer waiting until its deadline.
    if (!worked.ok) wrong += 1;
    for (let task = 0; task < TASKS; task += 1) {
      if (words[1 + task] === outcomeOf(job, task)) continue;
      wrong += 1;
      break;
    }
  }
  crew.close();
  const helped = (await counted).reduce((sum, count) => sum + count, 0);
  return { wrong, helped };
}

/** A planted race shows on some of the schedules: how many had to be played for it; null where none of them showed it. */
async function caughtOn(spoil: (atomics: AtomicWords) => AtomicWords): Promise<number | null> {
  for (let seed = 1; seed <= SCHEDULES_MAX; seed += 1) {
    const { wrong } = await stress(seed, 3_000, spoil);
    if (wrong > 0) return seed;
  }
  return null;
}

describe('the threads of a training under stress', () => {
  it.each(SEEDS)(
    'do every task of every job once, with what the job said, on schedule %i',
    { timeout: 120_000 },
    async (seed) => {
      const { wrong, helped } = await stress(seed, 3_000, (atomics) => atomics);
      expect(wrong).toBe(0);
      expect(helped).toBeGreaterThan(1_000);
    },
  );

  it('would be caught, if the trainer did not wait for the last task', { timeout: 120_000 }, async () => {
    // The planted race: what is done looks as if it were everything.
    const spoil = (atomics: AtomicWords): AtomicWords => ({
      ...atomics,
      load: (at) => atomics.load(at === CONTROL.done ? CONTROL.count : at),
    });
    expect(await caughtOn(spoil)).not.toBeNull();
  });

  it('would be caught, if two threads could win the same ticket', { timeout: 120_000 }, async () => {
    // The planted race: the exchange is no longer one step, so that a task is done twice and another job ends too early.
    const spoil = (atomics: AtomicWords): AtomicWords => ({
      ...atomics,
      compareExchange(at, expected, value) {
        const found = atomics.load(at);
        if (found === expected) atomics.store(at, value);
        return found;
      },
    });
    expect(await caughtOn(spoil)).not.toBeNull();
  });
});
