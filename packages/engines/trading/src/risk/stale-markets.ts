import { MS_PER_SECOND, US_PER_MS } from '@monsta/core';
import type { InstrumentId, TimestampUs } from '@monsta/core';
import type { Markets } from '../markets.ts';

interface StaleParts {
  /** Instruments that strategies trade. */
  readonly watched: readonly InstrumentId[];
  readonly markets: Markets;
  readonly staleAfterMs: number;
}

interface Stale {
  readonly instrument: InstrumentId;
  readonly reason: string;
}

interface Note {
  readonly level: 'info' | 'warn';
  readonly code: 'stale_data' | 'fresh_data';
  readonly message: string;
}

const NOTHING_NEW = { wentStale: [], notes: [] } as const;

/**
 * Tells which markets have had neither a trade nor a quote for too long. One that is stale is reduced by itself: its entries are denied and canceled, the others trade on. (That nothing
 * comes of any market is found outside, by another clock than the data's: `feed_silent` reduces the account.) A market of which nothing was ever seen is not told of: it has not begun.
 */
export class StaleMarkets {
  readonly #parts: StaleParts;
  readonly #stale = new Map<InstrumentId, string>();

  constructor(parts: StaleParts) {
    this.#parts = parts;
  }

  get stale(): readonly Stale[] {
    return [...this.#stale].map(([instrument, reason]) => ({ instrument, reason }));
  }

  get state(): readonly (readonly [InstrumentId, string])[] {
    return [...this.#stale];
  }

  restore(state: StaleMarkets['state']): void {
    this.#stale.clear();
    for (const [instrument, reason] of state) this.#stale.set(instrument, reason);
  }

  /** Until when nothing changes unless something comes of a market; it itself included. Already past while one is stale. */
  get sameUntilUs(): number {
    if (this.#stale.size > 0) return -1;
    const { watched, markets, staleAfterMs } = this.#parts;
    let oldest = Infinity;
    for (const id of watched) {
      const { lastDataUs } = markets.state(id);
      if (lastDataUs !== null && lastDataUs < oldest) oldest = lastDataUs;
    }
    return oldest + staleAfterMs * US_PER_MS;
  }

  look(nowUs: TimestampUs): { readonly wentStale: readonly InstrumentId[]; readonly notes: readonly Note[] } {
    const { watched, markets, staleAfterMs } = this.#parts;
    // Asked after each fill: mostly nothing is stale, and nothing was.
    if (this.#stale.size === 0 && nowUs <= this.sameUntilUs) return NOTHING_NEW;
    const wentStale: InstrumentId[] = [];
    const notes: Note[] = [];
    for (const id of watched) {
      const { lastDataUs } = markets.state(id);
      if (lastDataUs === null) continue;
      const stale = nowUs - lastDataUs > staleAfterMs * US_PER_MS;
      if (!stale) {
        if (!this.#stale.delete(id)) continue;
        notes.push({ level: 'info', code: 'fresh_data', message: `${id} has a market again; entries are allowed` });
      } else if (!this.#stale.has(id)) {
        const reason = `neither a trade nor a quote of ${id} for ${staleAfterMs / MS_PER_SECOND} s; only exits in it`;
        this.#stale.set(id, reason);
        wentStale.push(id);
        notes.push({ level: 'warn', code: 'stale_data', message: reason });
      }
    }
    return { wentStale, notes };
  }
}
