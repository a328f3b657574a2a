import { MS_PER_DAY, type InstrumentId, type InstrumentTerms, type Result, type TradeSeries } from '@monsta/core';
import type { Catalog } from '@monsta/ports';

/** Days are read together up to so many trades, 40 MB. */
const PIECE_MAX = 1_000_000;

/**
 * The trades of an instrument piece by piece, the oldest first, so that little more than a day of them is in memory. Each piece has the finest tick of its own prices. A fault is the last that comes.
 */
export async function* tradePieces(
  catalog: Catalog,
  instrument: InstrumentId,
  fromMs: number | null,
  toMs: number | null,
): AsyncGenerator<Result<TradeSeries>> {
  const terms: InstrumentTerms = { id: instrument, tick: null, lot: { units: 1, scale: 8 }, quote: null };
  const days = await catalog.tradeDays(instrument);
  if (!days.ok) {
    yield days;
    return;
  }
  const end = toMs ?? Number.POSITIVE_INFINITY;
  const wanted = days.value.filter(({ dayMs }) => dayMs + MS_PER_DAY > (fromMs ?? 0) && dayMs < end);
  for (let at = 0; at < wanted.length;) {
    const first = wanted[at]?.dayMs ?? 0;
    let [last, rows] = [first, 0];
    do {
      last = wanted[at]?.dayMs ?? last;
      rows += wanted[at]?.rows ?? 0;
      at += 1;
    } while (at < wanted.length && rows + (wanted[at]?.rows ?? 0) <= PIECE_MAX);
    const piece = await catalog.trades({
      instrument: terms,
      fromMs: Math.max(first, fromMs ?? first),
      toMs: Math.min(last + MS_PER_DAY, end),
    });
    yield piece;
    if (!piece.ok) return;
  }
}
