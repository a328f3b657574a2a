import type { BacktestResult, BacktestSummary } from '@monsta/contracts';
import { fault } from '@monsta/core';
import type { RunFolder } from '../backtest/run-folder.ts';
import { BacktestStore } from '../backtest/store.ts';
import { durationText, moneyText, percentText, ratioText } from '../backtest/summary-text.ts';
import { argumentOf, type FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { printResult } from './backtest.ts';
import { baseName, failed, handOutReport, removeRun, reportLanguage, withStore } from './kept-runs.ts';

const inStore = (dataDir: string): BacktestStore => new BacktestStore(dataDir);

function lineOf({ id, state, progress, strategy, instruments, interval, statistics }: BacktestSummary): string {
  const figures =
    statistics === null
      ? state === 'running'
        ? `${Math.floor(100 * progress)} %`
        : ''
      : `${percentText(statistics['totalReturn'])}  Sharpe ${ratioText(statistics['sharpe'])}  drawdown ${percentText(statistics['maxDrawdown'])}`;
  const what = `${baseName(strategy)} ${instruments.join(',')} ${interval ?? ''}`.trimEnd();
  return `${id}  ${state}  ${what}  ${figures}`.trimEnd();
}

/** `monsta backtests list` */
export const backtestsList = (flags: FlagValues, output: Output): Promise<number> =>
  withStore(flags, output, inStore, (store) => {
    const items = store.list();
    const text = items.map(lineOf).join('\n');
    output.document({ items }, items.length === 0 ? 'No backtest is kept yet: monsta backtest --help' : text);
    return 0;
  });

/** `monsta backtests show ID` */
export const backtestsShow = (flags: FlagValues, output: Output): Promise<number> =>
  withStore(flags, output, inStore, (store) => {
    const folder = store.open(argumentOf(flags));
    if (!folder.ok) return failed(output, folder.fault, 2);
    return printResult(folder.value, output) ? 0 : 1;
  });

/** `monsta backtests delete ID` */
export const backtestsDelete = (flags: FlagValues, output: Output): Promise<number> =>
  withStore(flags, output, inStore, (store) => removeRun(store, flags, output));

const resultIn = (folder: RunFolder): BacktestResult | null => {
  const text = folder.part('result');
  return text === null ? null : (JSON.parse(text) as BacktestResult);
};

/** Identities with commas between. */
const idsOf = (flags: FlagValues): readonly string[] =>
  argumentOf(flags)
    .split(',')
    .filter((id) => id !== '');

/** Most runs that a report sets side by side: as many colours as can be told apart. */
const RUNS_MAX = 6;

/** `monsta backtests report ID[,ID…]` */
export const backtestsReport = (flags: FlagValues, output: Output): Promise<number> =>
  withStore(flags, output, inStore, async (store) => {
    const language = reportLanguage(flags);
    if (!language.ok) return failed(output, language.fault, 2);
    const ids = idsOf(flags);
    if (ids.length === 0 || ids.length > RUNS_MAX)
      return failed(output, fault('argument_invalid', `name 1 to ${RUNS_MAX} backtests, with commas between`), 2);
    const folders: RunFolder[] = [];
    for (const id of ids) {
      const folder = store.open(id);
      if (!folder.ok) return failed(output, folder.fault, 2);
      folders.push(folder.value);
    }
    const [first] = folders;
    const { comparisonOf, reportOf } = await import('../backtest/report.ts');
    const report =
      first !== undefined && folders.length === 1
        ? reportOf(first, language.value)
        : comparisonOf(folders, language.value);
    return report.ok ? handOutReport(report.value, { ids }, flags, output) : failed(output, report.fault, 1);
  });

type Tree = Readonly<Record<string, unknown>>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where specifications differ, by path. */
function differences(
  specs: readonly Tree[],
  path: readonly string[] = [],
): readonly (readonly [path: string, values: readonly unknown[]])[] {
  const keys = [...new Set(specs.flatMap((spec) => Object.keys(spec)))];
  return keys.flatMap((key) => {
    const values = specs.map((spec) => spec[key]);
    const texts = new Set(values.map((value) => JSON.stringify(value)));
    if (texts.size < 2) return [];
    return values.every(isTree) ? differences(values, [...path, key]) : [[[...path, key].join('.'), values] as const];
  });
}

const COMPARED: readonly (readonly [
  name: string,
  label: string,
  shown: (value: number | null | undefined) => string,
])[] = [
  ['totalReturn', 'return', percentText],
  ['cagr', 'a year (CAGR)', percentText],
  ['sharpe', 'Sharpe', ratioText],
  ['sortino', 'Sortino', ratioText],
  ['maxDrawdown', 'largest drawdown', percentText],
  ['volatilityAnnual', 'volatility a year', percentText],
  ['exposureTime', 'time in the market', percentText],
  ['trades', 'trades closed', String],
  ['winRate', 'win rate', percentText],
  ['profitFactor', 'profit factor', ratioText],
  ['averageHoldingMs', 'held on average', durationText],
  ['fees', 'fees', moneyText],
  ['finalEquity', 'final equity', moneyText],
];

/** A value of a specification in a cell; nothing where a specification has none. */
const shownValue = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'string' ? baseName(value) : JSON.stringify(value);

function compareText(results: readonly BacktestResult[], differ: ReturnType<typeof differences>): string {
  const rows = [
    ['', ...results.map(({ id }) => id)],
    ...differ.map(([path, values]) => [path, ...values.map((value) => shownValue(value))]),
    ...COMPARED.map(([name, label, shown]) => [label, ...results.map(({ statistics }) => shown(statistics[name]))]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n');
}

/** `monsta backtests compare A,B` */
export const backtestsCompare = (flags: FlagValues, output: Output): Promise<number> =>
  withStore(flags, output, inStore, (store) => {
    const ids = idsOf(flags);
    if (ids.length < 2)
      return failed(
        output,
        fault('argument_missing', 'name two runs or more, with commas between: monsta backtests compare A,B'),
        2,
      );
    const results: BacktestResult[] = [];
    for (const id of ids) {
      const folder = store.open(id);
      if (!folder.ok) return failed(output, folder.fault, 2);
      const result = resultIn(folder.value);
      if (result === null)
        return failed(output, fault('backtest_unfinished', `the backtest ${id} has no result (yet)`), 1);
      results.push(result);
    }
    const differ = differences(results.map(({ spec }) => spec));
    const runs = results.map(({ id, summary, statistics, warnings }) => ({ id, summary, statistics, warnings }));
    const document = { runs, differences: Object.fromEntries(differ) };
    output.document(document, compareText(results, differ));
    return 0;
  });
