import { ok, type Result } from '@monsta/core';
import { forestExecutor, lightgbmExecutor, logisticRegression, xgboostExecutor, type Executor } from '@monsta/models';
import { readParameters, type ExecutorChoice, type ExecutorParameters } from './executor-kinds.ts';

function executorOf(read: ExecutorParameters): Executor<unknown> {
  switch (read.kind) {
    case 'logistic-regression':
      return logisticRegression(read.options);
    case 'xgboost':
      return xgboostExecutor(read.params);
    case 'lightgbm':
      return lightgbmExecutor(read.params);
    case 'random-forest':
      return forestExecutor(read.params);
  }
}

/** What was opened already: executors keep memory to work in and predictors, so that there is one of each. */
const opened = new Map<string, Result<Executor<unknown>>>();

/** Faults: those of `readParameters`. */
export function openExecutor(choice: ExecutorChoice): Result<Executor<unknown>> {
  const key = `${choice.name} ${JSON.stringify(choice.parameters)}`;
  const known = opened.get(key);
  if (known !== undefined) return known;
  const read = readParameters(choice);
  const executor = read.ok ? ok(executorOf(read.value)) : read;
  opened.set(key, executor);
  return executor;
}
