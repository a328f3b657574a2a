import type { BacktestSpec, BacktestSummary } from '@monsta/contracts';
import type { Fault } from '@monsta/core';
import type { RunFolder } from './run-folder.ts';

/** Whose summary is written. */
interface RunPlace {
  readonly folder: RunFolder;
  /** When the run was asked for. */
  readonly createdMs: number;
}

/** The summary of a run that goes on, but for what is given. */
export function summaryOf(
  { folder, createdMs }: RunPlace,
  spec: BacktestSpec,
  given: Partial<BacktestSummary>,
): BacktestSummary {
  return {
    ...{ id: folder.id, kind: 'backtest', state: 'running', createdMs, finishedMs: null, progress: 0 },
    ...{ strategy: spec.strategy, instruments: spec.instruments, interval: spec.interval },
    ...{ startMs: null, endMs: null, statistics: null, fault: null },
    ...given,
  };
}

/** Says in the summary how a run failed. */
export function fail(request: RunPlace, spec: BacktestSpec, finishedMs: number, { code, message }: Fault): void {
  request.folder.writeSummary(summaryOf(request, spec, { state: 'failed', finishedMs, fault: { code, message } }));
}
