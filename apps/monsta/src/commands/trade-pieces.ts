import { systemClock } from '@monsta/clock-system';
import { MS_PER_DAY, msFromUs, type Result, type TradeSeries } from '@monsta/core';
import type { Catalog, CatalogEntry } from '@monsta/ports';

/** So many trades, 165 MB, are read at once; of more a day at a time. */
const WHOLE_MAX = 4_000_000;
const clock = systemClock();
/** Before this day nobody traded coins on an exchange. */
const FIRST_DAY_MS = Date.UTC(2010, 0, 1);

/**
 * The trades of an instrument piece by piece, the oldest first, so that no more than a day of them is in memory where there are many. Each piece has the finest tick of its own prices. A fault is
 * the last that comes.
 */
export async function* tradePieces(
  catalog: Catalog,
  { instrument, rows }: Pick<CatalogEntry, 'instrument' | 'rows'>,
  fromMs: number | null,
  toMs: number | null,
): AsyncGenerator<Result<TradeSeries>> {
  const terms = { id: instrument, tick: null, lot: { units: 1, scale: 8 }, quote: null };
  if (rows <= WHOLE_MAX) {
    yield await catalog.trades({ instrument: terms, fromMs, toMs });
    return;
  }
  let left = rows;
  const end = toMs ?? msFromUs(clock.nowUs()) + MS_PER_DAY;
  let at = fromMs ?? FIRST_DAY_MS;
  while (left > 0 && at < end) {
    const next = Math.min((Math.floor(at / MS_PER_DAY) + 1) * MS_PER_DAY, end);
    const piece = await catalog.trades({ instrument: terms, fromMs: at, toMs: next });
    if (!piece.ok || piece.value.length > 0) yield piece;
    if (!piece.ok) return;
    left -= piece.value.length;
    at = next;
  }
}
