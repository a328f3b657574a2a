import { timestampUs, US_PER_MS, type TimestampUs } from '@monsta/core';
import type { ExchangeModel, ExchangeSymbol } from '../exchange-model.ts';
import { KLINE_INTERVALS, KlineGrid, type KlineInterval } from '../kline-intervals.ts';

const PERIODS = ['daily', 'monthly'] as const;
type Period = (typeof PERIODS)[number];

/** How the archive writes an interval: the month differs from the minute by more than a large letter. */
const intervalName = (interval: KlineInterval): string => (interval === '1M' ? '1mo' : interval);

/** Intervals longer than a day have no daily files. */
const LONGER_THAN_DAY: readonly KlineInterval[] = ['3d', '1w', '1M'];

/** One folder of the archive: all files of one kind, symbol and interval, by day or month. */
export interface ArchiveFolder {
  /** `data/spot/monthly/klines/BTCUSDT/1h/`. */
  readonly path: string;
  readonly period: Period;
  readonly symbol: ExchangeSymbol;
  readonly content:
    | { readonly kind: 'klines'; readonly grid: KlineGrid }
    | { readonly kind: 'trades' }
    | { readonly kind: 'aggTrades' };
}

/** One file: what happened from `fromUs` to before `endUs`. */
export interface ArchiveFile {
  readonly folder: ArchiveFolder;
  /** `BTCUSDT-1h-2025-03`: the zip's name, and that of the table in it, without their endings. */
  readonly name: string;
  readonly fromUs: TimestampUs;
  readonly endUs: TimestampUs;
}

const gridOf = (period: Period): KlineGrid => new KlineGrid(period === 'daily' ? '1d' : '1M');

const dateOf = (us: TimestampUs, period: Period): string =>
  new Date(us / US_PER_MS).toISOString().slice(0, period === 'daily' ? 10 : 7);

function contentName({ content }: ArchiveFolder): string {
  return content.kind === 'klines' ? intervalName(content.grid.interval) : content.kind;
}

/** All folders of a market, in the order of their paths. */
export function archiveFolders(model: ExchangeModel): readonly ArchiveFolder[] {
  const folders: ArchiveFolder[] = [];
  for (const period of PERIODS) {
    for (const symbol of model.symbols()) {
      const { id } = symbol.instrument;
      const root = `data/spot/${period}`;
      for (const kind of ['trades', 'aggTrades'] as const) {
        folders.push({ path: `${root}/${kind}/${id}/`, period, symbol, content: { kind } });
      }
      for (const interval of KLINE_INTERVALS) {
        if (period === 'daily' && LONGER_THAN_DAY.includes(interval)) continue;
        const content = { kind: 'klines', grid: new KlineGrid(interval) } as const;
        folders.push({ path: `${root}/klines/${id}/${intervalName(interval)}/`, period, symbol, content });
      }
    }
  }
  return folders.sort((left, right) => (left.path < right.path ? -1 : 1));
}

function fileAt(folder: ArchiveFolder, fromUs: TimestampUs): ArchiveFile {
  const { period, symbol } = folder;
  return {
    folder,
    name: `${symbol.instrument.id}-${contentName(folder)}-${dateOf(fromUs, period)}`,
    fromUs,
    endUs: gridOf(period).next(fromUs),
  };
}

/** When all that a file tells is over: for klines that begin in its span and end after it, when they have ended. */
function completeAtUs({ folder, endUs }: ArchiveFile): TimestampUs {
  if (folder.content.kind !== 'klines') return endUs;
  const { grid } = folder.content;
  return grid.next(grid.floor(endUs - 1));
}

const isOver = (model: ExchangeModel, file: ArchiveFile): boolean => completeAtUs(file) <= model.nowUs();

/** When the first thing happened that a folder's files could tell; null where nothing has. */
function firstUs(model: ExchangeModel, { symbol, content }: ArchiveFolder): TimestampUs | null {
  const { id } = symbol.instrument;
  const base = content.kind === 'klines' ? content.grid.base() : null;
  if (base === null) {
    const [trade] = model.aggregateTrades(id, { fromId: null, fromUs: timestampUs(0), toUs: null, limit: 1 });
    return trade?.tsEventUs ?? null;
  }
  const [bar] = model.klines(id, base, { fromUs: timestampUs(0), toUs: null, limit: 1 });
  return bar?.openTimeUs ?? null;
}

/** The files of a folder whose span is over, the oldest first; from the one of `sinceDate` on where that is not empty. */
export function* filesOf(
  model: ExchangeModel,
  folder: ArchiveFolder,
  sinceDate = '',
): Generator<ArchiveFile, void, undefined> {
  const first = firstUs(model, folder);
  if (first === null) return;
  const grid = gridOf(folder.period);
  const since = Date.parse(sinceDate) * US_PER_MS;
  let file = fileAt(folder, grid.floor(Number.isNaN(since) ? first : Math.max(first, since)));
  while (isOver(model, file)) {
    yield file;
    file = fileAt(folder, file.endUs);
  }
}

const KEY = /^(data\/spot\/(?:daily|monthly)\/.+\/)([A-Za-z0-9_.-]+?)\.zip(\.CHECKSUM)?$/;
const DATE_AT_END = /(\d{4}-\d{2}(?:-\d{2})?)$/;

/** The file that a key names, and whether its checksum is meant; null where there is none, not yet or not at all. */
export function findFile(
  model: ExchangeModel,
  key: string,
): { readonly file: ArchiveFile; readonly checksum: boolean } | null {
  const [, path, name = '', checksum] = KEY.exec(key) ?? [];
  const folder = archiveFolders(model).find((candidate) => candidate.path === path);
  const fromMs = Date.parse(DATE_AT_END.exec(name)?.[1] ?? '');
  if (folder === undefined || Number.isNaN(fromMs)) return null;
  const file = fileAt(folder, gridOf(folder.period).floor(fromMs * US_PER_MS));
  return file.name === name && isOver(model, file) ? { file, checksum: checksum !== undefined } : null;
}
