import { accountId, fillId, invariant, isFinal, quantity, timestampUs, venueOrderId } from '@monsta/core';
import type {
  Amount,
  Balance,
  ClientOrderId,
  Fill,
  Instrument,
  MarketEvent,
  OrderRequest,
  TimestampUs,
  VenueOrder,
  VenueOrderEvent,
} from '@monsta/core';
import type { FeeRates } from '../exchange/account.ts';
import type { ExchangeFault } from '../exchange/exchange-faults.ts';
import type { ExecutionReport } from '../exchange/execution-report.ts';
import { isFinalAtExchange, type NewOrder } from '../exchange/vocabulary.ts';
import { FeedExchange, type FeedSnapshot } from './feed-exchange.ts';
import type { FeedCommand, FeedMessage } from './feed-messages.ts';
import type { FillRules } from './fill-rules.ts';
import { HeldOrders, venueOrderOf, type HeldOrder } from './held-orders.ts';
import { rulesOfInstrument } from './instrument-rules.ts';
import type { LatencyModel } from './latency.ts';

/** The one account; nobody outside sees its name. */
const OWNER = accountId('owner');

export interface FeedAccountOptions {
  readonly rules: FillRules;
  readonly latency?: LatencyModel;
  readonly fees: FeeRates;
  /** Of a new account; one that goes on keeps what it has. */
  readonly feesFrom: 'received' | 'quote';
  readonly balances: readonly { readonly asset: Balance['asset']; readonly free: Amount }[];
}

/** All that an account remembers. */
export interface FeedAccountState {
  readonly feed: FeedSnapshot;
  readonly orders: readonly HeldOrder[];
}

/**
 * One account at an exchange that fills from a feed, in the words of the port `ExecutionVenue` and synchronous: each call answers the events that it has brought about. For
 * paper trading, which writes them down before it tells them, and for backtests.
 */
export class FeedAccount {
  readonly #exchange: FeedExchange;
  readonly #orders = new HeldOrders();
  /** Requests that were sent and not answered yet. */
  readonly #sent = new Map<ClientOrderId, OrderRequest>();
  #events: VenueOrderEvent[] = [];

  constructor(options: FeedAccountOptions, from: FeedAccountState | null = null) {
    const { rules, latency, fees, feesFrom, balances } = options;
    this.#exchange = new FeedExchange(
      {
        symbols: [],
        rules,
        ...(latency === undefined ? {} : { latency }),
        accounts: from === null ? [{ id: OWNER, fees, feesFrom, balances }] : [],
        hear: (message, heardUs) => this.#hear(message, timestampUs(heardUs)),
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
    if (this.#orders.get(clientOrderId) !== null || this.#sent.has(clientOrderId)) {
      const tsEventUs = timestampUs(Math.max(createdUs, this.#exchange.nowUs));
      const reason = '-2010 Duplicate order sent.';
      return [{ kind: 'order-rejected', clientOrderId, code: 'duplicate_order', reason, tsEventUs }];
    }
    this.#sent.set(clientOrderId, request);
    this.#exchange.send({ kind: 'place', order: newOrderOf(request) }, Math.max(createdUs, this.#exchange.nowUs));
    return this.#told();
  }

  /** Cancels an order; `order_unknown` where none of that id is open or on its way. */
  cancel(clientOrderId: ClientOrderId, atUs: TimestampUs): readonly VenueOrderEvent[] {
    const sentUs = Math.max(atUs, this.#exchange.nowUs);
    const held = this.#orders.get(clientOrderId);
    const request = held === null ? this.#sent.get(clientOrderId) : isFinal(held.status) ? undefined : held.request;
    if (request === undefined) {
      const reason = '-2011 Unknown order sent.';
      return [
        { kind: 'cancel-rejected', clientOrderId, code: 'order_unknown', reason, tsEventUs: timestampUs(sentUs) },
      ];
    }
    const named = { account: OWNER, symbol: request.instrument, orderId: null, clientOrderId };
    this.#exchange.send({ kind: 'cancel', cancel: { ...named, newClientOrderId: null, restriction: null } }, sentUs);
    return this.#told();
  }

  /** Takes market data, and lets what is due take effect. */
  observe(event: MarketEvent): readonly VenueOrderEvent[] {
    this.#exchange.observe(event);
    return this.#events.length === 0 ? NOTHING : this.#told();
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

  balances(): readonly Balance[] {
    return this.#exchange.exchange.positions(OWNER);
  }

  state(): FeedAccountState {
    return { feed: this.#exchange.snapshot(), orders: [...this.#orders.all()] };
  }

  /** What the exchange remembers; for those who write down only what has changed, with `takeTouched`. */
  snapshot(): FeedSnapshot {
    return this.#exchange.snapshot();
  }

  /** The orders that were written or forgotten (null) since the last call. */
  takeTouched(): ReadonlyMap<ClientOrderId, HeldOrder | null> {
    return new Map([...this.#orders.takeTouched()].map((id) => [id, this.#orders.get(id)]));
  }

  #told(): readonly VenueOrderEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #hear(message: FeedMessage, heardUs: TimestampUs): void {
    if (message.kind === 'report') this.#report(message.report, heardUs);
    else if (message.kind === 'refused') this.#refused(message.command, message.fault, heardUs);
  }

  #refused(command: FeedCommand, fault: ExchangeFault, tsEventUs: TimestampUs): void {
    // The port's word for a symbol that is not there.
    const code = fault.code === 'symbol_unknown' ? 'instrument_unknown' : fault.code;
    const reason = `${fault.number} ${fault.message}`;
    if (command.kind === 'cancel') {
      const clientOrderId = command.cancel.clientOrderId as ClientOrderId;
      this.#events.push({ kind: 'cancel-rejected', clientOrderId, code, reason, tsEventUs });
      return;
    }
    invariant(command.kind === 'place', 'only single orders are sent from here');
    const request = this.#sentAs(command.order.clientOrderId as ClientOrderId);
    const { clientOrderId } = request;
    this.#orders.put({ request, venueOrderId: null, status: 'rejected', filled: quantity(0), fills: [] });
    this.#events.push({ kind: 'order-rejected', clientOrderId, code, reason, tsEventUs });
  }

  #report(report: ExecutionReport, tsEventUs: TimestampUs): void {
    const { executionType, execution, originalClientOrderId } = report;
    // A cancel's report carries the id of the cancel itself.
    const clientOrderId = (
      originalClientOrderId === '' ? report.clientOrderId : originalClientOrderId
    ) as ClientOrderId;
    if (executionType === 'NEW') {
      const id = venueOrderId(String(report.orderId));
      const request = this.#sentAs(clientOrderId);
      this.#orders.put({ request, venueOrderId: id, status: 'accepted', filled: quantity(0), fills: [] });
      this.#events.push({ kind: 'order-accepted', clientOrderId, venueOrderId: id, tsEventUs });
      return;
    }
    const held = this.#orders.get(clientOrderId);
    invariant(held !== null, `the exchange reports ${clientOrderId}, which nobody sent`);
    if (execution !== null) this.#filled(held, report, tsEventUs);
    if (!isFinalAtExchange(report.status) || report.status === 'FILLED') return;
    const status = report.status === 'CANCELED' ? 'canceled' : 'expired';
    this.#orders.put({ ...(this.#orders.get(clientOrderId) ?? held), status });
    this.#events.push({ kind: `order-${status}`, clientOrderId, reason: endingOf(report), tsEventUs });
  }

  #filled(held: HeldOrder, report: ExecutionReport, tsEventUs: TimestampUs): void {
    const { execution } = report;
    const { request } = held;
    invariant(execution !== null && held.venueOrderId !== null, 'only an accepted order is filled');
    const fill: Fill = {
      fillId: fillId(String(execution.tradeId)),
      clientOrderId: request.clientOrderId,
      venueOrderId: held.venueOrderId,
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
    const status = report.status === 'FILLED' ? 'filled' : 'partially_filled';
    this.#orders.put({ ...held, status, filled: report.cumulativeQuantity, fills: [...held.fills, fill] });
    this.#events.push({ kind: 'order-filled', fill, tsEventUs });
  }

  #sentAs(id: ClientOrderId): OrderRequest {
    const request = this.#sent.get(id);
    invariant(request !== undefined, `the exchange answers ${id}, which nobody sent`);
    this.#sent.delete(id);
    return request;
  }
}

const NOTHING: readonly VenueOrderEvent[] = [];

function newOrderOf({
  clientOrderId,
  instrument,
  side,
  type,
  timeInForce,
  quantity: size,
  limitPrice,
}: OrderRequest): NewOrder {
  return {
    account: OWNER,
    symbol: instrument,
    side,
    type: type === 'market' ? 'MARKET' : 'LIMIT',
    timeInForce: type === 'market' ? null : timeInForce,
    quantity: size,
    quoteOrderQuantity: null,
    price: limitPrice,
    stopPrice: null,
    trailingDelta: null,
    icebergQuantity: null,
    clientOrderId,
    selfTradeMode: null,
    strategyId: null,
    strategyType: null,
  };
}

function endingOf({ status, executionType, type, timeInForce }: ExecutionReport): string {
  if (status === 'CANCELED') return 'canceled on request';
  if (executionType === 'TRADE_PREVENTION' || status === 'EXPIRED_IN_MATCH') {
    return 'it would have traded with another order of the same account';
  }
  return type === 'MARKET' ? 'nothing more is offered' : `${timeInForce.toUpperCase()}: no more at this price`;
}
