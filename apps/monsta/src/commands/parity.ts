import type { CostSummary } from '@monsta/simulation';
import { argumentOf, textOf, type FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { measureParity, type ParityReport } from '../parity/measure-parity.ts';

const SLIPPAGE_BPS = 0.5;
const PPM_PER_BP = 100;
/** Pairs that are shown one by one. */
const ROWS_MAX = 40;

const bps = (value: number | null): string => (value === null ? '—' : value.toFixed(2));
const at = (ms: number): string => new Date(ms).toISOString().slice(0, 19);

const summaryLine = (name: string, summary: CostSummary | null): string =>
  summary === null
    ? `${name}: no trade to compare`
    : `${name}: mean ${bps(summary.mean)}, median ${bps(summary.median)}, worst ${bps(summary.worst)} bps over ${summary.count}`;

function spoken(report: ParityReport): string {
  const { fromMs, toMs, interval, instruments, pairs, onlyRun, onlyBacktest, notes } = report;
  const rows = pairs.slice(0, ROWS_MAX).map(({ run, entryCostBps, exitCostBps, returnCostBps }) => {
    const costs = [entryCostBps, exitCostBps, returnCostBps].map((cost) => bps(cost).padStart(9)).join('');
    return `${at(run.openedMs)}  ${run.instrument.padEnd(10)} ${run.direction.padEnd(5)} ${run.strategyId.padEnd(18)}${costs}`;
  });
  const more = pairs.length > ROWS_MAX ? [`… and ${pairs.length - ROWS_MAX} more; --json has all`] : [];
  return [
    `${at(fromMs)} to ${at(toMs)}, ${instruments.join(', ')}, ${interval} bars: ${report.runTrades} trades in the run, ${report.backtestTrades} in the backtest, ${pairs.length} of both.`,
    'What the run did worse than the backtest says (below 0: better):',
    summaryLine('  entry price', report.entryCostBps),
    summaryLine('  exit price', report.exitCostBps),
    summaryLine('  return, net', report.returnCostBps),
    ...(onlyRun.length > 0 ? [`Only in the run: ${onlyRun.length} trades.`] : []),
    ...(onlyBacktest.length > 0 ? [`Only in the backtest: ${onlyBacktest.length} trades.`] : []),
    ...(rows.length > 0
      ? ['entered              instrument side  strategy              entry     exit   return  (bps)', ...rows]
      : []),
    ...more,
    ...notes.map((note) => `Note: ${note}.`),
  ].join('\n');
}

/** Exit status 1 where there is nothing to compare, 2 for a bad flag. */
export async function parity(flags: FlagValues, output: Output): Promise<number> {
  const given = textOf(flags, 'slippage-bps');
  const slippageBps = given === null ? SLIPPAGE_BPS : Number(given);
  if (!(slippageBps >= 0 && slippageBps <= 1_000)) {
    const message = `--slippage-bps is a number of basis points from 0 to 1000, not '${given}'`;
    output.fault({ code: 'flag_invalid', message, retry: 'permanent' });
    return 2;
  }
  const measured = await measureParity(argumentOf(flags), { slippagePpm: Math.round(slippageBps * PPM_PER_BP) });
  if (!measured.ok) {
    output.fault(measured.fault);
    return 1;
  }
  output.document(measured.value, spoken(measured.value));
  return 0;
}
