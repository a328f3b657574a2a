import {
  fillId,
  isContingent,
  isFinal,
  strategyId,
  type ClientOrderId,
  type Fill,
  type ForeignFill,
  type InstrumentId,
  type OrderRequest,
  type OrderStatus,
  type StrategyId,
  type TimestampUs,
  type VenueOrderEvent,
  type VenueOrderId,
} from '@monsta/core';
import type { OrderReport, OrderTerms, TradeReport } from './order-reports.ts';
import type { Refusal } from './refusals.ts';

/** Whose a fill is where the order was sent by an earlier run: the venue doesn't know strategies. */
export const UNKNOWN_STRATEGY: StrategyId = strategyId('unknown');
/** Trades held for one order that came before those they follow; beyond, its trades are asked for instead. */
const HELD_TRADES_MAX = 1_000;

export type TrackedTerms = Pick<OrderTerms, 'side' | 'type'>;

interface Ending {
  readonly status: OrderStatus;
  readonly reason: string;
  readonly rejectCode: string | null;
  readonly tsUs: TimestampUs;
}

type HeldTrade = OrderReport['trades'][number];

/** How far an order has come. */
interface Progress {
  entered: boolean;
  executed: number;
  ended: boolean;
}

/**
 * One order, as three sources tell of it: answers, the user stream, queries. They come late, twice, in any order, or never; what is told of the order is one sequence without
 * duplicates: acceptance, then its trigger and its fills in the order of what was filled in all, then its end when all its fills have been told.
 */
export class OrderTracker {
  readonly clientOrderId: ClientOrderId;
  readonly symbol: InstrumentId;
  readonly terms: TrackedTerms;
  readonly strategyId: StrategyId;
  #venueOrderId: VenueOrderId | null = null;
  #triggered = false;
  #ended = false;
  /** Lots whose fills have been told, and lots that some source says are filled. */
  #told = 0;
  #executed = 0;
  #lastTradeId = -1;
  /** Trades that follow ones not seen yet, by what was filled in all after them. */
  #held: HeldTrade[] = [];
  #ending: Ending | null = null;
  /** What the venue said when it was asked, and what its stream has reported. */
  readonly #claimed: Progress = { entered: false, executed: 0, ended: false };
  readonly #streamed: Progress = { entered: false, executed: 0, ended: false };

  constructor(clientOrderId: ClientOrderId, symbol: InstrumentId, terms: TrackedTerms, strategy: StrategyId | null) {
    this.clientOrderId = clientOrderId;
    this.symbol = symbol;
    this.terms = terms;
    this.strategyId = strategy ?? UNKNOWN_STRATEGY;
  }

  static of(request: OrderRequest): OrderTracker {
    return new OrderTracker(request.clientOrderId, request.instrument, request, request.strategyId);
  }

  /** Null until some source has told of the order. */
  get venueOrderId(): VenueOrderId | null {
    return this.#venueOrderId;
  }

  /** True when its last event has been told. */
  get ended(): boolean {
    return this.#ended;
  }

  /** True when some source says that it is over, whether or not all its fills have come. */
  get over(): boolean {
    return this.#ended || this.#ending !== null;
  }

  /** True for a stop that no source has said to be triggered. */
  get waitsForTrigger(): boolean {
    return !this.#ended && !this.#triggered && isContingent(this.terms.type);
  }

  /** True when more of it is filled than the trades that came. */
  get missesTrades(): boolean {
    return !this.#ended && this.#told < this.#executed;
  }

  /** True while the user stream lags behind what answers told. */
  get unreported(): boolean {
    const claimed = this.#claimed;
    const streamed = this.#streamed;
    return (
      (claimed.entered && !streamed.entered) ||
      claimed.executed > streamed.executed ||
      (claimed.ended && !streamed.ended)
    );
  }

  /** Notes what a source says, for `unreported`. */
  note(report: OrderReport, source: 'answer' | 'stream'): void {
    const progress = source === 'answer' ? this.#claimed : this.#streamed;
    progress.entered = true;
    progress.executed = Math.max(progress.executed, report.executed ?? 0);
    progress.ended ||= report.status !== null && isFinal(report.status);
  }

  /** Nothing more is expected of the user stream for what was told until now. */
  forgive(): void {
    Object.assign(this.#streamed, this.#claimed);
  }

  /** True for a trade that was told or waits. */
  knows(tradeId: number): boolean {
    return tradeId <= this.#lastTradeId || this.#held.some(({ trade }) => trade.tradeId === tradeId);
  }

  /**
   * Takes over an order as it stands from an earlier run: its past was told then or is the ledger's to find, and nothing of it is told again.
   */
  adopt(report: OrderReport): void {
    this.note(report, 'answer');
    this.forgive();
    this.#venueOrderId = report.venueOrderId;
    this.#triggered = report.worked;
    this.#told = report.executed ?? 0;
    this.#executed = this.#told;
    this.#ended = report.status !== null && isFinal(report.status);
  }

  /** What is to be told of the order after this report. */
  take(report: OrderReport): readonly VenueOrderEvent[] {
    if (this.#ended) return [];
    const events: VenueOrderEvent[] = [];
    const { status, tsUs } = report;
    // One of a list was entered with it, and rejected when its turn came.
    const neverEntered = this.#venueOrderId === null && status === 'rejected' && !report.listed;
    if (this.#venueOrderId === null) {
      this.#venueOrderId = report.venueOrderId;
      if (!neverEntered) events.push(this.#accepted(report.venueOrderId, report.createdUs));
    } else if (this.#venueOrderId !== report.venueOrderId) return [];
    if (!this.#triggered && isContingent(this.terms.type) && report.worked) {
      this.#triggered = true;
      events.push({ kind: 'order-triggered', clientOrderId: this.clientOrderId, tsEventUs: tsUs });
    }
    this.#executed = Math.max(this.#executed, report.executed ?? 0);
    if (status !== null && isFinal(status)) {
      this.#ending ??= {
        status,
        reason: report.reason,
        rejectCode: neverEntered ? (report.rejectCode ?? 'rejected') : null,
        tsUs,
      };
    }
    return [...events, ...this.takeTrades(report.trades)];
  }

  /** What is to be told after these trades of the order came, from whatever source. */
  takeTrades(trades: readonly HeldTrade[]): readonly VenueOrderEvent[] {
    if (this.#ended || this.#venueOrderId === null) return [];
    for (const each of trades) this.#hold(each);
    const events: VenueOrderEvent[] = [];
    for (;;) {
      const [next] = this.#held;
      if (next === undefined || next.cumulative - next.trade.quantity > this.#told) break;
      this.#held.shift();
      if (next.cumulative <= this.#told) continue;
      this.#told = next.cumulative;
      this.#executed = Math.max(this.#executed, this.#told);
      this.#lastTradeId = next.trade.tradeId;
      events.push({ kind: 'order-filled', fill: this.#fill(next.trade), tsEventUs: next.trade.tsUs });
    }
    if (this.#ending !== null && this.#told >= this.#executed) events.push(...this.#end(this.#ending));
    return events;
  }

  /** The order was not entered, for certain. Says nothing where a source has told otherwise. */
  refuse({ code, reason }: Refusal, tsEventUs: TimestampUs): readonly VenueOrderEvent[] {
    if (this.#ended || this.#venueOrderId !== null) return [];
    this.#ended = true;
    return [{ kind: 'order-rejected', clientOrderId: this.clientOrderId, code, reason, tsEventUs }];
  }

  #hold(each: HeldTrade): void {
    if (this.knows(each.trade.tradeId)) return;
    this.#executed = Math.max(this.#executed, each.cumulative);
    if (this.#held.length >= HELD_TRADES_MAX) return;
    const at = this.#held.findIndex(({ cumulative }) => cumulative > each.cumulative);
    this.#held.splice(at < 0 ? this.#held.length : at, 0, each);
  }

  #accepted(venueOrderId: VenueOrderId, tsEventUs: TimestampUs): VenueOrderEvent {
    return { kind: 'order-accepted', clientOrderId: this.clientOrderId, venueOrderId, tsEventUs };
  }

  #fill(trade: TradeReport): Fill {
    return fillOf(trade, this.clientOrderId, this.symbol, this.strategyId);
  }

  #end({ status, reason, rejectCode, tsUs: tsEventUs }: Ending): readonly VenueOrderEvent[] {
    this.#ended = true;
    this.#held = [];
    const { clientOrderId } = this;
    if (status === 'filled') return [];
    if (status === 'rejected' && rejectCode !== null)
      return [{ kind: 'order-rejected', clientOrderId, code: rejectCode, reason, tsEventUs }];
    if (status === 'canceled') return [{ kind: 'order-canceled', clientOrderId, reason, tsEventUs }];
    return [{ kind: 'order-expired', clientOrderId, reason, tsEventUs }];
  }
}

/** A trade as a fill of an order of ours. */
export const fillOf = (
  trade: TradeReport,
  clientOrderId: ClientOrderId,
  instrument: InstrumentId,
  strategy: StrategyId,
): Fill => ({ ...foreignFillOf(trade, clientOrderId, instrument), strategyId: strategy });

/** A trade as a fill of whosesoever order. */
export function foreignFillOf(trade: TradeReport, clientOrderId: ClientOrderId, instrument: InstrumentId): ForeignFill {
  return {
    fillId: fillId(String(trade.tradeId)),
    clientOrderId,
    venueOrderId: trade.venueOrderId,
    instrument,
    side: trade.side,
    price: trade.price,
    quantity: trade.quantity,
    fee: trade.fee,
    feeAsset: trade.feeAsset,
    liquidity: trade.maker ? 'maker' : 'taker',
    tsEventUs: trade.tsUs,
  };
}
