import { importanceOf, type TableScores, type TreeEnsemble, type TreeTask } from '@monsta/models';
import type { TrainingRequest } from './request.ts';
import type { Trained } from './protocol.ts';

/** What `monsta train` prints. */
export interface TrainingDocument {
  readonly model: string;
  readonly task: TreeTask;
  readonly rows: number;
  readonly validRows: number;
  readonly columns: readonly string[];
  readonly threads: number;
  /** Seconds of binning and training; reading and judging are not counted. */
  readonly trainSeconds: number;
  /** Trees an output that were trained, and those that forecasts use where training stopped early. */
  readonly rounds: number;
  readonly bestRound: number | null;
  readonly metrics: {
    readonly train: TableScores;
    readonly valid: TableScores | null;
    readonly outOfBag: (TableScores & { readonly rows: number }) | null;
  };
  readonly history: readonly Readonly<Record<string, number>>[];
  /** By column, of those that a split uses: what the splits gained, all together 1, and how many there are. */
  readonly importance: {
    readonly gain: Readonly<Record<string, number>>;
    readonly split: Readonly<Record<string, number>>;
  };
  readonly out: string;
  readonly format: string;
}

interface Counts {
  readonly rows: number;
  readonly validRows: number;
}

/** Of the columns that a split uses. A forest's gain is scikit-learn's: each tree's counts the same. */
function importance(model: TreeEnsemble): TrainingDocument['importance'] {
  const gains = importanceOf(model, model.family === 'random-forest' ? 'impurity' : 'gain', { normalised: true });
  const splits = importanceOf(model, 'split');
  const used = model.featureNames.flatMap((name, column) => ((splits[column] ?? 0) > 0 ? [{ name, column }] : []));
  return {
    gain: Object.fromEntries(used.map(({ name, column }) => [name, gains[column] ?? 0])),
    split: Object.fromEntries(used.map(({ name, column }) => [name, splits[column] ?? 0])),
  };
}

/** The document of a training that has been written. */
export function trainingDocument(
  { params, threads, out, format }: TrainingRequest,
  { model, trainSeconds, rounds, bestRound, scores, outOfBag, history }: Trained,
  { rows, validRows }: Counts,
): TrainingDocument {
  return {
    ...{ model: params.model, task: model.task, rows, validRows, columns: model.featureNames, threads },
    ...{ trainSeconds, rounds, bestRound, history },
    metrics: { ...scores, outOfBag: outOfBag === null ? null : { rows: outOfBag.rows, ...outOfBag.scores } },
    importance: importance(model),
    ...{ out, format },
  };
}

const figure = (value: number | null): string => (value === null ? 'unknown' : value.toPrecision(5));
const line = (name: string, scores: TableScores): string =>
  `${name}: ${Object.entries(scores)
    .map(([score, value]) => `${score} ${figure(value)}`)
    .join(', ')}`;

/** The same for a person. */
export function trainingText(document: TrainingDocument): string {
  const { model, task, rows, columns, threads, trainSeconds, rounds, bestRound, metrics, out } = document;
  const best = bestRound === null ? '' : `, the best of them ${bestRound}`;
  const { outOfBag } = metrics;
  const ranked = Object.entries(document.importance.gain).toSorted(([, left], [, right]) => right - left);
  return [
    `${model} (${task.kind}): ${rows} rows, ${columns.length} columns, ${rounds} rounds${best}, ${trainSeconds.toFixed(2)} s on ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    line('training rows', metrics.train),
    ...(metrics.valid === null ? [] : [line(`${document.validRows} rows kept apart`, metrics.valid)]),
    ...(outOfBag === null ? [] : [line('out of bag', outOfBag)]),
    `importance (share of the gain): ${ranked
      .slice(0, 10)
      .map(([name, share]) => `${name} ${(100 * share).toFixed(1)} %`)
      .join(', ')}`,
    `Written to ${out} (${document.format})`,
  ].join('\n');
}
