import { err, InvariantError, ok, type Instrument, type Result } from '@monsta/core';
import type { CommitReceipt } from '@monsta/ports';
import { query, type Database } from './database.ts';
import { encodeInstrument, type EncodedBatch } from './encode.ts';
import type { InstrumentRow, NewOrderRow, OrderRow } from './schema.ts';

function newestInstrument(db: Database, instrument: string): InstrumentRow | undefined {
  return db.first(
    query
      .selectFrom('instruments')
      .selectAll()
      .where('instrument', '=', instrument)
      .orderBy('version', 'desc')
      .limit(1),
  );
}

/** The version that a new row's ticks and lots belong to: the newest stored. Fault `instrument_unknown`. */
function versionFor(db: Database, instrument: string): Result<number> {
  const newest = newestInstrument(db, instrument);
  if (newest !== undefined) return ok(newest.version);
  return err(
    'instrument_unknown',
    `the ledger has no instrument '${instrument.slice(0, 40)}', so its ticks and lots would mean nothing; store it with putInstruments first`,
  );
}

/** What an order is; an update may not change it. */
const INTENT = [
  'instrument',
  'strategy',
  'side',
  'type',
  'time_in_force',
  'quantity',
  'limit_price',
  'stop_price',
  'trailing_bps',
  'iceberg_quantity',
  'list_id',
  'tag',
  'decision_price',
  'reduce_only',
  'created_us',
] as const;

function checkUpdate(stored: OrderRow, order: Omit<NewOrderRow, 'instrument_version'>): Result<null> {
  const id = order.client_order_id;
  const changed = INTENT.find((field) => stored[field] !== (order[field] ?? null));
  if (changed !== undefined) {
    return err(
      'order_conflict',
      `order '${id}' is stored with another ${changed}: a client order id names one order for ever`,
    );
  }
  if (stored.final === 1 && order.final === 0) {
    return err('order_final', `order '${id}' is ${stored.status}, which is final: it can't become ${order.status}`);
  }
  if (order.filled_quantity < stored.filled_quantity) {
    return err(
      'order_final',
      `order '${id}' has ${stored.filled_quantity} lots filled: fills can't be undone to ${order.filled_quantity}`,
    );
  }
  return ok(null);
}

function putOrder(db: Database, order: Omit<NewOrderRow, 'instrument_version'>): Result<null> {
  const stored = db.first(
    query
      .selectFrom('orders')
      .selectAll()
      .where('account', '=', order.account)
      .where('client_order_id', '=', order.client_order_id),
  );
  if (stored === undefined) {
    const version = versionFor(db, order.instrument);
    if (!version.ok) return version;
    db.run(query.insertInto('orders').values({ ...order, instrument_version: version.value }));
    return ok(null);
  }
  const allowed = checkUpdate(stored, order);
  if (!allowed.ok) return allowed;
  const { venue_order_id, status, final, filled_quantity, filled_notional, reason_code, reason, updated_us } = order;
  db.run(
    query
      .updateTable('orders')
      .set({ venue_order_id, status, final, filled_quantity, filled_notional, reason_code, reason, updated_us })
      .where('row', '=', stored.row),
  );
  return ok(null);
}

/** A fill counts in the ticks and lots of its order; one of an order that is not kept here in those of now. Fault `instrument_unknown`. */
function versionOfFill(
  db: Database,
  { account, instrument, client_order_id }: EncodedBatch['fills'][number],
): Result<number> {
  const order = db.first(
    query
      .selectFrom('orders')
      .select('instrument_version')
      .where('account', '=', account)
      .where('client_order_id', '=', client_order_id)
      .where('instrument', '=', instrument),
  );
  return order === undefined ? versionFor(db, instrument) : ok(order.instrument_version);
}

function putFills(db: Database, fills: EncodedBatch['fills']): Result<number> {
  let inserted = 0;
  for (const fill of fills) {
    const version = versionOfFill(db, fill);
    if (!version.ok) return version;
    inserted += db.run(
      query
        .insertInto('fills')
        .values({ ...fill, instrument_version: version.value })
        .onConflict((conflict) => conflict.columns(['account', 'instrument', 'fill_id']).doNothing()),
    );
  }
  return ok(inserted);
}

function putDecisions(db: Database, decisions: EncodedBatch['decisions']): number {
  let inserted = 0;
  for (const decision of decisions) {
    inserted += db.run(
      query
        .insertInto('decisions')
        .values(decision)
        .onConflict((conflict) => conflict.columns(['account', 'id']).doNothing()),
    );
  }
  return inserted;
}

/** What follows from the fills and is kept beside them. */
function putBooks(db: Database, { strategies, roundTrips, equitySamples }: EncodedBatch): void {
  for (const strategy of strategies) {
    db.run(
      query
        .insertInto('strategies')
        .values(strategy)
        .onConflict((conflict) => conflict.columns(['account', 'strategy']).doUpdateSet(strategy)),
    );
  }
  for (const trip of roundTrips) {
    db.run(
      query
        .insertInto('round_trips')
        .values(trip)
        .onConflict((conflict) => conflict.columns(['account', 'id']).doNothing()),
    );
  }
  for (const sample of equitySamples) {
    db.run(
      query
        .insertInto('equity_samples')
        .values(sample)
        .onConflict((conflict) => conflict.columns(['account', 'ts_us']).doUpdateSet(sample)),
    );
  }
}

/** Rows of one statement: an account tells all its assets at each change. */
const BALANCES_AT_ONCE = 50;

function putBalances(db: Database, balances: EncodedBatch['balances']): void {
  for (let from = 0; from < balances.length; from += BALANCES_AT_ONCE) {
    db.run(
      query
        .insertInto('balances')
        .values(balances.slice(from, from + BALANCES_AT_ONCE))
        .onConflict((conflict) =>
          conflict
            .columns(['account', 'asset'])
            .doUpdateSet((row) => ({ free: row.ref('excluded.free'), locked: row.ref('excluded.locked') })),
        ),
    );
  }
}

function putState(db: Database, { positions, balances, transfers, divergences, account }: EncodedBatch): void {
  for (const position of positions) {
    db.run(
      query
        .insertInto('positions')
        .values(position)
        .onConflict((conflict) => conflict.columns(['account', 'strategy', 'instrument']).doUpdateSet(position)),
    );
  }
  putBalances(db, balances);
  for (const transfer of transfers) {
    db.run(
      query
        .insertInto('transfers')
        .values(transfer)
        .onConflict((conflict) => conflict.columns(['account', 'id']).doNothing()),
    );
  }
  for (const divergence of divergences) {
    db.run(
      query
        .insertInto('divergences')
        .values(divergence)
        .onConflict((conflict) => conflict.columns(['account', 'id']).doNothing()),
    );
  }
  if (account !== null) {
    db.run(
      query
        .insertInto('accounts')
        .values(account)
        .onConflict((conflict) => conflict.column('account').doUpdateSet(account)),
    );
  }
}

/** Writes a batch within the transaction at hand; after a fault the caller rolls back. Faults: `instrument_unknown`, `order_final`, `order_conflict`. */
export function applyBatch(db: Database, batch: EncodedBatch): Result<CommitReceipt> {
  for (const order of batch.orders) {
    const put = putOrder(db, order);
    if (!put.ok) return put;
  }
  const newFills = putFills(db, batch.fills);
  if (!newFills.ok) return newFills;
  const newDecisions = putDecisions(db, batch.decisions);
  putBooks(db, batch);
  putState(db, batch);
  return ok({ newFills: newFills.value, newDecisions });
}

/** True when the venue states the same, whatever number and day the version has. */
export function sameTerms(left: InstrumentRow, right: InstrumentRow): boolean {
  const terms = ({ version: _version, valid_from_us: _validFromUs, ...rest }: InstrumentRow): Record<string, unknown> =>
    rest;
  const expected = terms(left);
  return Object.entries(terms(right)).every(([name, value]) => expected[name] === value);
}

/** Stores what differs from the newest stored version, under the next number. Fault `out_of_range`. */
export function applyInstruments(db: Database, instruments: readonly Instrument[]): Result<null> {
  for (const instrument of instruments) {
    const row = encodeInstrument(instrument);
    if (!row.ok) return row;
    const newest = newestInstrument(db, instrument.id);
    if (newest !== undefined && sameTerms(newest, row.value)) continue;
    const version = newest === undefined ? row.value.version : Math.max(newest.version + 1, row.value.version);
    if (db.run(query.insertInto('instruments').values({ ...row.value, version })) !== 1) {
      throw new InvariantError(`instrument ${instrument.id} version ${version} was not stored`);
    }
  }
  return ok(null);
}
