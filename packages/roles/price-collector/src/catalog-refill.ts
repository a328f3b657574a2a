import { floorMsToInterval, INTERVALS, intervalMs, MS_PER_DAY, msFromUs, usFromMs, type Interval } from '@monsta/core';
import type { Catalog, Logger, MarketDataVenue } from '@monsta/ports';
import type { CollectedInstrument } from './collected-instrument.ts';
import type { HistoryLoader } from './history-loader.ts';
import type { MarketStore } from './market-store.ts';

export interface CatalogRefillParts {
  readonly catalog: Pick<Catalog, 'coverage'>;
  readonly venue: Pick<MarketDataVenue, 'nowUs'>;
  readonly loader: Pick<HistoryLoader, 'ask'>;
  readonly store: Pick<MarketStore, 'bar' | 'flush' | 'keeps'>;
  readonly logger: Logger;
  /** Bars that are missing and younger are asked for. */
  readonly days: number;
}

/** Bars asked for at once: a page of the venue. */
const CHUNK_BARS = 1_000;

/**
 * Asks the venue for bars that are missing in the catalogue: those of the time when no collector ran, and those that could not be stored. What the venue has none of, an outage of its own, stays missing. Returns how many
 * came, once all was asked, or the program stops.
 */
export async function refillCatalog(
  instruments: readonly CollectedInstrument[],
  parts: CatalogRefillParts,
): Promise<number> {
  let came = 0;
  for (const interval of INTERVALS.toReversed()) {
    if (!parts.store.keeps(interval)) continue;
    for (const collected of instruments) {
      const bars = await refill(collected, interval, parts);
      if (bars === null) return came;
      came += bars;
    }
  }
  return came;
}

/** Null when stopped. */
async function refill(
  collected: CollectedInstrument,
  interval: Interval,
  { catalog, venue, loader, store, logger, days }: CatalogRefillParts,
): Promise<number | null> {
  // What came just now is no gap.
  if (!(await store.flush())) return 0;
  const { id } = collected.instrument;
  const coverage = await catalog.coverage(id, interval);
  if (!coverage.ok) {
    const { code, message } = coverage.fault;
    logger.warn('it can’t be told what the catalogue lacks', { instrument: id, interval, code, reason: message });
    return 0;
  }
  const step = intervalMs(interval);
  const sinceMs = floorMsToInterval(msFromUs(venue.nowUs()) - days * MS_PER_DAY, interval);
  let came = 0;
  for (const { beforeMs, afterMs } of coverage.value.gaps) {
    for (let fromMs = Math.max(beforeMs + step, sinceMs); fromMs < afterMs; fromMs += CHUNK_BARS * step) {
      const toMs = Math.min(afterMs, fromMs + CHUNK_BARS * step);
      const answer = await loader.ask(collected, interval, usFromMs(fromMs), usFromMs(toMs));
      if (answer === null) return null;
      for (const bar of answer.bars) store.bar(answer.instrument, bar);
      came += answer.bars.length;
    }
  }
  if (came > 0) {
    await store.flush();
    logger.info('bars missing in the catalogue came from the venue', { instrument: id, interval, bars: came });
  }
  return came;
}
