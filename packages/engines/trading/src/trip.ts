import { expectOk, formatAmount, parseAmount } from '@monsta/core';
import type { Amount, TimestampUs } from '@monsta/core';
import type { Excursions } from './excursions.ts';
import { decodeFees, encodeFees, type Fees } from './fees.ts';
import type { TripRecord } from './book-records.ts';

/**
 * How a position has come to where it is since it was last flat. It begins with the first fill, and ends with the sale, or the taking away by hand, after which
 * less than a lot is left: that dust counts as flat, and stays in the position with its cost.
 */
export interface Trip {
  readonly openedUs: TimestampUs;
  /** True of a short position: it is entered by sales. */
  readonly short: boolean;
  /** Base asset bought and what was paid for it, without fees; the same of what was sold. Of a short position the other way round. */
  readonly entryQuantity: Amount;
  readonly entryValue: Amount;
  readonly exitQuantity: Amount;
  readonly exitValue: Amount;
  /** Base asset that somebody took away by hand: neither profit nor loss. */
  readonly takenAway: Amount;
  /** What the position's realised profit has moved by since the trip began. */
  readonly realizedProfit: Amount;
  readonly fees: Fees;
  readonly excursions: Excursions;
  readonly fills: number;
}

export const encodeTrip = (trip: Trip): TripRecord => ({
  openedUs: trip.openedUs,
  ...(trip.short ? { short: true } : {}),
  entryQuantity: formatAmount(trip.entryQuantity),
  entryValue: formatAmount(trip.entryValue),
  exitQuantity: formatAmount(trip.exitQuantity),
  exitValue: formatAmount(trip.exitValue),
  takenAway: formatAmount(trip.takenAway),
  realizedProfit: formatAmount(trip.realizedProfit),
  fees: encodeFees(trip.fees),
  excursions: {
    adverse: formatAmount(trip.excursions.adverse),
    favourable: formatAmount(trip.excursions.favourable),
    adversePpm: trip.excursions.adversePpm,
    favourablePpm: trip.excursions.favourablePpm,
  },
  fills: trip.fills,
});

const read = (value: string): Amount => expectOk(parseAmount(value));

export const decodeTrip = (record: TripRecord): Trip => ({
  openedUs: record.openedUs,
  short: record.short === true,
  entryQuantity: read(record.entryQuantity),
  entryValue: read(record.entryValue),
  exitQuantity: read(record.exitQuantity),
  exitValue: read(record.exitValue),
  takenAway: read(record.takenAway),
  realizedProfit: read(record.realizedProfit),
  fees: decodeFees(record.fees),
  excursions: {
    adverse: read(record.excursions.adverse),
    favourable: read(record.excursions.favourable),
    adversePpm: record.excursions.adversePpm,
    favourablePpm: record.excursions.favourablePpm,
  },
  fills: record.fills,
});
