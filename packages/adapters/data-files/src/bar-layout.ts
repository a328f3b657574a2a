import { err, ok, type Result } from '@monsta/core';
import { cellText, type Cells } from './cells.ts';
import { namedColumns, placedColumns, type ColumnNames } from './column-names.ts';
import { readTimeMs, type TimeForm } from './time-cell.ts';
import { isTradeRow } from './trade-layout.ts';

/** Which cell of a row is what. */
export interface BarLayout {
  readonly columns: number;
  readonly time: number;
  readonly timeForm: TimeForm;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  /** How the columns were recognised. */
  readonly known: ColumnNames;
  /** What some files say beside; -1 where this doesn't. */
  readonly flow: {
    readonly takerBuyVolume: number;
    readonly trades: number;
    readonly bookImbalance: number;
  };
  /** What Binance's archive says of turnover; null where the file doesn't. */
  readonly turnover: { readonly quoteVolume: number; readonly takerBuyQuoteVolume: number } | null;
}

const SIMPLE_COLUMNS = 6;
const ARCHIVE_COLUMNS = 12;
const PLACES = { time: 0, open: 1, high: 2, low: 3, close: 4, volume: 5 } as const;
const NO_FLOW: BarLayout['flow'] = { takerBuyVolume: -1, trades: -1, bookImbalance: -1 };
const ARCHIVE_FLOW = { trades: 8, takerBuyVolume: 9 } as const;
const ARCHIVE_TURNOVER = { quoteVolume: 7, takerBuyQuoteVolume: 10 } as const;
const ARCHIVE_REST = ['closeTime', 'quoteVolume', 'takerBuyQuoteVolume', 'ignore'] as const;
const POSITIONAL = { ...PLACES, timeForm: 'auto' } as const;

/** Names of columns in small letters and digits alone; where several stand in one header, the first of this list counts. */
const TIME_NAMES = [
  'opentimems',
  'opentime',
  'timestampms',
  'timestamp',
  'unix',
  'unixtime',
  'time',
  'datetime',
  'date',
  'ts',
  'indexlevel0',
  // The index of a table that pandas has written has no name, and in Parquet the one above; yfinance calls the corner of its two headers Price.
  '',
  'price',
] as const;
const MS_NAMES: readonly string[] = ['opentimems', 'timestampms'];
const NAMES = {
  open: ['open', 'openprice', 'o'],
  high: ['high', 'highprice', 'h'],
  low: ['low', 'lowprice', 'l'],
  close: ['close', 'closeprice', 'c'],
  volume: ['volume', 'vol', 'v', 'basevolume', 'basevol'],
} as const;
const FLOW_NAMES = {
  takerBuyVolume: ['takerbuyvolume', 'takerbuybasevolume', 'takerbuybaseassetvolume', 'takerbuybase'],
  trades: ['trades', 'count', 'numberoftrades', 'tradecount', 'tradescount', 'numtrades'],
  bookImbalance: ['bookimbalance'],
} as const;

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

function find(header: readonly string[], names: readonly string[]): number {
  for (const name of names) {
    const index = header.indexOf(name);
    if (index !== -1) return index;
  }
  return -1;
}

/**
 * The layout that a header's names tell; null where it names no prices at all and so is no header. Fault `layout`: a column is missing.
 */
export function headerLayout(names: readonly string[]): Result<BarLayout> | null {
  const header = names.map(plain);
  const [open, high, low, close] = [
    find(header, NAMES.open),
    find(header, NAMES.high),
    find(header, NAMES.low),
    find(header, NAMES.close),
  ];
  if (open === -1 && high === -1 && close === -1) return null;
  const named = find(header, NAMES.volume);
  const volume = named === -1 ? header.findIndex((name) => name.startsWith('volume')) : named;
  const time = find(header, TIME_NAMES);
  const missing = Object.entries({ time, open, high, low, close, volume }).flatMap(([name, index]) =>
    index === -1 ? [name] : [],
  );
  if (missing.length > 0) {
    const advice = missing.includes('volume') ? '; where the volume is not known, add a column volume of zeros' : '';
    return err('layout', `the header ${names.join(',')} names no column for ${missing.join(', ')}${advice}`);
  }
  const timeForm = MS_NAMES.includes(header[time] ?? '') ? 'ms' : 'auto';
  const flow = {
    takerBuyVolume: find(header, FLOW_NAMES.takerBuyVolume),
    trades: find(header, FLOW_NAMES.trades),
    bookImbalance: find(header, FLOW_NAMES.bookImbalance),
  };
  const turnover = {
    quoteVolume: find(header, ['quotevolume', 'quoteassetvolume']),
    takerBuyQuoteVolume: find(header, ['takerbuyquotevolume', 'takerbuyquoteassetvolume']),
  };
  const there = Object.entries(flow).filter(([, index]) => index !== -1);
  const known = namedColumns(names, { time, open, high, low, close, volume, ...Object.fromEntries(there) });
  return ok({
    ...{ columns: names.length, time, timeForm, open, high, low, close, volume, flow, known },
    turnover: Object.values(turnover).includes(-1) ? null : turnover,
  });
}

/**
 * What a file's first rows say of its layout: a header, or the first bar where there is none. `data`: the row is a bar already; `more`: ask with the next row.
 * Fault `layout`: not understood.
 */
export type LayoutStep =
  | { readonly kind: 'known'; readonly layout: BarLayout; readonly data: boolean }
  | { readonly kind: 'more' };

const isTime = (cells: Cells): boolean =>
  !Number.isNaN(readTimeMs(cells.bytes, cells.starts[0] ?? 0, cells.ends[0] ?? 0, 'auto'));

/** Who reads trades as bars is told. */
const looks = (cells: Cells): { readonly details?: { readonly looksLike: string } } =>
  isTradeRow(cells) ? { details: { looksLike: 'trades' } } : {};

export function layoutStep(cells: Cells): Result<LayoutStep> {
  const names = Array.from({ length: cells.count }, (_, index) => cellText(cells, index));
  const first = names[0] ?? '';
  // Remarks, and the address that CryptoDataDownload puts above its header.
  if (first.startsWith('#') || (cells.count === 1 && /^https?:/.test(first))) return ok({ kind: 'more' });
  if (isTime(cells)) {
    if (cells.count === SIMPLE_COLUMNS || cells.count === ARCHIVE_COLUMNS) {
      const archive = cells.count === ARCHIVE_COLUMNS;
      const layout = {
        ...{ columns: cells.count, ...POSITIONAL },
        flow: archive ? { ...NO_FLOW, ...ARCHIVE_FLOW } : NO_FLOW,
        turnover: archive ? ARCHIVE_TURNOVER : null,
        known: archive ? placedColumns({ ...PLACES, ...ARCHIVE_FLOW }, ARCHIVE_REST) : placedColumns(PLACES, []),
      };
      return ok({ kind: 'known', data: true, layout });
    }
    return err(
      'layout',
      `${cells.count} columns without a header; a bar has ${SIMPLE_COLUMNS} (time, open, high, low, close, volume) or Binance's ${ARCHIVE_COLUMNS}: name the columns in a first line`,
      looks(cells),
    );
  }
  const header = headerLayout(names);
  if (header === null)
    return err(
      'layout',
      `'${names.join(',').slice(0, 80)}' is neither a header nor a bar; a file of bars begins with openTimeMs,open,high,low,close,volume`,
      looks(cells),
    );
  return header.ok ? ok({ kind: 'known', data: false, layout: header.value }) : header;
}

/** Lines that yfinance puts under its header: the names of the tickers, and `Date,,,`. */
export const isSubheader = (cells: Cells): boolean => /^(Ticker|Date|Datetime)$/.test(cellText(cells, 0));
