/** The thread of one measurement: a journal of a day is long, and nothing else waits for it. */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { fault, type Fault } from '@monsta/core';
import { measureParity, type ParityOptions, type ParityReport } from './measure-parity.ts';

export interface ParityThreadData extends ParityOptions {
  readonly journal: string;
}

export type FromParityThread =
  | { readonly kind: 'done'; readonly report: ParityReport }
  | { readonly kind: 'failed'; readonly fault: Fault };

const tell = (message: FromParityThread): void => parentPort?.postMessage(message);

// On Linux this is the thread's own; elsewhere the program's, which must keep its own.
if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_LOW);
const { journal, ...options } = workerData as ParityThreadData;
const measured = await measureParity(journal, options);
if (measured.ok) tell({ kind: 'done', report: measured.value });
else {
  // A cause may be anything, and need not survive the way between threads.
  const { code, message, retry } = measured.fault;
  tell({ kind: 'failed', fault: fault(code, message, { retry }) });
}
