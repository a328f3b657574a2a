import type { DownloadItem, DownloadReport, DownloadTable } from './report.ts';

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
const moment = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

/** Lines of a kind beyond these are counted alone; `--json` has all of them. */
const LINES_MAX = 20;

function some(lines: readonly string[]): readonly string[] {
  if (lines.length <= LINES_MAX) return lines;
  return [...lines.slice(0, LINES_MAX), `  and ${lines.length - LINES_MAX} more; --json lists all`];
}

const SOURCES = { 'archive-monthly': 'months of the archive', 'archive-daily': 'days of the archive', rest: 'REST' };

function sourcesText(items: readonly DownloadItem[]): string {
  const rows = new Map<keyof typeof SOURCES, number>();
  for (const { sources } of items)
    for (const { source, rows: count } of sources) rows.set(source, (rows.get(source) ?? 0) + count);
  return [...rows].map(([source, count]) => `${count} from ${SOURCES[source]}`).join(', ');
}

const isOf =
  ({ kind, instrument, interval }: DownloadTable) =>
  (item: DownloadItem): boolean =>
    item.kind === kind && item.instrument === instrument && item.interval === interval;

function tableLines(table: DownloadTable, all: readonly DownloadItem[]): readonly string[] {
  const items = all.filter(isOf(table));
  const name = `${table.instrument} ${table.interval ?? 'trades'}`;
  if (table.fault !== null) return [`${name}: error ${table.fault.code}: ${table.fault.message}`];
  const [first] = items;
  const last = items.at(-1);
  if (first === undefined || last === undefined)
    return [`${name}: nothing in this span${table.notes.length === 0 ? '' : `: ${table.notes.join('; ')}`}`];
  const added = items.reduce((sum, item) => sum + item.added, 0);
  const known = items.reduce((sum, item) => sum + (item.known ?? 0), 0);
  const missing = items.reduce((sum, item) => sum + (item.missing ?? 0), 0);
  const sources = sourcesText(items);
  const head = [
    `${name}: ${added} new${sources === '' ? '' : ` (${sources})`}`,
    ...(table.kind === 'bars' ? [`${known} known`, `${missing} missing at the exchange itself`] : []),
  ].join(', ');
  const lines = items.flatMap(({ period, status, notes, faults }) => [
    ...notes.map((note) => `  ${period}: ${note}`),
    ...faults.map(({ code, message }) => `  ${period}: error ${code}: ${message}`),
    ...(status === 'absent' ? [`  ${period}: there is no file of it`] : []),
  ]);
  return [
    `${head}; from ${moment(first.fromMs)} to ${moment(last.toMs)} UTC`,
    ...table.notes.map((note) => `  ${note}`),
    ...some(lines),
  ];
}

/** What a download did, for people. */
export function downloadText({ stopped, tables, items, totals }: DownloadReport): string {
  const { files, bytes, failed, waitedMs } = totals;
  const fetched = `${plural(files, 'file')} fetched, ${(bytes / 1e6).toFixed(1)} MB`;
  const waited = waitedMs === 0 ? '' : `; waited ${Math.ceil(waitedMs / 1_000)} s because the exchange asked for it`;
  return [
    ...tables.flatMap((table) => tableLines(table, items)),
    `${fetched}${waited}`,
    ...(failed > 0
      ? [
          `${failed} could not be had, or not all of it. What is whole is stored; the same command tries again what is not.`,
        ]
      : []),
    ...(stopped ? ['Stopped. What is whole is stored; the same command goes on from there.'] : []),
  ].join('\n');
}
