import type { BenchOptions, BenchReport } from './report.ts';
import { boostingRows, type TrainingRows } from './train/boosting.ts';
import { forestRows } from './train/forest.ts';

type Family = (options: BenchOptions) => TrainingRows;

/** Kinds of model, by the name that `--set only=NAME` knows. */
const FAMILIES: Readonly<Record<string, Family>> = { boosting: boostingRows, forest: forestRows };

/** Training beside the Python libraries on the same generated rows: quality, then time. A library that isn't installed is named as missing. */
export async function run(options: BenchOptions): Promise<BenchReport> {
  const only = options.settings['only'];
  const names = Object.keys(FAMILIES).filter((name) => only === undefined || name === only);
  const parts = names.map((name) => (FAMILIES[name] as Family)(options));
  return Promise.resolve({
    title: 'training of trees',
    cases: parts.flatMap(({ cases }) => cases),
    comparisons: parts.flatMap(({ comparisons }) => comparisons),
    facts: Object.assign({}, ...parts.map(({ facts }) => facts)) as BenchReport['facts'],
    skipped: parts.length === 0 ? `there is no kind of model named ${only ?? ''}` : null,
  });
}
