/** The thread of one check: it can be ended from outside where a strategy never returns. */
import { parentPort, workerData } from 'node:worker_threads';
import { err, fault, ok, type Result } from '@monsta/core';
import { lookaheadSteps, warmUpSteps } from '@monsta/simulation';
import { strategyCallRecorder } from '../../trading-thread/strategy-calls.ts';
import { prepareBacktest } from '../prepare.ts';
import type { ChecksReport, ChecksThreadData, FromChecksThread } from './protocol.ts';

const tell = (message: FromChecksThread): void => parentPort?.postMessage(message);

function played<T>(steps: Generator<{ readonly done: number; readonly total: number }, T>): T {
  for (let next = steps.next(); ; next = steps.next()) {
    if (next.done === true) return next.value;
    tell({ kind: 'progress', ...next.value });
  }
}

async function check({ spec, role, asked, strategyCalls }: ChecksThreadData): Promise<Result<ChecksReport>> {
  // Without a beginning nothing of the history is left out, of which more is compared with less.
  const whole = { ...spec, fromMs: null };
  const prepared = await prepareBacktest(whole, { role, watch: strategyCallRecorder(strategyCalls) });
  if (!prepared.ok) return prepared;
  const options = { ...prepared.value, fromMs: spec.fromMs };
  try {
    const { lookaheadCuts: cuts, warmUp } = asked;
    return ok({
      lookahead: cuts === null ? null : played(lookaheadSteps(options, { cuts, seed: spec.seed })),
      warmUp: warmUp ? played(warmUpSteps(options)) : null,
    });
  } catch (thrown) {
    if (thrown instanceof RangeError) return err('backtest_data', thrown.message);
    throw thrown;
  }
}

const checked = await check(workerData as ChecksThreadData);
if (checked.ok) tell({ kind: 'done', report: checked.value });
else {
  // A cause may be anything, and need not survive the way between threads.
  const { code, message, retry } = checked.fault;
  tell({ kind: 'failed', fault: fault(code, message, { retry }) });
}
