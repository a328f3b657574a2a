import { basename } from 'node:path';
import type { ColumnNames } from './column-names.ts';
import type { CellNotes } from './cell-notes.ts';
import type { FileForm } from './row-file.ts';
import type { FaultExample } from './row-faults.ts';
import type { TimeUnit } from './time-cell.ts';

/** A last digit that fewer than this share of the prices have is told of. */
const FINE_SHARE = 0.01;
/** Of fewer prices nothing is said. */
const FINE_PRICES_MIN = 400;

/** What is no fault, but what who brings the file should know: something was rounded, or is unlike the rest. */
export interface FileNotice {
  readonly kind: 'name' | 'time_units' | 'zones' | 'rounded_price' | 'rounded_volume' | 'fine_price' | 'ends_open';
  readonly count: number;
  readonly examples: readonly FaultExample[];
}

/** How a file was understood. */
export interface Understood {
  readonly form: FileForm;
  readonly columns: ColumnNames;
  /** In what times are written, and in how many rows. */
  readonly times: readonly { readonly unit: TimeUnit; readonly rows: number }[];
  /** Offsets from UTC behind times of day; '' where there is none, which is taken for UTC. */
  readonly zones: readonly { readonly zone: string; readonly rows: number }[];
  /** Where the tick comes from: it was given, or is the finest digit of the prices. */
  readonly tickFrom: 'given' | 'finest';
}

const one = (kind: FileNotice['kind'], count: number, line: number, message: string): FileNotice => ({
  kind,
  count,
  examples: [{ line, message }],
});

/** Where a column of times changes its unit, or its zone: every other than the first. */
function changes(
  kind: 'time_units' | 'zones',
  seen: readonly (readonly [string, { readonly count: number; readonly line: number }])[],
  say: (key: string) => string,
): readonly FileNotice[] {
  const [first, ...others] = seen;
  if (first === undefined || others.length === 0) return [];
  const count = others.reduce((sum, [, each]) => sum + each.count, 0);
  const examples = others.map(([key, { line }]) => ({
    line,
    message: `${say(key)}, where the rows above have ${say(first[0])}`,
  }));
  return [{ kind, count, examples }];
}

/** As Binance's archive names its files: `BTCUSDT-1m-2024-01.csv`, `BTCUSDT-trades-2024-01-31.zip`. */
const ARCHIVE_NAME = /^([A-Z0-9]{4,20})-(\d{1,2}[mhdwM]|trades|aggTrades)(?:[-.]|$)/;

/** Where the name of a file, or of the one in a zip, says that it is of something else than it is read as. */
export function nameNotices(path: string, { entry }: FileForm, id: string, what: string): readonly FileNotice[] {
  for (const name of [basename(path), basename(entry ?? '')]) {
    const [, symbol, kind = ''] = ARCHIVE_NAME.exec(name) ?? [];
    const other = what === 'trades' ? !/trades$/i.test(kind) : kind !== what;
    if (symbol !== undefined && (symbol !== id || other))
      return [one('name', 1, 0, `${name} is named as ${kind} of ${symbol}, and read as ${what} of ${id}`)];
  }
  return [];
}

/** What of a file is no fault and worth telling. */
export function noticesOf(
  notes: CellNotes,
  { endsOpen }: FileForm,
  lastLine: number,
  tickGiven: boolean,
): readonly FileNotice[] {
  const notices: FileNotice[] = [
    ...changes('time_units', notes.times.entries(), (unit) => `times in ${unit === 'us' ? 'µs' : unit}`),
    ...changes('zones', notes.zones.entries(), (zone) => (zone === '' ? 'no offset from UTC' : `the offset ${zone}`)),
  ];
  for (const [what, { count, line }] of notes.rounded.entries())
    notices.push(
      what === 'price'
        ? one('rounded_price', count, line, 'a price was rounded to the tick')
        : one('rounded_volume', count, line, 'a volume was rounded to the nearest that can be held'),
    );
  const scales = notes.scales.entries().toSorted((left, right) => right[0] - left[0]);
  const [finest] = scales;
  const total = scales.reduce((sum, [, { count }]) => sum + count, 0);
  if (!tickGiven && finest !== undefined && total >= FINE_PRICES_MIN && finest[1].count < FINE_SHARE * total)
    notices.push(
      one(
        'fine_price',
        finest[1].count,
        finest[1].line,
        `${finest[1].count} of ${total} prices have ${finest[0]} digits behind the point, and the others fewer: is one wrong, or give the tick`,
      ),
    );
  if (endsOpen)
    notices.push(one('ends_open', 1, lastLine, 'no line end stands behind the last line: was the file cut short?'));
  return notices;
}

export const understoodOf = (
  notes: CellNotes,
  form: FileForm,
  columns: ColumnNames,
  tickGiven: boolean,
): Understood => ({
  form,
  columns,
  times: notes.times.entries().map(([unit, { count }]) => ({ unit, rows: count })),
  zones: notes.zones.entries().map(([zone, { count }]) => ({ zone, rows: count })),
  tickFrom: tickGiven ? 'given' : 'finest',
});
