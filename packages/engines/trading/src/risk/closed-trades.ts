import { expectOk, parseAmount } from '@monsta/core';
import type { Amount, ExitCause, InstrumentId, StrategyId, TimestampUs } from '@monsta/core';
import type { RoundTrip } from '../book-records.ts';

/** How many round trips are looked back on, all strategies together: as many as the ledger gives back at a start. */
const TRADES_MAX = 500;

/** What protections and sizing look at of a round trip. */
export interface ClosedTrade {
  readonly strategyId: StrategyId;
  readonly instrument: InstrumentId;
  readonly closedUs: TimestampUs;
  /** What was paid, without fees. */
  readonly cost: Amount;
  /** Net of fees; one in a third asset whose worth is unknown is left out. */
  readonly profit: Amount;
  /** Null: nobody knows any more. */
  readonly exitCause: ExitCause | null;
}

export const closedTradeOf = (trip: RoundTrip): ClosedTrade => ({
  strategyId: trip.strategyId,
  instrument: trip.instrument,
  closedUs: trip.closedUs,
  cost: expectOk(parseAmount(trip.entryValue)),
  profit: expectOk(parseAmount(trip.profit ?? trip.realizedProfit)),
  exitCause: trip.exitCause,
});

/** The newest round trips, oldest first. */
export class ClosedTrades {
  #trades: readonly ClosedTrade[] = [];

  get all(): readonly ClosedTrade[] {
    return this.#trades;
  }

  restore(trades: readonly ClosedTrade[]): void {
    this.#trades = [...trades].sort((a, b) => a.closedUs - b.closedUs).slice(-TRADES_MAX);
  }

  add(trade: ClosedTrade): void {
    this.restore([...this.#trades, trade]);
  }
}
