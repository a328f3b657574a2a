import {
  err,
  ok,
  type AccountId,
  type ClientOrderId,
  type InstrumentId,
  type Result,
  type StrategyId,
} from '@monsta/core';
import type { TimeSpan } from '@monsta/ports';
import { sql, type SqlBool } from 'kysely';
import type { PagePosition } from './cursor.ts';
import { query, type Database } from './database.ts';
import type { AlertRow, EquitySampleRow, FillRow, NewAlertRow, RoundTripRow, StrategyRow } from './schema.ts';

/** Rows read at a time by whoever reads all of them. */
export const ROWS_PER_READ = 1_000;

/** Where reading in time order begins. */
export const OLDEST: PagePosition = { timeUs: Number.MIN_SAFE_INTEGER, row: 0 };

const fromOf = ({ fromUs }: TimeSpan): number => fromUs ?? Number.MIN_SAFE_INTEGER;
const toOf = ({ toUs }: TimeSpan): number => toUs ?? Number.MAX_SAFE_INTEGER;

/** The next fills of a span in time order. */
export function fillsAfter(db: Database, account: AccountId, span: TimeSpan, after: PagePosition): readonly FillRow[] {
  return db.all(
    query
      .selectFrom('fills')
      .selectAll()
      .where('account', '=', account)
      .where('ts_event_us', '>=', Math.max(fromOf(span), after.timeUs))
      .where('ts_event_us', '<=', toOf(span))
      .where(sql<SqlBool>`(ts_event_us, row) > (${after.timeUs}, ${after.row})`)
      .orderBy('ts_event_us')
      .orderBy('row')
      .limit(ROWS_PER_READ),
  );
}

/** The fills of an order in time order. */
export function fillRowsOf(db: Database, account: AccountId, id: ClientOrderId): readonly FillRow[] {
  return db.all(
    query
      .selectFrom('fills')
      .selectAll()
      .where('account', '=', account)
      .where('client_order_id', '=', id)
      .orderBy('ts_event_us')
      .orderBy('row'),
  );
}

/** The next round trips of a span in the order of their closing. */
export function roundTripsAfter(
  db: Database,
  account: AccountId,
  span: TimeSpan,
  after: PagePosition,
): readonly RoundTripRow[] {
  return db.all(
    query
      .selectFrom('round_trips')
      .selectAll()
      .where('account', '=', account)
      .where('closed_us', '>=', Math.max(fromOf(span), after.timeUs))
      .where('closed_us', '<=', toOf(span))
      .where(sql<SqlBool>`(closed_us, row) > (${after.timeUs}, ${after.row})`)
      .orderBy('closed_us')
      .orderBy('row')
      .limit(ROWS_PER_READ),
  );
}

/** A page of round trips, newest first, one more than asked for. */
export function roundTripsBefore(
  db: Database,
  account: AccountId,
  { strategyId, instrument }: { readonly strategyId?: StrategyId; readonly instrument?: InstrumentId },
  before: PagePosition,
  limit: number,
): readonly RoundTripRow[] {
  return db.all(
    query
      .selectFrom('round_trips')
      .selectAll()
      .where('account', '=', account)
      .$if(strategyId !== undefined, (select) => select.where('strategy', '=', strategyId ?? ''))
      .$if(instrument !== undefined, (select) => select.where('instrument', '=', instrument ?? ''))
      .where(sql<SqlBool>`(closed_us, row) < (${before.timeUs}, ${before.row})`)
      .orderBy('closed_us', 'desc')
      .orderBy('row', 'desc')
      .limit(limit + 1),
  );
}

const samplesOf = (account: AccountId, fromUs: number, toUs: number) =>
  query
    .selectFrom('equity_samples')
    .selectAll()
    .where('account', '=', account)
    .where('ts_us', '>=', fromUs)
    .where('ts_us', '<=', toUs);

/** The next samples of a span in time order, later than `afterUs`. */
export function equitySamplesAfter(
  db: Database,
  account: AccountId,
  span: TimeSpan,
  afterUs: number,
): readonly EquitySampleRow[] {
  const fromUs = Math.max(fromOf(span), afterUs + 1);
  return db.all(samplesOf(account, fromUs, toOf(span)).orderBy('ts_us').limit(ROWS_PER_READ));
}

/** Fault `parameter_invalid`. */
export function checkMax(max: number): Result<null> {
  if (Number.isInteger(max) && max >= 2 && max <= 10_000) return ok(null);
  return err('parameter_invalid', `max must be a whole number from 2 to 10000, not ${max}`);
}

/** At most `max` samples of a span: each is looked up by its time, so that a long span costs no more than a short one. */
export function thinnedEquitySamples(
  db: Database,
  account: AccountId,
  span: TimeSpan,
  max: number,
): readonly EquitySampleRow[] {
  const [fromUs, toUs] = [fromOf(span), toOf(span)];
  const all = db.all(
    samplesOf(account, fromUs, toUs)
      .orderBy('ts_us')
      .limit(max + 1),
  );
  if (all.length <= max) return all;
  const first = all[0];
  const last = db.first(samplesOf(account, fromUs, toUs).orderBy('ts_us', 'desc').limit(1));
  if (first === undefined || last === undefined) return [];
  const chosen = [first];
  for (let index = 1; index < max; index += 1) {
    const atUs = first.ts_us + Math.floor(((last.ts_us - first.ts_us) * index) / (max - 1));
    const next = db.first(samplesOf(account, atUs, toUs).orderBy('ts_us').limit(1));
    if (next !== undefined && next.ts_us !== chosen.at(-1)?.ts_us) chosen.push(next);
  }
  return chosen;
}

export function strategyRows(db: Database, account: AccountId): readonly StrategyRow[] {
  return db.all(query.selectFrom('strategies').selectAll().where('account', '=', account).orderBy('strategy'));
}

/** How many were new. */
export function putAlertRows(db: Database, alerts: readonly NewAlertRow[]): number {
  let inserted = 0;
  for (const alert of alerts) {
    inserted += db.run(
      query
        .insertInto('alerts')
        .values(alert)
        .onConflict((conflict) => conflict.columns(['account', 'id']).doNothing()),
    );
  }
  return inserted;
}

/** How many are there. */
export function putDeliveries(
  db: Database,
  account: AccountId,
  changes: readonly { readonly id: string; readonly deliveries: string }[],
): number {
  let found = 0;
  for (const { id, deliveries } of changes) {
    found += db.run(
      query.updateTable('alerts').set({ deliveries }).where('account', '=', account).where('id', '=', id),
    );
  }
  return found;
}

/** A page of alerts, newest first, one more than asked for. */
export function alertsBefore(
  db: Database,
  account: AccountId,
  before: PagePosition,
  limit: number,
): readonly AlertRow[] {
  return db.all(
    query
      .selectFrom('alerts')
      .selectAll()
      .where('account', '=', account)
      .where(sql<SqlBool>`(ts_us, row) < (${before.timeUs}, ${before.row})`)
      .orderBy('ts_us', 'desc')
      .orderBy('row', 'desc')
      .limit(limit + 1),
  );
}
