import { accountId, fillId, invariant, InvariantError, isFinal, timestampUs, venueOrderId } from '@monsta/core';
import type {
  Amount,
  Balance,
  Bar,
  ClientOrderId,
  Fill,
  ForeignFill,
  Instrument,
  InstrumentId,
  MarketEvent,
  OrderListRequest,
  OrderRequest,
  Price,
  TimestampUs,
  VenueOrder,
  VenueOrderEvent,
} from '@monsta/core';
import type { AccountOptions, FeeRates } from '../exchange/account.ts';
import type { CommissionTerms } from '../exchange/commission-terms.ts';
import type { ExchangeFault } from '../exchange/exchange-faults.ts';
import type { MarginTerms } from '../exchange/margin.ts';
import { isFinalAtExchange, type NewOrderList, type OrderTerms } from '../exchange/vocabulary.ts';
import { endingOf, isTrigger, newListOf, newOrderOf } from './exchange-words.ts';
import type { Reach } from './bar-fills.ts';
import type { FeedMoment, FeedSnapshot } from './feed-exchange-state.ts';
import { FeedExchange } from './feed-exchange.ts';
import type { FeedCommand, FeedMessage, HeardReport } from './feed-messages.ts';
import type { FillRules } from './fill-rules.ts';
import { HeldOrders, venueOrderOf, type HeldOrder } from './held-orders.ts';
import { rulesOfInstrument } from './instrument-rules.ts';
import type { LatencyModel } from './latency.ts';

const ENDED_ORDERS_KEPT = 1_000;

/** The one account; nobody outside sees its name. */
const OWNER = accountId('owner');

export interface FeedAccountOptions {
  /** What is traded from the beginning, of a new account; more may come by `useInstruments`. */
  readonly instruments?: readonly Instrument[];
  readonly rules: FillRules;
  readonly latency?: LatencyModel;
  readonly fees: FeeRates;
  /** Of a new account; one that goes on keeps what it has. */
  readonly feesFrom: 'received' | 'quote';
  /** Whether leaving a position costs a fee too, or `entry` alone does; `both` unless given. Of a new account. */
  readonly feesOn?: AccountOptions['feesOn'];
  /** Lets it sell what it has not got; see `Margin`. Null, or left out: it sells only what it has. */
  readonly margin?: MarginTerms | null;
  /** What an order costs beside the rates of its fills, in the quote asset; null, or left out: nothing. Of a new account. */
  readonly commission?: CommissionTerms | null;
  readonly balances: readonly { readonly asset: Balance['asset']; readonly free: Amount }[];
  /** How many orders that have ended can still be asked for, and are refused when they are sent again; 1,000 unless given. */
  readonly endedOrdersKept?: number;
}

/** Hears what has happened so far. */
export type Answering = (events: readonly VenueOrderEvent[]) => void;

/** All that an account remembers. */
export interface FeedAccountState {
  readonly feed: FeedSnapshot;
  readonly orders: readonly HeldOrder[];
}

/** What is under way between two events. */
export interface FeedAccountMoment {
  readonly feed: FeedMoment;
  readonly sent: readonly OrderRequest[];
}

/**
 * One account at an exchange that fills from a feed, in the words of the port `ExecutionVenue` and synchronous: each call answers the events that it has brought about. For
 * paper trading, which writes them down before it tells them, and for backtests.
 */
export class FeedAccount {
  readonly #exchange: FeedExchange;
  readonly #orders: HeldOrders;
  /** What is to be told; the first `#eventCount` are meant. */
  readonly #events: VenueOrderEvent[] = [];
  #eventCount = 0;
  #within: Answering | null = null;

  constructor(options: FeedAccountOptions, from: FeedAccountState | null = null) {
    const { rules, latency, fees, feesFrom, feesOn = 'both', margin = null, commission = null, balances } = options;
    const { instruments = [], endedOrdersKept = ENDED_ORDERS_KEPT } = options;
    this.#orders = new HeldOrders(endedOrdersKept);
    this.#exchange = new FeedExchange(
      {
        symbols: from === null ? instruments.map(rulesOfInstrument) : [],
        rules,
        ...(latency === undefined ? {} : { latency }),
        accounts: from === null ? [{ id: OWNER, fees, feesFrom, feesOn, margin, commission, balances }] : [],
        hear: (message, heardUs) => this.#hear(message, timestampUs(heardUs)),
        answer: () => {
          if (this.#eventCount > 0) this.#within?.(this.#told());
        },
        tellsOnlyOrders: true,
      },
      from?.feed ?? null,
    );
    if (from !== null) this.#orders.restore(from.orders);
    if (from !== null && this.feesMayChange()) this.#exchange.exchange.setFees(OWNER, fees);
  }

  /** False while open buys have locked their fees at the rates that they were placed at. */
  feesMayChange(): boolean {
    const feesFrom = this.#exchange.exchange.accountOptions(OWNER)?.feesFrom;
    return feesFrom !== 'quote' || this.#orders.open().every(({ request }) => request.side === 'sell');
  }

  /** True while an order on an instrument follows its price. */
  trails(instrument: InstrumentId): boolean {
    return this.#orders.open().some(({ request }) => request.trailingBps !== null && request.instrument === instrument);
  }

  /** The rates in force. */
  fees(): FeeRates {
    const options = this.#exchange.exchange.accountOptions(OWNER);
    invariant(options !== null, 'the account is open');
    return options.fees;
  }

  /** The instruments as they are now; see `FeedExchange.useSymbols` for orders whose steps have changed. */
  useInstruments(instruments: readonly Instrument[]): readonly VenueOrderEvent[] {
    this.#exchange.useSymbols(instruments.map(rulesOfInstrument));
    return this.#told();
  }

  /** Takes an order. An id seen before is refused with `duplicate_order` and changes nothing. */
  submit(request: OrderRequest): readonly VenueOrderEvent[] {
    const { clientOrderId, createdUs } = request;
    const sentUs = this.#atLeastNow(createdUs);
    if (this.#orders.has(clientOrderId)) return [refused(clientOrderId, 'duplicate_order', DUPLICATE, sentUs)];
    this.#orders.send(request);
    this.#exchange.send({ kind: 'place', order: newOrderOf(OWNER, request) }, sentUs);
    return this.#told();
  }

  /**
   * Takes a list; all of its orders are accepted, or all are refused. An order whose id was seen before is refused with `duplicate_order`, the others of its list with
   * `list_refused`; so are all of a list whose id was seen before, or that has not the orders of its kind.
   */
  submitList(request: OrderListRequest): readonly VenueOrderEvent[] {
    const { orders, listId } = request;
    let sentUs = this.#atLeastNow(timestampUs(0));
    for (const { createdUs } of orders) if (createdUs > sentUs) sentUs = createdUs;
    const list = newListOf(OWNER, request);
    if (list === null || this.#orders.ofList(listId).length > 0 || orders.some((order) => this.#isTwice(order, orders)))
      return this.#refuseList(orders, sentUs);
    for (const order of orders) this.#orders.send(order);
    this.#exchange.send({ kind: 'place-list', list }, sentUs);
    return this.#told();
  }

  /** True where the id of an order of a list was seen before, in the list itself as well. */
  #isTwice({ clientOrderId }: OrderRequest, orders: readonly OrderRequest[]): boolean {
    if (this.#orders.has(clientOrderId)) return true;
    let times = 0;
    for (const order of orders) if (order.clientOrderId === clientOrderId) times += 1;
    return times > 1;
  }

  #refuseList(orders: readonly OrderRequest[], sentUs: TimestampUs): readonly VenueOrderEvent[] {
    const twice = orders.filter((order) => this.#isTwice(order, orders));
    return orders.map((order) =>
      twice.includes(order)
        ? refused(order.clientOrderId, 'duplicate_order', DUPLICATE, sentUs)
        : this.#refuse(order, 'list_refused', 'the list as a whole can not be placed', sentUs),
    );
  }

  /** Cancels an order; `order_unknown` where none of that id is open or on its way. One of a list takes the list with it. */
  cancel(clientOrderId: ClientOrderId, atUs: TimestampUs): readonly VenueOrderEvent[] {
    const sentUs = this.#atLeastNow(atUs);
    const request = this.#cancelable(clientOrderId);
    if (request === null) return [notCanceled(clientOrderId, sentUs)];
    const named = { account: OWNER, symbol: request.instrument, orderId: null, clientOrderId };
    this.#exchange.send({ kind: 'cancel', cancel: { ...named, newClientOrderId: null, restriction: null } }, sentUs);
    return this.#told();
  }

  /** Cancels a list with its open orders; the cancel of the list's id is rejected as `order_unknown` where none of them is open or on its way. */
  cancelList(listId: ClientOrderId, atUs: TimestampUs): readonly VenueOrderEvent[] {
    const sentUs = this.#atLeastNow(atUs);
    const open = this.#orders.ofList(listId).find(({ clientOrderId }) => this.#cancelable(clientOrderId) !== null);
    if (open === undefined) return [notCanceled(listId, sentUs)];
    const list = { account: OWNER, symbol: open.instrument, orderListId: null, listClientOrderId: listId };
    this.#exchange.send({ kind: 'cancel-list', list, newClientOrderId: null }, sentUs);
    return this.#told();
  }

  /** Cancels an order and, only if that succeeds, places another on the same instrument; see the port for what is told where one of the halves is refused. */
  replace(clientOrderId: ClientOrderId, request: OrderRequest): readonly VenueOrderEvent[] {
    const sentUs = this.#atLeastNow(request.createdUs);
    const before = this.#cancelable(clientOrderId);
    if (this.#orders.has(request.clientOrderId)) {
      const kept = before === null ? notCanceled(clientOrderId, sentUs) : stays(clientOrderId, sentUs);
      return [kept, refused(request.clientOrderId, 'duplicate_order', DUPLICATE, sentUs)];
    }
    if (before === null || before.instrument !== request.instrument) {
      const why =
        before === null ? 'no order to be replaced is open' : 'the order to be replaced is of another instrument';
      const kept = before === null ? notCanceled(clientOrderId, sentUs) : stays(clientOrderId, sentUs);
      return [kept, this.#refuse(request, 'not_replaced', why, sentUs)];
    }
    this.#orders.send(request);
    const named = { account: OWNER, symbol: request.instrument, orderId: null, clientOrderId };
    const cancel = { ...named, newClientOrderId: null, restriction: 'ONLY_NEW' } as const;
    const replace = { mode: 'STOP_ON_FAILURE', cancel, order: newOrderOf(OWNER, request) } as const;
    this.#exchange.send({ kind: 'cancel-replace', replace }, sentUs);
    return this.#told();
  }

  /**
   * Takes market data, and lets what is due take effect. `within`: hears what has happened in the middle of a bar, and may call the account then; what is told there is not told again.
   */
  observe(event: MarketEvent, within: Answering | null = null): readonly VenueOrderEvent[] {
    this.#within = within;
    this.#exchange.observe(event);
    this.#within = null;
    return this.#told();
  }

  /** Between which prices bars have nothing to do with any order; see `FeedExchange.reach`. */
  reach(instrument: InstrumentId): Reach | null {
    return this.#exchange.reach(instrument);
  }

  /** `observe` of bars that are out of reach, by the close of the last of them alone. */
  letBy(instrument: InstrumentId, close: number, closeTimeUs: number): void {
    this.#exchange.letBy(instrument, close, closeTimeUs);
  }

  /** Shows the open of a bar that is observed whole afterwards; see `FeedExchange.showOpen`. */
  showOpen(bar: Bar): readonly VenueOrderEvent[] {
    this.#exchange.showOpen(bar);
    return this.#told();
  }

  /** See `FeedExchange.showClose`. */
  showClose(bar: Bar): readonly VenueOrderEvent[] {
    this.#exchange.showClose(bar);
    return this.#told();
  }

  leaveClose(instrument: InstrumentId): void {
    this.#exchange.leaveClose(instrument);
  }

  /** See `FeedExchange.endData`. */
  endData(prices: ReadonlyMap<InstrumentId, Price> | null): readonly VenueOrderEvent[] {
    this.#exchange.endData(prices);
    return this.#told();
  }

  order(id: ClientOrderId): VenueOrder | null {
    return venueOrderOf(this.#orders.get(id));
  }

  /** Oldest first. */
  openOrders(): readonly VenueOrder[] {
    return this.#orders.open().flatMap((held) => venueOrderOf(held) ?? []);
  }

  fillsOf(id: ClientOrderId): readonly Fill[] {
    return this.#orders.get(id)?.fills ?? [];
  }

  /** Fills on an instrument from a time on, oldest first, as far as the orders that had them are still known. */
  fillsSince(instrument: InstrumentId, fromUs: TimestampUs): readonly ForeignFill[] {
    return [...this.#orders.all()]
      .flatMap(({ fills }) => fills)
      .filter((fill) => fill.instrument === instrument && fill.tsEventUs >= fromUs)
      .sort((left, right) => Number(left.fillId) - Number(right.fillId))
      .map(({ strategyId: _ours, ...fill }) => fill);
  }

  balances(): readonly Balance[] {
    return this.#exchange.exchange.positions(OWNER);
  }

  state(): FeedAccountState {
    return { feed: this.#exchange.snapshot(), orders: this.#orders.answered() };
  }

  /** What `state` leaves out: see `FeedExchange.moment`. */
  moment(): FeedAccountMoment {
    return { feed: this.#exchange.moment(), sent: this.#orders.sent() };
  }

  /** Goes on where another account of the same state was. */
  goOn({ feed, sent }: FeedAccountMoment): void {
    this.#exchange.goOn(feed);
    for (const request of sent) this.#orders.send(request);
  }

  /** What the exchange remembers; for those who write down only what has changed, with `takeTouched`. */
  snapshot(): FeedSnapshot {
    return this.#exchange.snapshot();
  }

  /** The orders that were written or forgotten (null) since the last call; the first call begins it. */
  takeTouched(): ReadonlyMap<ClientOrderId, HeldOrder | null> {
    return this.#orders.takeTouched();
  }

  #told(): readonly VenueOrderEvent[] {
    if (this.#eventCount === 0) return NOTHING;
    const events = this.#events.slice(0, this.#eventCount);
    this.#eventCount = 0;
    return events;
  }

  #tell(event: VenueOrderEvent): void {
    this.#events[this.#eventCount] = event;
    this.#eventCount += 1;
  }

  #hear(message: FeedMessage, heardUs: TimestampUs): void {
    if (message.kind === 'report') this.#report(message.report, heardUs);
    else if (message.kind === 'refused') this.#refused(message.command, message.fault, heardUs);
  }

  #refused(command: FeedCommand, fault: ExchangeFault, tsEventUs: TimestampUs): void {
    const { number, message } = fault;
    const code = WORDS.get(fault.code) ?? fault.code;
    const reason = `${number} ${message}`;
    switch (command.kind) {
      case 'place':
        this.#refuseSent(command.order.clientOrderId, code, reason, tsEventUs);
        return;
      case 'place-list':
        for (const { clientOrderId } of listOrders(command.list))
          this.#refuseSent(clientOrderId, code, reason, tsEventUs);
        return;
      case 'cancel':
      case 'cancel-list': {
        const id = command.kind === 'cancel' ? command.cancel.clientOrderId : command.list.listClientOrderId;
        this.#tell({ kind: 'cancel-rejected', clientOrderId: id as ClientOrderId, code, reason, tsEventUs });
        return;
      }
      case 'cancel-replace':
      case 'cancel-all':
      case 'amend':
        invariant(
          false,
          `the halves of a replacement are refused each by itself, and nobody sends ${command.kind} from here`,
        );
    }
  }

  #refuseSent(id: string | null, code: string, reason: string, tsEventUs: TimestampUs): void {
    const held = this.#reported(id as ClientOrderId);
    this.#orders.end(held, 'rejected');
    this.#tell(refused(held.request.clientOrderId, code, reason, tsEventUs));
  }

  /** Remembers an order that was refused before it was sent, so that its id names no other. */
  #refuse(request: OrderRequest, code: string, reason: string, tsEventUs: TimestampUs): VenueOrderEvent {
    this.#orders.end(this.#orders.send(request), 'rejected');
    return refused(request.clientOrderId, code, reason, tsEventUs);
  }

  #report(report: HeardReport, tsEventUs: TimestampUs): void {
    const { executionType, execution, originalClientOrderId, status } = report;
    // A cancel's report carries the id of the cancel itself.
    const id = originalClientOrderId === '' ? report.clientOrderId : originalClientOrderId;
    const held = this.#reported(id as ClientOrderId);
    if (held.status === 'pending_submit') {
      // The second half of a replacement that failed after the first is rejected: its refusal tells why.
      if (executionType === 'NEW') this.#accepted(held, report, tsEventUs);
      return;
    }
    const { clientOrderId } = held.request;
    if (isTrigger(report, held.request)) this.#tell({ kind: 'order-triggered', clientOrderId, tsEventUs });
    if (execution !== null) this.#filled(held, report, execution, tsEventUs);
    if (!isFinalAtExchange(status)) return;
    // It was made smaller as it came, or as it was triggered.
    const cut = status === 'FILLED' && report.executed < held.request.quantity;
    if (status === 'FILLED' && !cut) return;
    const ended = status === 'CANCELED' ? 'canceled' : 'expired';
    this.#orders.end(held, ended);
    const reason = cut ? 'the account does not pay for more of it' : endingOf(report);
    this.#tell({ kind: `order-${ended}`, clientOrderId, reason, tsEventUs });
  }

  #accepted(held: HeldOrder, report: HeardReport, tsEventUs: TimestampUs): void {
    const id = venueOrderId(String(report.orderId));
    this.#orders.accept(held, id);
    this.#tell({ kind: 'order-accepted', clientOrderId: held.request.clientOrderId, venueOrderId: id, tsEventUs });
  }

  #filled(
    held: HeldOrder,
    report: HeardReport,
    execution: NonNullable<HeardReport['execution']>,
    tsEventUs: TimestampUs,
  ): void {
    const { request, venueOrderId: id } = held;
    invariant(id !== null, 'only an accepted order is filled');
    const fill: Fill = {
      fillId: fillId(String(execution.tradeId)),
      clientOrderId: request.clientOrderId,
      venueOrderId: id,
      strategyId: request.strategyId,
      instrument: request.instrument,
      side: request.side,
      price: execution.price,
      quantity: execution.quantity,
      fee: execution.commission,
      feeAsset: execution.commissionAsset,
      liquidity: execution.isMaker ? 'maker' : 'taker',
      tsEventUs: timestampUs(report.timeUs),
    };
    this.#orders.fill(held, fill, report.executed);
    this.#tell({ kind: 'order-filled', fill, tsEventUs });
  }

  #atLeastNow(timeUs: TimestampUs): TimestampUs {
    const { nowUs } = this.#exchange;
    return nowUs > timeUs ? timestampUs(nowUs) : timeUs;
  }

  /** An order that is open or on its way; null where there is none of that id. */
  #cancelable(id: ClientOrderId): OrderRequest | null {
    const held = this.#orders.get(id);
    return held === undefined || isFinal(held.status) ? null : held.request;
  }

  /** The order that the exchange tells of. */
  #reported(id: ClientOrderId): HeldOrder {
    const held = this.#orders.get(id);
    if (held === undefined) throw new InvariantError(`the exchange tells of ${id}, which nobody sent`);
    return held;
  }
}

const NOTHING: readonly VenueOrderEvent[] = [];

const DUPLICATE = '-2010 Duplicate order sent.';

/** The port's words for what the exchange names in its own. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['symbol_unknown', 'instrument_unknown'],
  ['cancel_replace_failed', 'not_replaced'],
]);

const refused = (
  clientOrderId: ClientOrderId,
  code: string,
  reason: string,
  tsEventUs: TimestampUs,
): VenueOrderEvent => ({
  kind: 'order-rejected',
  clientOrderId,
  code,
  reason,
  tsEventUs,
});

const notCanceled = (clientOrderId: ClientOrderId, tsEventUs: TimestampUs): VenueOrderEvent => ({
  kind: 'cancel-rejected',
  clientOrderId,
  code: 'order_unknown',
  reason: '-2011 Unknown order sent.',
  tsEventUs,
});

const stays = (clientOrderId: ClientOrderId, tsEventUs: TimestampUs): VenueOrderEvent => ({
  kind: 'cancel-rejected',
  clientOrderId,
  code: 'not_replaced',
  reason: 'the order that should replace it was refused',
  tsEventUs,
});

const listOrders = (list: NewOrderList): readonly OrderTerms[] => {
  switch (list.kind) {
    case 'OCO':
      return [list.above, list.below];
    case 'OTO':
      return [list.working, list.pending];
    case 'OTOCO':
      return [list.working, list.above, list.below];
  }
};
