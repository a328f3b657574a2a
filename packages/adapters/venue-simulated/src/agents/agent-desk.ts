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
import type { Exchange, NewOrder, OrderView } from '@monsta/matching';

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
  clientOrderId: null,
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

export const isOpen = ({ status }: OrderView): boolean => status === 'NEW' || status === 'PARTIALLY_FILLED';

/** The agents' hands on one symbol. */
export class AgentDesk {
  readonly symbol: InstrumentId;
  readonly #exchange: Exchange;
  /** Orders of agents that the exchange refused, by reason: none while it is open. */
  readonly refusals = new Map<string, number>();
  /** True while an agent trades: what is heard meanwhile is not a user's doing. */
  acting = false;

  constructor(exchange: Exchange, symbol: InstrumentId) {
    this.#exchange = exchange;
    this.symbol = symbol;
  }

  best(): { readonly bid: number; readonly ask: number } {
    const best = this.#exchange.best(this.symbol);
    return { bid: best?.bidPrice ?? 0, ask: best?.askPrice ?? 0 };
  }

  /** Puts an order into the book; null where it was refused or filled at once. */
  rest(account: AccountId, side: OrderSide, ticks: number, lots: number, timeUs: number): OrderView | null {
    const order = this.#place(account, side, ticks, lots, 'gtc', timeUs);
    return order !== null && isOpen(order) ? order : null;
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
      account,
      symbol,
      side,
      timeInForce,
      price: price(ticks),
      quantity: quantity(lots),
    };
    const placed = this.#exchange.place(order, timeUs);
    if (placed.ok) return placed.value;
    const { code } = placed.fault;
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
    return null;
  }

  cancel(account: AccountId, order: OrderView, timeUs: number): void {
    if (!isOpen(order)) return;
    const { symbol } = this;
    const reference = { account, symbol, orderId: order.orderId, clientOrderId: null };
    this.#exchange.cancel({ ...reference, newClientOrderId: null, restriction: null }, timeUs);
  }
}
