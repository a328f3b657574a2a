/** The thread of one training on a table: it trains and judges, so that the one before it stays free to show progress and to be stopped. */
import { parentPort, workerData } from 'node:worker_threads';
import { fault } from '@monsta/core';
import { tableScores, treePredictor, type TableScores, type TreeEnsemble, type TreeTable } from '@monsta/models';
import type { FromTraining, Trained, TrainingJob } from './protocol.ts';
import { trainBoosting } from './train-boosting.ts';
import { trainForest } from './train-forest.ts';

const tell = (message: FromTraining): void => parentPort?.postMessage(message);

function scoresOf(model: TreeEnsemble, { values, rows, labels, weights }: TreeTable): TableScores {
  const forecasts = treePredictor(model).predictRows(values, rows);
  return tableScores(model.task, { forecasts, labels, weights });
}

const scored = (model: TreeEnsemble, { table, validation }: TrainingJob): Trained['scores'] => ({
  train: scoresOf(model, table),
  valid: validation === null ? null : scoresOf(model, validation),
});

const progress = (round: number, rounds: number, metrics: Readonly<Record<string, number>> = {}): void =>
  tell({ kind: 'progress', round, rounds, metrics });

async function run(job: TrainingJob): Promise<FromTraining> {
  const { table, validation, threads } = job;
  if (job.model === 'random-forest') {
    const done = await trainForest(table, job.params, threads, progress);
    if (!done.ok) return { kind: 'failed', fault: fault(done.fault.code, done.fault.message) };
    const { outcome, trainSeconds } = done.value;
    const { model, outOfBag } = outcome;
    const rest = { rounds: job.params.trees, bestRound: null, history: [], outOfBag };
    return { kind: 'trained', trained: { model, trainSeconds, scores: scored(model, job), ...rest } };
  }
  const done = await trainBoosting(table, validation, job.params, threads, progress);
  if (!done.ok) return { kind: 'failed', fault: fault(done.fault.code, done.fault.message) };
  const { outcome, trainSeconds } = done.value;
  const { model, rounds, history } = outcome;
  const rest = { rounds, bestRound: model.bestRounds, history, outOfBag: null };
  return { kind: 'trained', trained: { model, trainSeconds, scores: scored(model, job), ...rest } };
}

tell(await run(workerData as TrainingJob));
