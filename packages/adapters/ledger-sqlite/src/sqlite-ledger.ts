import {
  err,
  InvariantError,
  ok,
  timestampUs,
  type AccountId,
  type Balance,
  type ClientOrderId,
  type Fill,
  type Instrument,
  type InstrumentId,
  type Order,
  type Result,
  type StrategyId,
  type TimestampUs,
} from '@monsta/core';
import type {
  AccountState,
  CommitReceipt,
  Decision,
  Divergence,
  Ledger,
  LedgerBatch,
  Listing,
  ListingAt,
  Page,
  PageRequest,
  StoredPosition,
  Transfer,
  WithInstrument,
} from '@monsta/ports';
import { sql, type Expression, type SqlBool } from 'kysely';
import { applyBatch, applyInstruments } from './apply-batch.ts';
import { checkLimit, decodeCursor, pageOf, type PagePosition } from './cursor.ts';
import { query, sqliteFault, type Database } from './database.ts';
import {
  toAccount,
  toBalance,
  toDecision,
  toDivergence,
  toFill,
  toInstrument,
  toOrder,
  toPosition,
  toTransfer,
} from './decode.ts';
import { encodeBatch } from './encode.ts';
import { ledgerClosed, type GroupCommit } from './group-commit.ts';
import { listingAt, ListingWriter } from './listings.ts';
import type { FillRow, OrderRow } from './schema.ts';

/** Rows that come after the end of a page, newest first. */
const olderThan = (time: 'created_us' | 'ts_event_us' | 'ts_us', after: PagePosition): Expression<SqlBool> =>
  sql<SqlBool>`(${sql.ref(time)}, row) < (${after.timeUs}, ${after.row})`;

/** Fills read at a time by `allFills`. */
const FILLS_PER_READ = 1_000;

type InstrumentFilter = PageRequest & { readonly instrument?: InstrumentId };

/** Queries run at once on the calling thread; changes go through the group commit, or are refused where the ledger was opened to read. */
export class SqliteLedger implements Ledger {
  readonly #db: Database;
  readonly #path: string;
  /** Null when opened read-only. */
  readonly #writer: GroupCommit | null;
  /** Stored versions never change, so what was read once stays true. */
  readonly #versions = new Map<string, Instrument>();
  readonly #listings: ListingWriter;

  constructor(db: Database, path: string, writer: GroupCommit | null) {
    this.#db = db;
    this.#path = path;
    this.#writer = writer;
    this.#listings = new ListingWriter(db, (work) => this.#write(work));
  }

  commit(batch: LedgerBatch): Promise<Result<CommitReceipt>> {
    const encoded = encodeBatch(batch);
    return encoded.ok ? this.#write((db) => applyBatch(db, encoded.value)) : Promise.resolve(encoded);
  }

  putInstruments(instruments: readonly Instrument[]): Promise<Result<null>> {
    return this.#write((db) => applyInstruments(db, instruments));
  }

  async putListing(listing: Listing): Promise<Result<number>> {
    if (!this.#db.isOpen) return ledgerClosed(this.#path);
    try {
      return await this.#listings.put(listing);
    } catch (error) {
      return sqliteFault(this.#path, error);
    }
  }

  instrumentsAt(market: string, atUs: TimestampUs): Promise<Result<ListingAt>> {
    return this.#read((db) => listingAt(db, market, atUs));
  }

  putSetting(key: string, value: string): Promise<Result<null>> {
    return this.#write((db) => {
      const row = { key, value };
      db.run(
        query
          .insertInto('settings')
          .values(row)
          .onConflict((conflict) => conflict.column('key').doUpdateSet(row)),
      );
      return ok(null);
    });
  }

  getSetting(key: string): Promise<Result<string | null>> {
    return this.#read(
      (db) => db.first(query.selectFrom('settings').select('value').where('key', '=', key))?.value ?? null,
    );
  }

  /** The newest version of each, by name. */
  instruments(): Promise<Result<readonly Instrument[]>> {
    return this.#read((db) => {
      const newest = new Map<string, Instrument>();
      const rows = db.all(query.selectFrom('instruments').selectAll().orderBy('instrument').orderBy('version'));
      for (const row of rows) newest.set(row.instrument, toInstrument(row));
      return [...newest.values()];
    });
  }

  account(account: AccountId): Promise<Result<AccountState | null>> {
    return this.#read((db) => {
      const row = db.first(query.selectFrom('accounts').selectAll().where('account', '=', account));
      return row === undefined ? null : toAccount(row);
    });
  }

  balances(account: AccountId): Promise<Result<readonly Balance[]>> {
    return this.#read((db) =>
      db.all(query.selectFrom('balances').selectAll().where('account', '=', account).orderBy('asset')).map(toBalance),
    );
  }

  positions(account: AccountId): Promise<Result<readonly StoredPosition[]>> {
    return this.#read((db) =>
      db
        .all(
          query
            .selectFrom('positions')
            .selectAll()
            .where('account', '=', account)
            .orderBy('strategy')
            .orderBy('instrument'),
        )
        .map(toPosition),
    );
  }

  /** Oldest first. */
  openOrders(account: AccountId): Promise<Result<readonly WithInstrument<Order>[]>> {
    return this.#read((db) =>
      db
        .all(
          query
            .selectFrom('orders')
            .selectAll()
            .where('account', '=', account)
            // A literal, so that the index of open orders serves it.
            .where('final', '=', sql.lit(0))
            .orderBy('created_us')
            .orderBy('row'),
        )
        .map((row) => this.#order(row)),
    );
  }

  order(account: AccountId, id: ClientOrderId): Promise<Result<WithInstrument<Order> | null>> {
    return this.#read((db) => {
      const row = db.first(
        query.selectFrom('orders').selectAll().where('account', '=', account).where('client_order_id', '=', id),
      );
      return row === undefined ? null : this.#order(row);
    });
  }

  orders(account: AccountId, page: PageRequest): Promise<Result<Page<WithInstrument<Order>>>> {
    return this.#page('orders', page, (db, after) => {
      const rows = db.all(
        query
          .selectFrom('orders')
          .selectAll()
          .where('account', '=', account)
          .where(olderThan('created_us', after))
          .orderBy('created_us', 'desc')
          .orderBy('row', 'desc')
          .limit(page.limit + 1),
      );
      return pageOf(
        'orders',
        rows,
        page.limit,
        (row) => ({ timeUs: row.created_us, row: row.row }),
        (row) => this.#order(row),
      );
    });
  }

  fills(account: AccountId, page: InstrumentFilter): Promise<Result<Page<WithInstrument<Fill>>>> {
    return this.#page('fills', page, (db, after) => {
      const { instrument } = page;
      const rows = db.all(
        query
          .selectFrom('fills')
          .selectAll()
          .where('account', '=', account)
          .$if(instrument !== undefined, (select) => select.where('instrument', '=', instrument ?? ''))
          .where(olderThan('ts_event_us', after))
          .orderBy('ts_event_us', 'desc')
          .orderBy('row', 'desc')
          .limit(page.limit + 1),
      );
      return pageOf(
        'fills',
        rows,
        page.limit,
        (row) => ({ timeUs: row.ts_event_us, row: row.row }),
        (row) => this.#fill(row),
      );
    });
  }

  async *allFills(account: AccountId): AsyncIterable<Result<WithInstrument<Fill>>> {
    let after: PagePosition = { timeUs: Number.MIN_SAFE_INTEGER, row: 0 };
    for (;;) {
      const { timeUs, row: lastRow } = after;
      const rows = await this.#read((db) =>
        db.all(
          query
            .selectFrom('fills')
            .selectAll()
            .where('account', '=', account)
            .where(sql<SqlBool>`(ts_event_us, row) > (${timeUs}, ${lastRow})`)
            .orderBy('ts_event_us')
            .orderBy('row')
            .limit(FILLS_PER_READ),
        ),
      );
      if (!rows.ok) {
        yield rows;
        return;
      }
      for (const row of rows.value) {
        const fill = await this.#read(() => this.#fill(row));
        yield fill;
        if (!fill.ok) return;
        after = { timeUs: row.ts_event_us, row: row.row };
      }
      if (rows.value.length < FILLS_PER_READ) return;
    }
  }

  decisions(account: AccountId, page: InstrumentFilter): Promise<Result<Page<Decision>>> {
    return this.#page('decisions', page, (db, after) => {
      const { instrument } = page;
      const rows = db.all(
        query
          .selectFrom('decisions')
          .selectAll()
          .where('account', '=', account)
          .$if(instrument !== undefined, (select) => select.where('instrument', '=', instrument ?? ''))
          .where(olderThan('ts_event_us', after))
          .orderBy('ts_event_us', 'desc')
          .orderBy('row', 'desc')
          .limit(page.limit + 1),
      );
      return pageOf('decisions', rows, page.limit, (row) => ({ timeUs: row.ts_event_us, row: row.row }), toDecision);
    });
  }

  lastDecisionUs(
    account: AccountId,
    strategy: StrategyId,
    instrument: InstrumentId,
  ): Promise<Result<TimestampUs | null>> {
    return this.#read((db) => {
      const row = db.first(
        query
          .selectFrom('decisions')
          .select('ts_event_us')
          .where('account', '=', account)
          .where('strategy', '=', strategy)
          .where('instrument', '=', instrument)
          .orderBy('ts_event_us', 'desc')
          .limit(1),
      );
      return row === undefined ? null : timestampUs(row.ts_event_us);
    });
  }

  divergences(account: AccountId, page: PageRequest): Promise<Result<Page<Divergence>>> {
    return this.#page('divergences', page, (db, after) => {
      const rows = db.all(
        query
          .selectFrom('divergences')
          .selectAll()
          .where('account', '=', account)
          .where(olderThan('ts_us', after))
          .orderBy('ts_us', 'desc')
          .orderBy('row', 'desc')
          .limit(page.limit + 1),
      );
      return pageOf('divergences', rows, page.limit, (row) => ({ timeUs: row.ts_us, row: row.row }), toDivergence);
    });
  }

  transfers(account: AccountId, page: PageRequest): Promise<Result<Page<Transfer>>> {
    return this.#page('transfers', page, (db, after) => {
      const rows = db.all(
        query
          .selectFrom('transfers')
          .selectAll()
          .where('account', '=', account)
          .where(olderThan('ts_us', after))
          .orderBy('ts_us', 'desc')
          .orderBy('row', 'desc')
          .limit(page.limit + 1),
      );
      return pageOf('transfers', rows, page.limit, (row) => ({ timeUs: row.ts_us, row: row.row }), toTransfer);
    });
  }

  /** Writes what waits, then closes the file. */
  close(): Promise<void> {
    this.#writer?.close();
    this.#db.close();
    return Promise.resolve();
  }

  #order(row: OrderRow): WithInstrument<Order> {
    return { value: toOrder(row), instrument: this.#instrument(row.instrument, row.instrument_version) };
  }

  #fill(row: FillRow): WithInstrument<Fill> {
    return { value: toFill(row), instrument: this.#instrument(row.instrument, row.instrument_version) };
  }

  #instrument(instrument: string, version: number): Instrument {
    const key = `${instrument}:${version}`;
    const known = this.#versions.get(key);
    if (known !== undefined) return known;
    const row = this.#db.first(
      query.selectFrom('instruments').selectAll().where('instrument', '=', instrument).where('version', '=', version),
    );
    if (row === undefined)
      throw new InvariantError(`instrument ${instrument} version ${version} is missing in the ledger`);
    const found = toInstrument(row);
    this.#versions.set(key, found);
    return found;
  }

  #write<T>(work: (db: Database) => Result<T>): Promise<Result<T>> {
    if (this.#writer !== null) return this.#writer.write(work);
    return Promise.resolve(err('ledger_read_only', `the ledger ${this.#path} was opened for reading`));
  }

  async #read<T>(work: (db: Database) => T): Promise<Result<T>> {
    if (!this.#db.isOpen) return ledgerClosed(this.#path);
    try {
      return ok(work(this.#db));
    } catch (error) {
      return sqliteFault(this.#path, error);
    }
  }

  async #page<T>(
    list: string,
    page: PageRequest,
    work: (db: Database, after: PagePosition) => Page<T>,
  ): Promise<Result<Page<T>>> {
    const limit = checkLimit(page);
    if (!limit.ok) return limit;
    const after = decodeCursor(list, page.cursor);
    return after.ok ? this.#read((db) => work(db, after.value)) : after;
  }
}
