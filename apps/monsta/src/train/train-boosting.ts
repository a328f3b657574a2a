import { ok, type Result } from '@monsta/core';
import { trainBoostingSteps, type BoostingOutcome, type TreeTable } from '@monsta/models';
import type { BoostingParams } from '@monsta/models/parameters';
import { Helpers } from './helpers.ts';

export interface BoostingTraining {
  readonly outcome: BoostingOutcome;
  readonly trainSeconds: number;
}

type Progress = (round: number, rounds: number, metrics: Readonly<Record<string, number>>) => void;

/** Trains boosted trees on so many threads; the same for any number of them. Faults: those of `trainBoostingSteps`. */
export async function trainBoosting(
  table: TreeTable,
  validation: TreeTable | null,
  params: BoostingParams,
  threads: number,
  progress: Progress,
): Promise<Result<BoostingTraining>> {
  const helpers = await Helpers.start(threads - 1, new URL('./boosting-helper.ts', import.meta.url));
  try {
    const began = performance.now();
    const steps = trainBoostingSteps(table, params, {
      ...(validation === null ? {} : { validation }),
      threads: {
        helpers: helpers.workers.length,
        join: (shared) => helpers.workers.forEach((worker) => worker.postMessage(shared)),
      },
    });
    let told = 0;
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) {
      const { round, rounds, metrics } = step.value;
      if (round === told) continue;
      told = round;
      progress(round, rounds, metrics);
    }
    if (!step.value.ok) return step.value;
    return ok({ outcome: step.value.value, trainSeconds: (performance.now() - began) / 1_000 });
  } finally {
    await helpers.end();
  }
}
