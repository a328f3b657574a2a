import { expectOk, parseAmount } from '@monsta/core';
import type { Amount, ExitCause, InstrumentId, StrategyId, TimestampUs } from '@monsta/core';
import type { RoundTrip } from '../book-records.ts';
import { netOf } from '../fees.ts';
import type { EndedTrip } from '../round-trip.ts';

/** How many round trips are looked back on: the newest of all strategies together, and the newest of each that is configured, since sizing follows from its own. */
export const TRADES_MAX = 500;

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

/** The same of a trip that has just ended. */
export const closedTradeOfTrip = ({ strategyId, instrument, closedUs, trip, cause }: EndedTrip): ClosedTrade => ({
  strategyId,
  instrument,
  closedUs,
  cost: trip.entryValue,
  profit: netOf(trip.realizedProfit, trip.fees) ?? trip.realizedProfit,
  exitCause: cause,
});

/** The newest round trips, oldest first: what the ledger gives back at a start. */
export class ClosedTrades {
  readonly #strategies: ReadonlySet<StrategyId>;
  #trades: ClosedTrade[] = [];
  /** The same of each strategy. */
  #own = new Map<StrategyId, ClosedTrade[]>();
  /** Those that came since somebody last looked back. */
  #added: ClosedTrade[] = [];

  constructor(strategies: readonly StrategyId[]) {
    this.#strategies = new Set(strategies);
  }

  get all(): readonly ClosedTrade[] {
    this.#takeAdded();
    return this.#trades;
  }

  of(id: StrategyId): readonly ClosedTrade[] {
    this.#takeAdded();
    return this.#own.get(id) ?? NONE;
  }

  restore(trades: readonly ClosedTrade[]): void {
    this.#added = [];
    this.#set(trades);
  }

  #set(trades: readonly ClosedTrade[]): void {
    const newestFirst = trades.toSorted((a, b) => a.closedUs - b.closedUs).reverse();
    const counts = new Map<StrategyId, number>();
    const kept = newestFirst.filter(({ strategyId }, place) => {
      const own = (counts.get(strategyId) ?? 0) + 1;
      counts.set(strategyId, own);
      return place < TRADES_MAX || (own <= TRADES_MAX && this.#strategies.has(strategyId));
    });
    this.#trades = kept.reverse();
    this.#own = new Map();
    for (const trade of this.#trades) this.#count(trade);
  }

  /** One more: what it makes of the others is reckoned where they are looked at. */
  add(trade: ClosedTrade): void {
    this.#added.push(trade);
    if (this.#added.length >= 2 * TRADES_MAX) this.#takeAdded();
  }

  #takeAdded(): void {
    if (this.#added.length === 0) return;
    const added = this.#added;
    this.#added = [];
    if (added.length > TRADES_MAX) this.#set([...this.#trades, ...added]);
    else for (const trade of added) this.#take(trade);
  }

  #take(trade: ClosedTrade): void {
    const newest = this.#trades.at(-1);
    if (newest !== undefined && newest.closedUs > trade.closedUs) {
      this.#set([...this.#trades, trade]);
      return;
    }
    this.#trades.push(trade);
    const own = this.#count(trade);
    // At most its own strategy's oldest is one too many now, and the one that is no longer among the newest of all.
    if (own.length > TRADES_MAX && this.#strategies.has(trade.strategyId)) this.#drop(own[0]);
    const beyond = this.#trades.at(-1 - TRADES_MAX);
    if (beyond !== undefined && !this.#strategies.has(beyond.strategyId)) this.#drop(beyond);
  }

  #drop(trade: ClosedTrade | undefined): void {
    if (trade === undefined) return;
    this.#trades.splice(this.#trades.indexOf(trade), 1);
    this.#own.get(trade.strategyId)?.shift();
  }

  #count(trade: ClosedTrade): readonly ClosedTrade[] {
    const own = this.#own.get(trade.strategyId) ?? [];
    if (own.push(trade) === 1) this.#own.set(trade.strategyId, own);
    return own;
  }
}

const NONE: readonly ClosedTrade[] = [];
