import { noteText, type BacktestResult, type Note } from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import { renderComparison, renderReport, type BacktestRun, type ReportLanguage } from '@monsta/simulation';
import { STATISTICS, type BacktestStatistics } from '@monsta/simulation/statistics';
import type { BacktestOutcome } from '@monsta/simulation/backtest';
import { readEquity } from './equity-file.ts';
import type { KeptPrices } from './price-file.ts';
import type { RunFolder } from './run-folder.ts';

const read = <T>(text: string | null): T | null => (text === null ? null : (JSON.parse(text) as T));

/** All statistics of this version; one that an older version did not know is unknown. */
const statisticsIn = (kept: BacktestResult['statistics']): BacktestStatistics =>
  Object.fromEntries(Object.keys(STATISTICS).map((name) => [name, kept[name] ?? null])) as BacktestStatistics;

const told = (notes: readonly Note[], language: ReportLanguage): readonly string[] =>
  notes.map((note) => noteText(note, language).text);

/** A kept run as the report shows it. Fault `backtest_unfinished`: it has no result yet, or was run without its curve. */
function reportedRun(folder: RunFolder, language: ReportLanguage): Result<BacktestRun> {
  const result = read<BacktestResult>(folder.part('result'));
  const equity = folder.binary('equity.bin');
  if (result === null || equity === null)
    return err(
      'backtest_unfinished',
      result === null
        ? `the backtest ${folder.id} has no result (yet)`
        : `the backtest ${folder.id} was run with --no-records: without its curve there is nothing to draw`,
    );
  const { buyAndHold, ...curve } = readEquity(equity);
  const { id, createdMs, version, summary, spec, assumptions, warnings, statistics, honesty } = result;
  return ok({
    ...{ id, createdMs, version, spec, honesty },
    yearDays: spec.yearDays,
    assumptions: told(assumptions, language),
    warnings: told(warnings, language),
    statistics: statisticsIn(statistics),
    strategy: summary.strategy,
    instruments: summary.instruments,
    interval: summary.interval,
    quoteAsset: summary.quoteAsset,
    outcome: { curve, benchmark: buyAndHold, trades: read<BacktestOutcome['trades']>(folder.part('trades')) ?? [] },
    prices: read<readonly KeptPrices[]>(folder.part('prices')) ?? [],
  });
}

/** The report of a kept run: one HTML file that stands alone. Fault `backtest_unfinished`. */
export function reportOf(folder: RunFolder, language: ReportLanguage): Result<string> {
  const run = reportedRun(folder, language);
  return run.ok ? ok(renderReport(run.value, language)) : run;
}

/** Kept runs side by side, at most six: one HTML file that stands alone. Fault `backtest_unfinished`. */
export function comparisonOf(folders: readonly RunFolder[], language: ReportLanguage): Result<string> {
  const runs: BacktestRun[] = [];
  for (const folder of folders) {
    const run = reportedRun(folder, language);
    if (!run.ok) return run;
    runs.push(run.value);
  }
  return ok(renderComparison(runs, language));
}
