import { setImmediate } from 'node:timers/promises';
import { ok, type Result } from '@monsta/core';
import {
  forestGroundSteps,
  forestOutcomeSteps,
  forestTaskOf,
  TreeMemory,
  type ForestOutcome,
  type ForestPlot,
  type GrownTree,
  type TreeTable,
} from '@monsta/models';
import type { ForestParams } from '@monsta/models/parameters';
import type { ForestShare } from './forest-helper.ts';
import { growTakenTrees } from './grow-forest.ts';
import { Helpers } from './helpers.ts';

export interface ForestTraining {
  readonly outcome: ForestOutcome;
  readonly trainSeconds: number;
}

type Progress = (round: number, rounds: number) => void;

function drained<T>(steps: Generator<unknown, T>): T {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** Grows all trees, this thread in lane 0 and the helpers in the others; which thread grew a tree makes no difference to it. */
async function growAll({ ground }: ForestPlot, helpers: Helpers, progress: Progress): Promise<GrownTree[]> {
  const grown: GrownTree[] = [];
  const next = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const { promise: complete, resolve } = Promise.withResolvers<void>();
  const take = (tree: GrownTree): void => {
    grown.push(tree);
    progress(grown.length, ground.trees);
    if (grown.length === ground.trees) resolve();
  };
  helpers.workers.forEach((worker, index) => {
    worker.on('message', take);
    worker.postMessage({ ground, lane: index + 1, next } satisfies ForestShare);
  });
  const own = async (): Promise<void> => {
    for (const tree of growTakenTrees(ground, 0, next)) {
      if (tree === null) continue;
      take(tree);
      // Trees of the helpers are let in.
      if (helpers.workers.length > 0) await setImmediate();
    }
  };
  await Promise.race([Promise.all([own(), complete]), helpers.lost]);
  return grown;
}

/** Trains a forest on so many threads; the same for any number of them. Faults: those of `forestGroundSteps`. Throws when a helping thread dies. */
export async function trainForest(
  table: TreeTable,
  params: ForestParams,
  threads: number,
  progress: Progress,
): Promise<Result<ForestTraining>> {
  const helpers = await Helpers.start(
    Math.min(threads, params.trees) - 1,
    new URL('./forest-helper.ts', import.meta.url),
  );
  try {
    const began = performance.now();
    const lanes = helpers.workers.length + 1;
    const task = forestTaskOf(table.labels, params.criterion);
    const laid = drained(forestGroundSteps(table, params, task, { memory: new TreeMemory(), lanes }));
    if (!laid.ok) return laid;
    const trees = await growAll(laid.value, helpers, progress);
    const outcome = drained(forestOutcomeSteps(laid.value, table, trees, params));
    return ok({ outcome, trainSeconds: (performance.now() - began) / 1_000 });
  } finally {
    await helpers.end();
  }
}
