import {
  accountId,
  err,
  InvariantError,
  ok,
  timestampUs,
  type AccountId,
  type AlertDelivery,
  type AlertRecord,
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
  StoredEquitySample,
  StoredPosition,
  StoredRoundTrip,
  StoredStrategy,
  TimeSpan,
  Transfer,
  WithInstrument,
} from '@monsta/ports';
import { sql, type Expression, type SqlBool } from 'kysely';
import { applyBatch, applyInstruments } from './apply-batch.ts';
import {
  alertsBefore,
  checkMax,
  equitySamplesAfter,
  fillRowsOf,
  fillsAfter,
  OLDEST,
  putAlertRows,
  putDeliveries,
  roundTripsAfter,
  roundTripsBefore,
  ROWS_PER_READ,
  strategyRows,
  thinnedEquitySamples,
} from './book-queries.ts';
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
import { toAlert, toEquitySample, toRoundTrip, toStrategy } from './decode-books.ts';
import { encodeAlerts } from './encode-books.ts';
import { encodeBatch } from './encode.ts';
import { ledgerClosed, type GroupCommit } from './group-commit.ts';
import { listingAt, ListingWriter } from './listings.ts';
import type { FillRow, OrderRow, RoundTripRow } from './schema.ts';

/** Rows that come after the end of a page, newest first. */
const olderThan = (time: 'created_us' | 'ts_event_us' | 'ts_us', after: PagePosition): Expression<SqlBool> =>
  sql<SqlBool>`(${sql.ref(time)}, row) < (${after.timeUs}, ${after.row})`;

/** Gives whatever else waits a turn: a query runs on the calling thread. */
const aTurnForOthers = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

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

  accounts(): Promise<Result<readonly AccountId[]>> {
    return this.#read((db) =>
      db.all(query.selectFrom('accounts').select('account').orderBy('account')).map((row) => accountId(row.account)),
    );
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

  fillsOf(account: AccountId, id: ClientOrderId): Promise<Result<readonly WithInstrument<Fill>[]>> {
    return this.#read((db) => fillRowsOf(db, account, id).map((row) => this.#fill(row)));
  }

  allFills(account: AccountId, span: TimeSpan = {}): AsyncIterable<Result<WithInstrument<Fill>>> {
    return this.#inParts(
      (db, after) => fillsAfter(db, account, span, after),
      (row) => ({ timeUs: row.ts_event_us, row: row.row }),
      (row) => this.#fill(row),
    );
  }

  strategies(account: AccountId): Promise<Result<readonly StoredStrategy[]>> {
    return this.#read((db) => strategyRows(db, account).map(toStrategy));
  }

  roundTrips(
    account: AccountId,
    page: InstrumentFilter & { readonly strategyId?: StrategyId },
  ): Promise<Result<Page<StoredRoundTrip>>> {
    return this.#page('roundtrips', page, (db, before) => {
      const rows = roundTripsBefore(db, account, page, before, page.limit);
      const positionOf = (row: RoundTripRow): PagePosition => ({ timeUs: row.closed_us, row: row.row });
      return pageOf('roundtrips', rows, page.limit, positionOf, toRoundTrip);
    });
  }

  allRoundTrips(account: AccountId, span: TimeSpan = {}): AsyncIterable<Result<StoredRoundTrip>> {
    return this.#inParts(
      (db, after) => roundTripsAfter(db, account, span, after),
      (row) => ({ timeUs: row.closed_us, row: row.row }),
      toRoundTrip,
    );
  }

  async equitySamples(
    account: AccountId,
    span: TimeSpan & { readonly max: number },
  ): Promise<Result<readonly StoredEquitySample[]>> {
    const max = checkMax(span.max);
    return max.ok ? this.#read((db) => thinnedEquitySamples(db, account, span, span.max).map(toEquitySample)) : max;
  }

  allEquitySamples(account: AccountId, span: TimeSpan = {}): AsyncIterable<Result<StoredEquitySample>> {
    return this.#inParts(
      (db, after) => equitySamplesAfter(db, account, span, after.timeUs),
      (row) => ({ timeUs: row.ts_us, row: 0 }),
      toEquitySample,
    );
  }

  async putAlerts(account: AccountId, alerts: readonly AlertRecord[]): Promise<Result<number>> {
    const rows = encodeAlerts(account, alerts);
    return rows.ok ? this.#write((db) => ok(putAlertRows(db, rows.value))) : rows;
  }

  putAlertDeliveries(
    account: AccountId,
    changes: readonly { readonly id: string; readonly deliveries: readonly AlertDelivery[] }[],
  ): Promise<Result<number>> {
    const rows = changes.map(({ id, deliveries }) => ({ id, deliveries: JSON.stringify(deliveries) }));
    return this.#write((db) => ok(putDeliveries(db, account, rows)));
  }

  alerts(account: AccountId, page: PageRequest): Promise<Result<Page<AlertRecord>>> {
    return this.#page('alerts', page, (db, before) => {
      const rows = alertsBefore(db, account, before, page.limit);
      return pageOf('alerts', rows, page.limit, (row) => ({ timeUs: row.ts_us, row: row.row }), toAlert);
    });
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

  /** Everything that `read` gives, a part at a time. */
  async *#inParts<Row, Item>(
    read: (db: Database, after: PagePosition) => readonly Row[],
    positionOf: (row: Row) => PagePosition,
    itemOf: (row: Row) => Item,
  ): AsyncIterable<Result<Item>> {
    let after: PagePosition | null = OLDEST;
    while (after !== null) {
      const from: PagePosition = after;
      const part = await this.#read((db) => {
        const rows = read(db, from);
        const last = rows.at(-1);
        const next = rows.length < ROWS_PER_READ || last === undefined ? null : positionOf(last);
        return { items: rows.map(itemOf), next };
      });
      if (!part.ok) {
        yield part;
        return;
      }
      for (const item of part.value.items) yield ok(item);
      after = part.value.next;
      if (after !== null) await aTurnForOthers();
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
