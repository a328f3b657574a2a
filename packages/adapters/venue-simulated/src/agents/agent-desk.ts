import {
  accountId,
  price,
  quantity,
  type AccountId,
  type Amount,
  type AssetId,
  type InstrumentId,
  type OrderSide,
} from '@monsta/core';
import { isFinalAtExchange, type Exchange, type NewOrder, type OrderView } from '@monsta/matching';
import type { Logger } from '@monsta/ports';

/** The market's own traders: accounts like everybody's, but without fees and with more money than is ever needed. */
export const AGENTS = {
  /** Quotes the best bid and ask. */
  touch: accountId('sim-touch'),
  /** Fill the book behind it, near and far. */
  near: accountId('sim-near'),
  middle: accountId('sim-middle'),
  far: accountId('sim-far'),
  /** Takes what others offer beyond the fair price. */
  arbitrage: accountId('sim-arbitrage'),
  /** Everybody else who buys and sells at the market. */
  flow: accountId('sim-flow'),
} as const;

/** The makers and the arbitrageur are one house and don't trade with each other; the flow is none of theirs. */
const HOUSE = 1_000_000;
const FUNDS = (10n ** 12n * 10n ** 18n) as Amount;

const PLAIN = {
  type: 'LIMIT',
  quoteOrderQuantity: null,
  stopPrice: null,
  trailingDelta: null,
  icebergQuantity: null,
  selfTradeMode: null,
  strategyId: null,
  strategyType: null,
} as const;

/** Opens the agents' accounts, each with as much of every asset. */
export function openAgents(exchange: Exchange, assets: readonly AssetId[]): void {
  for (const account of Object.values(AGENTS)) {
    exchange.addAccount(account, {
      balances: assets.map((asset) => ({ asset, free: FUNDS })),
      fees: { makerPpm: 0, takerPpm: 0 },
      tradeGroupId: account === AGENTS.flow ? null : HOUSE,
    });
  }
}

/** So many whole lots, or as many as an order at the price may have. */
export type SizedOrder = (lots: number, ticks: number) => number;

/** The agents' hands on one symbol. */
export class AgentDesk {
  readonly symbol: InstrumentId;
  readonly #exchange: Exchange;
  readonly #logger: Logger | null;
  /** Why the exchange refused an agent's order, each reason told once: there should be none while it is open. */
  readonly #refusals = new Set<string>();
  /** True while an agent trades: what is heard meanwhile is not a user's doing. */
  acting = false;
  #named = 0;

  constructor(exchange: Exchange, symbol: InstrumentId, logger: Logger | null) {
    this.#exchange = exchange;
    this.#logger = logger;
    this.symbol = symbol;
  }

  best(): { readonly bid: number; readonly ask: number } {
    const best = this.#exchange.best(this.symbol);
    return { bid: best?.bidPrice ?? 0, ask: best?.askPrice ?? 0 };
  }

  /** Puts an order into the book and answers its number; null where it was refused or filled at once. */
  rest(account: AccountId, side: OrderSide, ticks: number, lots: number, timeUs: number): number | null {
    const order = this.#place(account, side, ticks, lots, 'gtc', timeUs);
    return order !== null && !isFinalAtExchange(order.status) ? order.orderId : null;
  }

  /** True while an order of an agent, by its number, can still be filled. */
  isOpen(account: AccountId, orderId: number): boolean {
    return this.#exchange.isOpen({ account, symbol: this.symbol, orderId, clientOrderId: null });
  }

  /** Takes what there is up to a price. */
  take(account: AccountId, side: OrderSide, ticks: number, lots: number, timeUs: number): void {
    this.#place(account, side, ticks, lots, 'ioc', timeUs);
  }

  #place(
    account: AccountId,
    side: OrderSide,
    ticks: number,
    lots: number,
    timeInForce: 'gtc' | 'ioc',
    timeUs: number,
  ): OrderView | null {
    const { symbol } = this;
    const order: NewOrder = {
      ...PLAIN,
      // A name of its own: the exchange would have to look for a free one.
      clientOrderId: this.#name(),
      account,
      symbol,
      side,
      timeInForce,
      price: price(ticks),
      quantity: quantity(lots),
    };
    const placed = this.#exchange.place(order, timeUs);
    if (placed.ok) return placed.value;
    const { code, message } = placed.fault;
    if (!this.#refusals.has(code)) {
      this.#refusals.add(code);
      this.#logger?.warn("an agent's order was refused; it is told once", { account, symbol, code, message });
    }
    return null;
  }

  /** Takes an order back, by its number, if it is still open. */
  cancel(account: AccountId, orderId: number, timeUs: number): void {
    const reference = { account, symbol: this.symbol, orderId, clientOrderId: null };
    if (!this.#exchange.isOpen(reference)) return;
    this.#exchange.cancel({ ...reference, newClientOrderId: this.#name(), restriction: null }, timeUs);
  }

  #name(): string {
    this.#named += 1;
    return `sim-${this.#named}`;
  }
}
