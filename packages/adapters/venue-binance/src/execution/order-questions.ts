import {
  err,
  ok,
  type ClientOrderId,
  type Fill,
  type ForeignFill,
  type InstrumentId,
  type Result,
  type TimestampUs,
  type VenueOrder,
  type VenueOrderId,
} from '@monsta/core';
import type { Clock } from '@monsta/ports';
import type { AccountQueries } from './account-queries.ts';
import type { BinanceExecutionConfig } from './config.ts';
import type { OrderRecords } from './order-records.ts';
import { venueOrderOf, type OrderReport } from './order-reports.ts';
import { fillOf, foreignFillOf, UNKNOWN_STRATEGY } from './order-tracker.ts';

export interface OrderQuestionsOptions {
  readonly queries: AccountQueries;
  readonly records: OrderRecords;
  /** Where an order may be of which only our id is known. */
  readonly symbols: readonly InstrumentId[];
  readonly clock: Clock;
  readonly config: BinanceExecutionConfig;
  readonly recvWindowMs: number;
  readonly isOurs: (id: ClientOrderId) => boolean;
  readonly nowUs: () => TimestampUs;
}

/** The port's questions about orders and fills, each asked of the venue. */
export class OrderQuestions {
  readonly #options: OrderQuestionsOptions;
  readonly #startedMs: number;

  constructor(options: OrderQuestionsOptions) {
    this.#options = options;
    this.#startedMs = options.clock.monotonicMs();
  }

  async openOrders(): Promise<Result<readonly VenueOrder[]>> {
    const reports: OrderReport[] = [];
    for (const symbol of this.#options.symbols) {
      const page = await this.#options.queries.openOrders(symbol, 'trading');
      if (!page.ok) return page;
      reports.push(...page.value);
    }
    return ok(
      reports.sort((one, other) => one.createdUs - other.createdUs).flatMap((each) => this.#orderOf(each) ?? []),
    );
  }

  /** Fault `outcome_unknown` while the order may still arrive there. */
  async order(id: ClientOrderId): Promise<Result<VenueOrder | null>> {
    const report = await this.#find(id);
    if (!report.ok) return report;
    if (report.value !== null) return ok(this.#orderOf(report.value));
    const waitMs = this.#mayArriveForMs(id);
    if (waitMs === 0) return ok(null);
    return err('outcome_unknown', `the venue does not have the order ${id}, which may still be on its way to it`, {
      retry: 'unknown_outcome',
      retryAfterMs: waitMs,
    });
  }

  async fillsOf(id: ClientOrderId): Promise<Result<readonly Fill[]>> {
    const report = await this.#find(id);
    if (!report.ok) return report;
    if (report.value === null) return ok([]);
    const { symbol, venueOrderId } = report.value;
    const trades = await this.#options.queries.tradesOf(symbol, venueOrderId);
    if (!trades.ok) return trades;
    const strategy = this.#options.records.get(id)?.strategyId ?? UNKNOWN_STRATEGY;
    return ok(trades.value.map((trade) => fillOf(trade, id, symbol, strategy)));
  }

  async fillsSince(instrument: InstrumentId, fromUs: TimestampUs): Promise<Result<readonly ForeignFill[]>> {
    const trades = await this.#options.queries.tradesSince(instrument, fromUs, this.#options.nowUs());
    if (!trades.ok) return trades;
    const ids = await this.#idsOf(instrument, new Set(trades.value.map(({ venueOrderId }) => venueOrderId)));
    if (!ids.ok) return ids;
    return ok(
      trades.value.flatMap((trade) => {
        const id = ids.value.get(trade.venueOrderId);
        return id === undefined ? [] : [foreignFillOf(trade, id, instrument)];
      }),
    );
  }

  /** By our id: an order that somebody amended has another one at the venue since. */
  #orderOf(report: OrderReport): VenueOrder | null {
    const order = venueOrderOf(report);
    const tracker = this.#options.records.named(report.symbol, report.venueOrderId);
    return order === null || tracker === null ? order : { ...order, clientOrderId: tracker.clientOrderId };
  }

  /**
   * How long an order that the venue does not have may still arrive there: until the outcome of its request is known, and for one that an earlier run may have sent until its
   * receive window is over for certain. 0: never.
   */
  #mayArriveForMs(id: ClientOrderId): number {
    const { clock, config, isOurs, records, recvWindowMs } = this.#options;
    const tracker = records.get(id);
    if (tracker !== null) return tracker.ended || tracker.venueOrderId !== null ? 0 : config.outcomeDelayMaxMs;
    if (!isOurs(id)) return 0;
    const windowMs = recvWindowMs + config.outcomeMarginMs;
    return Math.max(0, this.#startedMs + windowMs - clock.monotonicMs());
  }

  /** An order as the venue tells it; null where it has none of that id. */
  async #find(id: ClientOrderId): Promise<Result<OrderReport | null>> {
    const tracker = this.#options.records.get(id);
    if (tracker !== null) {
      const { symbol, venueOrderId } = tracker;
      return this.#options.queries.order(symbol, venueOrderId === null ? { clientOrderId: id } : { venueOrderId });
    }
    for (const symbol of this.#options.symbols) {
      const report = await this.#options.queries.order(symbol, { clientOrderId: id });
      if (!report.ok || report.value !== null) return report;
    }
    return ok(null);
  }

  /** The client's ids of orders by the venue's, for what `myTrades` leaves out. Fault `venue_protocol` where the venue does not list one of them. */
  async #idsOf(
    symbol: InstrumentId,
    orders: ReadonlySet<VenueOrderId>,
  ): Promise<Result<ReadonlyMap<VenueOrderId, ClientOrderId>>> {
    const { queries, records } = this.#options;
    const ids = new Map<VenueOrderId, ClientOrderId>();
    for (const order of orders) {
      const tracker = records.named(symbol, order);
      if (tracker !== null) ids.set(order, tracker.clientOrderId);
    }
    for (const order of [...orders].sort((one, other) => Number(one) - Number(other))) {
      if (ids.has(order)) continue;
      const page = await queries.ordersFrom(symbol, order);
      if (!page.ok) return page;
      for (const { venueOrderId, clientOrderId } of page.value) ids.set(venueOrderId, clientOrderId);
      if (!ids.has(order)) return err('venue_protocol', `allOrders does not list the order ${order} of ${symbol}`);
    }
    return ok(ids);
  }
}
