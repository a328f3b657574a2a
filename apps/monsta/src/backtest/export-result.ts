import { join } from 'node:path';
import type { BacktestResult } from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import { writeTable, type TableColumn } from '@monsta/data-files';
import { readEquity } from './equity-file.ts';
import type { RunFolder } from './run-folder.ts';

type Kind = TableColumn['kind'];
type Row = Readonly<Record<string, unknown>>;
type Columns = Readonly<Record<string, Kind>>;

const TRADE_COLUMNS: Columns = {
  ...{
    id: 'text',
    strategyId: 'text',
    instrument: 'text',
    direction: 'text',
    openedMs: 'integer',
    closedMs: 'integer',
  },
  ...{ entryPrice: 'decimal', exitPrice: 'decimal', quantity: 'decimal', profit: 'decimal', fees: 'decimal' },
  ...{ returnShare: 'number', adverseShare: 'number', favourableShare: 'number', bars: 'integer' },
  ...{ entryTag: 'text', exitTag: 'text', exitCause: 'text' },
};

const ORDER_COLUMNS: Columns = {
  ...{
    clientOrderId: 'text',
    venueOrderId: 'text',
    strategyId: 'text',
    instrument: 'text',
    side: 'text',
    type: 'text',
  },
  ...{ timeInForce: 'text', quantity: 'decimal', limitPrice: 'decimal', stopPrice: 'decimal', trailingBps: 'integer' },
  ...{ icebergQuantity: 'decimal', listId: 'text', tag: 'text', decisionPrice: 'decimal', slippageBps: 'number' },
  ...{ reduceOnly: 'boolean', status: 'text', filledQuantity: 'decimal', averagePrice: 'decimal' },
  ...{ reasonCode: 'text', reason: 'text', createdMs: 'integer', updatedMs: 'integer' },
};

const FILL_COLUMNS: Columns = {
  ...{ fillId: 'text', clientOrderId: 'text', strategyId: 'text', instrument: 'text', side: 'text' },
  ...{ price: 'decimal', quantity: 'decimal', fee: 'decimal', feeAsset: 'text', liquidity: 'text', timeMs: 'integer' },
};

const PERIOD_COLUMNS: Columns = {
  ...{ fromMs: 'integer', return: 'number', profit: 'number', equity: 'number', maxDrawdown: 'number' },
  ...{ buyAndHoldReturn: 'number', trades: 'integer', wins: 'integer' },
};

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);

function columnOf(rows: readonly Row[], name: string, kind: Kind): TableColumn {
  switch (kind) {
    case 'text':
    case 'decimal':
      return { name, kind, values: rows.map((row) => textOf(row[name])) };
    case 'integer':
    case 'number':
      return { name, kind, values: rows.map((row) => numberOf(row[name])) };
    case 'boolean':
      return { name, kind, values: rows.map((row) => (typeof row[name] === 'boolean' ? row[name] : null)) };
  }
}

const tableOf = (rows: readonly Row[], columns: Columns): readonly TableColumn[] =>
  Object.entries(columns).map(([name, kind]) => columnOf(rows, name, kind));

/** The tables of a kept result, by the name of their file. */
function tablesOf(folder: RunFolder): readonly (readonly [name: string, columns: readonly TableColumn[]])[] {
  const rows = (text: string | null): readonly Row[] | null =>
    text === null ? null : (JSON.parse(text) as readonly Row[]);
  const result = folder.part('result');
  const equity = folder.binary('equity.bin');
  const lists = [
    ['trades', rows(folder.part('trades')), TRADE_COLUMNS],
    ['orders', rows(folder.part('orders')), ORDER_COLUMNS],
    ['fills', rows(folder.part('fills')), FILL_COLUMNS],
    ['months', result === null ? null : (JSON.parse(result) as BacktestResult).periods.month, PERIOD_COLUMNS],
  ] as const;
  const tables = lists.flatMap(([name, list, columns]) =>
    list === null ? [] : [[name, tableOf(list, columns)] as const],
  );
  if (equity === null) return tables;
  const columns = Object.entries(readEquity(equity)).map(([name, values]): TableColumn => ({
    name,
    kind: name === 'timeMs' ? 'integer' : 'number',
    values,
  }));
  return [...tables, ['equity', columns]];
}

/** Writes the tables of a kept result into a folder, each as CSV and as Parquet; their paths. Faults: those of `writeTable`; `backtest_unfinished`. */
export async function exportResult(folder: RunFolder, directory: string): Promise<Result<readonly string[]>> {
  const tables = tablesOf(folder);
  if (tables.length === 0) return err('backtest_unfinished', `the backtest ${folder.id} has no result (yet)`);
  const paths: string[] = [];
  for (const [name, columns] of tables) {
    for (const ending of ['csv', 'parquet']) {
      const path = join(directory, `${name}.${ending}`);
      const written = await writeTable(path, columns);
      if (!written.ok) return written;
      paths.push(path);
    }
  }
  return ok(paths);
}
