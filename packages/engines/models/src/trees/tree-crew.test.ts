import { expectOk, seededRandom } from '@monsta/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LIGHTGBM_DEFAULTS, XGBOOST_DEFAULTS } from './boosting-params.ts';
import { trainBoostingSteps } from './boosting.ts';
import { atomicWords, CONTROL, CONTROL_WORDS, serveCrew, TreeCrew } from './tree-crew.ts';
import { TestThreads } from './tree-threads.test-support.ts';
import type { TreeEnsemble } from './tree-ensemble.ts';
import type { TreeTable } from './training-table.ts';

const words = (): Int32Array => new Int32Array(new SharedArrayBuffer(CONTROL_WORDS * 4));

/** Columns for as many tasks as there are threads, and more. */
const WIDTH = 22;

function table(): TreeTable {
  const random = seededRandom(5);
  const rows = 6_000;
  const values = Float64Array.from({ length: rows * WIDTH }, () =>
    random.next() < 0.05 ? Number.NaN : random.gaussian(),
  );
  const labels = Float64Array.from({ length: rows }, (_, row) =>
    (values[row * WIDTH] ?? 0) * (values[row * WIDTH + 5] ?? 0) + random.gaussian() > 0 ? 1 : 0,
  );
  const columns = Array.from({ length: WIDTH }, (_, column) => `c${column}`);
  return { rows, columns, values, labels, weights: null, categorical: [] };
}

describe('threads of a training', () => {
  it.each([3, 4])('make the same model bit for bit: %i of them', { timeout: 60_000 }, async (count) => {
    const sample = table();
    const threads = await TestThreads.start(count - 1);
    onTestFinished(() => threads.end());
    let helped = 0;
    for (const defaults of [XGBOOST_DEFAULTS, LIGHTGBM_DEFAULTS]) {
      const params = { ...defaults, rounds: 8, rowShare: 0.8 };
      const train = (helpers: TestThreads | null): TreeEnsemble => {
        const steps = trainBoostingSteps(sample, params, helpers === null ? {} : { threads: helpers.trees });
        let step = steps.next();
        while (step.done !== true) step = steps.next();
        return expectOk(step.value).model;
      };
      const alone = train(null);
      const counted = threads.tasks();
      expect(train(threads)).toEqual(alone);
      for (const tasks of await counted) helped += tasks;
    }
    // Helpers that come late to one training come in time to the other.
    expect(helped).toBeGreaterThan(0);
  });

  it('that take work and do not bring it back are a fault, not a hang', () => {
    const control = words();
    const atomics = atomicWords(control);
    // A helper that dies with the task it has won: the ticket is moved on, and nothing is ever done.
    const stolen = (): void => void Atomics.add(control, CONTROL.ticket, 1);
    const crew = new TreeCrew(atomics, (_, task) => (task === 0 ? stolen() : undefined), false, 30);
    const worked = crew.work(1, 3);
    expect(worked.ok ? null : worked.fault.code).toBe('tree_thread_lost');
  });

  it('that fail at their work are a fault', () => {
    const atomics = atomicWords(words());
    const fails = (): void => {
      expect(() =>
        serveCrew(atomics, () => {
          throw new Error('no memory');
        }),
      ).toThrow('no memory');
    };
    const crew = new TreeCrew(atomics, (_, task) => (task === 0 ? fails() : undefined), false, 1_000);
    const worked = crew.work(1, 2);
    expect(worked.ok ? null : worked.fault.code).toBe('tree_thread_lost');
  });

  it('return when the training is closed, even those that come after its end', () => {
    const atomics = atomicWords(words());
    new TreeCrew(atomics, () => undefined, false).close();
    expect(serveCrew(atomics, () => undefined)).toBe(0);
  });
});
