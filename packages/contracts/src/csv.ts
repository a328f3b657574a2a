import {
  formatAmount,
  formatPrice,
  formatQuantity,
  msFromUs,
  notional,
  type Fill,
  type Instrument,
} from '@monsta/core';
import type { RoundTripMessage } from './books.ts';

/** RFC 4180: CRLF after each line, quotes around what holds a comma, a quote or a line's end. */
const LINE_END = '\r\n';
const PLAIN_NUMBER = /^-?\d+(\.\d+)?$/;
const FORMULA_START = /^[=+\-@\t\r]/;

/** A cell that no spreadsheet takes for a formula: what begins like one and is no plain number gets an apostrophe before it. */
function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = value;
  const safe = FORMULA_START.test(text) && !PLAIN_NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export const csvLine = (cells: readonly (string | number | null)[]): string => cells.map(cell).join(',') + LINE_END;

const isoOf = (timeMs: number): string => new Date(timeMs).toISOString();

const FILL_COLUMNS = [
  'time',
  'time_ms',
  'instrument',
  'base',
  'quote',
  'side',
  'price',
  'quantity',
  'quote_amount',
  'fee',
  'fee_asset',
  'liquidity',
  'strategy',
  'fill_id',
  'client_order_id',
  'venue_order_id',
] as const;

export const FILLS_CSV_HEADER = csvLine(FILL_COLUMNS);

/** A fill as the accountant reads it: exact decimals, the time in UTC. */
export function fillCsvLine(fill: Fill, instrument: Instrument): string {
  const timeMs = msFromUs(fill.tsEventUs);
  return csvLine([
    isoOf(timeMs),
    timeMs,
    fill.instrument,
    instrument.base,
    instrument.quote,
    fill.side,
    formatPrice(fill.price, instrument),
    formatQuantity(fill.quantity, instrument),
    formatAmount(notional(fill.price, fill.quantity, instrument)),
    formatAmount(fill.fee),
    fill.feeAsset,
    fill.liquidity,
    fill.strategyId,
    fill.fillId,
    fill.clientOrderId,
    fill.venueOrderId,
  ]);
}

const ROUND_TRIP_COLUMNS = [
  'opened',
  'opened_ms',
  'closed',
  'closed_ms',
  'holding_ms',
  'instrument',
  'base',
  'quote',
  'strategy',
  'entry_quantity',
  'entry_value',
  'entry_price',
  'exit_quantity',
  'exit_value',
  'exit_price',
  'taken_away',
  'realized_profit',
  'profit',
  'profit_absence',
  'fees',
  'max_adverse',
  'max_favourable',
  'fills',
  'exit_tag',
  'exit_cause',
  'exit_order_id',
  'id',
] as const;

export const ROUND_TRIPS_CSV_HEADER = csvLine(ROUND_TRIP_COLUMNS);

/** `terms`: base and quote of its instrument, null where the ledger has none of that name. Fees as `0.1 USDT; 0.002 BNB`. */
export function roundTripCsvLine(trip: RoundTripMessage, terms: Pick<Instrument, 'base' | 'quote'> | null): string {
  return csvLine([
    isoOf(trip.openedMs),
    trip.openedMs,
    isoOf(trip.closedMs),
    trip.closedMs,
    trip.holdingMs,
    trip.instrument,
    terms?.base ?? null,
    terms?.quote ?? null,
    trip.strategyId,
    trip.entryQuantity,
    trip.entryValue,
    trip.entryPrice,
    trip.exitQuantity,
    trip.exitValue,
    trip.exitPrice,
    trip.takenAway,
    trip.realizedProfit,
    trip.profit,
    trip.profitAbsence,
    Object.entries(trip.fees.byAsset)
      .map(([asset, fee]) => `${fee} ${asset}`)
      .join('; '),
    trip.excursions.adverse,
    trip.excursions.favourable,
    trip.fills,
    trip.exitTag,
    trip.exitCause,
    trip.exitOrderId,
    trip.id,
  ]);
}
