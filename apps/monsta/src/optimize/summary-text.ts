import type { OptimizationResult } from '@monsta/contracts';
import { growthLabel, percentText, ratioText } from '../backtest/summary-text.ts';

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const valuesText = (values: Readonly<Record<string, number | string | boolean>> | null): string =>
  values === null
    ? 'nothing'
    : Object.entries(values)
        .map(([name, value]) => `${name} ${String(value)}`)
        .join(', ');

/** Rows in columns, all but the first one right-aligned. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const pad = ' '.repeat(Math.max(0, (widths[column] ?? 0) - cell.length));
        return column === 0 ? `  ${cell}${pad}` : `  ${pad}${cell}`;
      })
      .join('')
      .trimEnd(),
  );
}

/** What a trader reads in ten seconds: what it is worth out of sample first, then what was chosen and how sure that is. */
export function optimizationText(result: OptimizationResult, path: string): string {
  const { spec, windows, outOfSample, trials, warnings, parameters, probabilityOfOverfitting, stability, run } = result;
  const {
    totalReturn,
    cagr,
    sharpe,
    maxDrawdown,
    trades,
    buyAndHoldReturn,
    buyAndHoldSharpe,
    buyAndHoldMaxDrawdown,
    buyAndHoldCagr,
  } = outOfSample?.statistics ?? {};
  const lines = [
    `Optimisation ${result.id}: ${spec.backtest.strategy} on ${spec.backtest.instruments.join(', ')}, ${trials.run} trials by ${spec.sampler} for ${spec.objective}`,
    '',
  ];
  if (outOfSample !== null)
    lines.push(
      ...columns([
        ['out of sample', 'strategy', 'buy and hold'],
        ['return', percentText(totalReturn), percentText(buyAndHoldReturn)],
        [growthLabel(spec.backtest), percentText(cagr), percentText(buyAndHoldCagr)],
        ['Sharpe', ratioText(sharpe), ratioText(buyAndHoldSharpe)],
        ['largest drawdown', percentText(maxDrawdown), percentText(buyAndHoldMaxDrawdown)],
        ['trades closed', String(trades ?? '–')],
        ['deflated Sharpe', percentText(outOfSample.deflatedSharpe)],
        ['walk-forward efficiency', ratioText(outOfSample.efficiency)],
      ]),
      '',
    );
  lines.push(
    ...columns([
      [spec.objective, 'in sample', 'out of sample', 'return in', 'return out', 'trials', 'chosen'],
      ...windows.map(({ train, test, inSample, outOfSample: tested, trials: of, chosen }) => [
        test === null ? `${day(train.fromMs)} – ${day(train.toMs)}` : `test ${day(test.fromMs)} – ${day(test.toMs)}`,
        ratioText(inSample?.objective),
        ratioText(tested?.objective),
        percentText(inSample?.statistics?.['totalReturn']),
        percentText(tested?.statistics?.['totalReturn']),
        String(of.run),
        valuesText(chosen),
      ]),
    ]),
    '',
    `Newest choice: ${valuesText(parameters)}; stability ${ratioText(stability)} (1 a plateau, 0 a peak)`,
    `Probability of overfitting: ${percentText(probabilityOfOverfitting)}; trials remembered of this strategy and data: ${trials.remembered}`,
    `Trials: ${trials.finished} finished, ${trials.stopped} stopped early, ${trials.failed} failed`,
    `${Math.round(run.barEvaluations / Math.max(1, run.durationMs) / 10) / 100}M bars a second on ${run.workers} threads, ${(run.durationMs / 1_000).toFixed(1)} s, at most ${Math.round(run.memoryPeakBytes / 2 ** 20)} MB`,
    ...(warnings.length === 0 ? [] : ['', 'Beware:', ...warnings.map(({ text }) => `  - ${text}`)]),
    '',
    `Report: ${path}`,
  );
  return lines.join('\n');
}
