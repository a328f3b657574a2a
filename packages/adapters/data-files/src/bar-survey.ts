import { intervalMs, MS_PER_HOUR, ok, type BarSeries, type Fault, type Result } from '@monsta/core';
import { readBars } from './bar-file.ts';
import type { BarTerms } from './bar-rows.ts';

/** So many of each kind are shown. */
const EXAMPLES_MAX = 5;
/** Faults of a row alone: the rows around it can be read. */
const ROW_FAULTS = ['corrupt', 'off_tick', 'impossible', 'disorder', 'duplicate'] as const;

export interface RowFaults {
  /** `corrupt`, `off_tick`, `impossible`, `disorder`, `duplicate`: as the ends of the codes of `readBarFile`. */
  readonly kind: string;
  readonly count: number;
  readonly examples: readonly { readonly line: number; readonly message: string }[];
}

/** What was found in a file that was read to its end, whatever is wrong with its rows. */
export interface BarSurvey {
  /** The rows that are sound. */
  readonly series: BarSeries;
  readonly faults: readonly RowFaults[];
  /** Lines at which time goes back by exactly an hour, as a local clock's does in autumn. */
  readonly clockSetBack: readonly number[];
}

/**
 * Reads a file of bars to its end and counts what is wrong with its rows, where `readBarFile` would have ended at the first. Faults: those of `readBarFile` that are of the file as a whole.
 */
export async function surveyBarFile(path: string, terms: BarTerms): Promise<Result<BarSurvey>> {
  const found = new Map<string, { count: number; examples: { line: number; message: string }[] }>();
  /** Where a run of rows that stand too late begins, and when its first bar opens. */
  const runs: { readonly line: number; readonly openTimeMs: number; readonly before: number }[] = [];
  let lateLine = -1;
  const tolerate = (fault: Fault, line: number): boolean => {
    if (!ROW_FAULTS.some((kind) => kind === fault.code)) return false;
    const kind = found.get(fault.code) ?? { count: 0, examples: [] };
    found.set(fault.code, kind);
    kind.count += 1;
    if (kind.examples.length < EXAMPLES_MAX) kind.examples.push({ line, message: fault.message });
    const { openTimeMs, latestMs } = fault.details ?? {};
    if (typeof openTimeMs === 'number' && typeof latestMs === 'number') {
      if (line !== lateLine + 1) runs.push({ line, openTimeMs, before: latestMs });
      lateLine = line;
    }
    return true;
  };
  const read = await readBars(path, terms, 'bars', tolerate);
  if (!read.ok) return read;
  const { series } = read.value;
  const step = intervalMs(series.interval);
  const clockSetBack = runs.filter(({ openTimeMs, before }) => before + step - openTimeMs === MS_PER_HOUR);
  return ok({
    series,
    faults: ROW_FAULTS.flatMap((kind) => {
      const faults = found.get(kind);
      return faults === undefined ? [] : [{ kind, ...faults }];
    }),
    clockSetBack: clockSetBack.map(({ line }) => line),
  });
}
