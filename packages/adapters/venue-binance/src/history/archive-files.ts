import {
  ceilMsToInterval,
  floorMsToInterval,
  intervalMs,
  MS_PER_DAY,
  type InstrumentId,
  type Interval,
} from '@monsta/core';

/** What a folder of the archive tells of an instrument. */
export type ArchiveContent =
  | { readonly kind: 'bars'; readonly instrument: InstrumentId; readonly interval: Interval }
  | { readonly kind: 'trades'; readonly instrument: InstrumentId };

/** One zip of the archive: what happened from `fromMs` to before `toMs`, a month or a day of UTC. */
export interface ArchiveFile {
  readonly content: ArchiveContent;
  readonly period: 'monthly' | 'daily';
  /** `BTCUSDT-1m-2025-03.zip` */
  readonly name: string;
  /** Below the archive's address: `data/spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2025-03.zip`. */
  readonly path: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** First moment of the UTC month that a time lies in, and of the next, ms. */
export function monthAround(ms: number): { readonly fromMs: number; readonly toMs: number } {
  const date = new Date(ms);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return { fromMs: Date.UTC(year, month), toMs: Date.UTC(year, month + 1) };
}

/** The same of the bars of an interval that open in a month: those of weeks and three days may open some days after it began, and end after its end. */
export function barMonthAround(ms: number, interval: Interval): { readonly fromMs: number; readonly toMs: number } {
  const { fromMs, toMs } = monthAround(floorMsToInterval(ms, interval));
  return { fromMs: ceilMsToInterval(fromMs, interval), toMs: ceilMsToInterval(toMs, interval) };
}

/** True where the archive has files of days: of bars that are longer it has months alone. */
export const hasDailyFiles = (content: ArchiveContent): boolean =>
  content.kind === 'trades' || intervalMs(content.interval) <= MS_PER_DAY;

/** The same of the day. */
export function dayAround(ms: number): { readonly fromMs: number; readonly toMs: number } {
  const fromMs = Math.floor(ms / MS_PER_DAY) * MS_PER_DAY;
  return { fromMs, toMs: fromMs + MS_PER_DAY };
}

/** The file of the month or day that a time lies in, whether there is one or not. */
export function archiveFile(content: ArchiveContent, period: 'monthly' | 'daily', ms: number): ArchiveFile {
  const { instrument } = content;
  const span = period === 'monthly' ? monthAround(ms) : dayAround(ms);
  const date = new Date(span.fromMs).toISOString().slice(0, period === 'monthly' ? 7 : 10);
  const [folder, what] =
    content.kind === 'bars'
      ? [`klines/${instrument}/${content.interval}`, content.interval]
      : [`trades/${instrument}`, 'trades'];
  const name = `${instrument}-${what}-${date}.zip`;
  return { content, period, name, path: `data/spot/${period}/${folder}/${name}`, ...span };
}
