import {
  fault,
  type ClientOrderId,
  type Fault,
  type InstrumentId,
  type OrderListRequest,
  type OrderRequest,
  type Result,
  type TimestampUs,
  type VenueOrderEvent,
} from '@monsta/core';
import type { Logger } from '@monsta/ports';
import { isObject, Malformed, readArray, readObject } from '../json-reader.ts';
import type { AccountQueries, Caller } from './account-queries.ts';
import type { BinanceExecutionConfig } from './config.ts';
import type { LocalFilters } from './local-filters.ts';
import { listEntry, orderEntry, replacementEntry, type EntryRequest, type Parameters } from './order-parameters.ts';
import type { OrderRecords } from './order-records.ts';
import { readAnswer, type OrderReport, type RulesOf } from './order-reports.ts';
import { OrderTracker } from './order-tracker.ts';
import { errorInside, refusalOfFault, venueErrorOf, type Refusal } from './refusals.ts';
import type { RequestOutcomes } from './request-outcomes.ts';
import type { Turns } from './turns.ts';

export interface OrderEntryOptions {
  readonly caller: Caller;
  readonly queries: AccountQueries;
  readonly records: OrderRecords;
  readonly outcomes: RequestOutcomes;
  readonly filters: LocalFilters;
  readonly turns: Turns;
  readonly rulesOf: RulesOf;
  readonly symbols: readonly InstrumentId[];
  readonly config: BinanceExecutionConfig;
  readonly logger: Logger;
  readonly nowUs: () => TimestampUs;
  readonly tell: (events: readonly VenueOrderEvent[]) => void;
}

const DUPLICATE: Refusal = { code: 'duplicate_order', reason: 'an order of this id was sent before' };
const UNKNOWN: Refusal = { code: 'order_unknown', reason: 'no order of this id is open' };
const LIST_REFUSED: Refusal = { code: 'list_refused', reason: 'the list as a whole can not be placed' };
const NOT_REPLACED: Refusal = { code: 'not_replaced', reason: 'the order to be replaced could not be canceled' };
const STAYS: Refusal = { code: 'not_replaced', reason: 'the new order is refused: the old one stays' };
const BUSY: Refusal = { code: 'venue_busy', reason: 'too many requests are waiting for the venue' };
const NEVER_CANCELED: Refusal = {
  code: 'never_arrived',
  reason: 'the order is still open, and a cancel that the venue gets now is too old for it',
};

/** The venue says that something went wrong inside, and not what became of the request. */
const UNCERTAIN: ReadonlySet<number | undefined> = new Set([-1000, -1001]);

/** True where the request may have taken effect. An answer that can't be read is no better than none. */
const isUnknown = (cause: Fault): boolean =>
  cause.retry === 'unknown_outcome' || cause.code === 'venue_protocol' || UNCERTAIN.has(venueErrorOf(cause)?.code);

/**
 * Sends what changes orders, each request once. Requests about one order go one after the other, each when the outcome of the one before is known; all others side by side.
 */
export class OrderEntry {
  readonly #options: OrderEntryOptions;

  constructor(options: OrderEntryOptions) {
    this.#options = options;
  }

  submit(request: OrderRequest): void {
    const { clientOrderId } = request;
    const { turns, records } = this.#options;
    const known = records.get(clientOrderId) !== null;
    const tracker = known ? null : this.#track(request);
    const accepted = turns.take([clientOrderId], async () => {
      if (tracker === null) this.#reject(clientOrderId, DUPLICATE);
      else await this.#place(request, tracker);
    });
    if (!accepted)
      this.#later(() => (tracker === null ? this.#reject(clientOrderId, DUPLICATE) : this.#refuse(tracker, BUSY)));
  }

  submitList(request: OrderListRequest): void {
    const { turns, records } = this.#options;
    const ids = request.orders.map(({ clientOrderId }) => clientOrderId);
    const known = new Set(ids.filter((id, at) => records.get(id) !== null || ids.indexOf(id) !== at));
    const trackers = request.orders
      .filter(({ clientOrderId }) => !known.has(clientOrderId))
      .map((each) => this.#track(each));
    const used = records.ofList(request.listId).length > 0;
    if (known.size === 0 && !used) records.addList(request.listId, trackers);
    const accepted = turns.take([request.listId, ...ids], async () => {
      for (const id of known) this.#reject(id, DUPLICATE);
      if (known.size > 0 || used) for (const tracker of trackers) this.#refuse(tracker, LIST_REFUSED);
      else await this.#placeList(request, trackers);
    });
    if (!accepted) this.#later(() => trackers.forEach((tracker) => this.#refuse(tracker, BUSY)));
  }

  cancel(id: ClientOrderId): void {
    const accepted = this.#options.turns.take([id], () => this.#cancel(id));
    if (!accepted) this.#later(() => this.#rejectCancel(id, BUSY));
  }

  cancelList(listId: ClientOrderId): void {
    const accepted = this.#options.turns.take([listId], () => this.#cancelList(listId));
    if (!accepted) this.#later(() => this.#rejectCancel(listId, BUSY));
  }

  replace(id: ClientOrderId, request: OrderRequest): void {
    const { turns, records } = this.#options;
    const { clientOrderId } = request;
    const tracker = records.get(clientOrderId) === null ? this.#track(request) : null;
    const accepted = turns.take([id, clientOrderId], async () => {
      const old = await this.#openOrder(id);
      if (old === null) {
        if (tracker === null) this.#reject(clientOrderId, DUPLICATE);
        else this.#refuse(tracker, NOT_REPLACED);
      } else if (tracker === null) {
        this.#rejectCancel(id, STAYS);
        this.#reject(clientOrderId, DUPLICATE);
      } else if (old.symbol !== tracker.symbol) {
        this.#rejectCancel(id, STAYS);
        this.#refuse(tracker, { ...NOT_REPLACED, reason: 'the order to be replaced is of another instrument' });
      } else await this.#replace(old, request, tracker);
    });
    if (accepted) return;
    this.#later(() => {
      this.#rejectCancel(id, BUSY);
      if (tracker === null) this.#reject(clientOrderId, DUPLICATE);
      else this.#refuse(tracker, BUSY);
    });
  }

  #track(request: OrderRequest): OrderTracker {
    const tracker = OrderTracker.of(request);
    this.#options.records.add(tracker);
    return tracker;
  }

  async #place(request: OrderRequest, tracker: OrderTracker): Promise<void> {
    const { filters, rulesOf, config } = this.#options;
    const checked = filters.check(request);
    if ('code' in checked) {
      this.#refuse(tracker, checked);
      return;
    }
    const { path, parameters } = orderEntry(request, checked.rules, config.selfTradePrevention);
    const answer = await this.#send('POST', path, parameters, 1, (json) => [readAnswer(json, rulesOf)]);
    await this.#placed([tracker], answer);
  }

  async #placeList(request: OrderListRequest, trackers: readonly OrderTracker[]): Promise<void> {
    const refuseAll = (refusal: Refusal): void => trackers.forEach((tracker) => this.#refuse(tracker, refusal));
    const entry = this.#listEntry(request);
    if ('code' in entry) {
      refuseAll(entry);
      return;
    }
    const { path, parameters } = entry;
    const answer = await this.#send('POST', path, parameters, trackers.length, (json) => this.#listed(json));
    await this.#placed(trackers, answer);
  }

  #listEntry(request: OrderListRequest): EntryRequest | Refusal {
    const { filters, config } = this.#options;
    const checked = request.orders.map((order) => filters.check(order));
    const refused = checked.find((each) => 'code' in each);
    if (refused !== undefined) return refused;
    const [first] = checked;
    if (first === undefined || 'code' in first) return LIST_REFUSED;
    const entry = listEntry(request, first.rules, config.selfTradePrevention);
    return entry.ok ? entry.value : { code: entry.fault.code, reason: entry.fault.message };
  }

  /** What the answer to new orders came to; all of them were entered, or none. */
  async #placed(trackers: readonly OrderTracker[], answer: Result<readonly OrderReport[]>): Promise<void> {
    const { outcomes, records } = this.#options;
    if (answer.ok) {
      for (const report of answer.value) records.take(report, 'answer');
      return;
    }
    if (isUnknown(answer.fault)) await Promise.all(trackers.map((tracker) => outcomes.ofOrder(tracker)));
    else for (const tracker of trackers) this.#refuse(tracker, this.#refusalOf(answer.fault));
  }

  async #cancel(id: ClientOrderId): Promise<void> {
    const tracker = await this.#openOrder(id);
    if (tracker === null) return;
    const { symbol, venueOrderId } = tracker;
    const named: Parameters = venueOrderId === null ? { origClientOrderId: id } : { orderId: venueOrderId };
    const answer = await this.#send('DELETE', '/api/v3/order', { symbol, ...named }, 0, (json) => this.#canceled(json));
    await this.#cancelAnswered([tracker], id, answer);
  }

  async #cancelList(listId: ClientOrderId): Promise<void> {
    const trackers = this.#options.records.ofList(listId).filter((tracker) => !tracker.over);
    const [first] = trackers;
    if (first === undefined) {
      await this.#cancelEarlierList(listId);
      return;
    }
    await this.#cancelAnswered(trackers, listId, await this.#sendCancelList(listId, first.symbol));
  }

  #sendCancelList(listId: ClientOrderId, symbol: InstrumentId): Promise<Result<readonly OrderReport[]>> {
    const parameters = { symbol, listClientOrderId: listId };
    return this.#send('DELETE', '/api/v3/orderList', parameters, 0, (json) => this.#canceled(json));
  }

  /** A list that an earlier run entered: which symbol it is on, and what its orders are, only the venue knows. */
  async #cancelEarlierList(listId: ClientOrderId): Promise<void> {
    for (const symbol of this.#options.symbols) {
      const answer = await this.#sendCancelList(listId, symbol);
      if (answer.ok) {
        for (const report of answer.value) this.#options.records.take(report, 'answer');
        return;
      }
      const refusal = this.#refusalOf(answer.fault);
      if (isUnknown(answer.fault) || refusal.code !== 'order_unknown') {
        this.#rejectCancel(listId, refusal);
        return;
      }
    }
    this.#rejectCancel(listId, UNKNOWN);
  }

  async #cancelAnswered(
    trackers: readonly OrderTracker[],
    id: ClientOrderId,
    answer: Result<readonly OrderReport[]>,
  ): Promise<void> {
    const { outcomes, records } = this.#options;
    if (answer.ok) {
      for (const report of answer.value) records.take(report, 'answer');
      return;
    }
    if (!isUnknown(answer.fault)) {
      const refusal = this.#refusalOf(answer.fault);
      // The venue has no such open order: then it has ended, and its last reports are on their way or lost.
      if (refusal.code === 'order_unknown') for (const tracker of trackers) await outcomes.look(tracker, 'answer');
      this.#rejectCancel(id, refusal);
      return;
    }
    const found = await Promise.all(trackers.map((tracker) => outcomes.ofCancel(tracker)));
    if (found.includes('open')) this.#rejectCancel(id, NEVER_CANCELED);
  }

  async #replace(old: OrderTracker, request: OrderRequest, tracker: OrderTracker): Promise<void> {
    const { filters, rulesOf, config, outcomes, records } = this.#options;
    const checked = filters.check(request);
    if ('code' in checked) {
      this.#rejectCancel(old.clientOrderId, STAYS);
      this.#refuse(tracker, checked);
      return;
    }
    const { path, parameters } = replacementEntry(old, request, checked.rules, config.selfTradePrevention);
    const answer = await this.#send('POST', path, parameters, 1, (json) => {
      const halves = readObject(json, 'replacement');
      return [...this.#canceled(halves['cancelResponse']), readAnswer(halves['newOrderResponse'], rulesOf)];
    });
    if (answer.ok) {
      for (const report of answer.value) records.take(report, 'answer');
      return;
    }
    if (isUnknown(answer.fault)) {
      // Nothing is placed where the cancel fails: what became of the new order is asked first.
      await outcomes.ofOrder(tracker);
      if ((await outcomes.ofCancel(old)) === 'open') this.#rejectCancel(old.clientOrderId, NEVER_CANCELED);
    } else await this.#replaceRefused(old, tracker, answer.fault);
  }

  /** One half of a replacement failed, or both, or the whole was refused before either was tried. */
  async #replaceRefused(old: OrderTracker, tracker: OrderTracker, cause: Fault): Promise<void> {
    const { outcomes, records } = this.#options;
    const said = cause.details?.['venueData'];
    const halves = isObject(said) ? said : {};
    const why = this.#refusalOf(cause);
    if (halves['cancelResult'] === 'SUCCESS') {
      const read = this.#read(halves['cancelResponse'], (json) => this.#canceled(json));
      if (read.ok) for (const report of read.value) records.take(report, 'answer');
      else await outcomes.look(old, 'answer');
      this.#refuse(tracker, errorInside(halves['newOrderResponse']) ?? why);
      return;
    }
    if (halves['cancelResult'] === 'FAILURE') {
      const refusal = errorInside(halves['cancelResponse']) ?? why;
      if (refusal.code === 'order_unknown') await outcomes.look(old, 'answer');
      this.#rejectCancel(old.clientOrderId, refusal);
      this.#refuse(tracker, NOT_REPLACED);
      return;
    }
    this.#rejectCancel(old.clientOrderId, STAYS);
    this.#refuse(tracker, why);
  }

  /** The order to be canceled, where it may be open; else its cancel has been rejected. One that is not known is asked for. */
  async #openOrder(id: ClientOrderId): Promise<OrderTracker | null> {
    const tracker = this.#options.records.get(id) ?? (await this.#locate(id));
    if (tracker !== null && !tracker.over) return tracker;
    if (tracker !== null) this.#rejectCancel(id, UNKNOWN);
    return null;
  }

  async #locate(id: ClientOrderId): Promise<OrderTracker | null> {
    const { queries, records, symbols } = this.#options;
    for (const symbol of symbols) {
      const asked = await queries.order(symbol, { clientOrderId: id });
      if (!asked.ok) {
        this.#rejectCancel(id, refusalOfFault(asked.fault));
        return null;
      }
      if (asked.value !== null) return records.adopt(asked.value);
    }
    this.#rejectCancel(id, UNKNOWN);
    return null;
  }

  /** Sends a request that changes orders, once. An answer that can't be read leaves its outcome unknown. */
  async #send(
    method: 'POST' | 'DELETE',
    path: string,
    parameters: Parameters,
    orders: number,
    read: (json: unknown) => readonly OrderReport[],
  ): Promise<Result<readonly OrderReport[]>> {
    const { caller, logger } = this.#options;
    const weight = 1;
    const reply = await caller.call({
      method,
      path,
      parameters,
      security: 'signed',
      weight,
      orders,
      priority: 'orders',
    });
    if (!reply.ok) return reply;
    const answer = this.#read(reply.value.body, (body) => read(JSON.parse(String(body))));
    if (!answer.ok) logger.error('the answer to a request can not be read', { path, reason: answer.fault.message });
    return answer;
  }

  #read(from: unknown, read: (json: unknown) => readonly OrderReport[]): Result<readonly OrderReport[]> {
    try {
      return { ok: true, value: read(from) };
    } catch (thrown) {
      if (!(thrown instanceof Malformed) && !(thrown instanceof SyntaxError)) throw thrown;
      return { ok: false, fault: fault('venue_protocol', thrown.message, { retry: 'unknown_outcome', cause: thrown }) };
    }
  }

  #listed(json: unknown): readonly OrderReport[] {
    const reports = readArray(readObject(json, 'list')['orderReports'], 'orderReports');
    return reports.map((each) => readAnswer(each, this.#options.rulesOf));
  }

  /** The answer to a cancel: of one order, or of the whole list that it belonged to. */
  #canceled(json: unknown): readonly OrderReport[] {
    const answer = readObject(json, 'cancel');
    return answer['orderReports'] === undefined ? [readAnswer(answer, this.#options.rulesOf)] : this.#listed(answer);
  }

  #refusalOf(cause: Fault): Refusal {
    const refusal = refusalOfFault(cause);
    if (refusal.code.startsWith('filter_')) this.#options.filters.doubted();
    return refusal;
  }

  #later(task: () => void): void {
    queueMicrotask(task);
  }

  #refuse(tracker: OrderTracker, refusal: Refusal): void {
    this.#options.records.refuse(tracker, refusal, this.#options.nowUs());
  }

  /** Of an id that names another order already; that one stays as it is. */
  #reject(clientOrderId: ClientOrderId, { code, reason }: Refusal): void {
    this.#options.tell([{ kind: 'order-rejected', clientOrderId, code, reason, tsEventUs: this.#options.nowUs() }]);
  }

  #rejectCancel(clientOrderId: ClientOrderId, { code, reason }: Refusal): void {
    this.#options.tell([{ kind: 'cancel-rejected', clientOrderId, code, reason, tsEventUs: this.#options.nowUs() }]);
  }
}
