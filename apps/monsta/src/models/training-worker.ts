/** The thread that trains models: it gives way to everything else on the machine where nobody waits for it, and looks between its steps whether it is to end. */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { fault } from '@monsta/core';
import { trainingSteps } from '@monsta/model-server';
import type { FromTrainingThread, ToTrainingThread, TrainingThreadData } from './protocol.ts';

/** How often it tells how far it is. */
const PROGRESS_MS = 250;

const { canceled } = workerData as TrainingThreadData;
const ended = new Int32Array(canceled);
const tell = (message: FromTrainingThread): void => parentPort?.postMessage(message);

let lowered = false;

/** Linux gives threads priorities of their own, and 0 is the calling one; elsewhere this would slow the whole program down. */
function giveWay(): void {
  if (lowered) return;
  lowered = true;
  if (process.platform !== 'linux') {
    tell({ kind: 'presses', why: `threads have no priority of their own on ${process.platform}` });
    return;
  }
  try {
    setPriority(0, constants.priority.PRIORITY_LOW);
  } catch (thrown) {
    tell({ kind: 'presses', why: String(thrown) });
  }
}

function train({ id, task, givesWay }: ToTrainingThread): FromTrainingThread {
  if (givesWay) giveWay();
  let toldMs = 0;
  const steps = trainingSteps(task, (share) => {
    const nowMs = performance.now();
    if (nowMs - toldMs < PROGRESS_MS) return;
    toldMs = nowMs;
    tell({ kind: 'progress', id, share });
  });
  for (;;) {
    if (Atomics.load(ended, 0) >= id) return { kind: 'canceled', id };
    const next = steps.next();
    if (next.done !== true) continue;
    if (next.value.ok) return { kind: 'done', id, result: next.value.value };
    // A cause may be anything, and need not survive the way between threads.
    const { code, message, retry, details } = next.value.fault;
    return {
      kind: 'failed',
      id,
      fault: fault(code, message, { retry, ...(details === undefined ? {} : { details }) }),
    };
  }
}

parentPort?.on('message', (asked: ToTrainingThread) => tell(train(asked)));
