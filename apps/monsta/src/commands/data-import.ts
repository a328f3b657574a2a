import { ok, type Result } from '@monsta/core';
import type { AppendOutcome, Catalog } from '@monsta/ports';
import { argumentOf, type FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { examplesFlag, termsFrom, withCatalog } from './data.ts';
import type { FileReport, TradeFileReport } from './data-report.ts';
import { isFaulty, surveyBars, surveyTrades, type Surveyed } from './data-survey.ts';
import { fileText } from './data-text.ts';

/** `monsta data import FILE`: a file of bars or of trades into the catalogue, whole or not at all. */
export function dataImport(flags: FlagValues, output: Output): Promise<number> {
  const file = argumentOf(flags);
  const dryRun = flags['dry-run'] === true;
  return withCatalog(flags, output, async (catalog) => {
    const terms = termsFrom(flags);
    if (!terms.ok) return terms;
    const examples = examplesFlag(flags);
    if (!examples.ok) return examples;
    if (flags['trades'] === true) {
      const read = await surveyTrades(catalog, file, terms.value, examples.value);
      return read.ok ? stored(read.value, dryRun, output, (series) => catalog.appendTrades(series)) : read;
    }
    const read = await surveyBars(catalog, file, terms.value, examples.value);
    return read.ok ? stored(read.value, dryRun, output, (series) => catalog.appendBars(series)) : read;
  });
}

/** Stores a file that is sound, and tells of it; of one that isn't nothing is stored. */
async function stored<S extends { readonly length: number }>(
  { report, series }: Surveyed<FileReport | TradeFileReport, S>,
  dryRun: boolean,
  output: Output,
  append: (series: S) => ReturnType<Catalog['appendBars']>,
): Promise<Result<number>> {
  const tell = (outcome: AppendOutcome, end: string): void =>
    output.document({ ...report, dryRun, ...outcome }, `${fileText(report)}\n${end}`);
  const { overlap } = report;
  const fuller = overlap !== null && 'fuller' in overlap ? overlap.fuller : 0;
  const known = (overlap?.same ?? 0) - fuller;
  if (isFaulty(report)) {
    tell({ added: 0, known }, 'Nothing was stored: mend the file first.');
    return ok(1);
  }
  if (dryRun) {
    const added = series.length - known;
    tell({ added, known }, `Nothing was stored: a dry run. It would add ${added}, and knows ${known}.`);
    return ok(0);
  }
  const appended = await append(series);
  if (!appended.ok) return appended;
  tell(appended.value, `Stored: ${appended.value.added} new, ${appended.value.known} known.`);
  return ok(0);
}
