import { join } from 'node:path';
import type { BacktestSummary, OptimizationResult } from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import { percentText, ratioText } from '../backtest/summary-text.ts';
import { argumentOf, type FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { OptimizationStore, type OptimizationFolder, type StoredOptimization } from '../optimize/store.ts';
import { optimizationText } from '../optimize/summary-text.ts';
import { baseName, failed, handOutReport, removeRun, reportLanguage, withStore } from './kept-runs.ts';

const inStore = (dataDir: string): OptimizationStore => new OptimizationStore(dataDir);

/** What one is, and what it was worth: out of sample, where something was tested. */
function lineOf(summary: BacktestSummary, stored: StoredOptimization | null): string {
  const { id, state, progress, strategy, instruments, interval, statistics } = summary;
  const spec = stored?.spec ?? null;
  const search = spec === null ? '' : `${spec.sampler} for ${spec.objective}`;
  const where = spec === null || spec.walkForward === null ? 'in sample' : 'out of sample';
  const figures =
    statistics === null
      ? state === 'running' || state === 'canceled'
        ? `${Math.floor(100 * progress)} %`
        : ''
      : `${where} ${percentText(statistics['totalReturn'])}  Sharpe ${ratioText(statistics['sharpe'])}  drawdown ${percentText(statistics['maxDrawdown'])}`;
  const what = `${baseName(strategy)} ${instruments.join(',')} ${interval ?? ''}`.trimEnd();
  return [id, state, what, search, figures].filter((part) => part !== '').join('  ');
}

/** `monsta optimizations list` */
export const optimizationsList = (flags: FlagValues, output: Output): Promise<number> =>
  withStore(flags, output, inStore, (store) => {
    const items = store.list();
    const lines = items.map((summary) => {
      const folder = store.open(summary.id);
      const stored = folder.ok ? folder.value.stored() : folder;
      return lineOf(summary, stored.ok ? stored.value : null);
    });
    const text = lines.join('\n');
    output.document({ items }, items.length === 0 ? 'No optimisation is kept yet: monsta optimize --help' : text);
    return 0;
  });

/** Fault `optimization_unfinished`. */
function resultOf(folder: OptimizationFolder): Result<OptimizationResult> {
  const result = folder.result();
  if (result !== null) return ok(result);
  const summary = folder.summary();
  const why = summary?.fault === null || summary === null ? '' : `: ${summary.fault.message}`;
  return err(
    'optimization_unfinished',
    `the optimisation ${folder.id} has no result (yet): it is ${summary?.state ?? 'damaged'}${why}`,
  );
}

/** `monsta optimizations show ID` */
export const optimizationsShow = (flags: FlagValues, output: Output): Promise<number> =>
  withStore(flags, output, inStore, (store) => {
    const folder = store.open(argumentOf(flags));
    if (!folder.ok) return failed(output, folder.fault, 2);
    const result = resultOf(folder.value);
    if (!result.ok) return failed(output, result.fault, 1);
    output.document(result.value, optimizationText(result.value, join(folder.value.path, 'report.html')));
    return 0;
  });

/** `monsta optimizations report ID` */
export const optimizationsReport = (flags: FlagValues, output: Output): Promise<number> =>
  withStore(flags, output, inStore, async (store) => {
    const language = reportLanguage(flags);
    if (!language.ok) return failed(output, language.fault, 2);
    const id = argumentOf(flags);
    const folder = store.open(id);
    if (!folder.ok) return failed(output, folder.fault, 2);
    const [stored, result] = [folder.value.stored(), resultOf(folder.value)];
    if (!stored.ok) return failed(output, stored.fault, 1);
    if (!result.ok) return failed(output, result.fault, 1);
    const { optimizationReport } = await import('../optimize/report.ts');
    const html = optimizationReport(result.value, stored.value.createdMs, language.value);
    return handOutReport(html, { id }, flags, output);
  });

/** `monsta optimizations delete ID` */
export const optimizationsDelete = (flags: FlagValues, output: Output): Promise<number> =>
  withStore(flags, output, inStore, (store) => removeRun(store, flags, output));
