import { basename } from 'node:path';
import type { Clock } from '@monsta/ports';
import { startGuardedThread, type GuardedThread } from '../backtest/guarded-thread.ts';
import type { CatalogConfig } from '../config/catalog.ts';
import type { EvaluationDocument } from './document.ts';
import type { EvaluationRequest } from './request.ts';

/** What the thread of an evaluation begins with. */
export interface EvaluationThreadData {
  readonly dataDir: string;
  readonly catalog: CatalogConfig;
  readonly request: EvaluationRequest;
}

export interface EvaluationThreadOptions extends EvaluationThreadData {
  readonly clock: Clock;
  readonly onProgress: (done: number, total: number) => void;
}

/** One pass over the features that takes longer than this never returns. */
const CALL_MS_MAX = 60_000;

/** Evaluates on a thread of its own. Faults: those of `runEvaluation`, `strategy_stuck` (a user's feature never returned), `evaluation_broken`. */
export function startEvaluationThread({
  clock,
  onProgress,
  ...data
}: EvaluationThreadOptions): GuardedThread<EvaluationDocument> {
  const { features } = data.request;
  return startGuardedThread<EvaluationDocument>({
    ...{ url: new URL('./worker.ts', import.meta.url), kind: 'evaluation', noun: 'evaluation' },
    strategy: features === null ? 'the feature set' : `a feature of ${basename(features)}`,
    ...{ data, clock, callMsMax: CALL_MS_MAX, onProgress },
    // The fault is told by the thread's end.
    onLost: () => undefined,
    onGone: () => undefined,
  });
}
