import { err, ok, type Result } from '@monsta/core';
import { pipelineDeclaration, type StepDeclaration } from '@monsta/features';
import { preprocessedExecutor, preprocessedReturnExecutor } from '@monsta/models';
import type { ExecutorKind } from './executors.ts';

type Params = Readonly<Record<string, unknown>>;

/**
 * The same kind of model, which also takes the parameter `preprocessing`: a list of steps (docs/features.md) that its rows go through, fitted with the model on the training rows of each fold.
 * Fault `params_invalid` says which step is unsound.
 */
export const withPreprocessing = (kind: ExecutorKind): ExecutorKind => ({
  ...kind,
  direction: (params) => {
    const parted = partOf(params);
    if (!parted.ok) return parted;
    const inner = kind.direction(parted.value.own);
    return inner.ok && parted.value.steps !== null ? ok(preprocessedExecutor(inner.value, parted.value.steps)) : inner;
  },
  logReturn: (params) => {
    const parted = partOf(params);
    if (!parted.ok) return parted;
    const inner = kind.logReturn(parted.value.own);
    return inner.ok && parted.value.steps !== null
      ? ok(preprocessedReturnExecutor(inner.value, parted.value.steps))
      : inner;
  },
});

/** The steps, null where none are given, and what is left for the model itself. */
function partOf(params: Params): Result<{ readonly steps: readonly StepDeclaration[] | null; readonly own: Params }> {
  const { preprocessing, ...own } = params;
  if (preprocessing === undefined) return ok({ steps: null, own });
  const steps = pipelineDeclaration(preprocessing);
  return steps.ok ? ok({ steps: steps.value, own }) : err('params_invalid', `preprocessing: ${steps.fault.message}`);
}
