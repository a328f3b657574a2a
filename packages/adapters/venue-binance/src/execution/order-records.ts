import {
  clientOrderId,
  venueOrderId,
  type ClientOrderId,
  type InstrumentId,
  type TimestampUs,
  type VenueOrderEvent,
  type VenueOrderId,
} from '@monsta/core';
import type { SymbolRules } from '@monsta/matching';
import type { OrderIds, OrderReport } from './order-reports.ts';
import { OrderTracker } from './order-tracker.ts';
import type { Refusal } from './refusals.ts';

export interface OrderRecordsOptions {
  /** Ended orders that are remembered; the oldest are forgotten first. */
  readonly endedMax: number;
  /** The rules of a symbol as they are now. */
  readonly rulesOf: (symbol: InstrumentId) => SymbolRules | null;
  /** True for a client order id that this installation made. */
  readonly isOurs: (id: ClientOrderId) => boolean;
  readonly tell: (events: readonly VenueOrderEvent[]) => void;
  /** After anything was heard of an order. */
  readonly onHeard: (tracker: OrderTracker) => void;
}

/** `answer`: the venue was asked for it, and its stream must report the same; `stream`: it has; `recovery`: the stream was not listened to. */
export type ReportSource = 'answer' | 'stream' | 'recovery';

const nameOf = (symbol: InstrumentId, id: VenueOrderId): string => `${symbol}:${id}`;

/** Our orders, by both of their ids, and the ids of those that have ended. */
export class OrderRecords {
  readonly #options: OrderRecordsOptions;
  readonly #open = new Map<ClientOrderId, OrderTracker>();
  readonly #ended = new Map<ClientOrderId, OrderTracker>();
  readonly #named = new Map<string, OrderTracker>();
  /** The rules under which each order was sent: its prices and quantities are told in those steps for as long as it lives. */
  readonly #rules = new WeakMap<OrderTracker, SymbolRules>();
  /** The orders of each list, as long as one of them is open. */
  readonly #lists = new Map<ClientOrderId, readonly OrderTracker[]>();
  #news = 0;

  constructor(options: OrderRecordsOptions) {
    this.#options = options;
  }

  get(id: ClientOrderId): OrderTracker | null {
    return this.#open.get(id) ?? this.#ended.get(id) ?? null;
  }

  named(symbol: InstrumentId, id: VenueOrderId): OrderTracker | null {
    return this.#named.get(nameOf(symbol, id)) ?? null;
  }

  /** The rules in whose steps an order is told; of one that is not ours those of now. */
  rulesFor(symbol: InstrumentId, order?: OrderIds): SymbolRules | null {
    const tracker = order === undefined ? null : this.#called(symbol, order);
    return (tracker === null ? undefined : this.#rules.get(tracker)) ?? this.#options.rulesOf(symbol);
  }

  #called(symbol: InstrumentId, order: OrderIds): OrderTracker | null {
    const named = this.named(symbol, venueOrderId(order.venueOrderId));
    if (named !== null || order.clientOrderId === null) return named;
    const open = this.#open.get(clientOrderId(order.clientOrderId));
    return open?.symbol === symbol ? open : null;
  }

  /** Rises with each order that is added and with everything that is told of one. */
  get news(): number {
    return this.#news;
  }

  /** Those that have not ended, oldest first. */
  open(): readonly OrderTracker[] {
    return [...this.#open.values()];
  }

  ofList(id: ClientOrderId): readonly OrderTracker[] {
    return this.#lists.get(id) ?? [];
  }

  add(tracker: OrderTracker): void {
    this.#news += 1;
    this.#open.set(tracker.clientOrderId, tracker);
    this.#keepRules(tracker);
  }

  addList(id: ClientOrderId, trackers: readonly OrderTracker[]): void {
    for (const tracker of trackers) this.add(tracker);
    this.#lists.set(id, trackers);
  }

  /** Takes over an order of an earlier run as it stands, telling nothing of it. */
  adopt(report: OrderReport): OrderTracker | null {
    const known = this.#find(report);
    if (known !== null) return known;
    if (report.terms === null) return null;
    const tracker = new OrderTracker(report.clientOrderId, report.symbol, report.terms, null);
    tracker.adopt(report);
    this.#keepRules(tracker);
    this.#index(tracker);
    return tracker;
  }

  /** Brings a report to its order and tells what follows. Null where the order is not ours. */
  take(report: OrderReport, source: ReportSource): OrderTracker | null {
    const tracker = this.#find(report) ?? this.#appeared(report);
    if (tracker === null) return null;
    tracker.note(report, source === 'stream' ? 'stream' : 'answer');
    if (source === 'recovery') tracker.forgive();
    this.#tell(tracker.take(report));
    this.#heard(tracker);
    return tracker;
  }

  /** Brings all trades of an order to it. */
  takeTrades(tracker: OrderTracker, trades: OrderReport['trades']): void {
    this.#tell(tracker.takeTrades(trades));
    this.#heard(tracker);
  }

  refuse(tracker: OrderTracker, refusal: Refusal, tsUs: TimestampUs): void {
    this.#tell(tracker.refuse(refusal, tsUs));
    this.#heard(tracker);
  }

  #tell(events: readonly VenueOrderEvent[]): void {
    if (events.length > 0) this.#news += 1;
    this.#options.tell(events);
  }

  #keepRules(tracker: OrderTracker): void {
    const rules = this.#options.rulesOf(tracker.symbol);
    if (rules !== null) this.#rules.set(tracker, rules);
  }

  #find(report: OrderReport): OrderTracker | null {
    const named = this.named(report.symbol, report.venueOrderId);
    if (named !== null) return named;
    // Ids can be used again once their order has ended, and one that was refused never was: these are others.
    const tracker = this.#open.get(report.clientOrderId);
    return tracker?.venueOrderId === null && tracker.symbol === report.symbol ? tracker : null;
  }

  /** An order of ours that we know nothing of: an earlier run sent it. */
  #appeared(report: OrderReport): OrderTracker | null {
    const { clientOrderId: id, symbol, terms } = report;
    if (terms === null || !this.#options.isOurs(id) || this.get(id) !== null) return null;
    const tracker = new OrderTracker(id, symbol, terms, null);
    this.add(tracker);
    return tracker;
  }

  #heard(tracker: OrderTracker): void {
    this.#index(tracker);
    this.#options.onHeard(tracker);
  }

  #index(tracker: OrderTracker): void {
    const { clientOrderId: id, symbol, venueOrderId: venueId } = tracker;
    if (venueId !== null) this.#named.set(nameOf(symbol, venueId), tracker);
    if (!tracker.ended) {
      this.#open.set(id, tracker);
      return;
    }
    this.#open.delete(id);
    if (this.#ended.get(id) === tracker) return;
    this.#ended.set(id, tracker);
    for (const [list, trackers] of this.#lists) {
      if (trackers.includes(tracker) && trackers.every(({ ended }) => ended)) this.#lists.delete(list);
    }
    if (this.#ended.size > this.#options.endedMax) this.#forgetOldest();
  }

  #forgetOldest(): void {
    for (const [id, tracker] of this.#ended) {
      this.#ended.delete(id);
      if (tracker.venueOrderId !== null) this.#named.delete(nameOf(tracker.symbol, tracker.venueOrderId));
      return;
    }
  }
}
