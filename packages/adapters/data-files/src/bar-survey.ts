import { err, ok, symbolAssets, type BarSeries, type Result } from '@monsta/core';
import { eachBar } from './bar-file.ts';
import { BarSurveyRows, type SetBack } from './bar-survey-rows.ts';
import type { BarTerms } from './bar-terms.ts';
import { located, unitOf } from './row-file.ts';
import { FaultTally, type RowFaults } from './row-faults.ts';
import { nameNotices, noticesOf, understoodOf, type FileNotice, type Understood } from './understood.ts';

/** Faults of a row alone: the rows around it can be read. */
const ROW_FAULTS = ['corrupt', 'off_tick', 'impossible'] as const;
/** What was found in a file that was read to its end, whatever is wrong with its rows. */
export interface BarSurvey {
  /** The rows that are sound. */
  readonly series: BarSeries;
  readonly understood: Understood;
  readonly faults: readonly RowFaults[];
  /** Lines at which time goes back, and the bars go on from there without a break: as a local clock's does in autumn, or where one of two files that overlap begins. */
  readonly clockSetBack: readonly SetBack[];
  /** Almost all bars open so many minutes behind a whole interval of UTC; 0 in a sound file. */
  readonly offsetMinutes: number;
  readonly notices: readonly FileNotice[];
}

/**
 * Reads a file of bars to its end and counts what is wrong with its rows, where `readBarFile` would have ended at the first; `examplesMax` of each kind are kept. Faults: those of `readBarFile`
 * that are of the file as a whole.
 */
export async function surveyBarFile(path: string, terms: BarTerms, examplesMax: number): Promise<Result<BarSurvey>> {
  const { id, quote, tick } = terms.instrument;
  if (quote === null && symbolAssets(id) === null)
    return err('bars_instrument', `${id} ends in no quote asset that is known; say which asset its prices are in`);
  let faults = new FaultTally(examplesMax);
  const read = await eachBar(
    path,
    'bars',
    (layout) => {
      // A file that is begun anew is counted anew.
      faults = new FaultTally(examplesMax);
      return new BarSurveyRows(terms, layout);
    },
    (fault, line) => faults.take(fault, line, ROW_FAULTS),
  );
  if (!read.ok) return read;
  const { form, sink } = read.value;
  const rows = sink.finish(faults);
  if (!rows.ok) return located(rows.fault, path, 'bars', unitOf(form));
  const { notes } = sink;
  return ok({
    ...rows.value,
    understood: understoodOf(notes, form, sink.layout.known, tick !== null),
    faults: faults.list(),
    notices: [
      ...nameNotices(path, form, id, rows.value.series.interval),
      ...noticesOf(notes, form, read.value.lastLine, tick !== null),
    ],
  });
}
