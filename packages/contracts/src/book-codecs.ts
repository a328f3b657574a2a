import { msFromUs, type ExitCause, type TimestampUs } from '@monsta/core';
import type { RoundTripMessage } from './books.ts';

/** A round trip in the form of the ledger's `StoredRoundTrip`. */
interface RoundTripRecord {
  readonly id: string;
  readonly strategyId: string;
  readonly instrument: string;
  readonly openedUs: TimestampUs;
  readonly closedUs: TimestampUs;
  readonly entryQuantity: string;
  readonly entryValue: string;
  readonly entryPrice: string | null;
  readonly exitQuantity: string;
  readonly exitValue: string;
  readonly exitPrice: string | null;
  readonly takenAway: string;
  readonly realizedProfit: string;
  readonly profit: string | null;
  readonly fees: {
    readonly byAsset: Readonly<Record<string, string>>;
    readonly otherValue: string;
    readonly unvalued: Readonly<Record<string, string>>;
  };
  readonly excursions: {
    readonly adverse: string;
    readonly favourable: string;
    readonly adversePpm: number;
    readonly favourablePpm: number;
  };
  readonly fills: number;
  readonly exitOrderId: string | null;
  readonly exitTag: string | null;
  readonly exitCause: ExitCause | null;
}

const PPM = 1_000_000;

/** Why the profit of a round trip is not known: fees in assets whose price nobody knew. */
const absenceOf = (unvalued: Readonly<Record<string, string>>): string | null => {
  const list = Object.entries(unvalued).map(([asset, fee]) => `${fee} ${asset}`);
  return list.length === 0 ? null : `no price was known for fees of ${list.join(', ')} when they were paid`;
};

export function encodeRoundTrip(trip: RoundTripRecord): RoundTripMessage {
  const { openedUs, closedUs, excursions } = trip;
  return {
    id: trip.id,
    strategyId: trip.strategyId,
    instrument: trip.instrument,
    openedMs: msFromUs(openedUs),
    closedMs: msFromUs(closedUs),
    holdingMs: Math.max(0, Math.round((closedUs - openedUs) / 1_000)),
    entryQuantity: trip.entryQuantity,
    entryValue: trip.entryValue,
    entryPrice: trip.entryPrice,
    exitQuantity: trip.exitQuantity,
    exitValue: trip.exitValue,
    exitPrice: trip.exitPrice,
    takenAway: trip.takenAway,
    realizedProfit: trip.realizedProfit,
    profit: trip.profit,
    profitAbsence: absenceOf(trip.fees.unvalued),
    fees: { ...trip.fees },
    excursions: {
      adverse: excursions.adverse,
      favourable: excursions.favourable,
      adverseShare: excursions.adversePpm / PPM,
      favourableShare: excursions.favourablePpm / PPM,
    },
    fills: trip.fills,
    exitOrderId: trip.exitOrderId,
    exitTag: trip.exitTag,
    exitCause: trip.exitCause,
  };
}
