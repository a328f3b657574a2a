import {
  accountId,
  baseAmount,
  instrumentId,
  notional,
  quantity,
  type AccountId,
  type Amount,
  type Quantity,
} from '@monsta/core';
import type { Exchange, OrderReference, OrderView } from '@monsta/matching';
import type { TradingModel } from '../exchange-model.ts';
import type { Strike } from './fault-injector.ts';
import type { Fault } from './fault-plan.ts';
import type { OrderClue } from './order-clue.ts';

/** The account that trades with orders at awkward moments. It is nobody's: it pays no fees and takes no part otherwise. */
const COUNTERPARTY = accountId('fault-counterparty');

/** Orders sent to reach one: what stands before it in the queue is taken first. */
const ATTEMPTS_MAX = 20;

/** Levels of the book that are looked at for what stands before an order. */
const DEPTH_LEVELS = 5_000;

type Fill = Extract<Fault, { readonly kind: 'fill' }>;

/** Lets orders trade when a fault plan says so, through the real book: what stands before them there trades first. */
export class AwkwardFills {
  readonly #trading: TradingModel | null;
  readonly #nowUs: () => number;
  readonly #accountOf: (apiKey: string) => AccountId | null;

  constructor(trading: TradingModel | null, nowUs: () => number, accountOf: (apiKey: string) => AccountId | null) {
    this.#trading = trading;
    this.#accountOf = accountOf;
    this.#nowUs = nowUs;
  }

  /** Fills the order that the clue names, and says in the strike's record what came of it. */
  fill({ fault, record }: Strike<Fill>, clue: OrderClue | null): void {
    record.note = this.#fill(fault.percent, clue);
  }

  #fill(percent: number, clue: OrderClue | null): string {
    if (this.#trading === null) return 'not applicable: nothing is traded here';
    if (clue === null) return 'not applicable: it names no order';
    this.#trading.advance();
    const { exchange } = this.#trading;
    const account = clue.apiKey === null ? null : this.#accountOf(clue.apiKey);
    const orders = ordersMeant(exchange, clue, account);
    if (typeof orders === 'string') return `not applicable: ${orders}`;
    const [reference] = orders;
    if (reference === undefined) return 'not applicable: there is no such open order';
    if (orders.length > 1) return 'not applicable: several accounts have an order of that name';
    const order = exchange.order(reference);
    if (order === null || !order.isWorking) return 'not applicable: the order is not on the book';
    const left = remainingOf(order);
    const wanted = Math.max(1, Number((BigInt(left) * BigInt(percent)) / 100n));
    const { orderId } = order;
    const { traded, problem } = this.#trade(exchange, reference, left, wanted);
    const outcome = `order ${orderId} traded ${traded} of ${left} lots`;
    if (problem === null) return outcome;
    return traded > 0 ? `${outcome}; ${problem}` : `not applicable: ${problem}`;
  }

  /** Takes from the book at the order's price until `wanted` lots of the order have traded. `problem`: why it came to less. */
  #trade(exchange: Exchange, reference: OrderReference, left: number, wanted: number): Traded {
    let traded = 0;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const order = exchange.order(reference);
      // Gone from the open orders: nobody else has acted meanwhile, so it is filled.
      if (order === null) return { traded: left, problem: null };
      traded = left - remainingOf(order);
      if (traded >= wanted) return { traded, problem: null };
      const size = wanted - traded + surelyAhead(exchange, order);
      const placed = this.#take(exchange, order, quantity(size));
      if (placed !== null) return { traded, problem: `the exchange refused the counterparty: ${placed}` };
    }
    return { traded, problem: 'too much stood before it in the queue' };
  }

  /** One order of the counterparty against the book, up to the order's price. Null, or why the exchange refused it. */
  #take(exchange: Exchange, { symbol, side, price }: OrderView, size: Quantity): string | null {
    const rules = exchange.rules(symbol);
    if (rules === null) return 'the symbol is unknown';
    const timeUs = this.#nowUs();
    const sells = side === 'buy';
    const asset = sells ? rules.base : rules.quote;
    const need = sells ? baseAmount(size, rules) : notional(price, size, rules);
    if (!exchange.accounts().includes(COUNTERPARTY))
      exchange.addAccount(COUNTERPARTY, { balances: [], fees: { makerPpm: 0, takerPpm: 0 } });
    const free = exchange.positions(COUNTERPARTY).find((position) => position.asset === asset)?.free ?? 0n;
    if (free < need) exchange.deposit(COUNTERPARTY, asset, (need - free) as Amount, timeUs);
    const placed = exchange.place(
      {
        account: COUNTERPARTY,
        symbol,
        side: sells ? 'sell' : 'buy',
        type: 'LIMIT',
        timeInForce: 'ioc',
        quantity: size,
        quoteOrderQuantity: null,
        price,
        stopPrice: null,
        trailingDelta: null,
        icebergQuantity: null,
        clientOrderId: null,
        selfTradeMode: null,
        strategyId: null,
        strategyType: null,
      },
      timeUs,
    );
    return placed.ok ? null : placed.fault.message;
  }
}

interface Traded {
  readonly traded: number;
  readonly problem: string | null;
}

const remainingOf = ({ quantity: whole, executed, prevented }: OrderView): number => whole - executed - prevented;

/** True where `other` was in the book of its price before `order` was; an iceberg may have gone to the end since. */
const isEarlier = (other: OrderView, order: OrderView): boolean =>
  other.icebergQuantity === 0 &&
  (other.workingUs < order.workingUs ||
    (other.workingUs === order.workingUs && other.orderId < order.orderId && other.createdUs === other.workingUs));

/** Lots that trade before the order does, at the least: what is shown at better prices, and the orders that came earlier at its own. */
function surelyAhead(exchange: Exchange, order: OrderView): number {
  const { symbol, side, price } = order;
  const book = exchange.depth(symbol, DEPTH_LEVELS);
  const levels = (side === 'buy' ? book?.bids : book?.asks) ?? [];
  const better = levels.filter(([at]) => (side === 'buy' ? at > price : at < price));
  const same = exchange
    .accounts()
    .flatMap((account) => exchange.openOrders(account, symbol))
    .filter((other) => other.isWorking && other.side === side && other.price === price && isEarlier(other, order));
  return better.reduce((sum, [, shown]) => sum + shown, 0) + same.reduce((sum, other) => sum + remainingOf(other), 0);
}

/**
 * The open orders that a clue can mean, or why it means none. Ids are of one order, names may be used by several accounts; where the clue names no order, the caller's oldest one
 * in the book is meant.
 */
function ordersMeant(
  exchange: Exchange,
  { symbol, orderId, clientOrderId }: OrderClue,
  account: AccountId | null,
): readonly OrderReference[] | string {
  const instrument = symbol === null ? null : instrumentId(symbol);
  if (orderId === null && clientOrderId === null) {
    if (account === null) return 'it names no order';
    const oldest = exchange.openOrders(account, instrument).find(({ isWorking }) => isWorking);
    if (oldest === undefined) return 'the caller has no order in the book';
    return [{ account, symbol: oldest.symbol, orderId: oldest.orderId, clientOrderId: null }];
  }
  if (instrument === null) return 'it names no symbol';
  return (account === null ? exchange.accounts() : [account])
    .map((each) => ({ account: each, symbol: instrument, orderId, clientOrderId }))
    .filter((reference) => exchange.order(reference) !== null);
}
