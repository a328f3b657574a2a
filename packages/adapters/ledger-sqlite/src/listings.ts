import { err, ok, timestampUs, type Result, type TimestampUs } from '@monsta/core';
import type { Listing, ListingAt } from '@monsta/ports';
import { sameTerms } from './apply-batch.ts';
import { query, type Database } from './database.ts';
import { toInstrument } from './decode.ts';
import { encodeInstrument } from './encode.ts';
import type { ListedInstrumentRow } from './schema.ts';

/** Changes written in one transaction: a few milliseconds, after which whoever waits has a turn. */
const ROWS_PER_WRITE = 200;

type Write = (work: (db: Database) => Result<null>) => Promise<Result<null>>;

/** The newest version of each instrument that was valid by then. */
function newestBy(db: Database, market: string, atUs: number): ReadonlyMap<string, ListedInstrumentRow> {
  const rows = db.all(
    query
      .selectFrom('listed_instruments')
      .selectAll()
      .where('market', '=', market)
      .where('valid_from_us', '<=', atUs)
      .orderBy('instrument')
      .orderBy('valid_from_us'),
  );
  return new Map(rows.map((row) => [row.instrument, row]));
}

/** The first or the newest reading by then; null where there was none. */
function readingOf(db: Database, market: string, which: 'first' | 'newest', atUs: number): TimestampUs | null {
  const row = db.first(
    query
      .selectFrom('listings')
      .select('observed_us')
      .where('market', '=', market)
      .where('observed_us', '<=', atUs)
      .orderBy('observed_us', which === 'first' ? 'asc' : 'desc')
      .limit(1),
  );
  return row === undefined ? null : timestampUs(row.observed_us);
}

/** What the market listed at `atUs`. */
export function listingAt(db: Database, market: string, atUs: number): ListingAt {
  const observedUs = readingOf(db, market, 'newest', atUs);
  if (observedUs === null) {
    return { observedUs, firstObservedUs: readingOf(db, market, 'first', Number.MAX_SAFE_INTEGER) };
  }
  const rows = [...newestBy(db, market, observedUs).values()];
  return { observedUs, instruments: rows.filter(({ delisted }) => delisted === 0).map(toInstrument) };
}

/** Versions that the reading brings, those of instruments that are gone among them. Fault `out_of_range`. */
function changesOf(
  { market, observedUs, instruments, unreadable }: Listing,
  known: ReadonlyMap<string, ListedInstrumentRow>,
): Result<readonly ListedInstrumentRow[]> {
  const changes: ListedInstrumentRow[] = [];
  const listed = new Set<string>(unreadable);
  for (const instrument of instruments) {
    const row = encodeInstrument(instrument);
    if (!row.ok) return row;
    listed.add(instrument.id);
    const before = known.get(instrument.id);
    const next = { ...row.value, market, valid_from_us: observedUs, version: (before?.version ?? 0) + 1 };
    if (before === undefined || !sameTerms(before, next)) changes.push(next);
  }
  for (const before of known.values()) {
    if (listed.has(before.instrument) || before.delisted === 1) continue;
    const version = before.version + 1;
    changes.push({ ...before, status: 'halted', delisted: 1, version, valid_from_us: observedUs });
  }
  return ok(changes);
}

/** The writing of lists, one after the other. */
export class ListingWriter {
  readonly #db: Database;
  readonly #write: Write;
  #busy = false;

  constructor(db: Database, write: Write) {
    this.#db = db;
    this.#write = write;
  }

  async put(listing: Listing): Promise<Result<number>> {
    if (this.#busy)
      return err('state_conflict', 'another list of instruments is being written', { retry: 'retryable' });
    this.#busy = true;
    try {
      return await this.#put(listing);
    } finally {
      this.#busy = false;
    }
  }

  async #put(listing: Listing): Promise<Result<number>> {
    const { market, observedUs } = listing;
    const newestUs = readingOf(this.#db, market, 'newest', Number.MAX_SAFE_INTEGER);
    if (newestUs !== null && newestUs >= observedUs) {
      return err(
        'listing_out_of_order',
        `the list of ${market} of ${newestUs} µs is newer than the one of ${observedUs} µs`,
      );
    }
    const changes = changesOf(listing, newestBy(this.#db, market, Number.MAX_SAFE_INTEGER));
    if (!changes.ok) return changes;
    for (let from = 0; from < changes.value.length; from += ROWS_PER_WRITE) {
      const written = await this.#write((db) => {
        for (const row of changes.value.slice(from, from + ROWS_PER_WRITE)) putVersion(db, row);
        return ok(null);
      });
      if (!written.ok) return written;
    }
    const counted = await this.#write((db) => {
      db.run(query.insertInto('listings').values({ market, observed_us: observedUs }));
      return ok(null);
    });
    return counted.ok ? ok(changes.value.length) : counted;
  }
}

/** A version of the same instant stands where writing broke off before and the venue's clock has not moved since. */
function putVersion(db: Database, row: ListedInstrumentRow): void {
  db.run(
    query
      .insertInto('listed_instruments')
      .values(row)
      .onConflict((conflict) => conflict.columns(['market', 'instrument', 'valid_from_us']).doUpdateSet(row)),
  );
}
