import { MS_PER_DAY } from '@monsta/core';
import type { CatalogEntry } from '@monsta/ports';
import type { Retention } from './config.ts';

/** The time, ms, before which rows of an entry are too old: the beginning of a UTC day. Null where they are kept for ever. */
export function keptFromMs(
  { barDays, tradeDays }: Retention,
  { kind, interval }: Pick<CatalogEntry, 'kind' | 'interval'>,
  nowMs: number,
): number | null {
  const kept = kind === 'trades' || interval === null ? tradeDays : barDays[interval];
  return kept === null ? null : Math.floor(nowMs / MS_PER_DAY - kept) * MS_PER_DAY;
}
