import { seededRandom } from '@monsta/core';
import { atomicWords, type AtomicWords } from './tree-crew.ts';

/** Work of a stress: each task of a job writes one word, which depends on the job's description. */
export interface StressShared {
  readonly control: Int32Array;
  /** Word 0: the job's description. Then one word a task. */
  readonly words: Int32Array;
  readonly seed: number;
}

/** Atomics with waits of random length in front of each, so that threads meet in all orders. */
export function scattered(words: Int32Array, seed: number): AtomicWords {
  const random = seededRandom(seed);
  const plain = atomicWords(words);
  const loiter = (): void => {
    for (let spin = random.integer(40); spin > 0; spin -= 1) plain.load(95);
  };
  return {
    ...plain,
    load: (at) => (loiter(), plain.load(at)),
    add: (at, value) => (loiter(), plain.add(at, value)),
    compareExchange: (at, expected, value) => (loiter(), plain.compareExchange(at, expected, value)),
  };
}

/** What task `task` of a job writes. */
export const outcomeOf = (description: number, task: number): number => Math.imul(description, 31) + task;

/** One task of a stress, as trainer and helpers do it: the description is read, time passes, the outcome is written. */
export function stressTask(words: Int32Array, seed: number): (kind: number, task: number) => void {
  const random = seededRandom(seed);
  return (_, task) => {
    const description = words[0] ?? 0;
    for (let spin = random.integer(300); spin > 0; spin -= 1) Atomics.load(words, 0);
    words[1 + task] = outcomeOf(description, task);
  };
}
