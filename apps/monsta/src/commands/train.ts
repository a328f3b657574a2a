import type { Fault, Result } from '@monsta/core';
import { ok } from '@monsta/core';
import type { TreeTable } from '@monsta/models';
import { ProgressLine } from '../backtest/progress-line.ts';
import type { FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { writeModel } from '../train/model-file.ts';
import { trainingDocument, trainingText } from '../train/outcome.ts';
import type { Trained, TrainingJob } from '../train/protocol.ts';
import { trainingRequest, type TrainingRequest } from '../train/request.ts';
import { alignedTo, readTrainingTable, splitLast } from '../train/table.ts';
import { untilAsked } from '../runtime/signals.ts';
import { trainOnThread } from '../train/thread.ts';

/** Faults that say that what was asked for can't be done as it was asked. */
const USAGE_FAULTS: ReadonlySet<string> = new Set([
  'flag_invalid',
  'params_invalid',
  'params_unknown',
  'column_unknown',
]);

interface Tables {
  readonly table: TreeTable;
  readonly validation: TreeTable | null;
}

/** Reads what is learned from and what judges. */
async function tablesOf({ table: path, roles, valid }: TrainingRequest): Promise<Result<Tables>> {
  const table = await readTrainingTable(path, roles);
  if (!table.ok) return table;
  if (valid === null) return ok({ table: table.value, validation: null });
  if ('share' in valid) {
    const [learned, judged] = splitLast(table.value, valid.share);
    return ok({ table: learned, validation: judged });
  }
  const other = await readTrainingTable(valid.file, roles);
  if (!other.ok) return other;
  const validation = alignedTo(other.value, table.value.columns);
  return validation.ok ? ok({ table: table.value, validation: validation.value }) : validation;
}

/** Trains, shows how far it is, and lets the first Ctrl-C end it with nothing written. */
async function trainShown(job: TrainingJob): Promise<Result<Trained>> {
  const line = new ProgressLine(process.stderr, 'rounds', performance.now());
  const canceled = new AbortController();
  const work = (): Promise<Result<Trained>> =>
    trainOnThread(job, {
      signal: canceled.signal,
      onProgress(round, rounds, metrics) {
        const note = Object.entries(metrics).map(([name, value]) => `${name} ${value.toPrecision(5)}`);
        line.show(round, rounds, performance.now(), note.join(', '));
      },
    });
  try {
    return await untilAsked(() => canceled.abort(), work);
  } finally {
    line.end();
  }
}

/** `monsta train`: a model from a table, without a market. */
export async function train(flags: FlagValues, output: Output): Promise<number> {
  const failed = (fault: Fault): number => {
    output.fault(fault);
    return USAGE_FAULTS.has(fault.code) ? 2 : 1;
  };
  const request = await trainingRequest(flags);
  if (!request.ok) return failed(request.fault);
  const tables = await tablesOf(request.value);
  if (!tables.ok) return failed(tables.fault);
  const { params, threads, out, format } = request.value;
  const counts = { rows: tables.value.table.rows, validRows: tables.value.validation?.rows ?? 0 };
  const trained = await trainShown({ ...params, ...tables.value, threads });
  if (!trained.ok) return failed(trained.fault);
  const written = writeModel(trained.value.model, format, out);
  if (!written.ok) return failed(written.fault);
  const document = trainingDocument(request.value, trained.value, counts);
  output.document(document, trainingText(document));
  return 0;
}
