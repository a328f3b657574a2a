import { flushCompileCache } from 'node:module';
import { parentPort } from 'node:worker_threads';
import { fault } from '@monsta/core';
import { loadStrategy } from '../strategies/load.ts';
import { pulseOf, type FromTrialThread, type ToTrialThread, type TrialThreadData } from './protocol.ts';
import { TrialRunner, type TrialHooks } from './run-trial.ts';

const tell = (message: FromTrialThread): void => parentPort?.postMessage(message);

/** Runs one trial after another on bars that this thread shares with others. */
export async function serveTrials({ base, rules, pulse }: TrialThreadData): Promise<void> {
  const definition = await loadStrategy(base.strategy);
  if (!definition.ok) {
    // A cause may be anything, and need not survive the way between threads.
    const { code, message } = definition.fault;
    tell({ kind: 'unusable', fault: fault(code, message) });
    return;
  }
  const shared = pulseOf(pulse);
  const hooks: TrialHooks = {
    beat: (closes) => shared.beat(closes),
    calls: shared.calls,
    nowMs: () => performance.now(),
  };
  const runner = new TrialRunner(base, definition.value, rules, hooks);
  let isFirst = true;
  parentPort?.on('message', ({ task }: ToTrialThread) => {
    const { id } = task;
    tell({ kind: 'begun', id });
    if (task.kind === 'trial' || task.kind === 'map') tell({ kind: 'trial', id, ...runner.trial(task) });
    else tell({ kind: 'run', id, ...runner.run(task) });
    // By now nearly all that a trial runs through has been compiled.
    if (isFirst) flushCompileCache();
    isFirst = false;
  });
  tell({ kind: 'ready' });
}
