import { internalSubjects, type RulesDoubted } from '@monsta/contracts';
import { ok, type Result } from '@monsta/core';
import type { EventStream, InstrumentsRead, Ledger, Logger, MarketDataVenue, Subscription } from '@monsta/ports';

/** Where the venue's lists of instruments are kept as they were read, under the market's name. */
export interface ListingsKept {
  readonly ledger: Pick<Ledger, 'putListing'>;
  readonly market: string;
}

interface InstrumentTermsParts {
  readonly venue: Pick<MarketDataVenue, 'rulesDoubted'>;
  readonly stream: EventStream;
  readonly logger: Logger;
  readonly listings: ListingsKept | null;
}

/** Doubts say the same, so that a few may wait. */
const DOUBTS_WAITING_MAX = 10;

/** Keeps what the venue lists, and passes on what others doubt of it: whoever trades may be the first to learn that the terms are not what they were. */
export class InstrumentTerms {
  readonly #parts: InstrumentTermsParts;
  #doubts: Subscription | null = null;

  constructor(parts: InstrumentTermsParts) {
    this.#parts = parts;
  }

  /** Faults: those of subscribing. */
  hearDoubts(): Result<null> {
    const { stream, venue } = this.#parts;
    const subscribed = stream.subscribe({
      subject: internalSubjects.rulesDoubted,
      queueMax: DOUBTS_WAITING_MAX,
      overflow: 'drop-oldest',
      onMessage: ({ payload }) => venue.rulesDoubted((payload as RulesDoubted).reason),
    });
    if (!subscribed.ok) return subscribed;
    this.#doubts = subscribed.value;
    return ok(null);
  }

  stop(): void {
    this.#doubts?.unsubscribe();
  }

  /** What can't be kept now, the next reading brings. */
  async keep({ observedUs, listed, unreadable }: InstrumentsRead): Promise<void> {
    const { listings, logger } = this.#parts;
    if (listings === null) return;
    const { ledger, market } = listings;
    const kept = await ledger.putListing({ market, observedUs, instruments: listed, unreadable });
    if (!kept.ok) {
      const { code, message } = kept.fault;
      logger.warn('the list of instruments could not be kept', { code, reason: message });
    } else if (kept.value > 0) logger.info('the list of instruments has changed', { market, changes: kept.value });
  }
}
