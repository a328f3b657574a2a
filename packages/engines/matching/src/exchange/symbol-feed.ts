import { invariant } from '@monsta/core';
import type { InstrumentId, Price } from '@monsta/core';
import type { ExternalLiquidity } from './external-liquidity.ts';
import { fillExternally } from './matching.ts';
import type { Order } from './order.ts';
import { runDue } from './starting.ts';
import type { SymbolMarket } from './symbol-market.ts';
import type { SymbolRules } from './symbol-rules.ts';
import { followedTrigger } from './trigger-book.ts';

/**
 * What the data of a feed does to the orders of one symbol, which are not in that feed. Each call is a command: what it brings about is done, and the listener has heard of it,
 * when it returns. None of it is told as a trade or as a best price of the exchange's own.
 */
export class SymbolFeed {
  readonly #market: SymbolMarket;
  #listed: readonly Order[] = [];
  #listedAt = -1;

  constructor(market: SymbolMarket) {
    this.#market = market;
  }

  /** Says where takers find what the feed offers. */
  offer(liquidity: ExternalLiquidity): void {
    this.#market.external = liquidity;
  }

  get symbol(): InstrumentId {
    return this.#market.symbol;
  }

  /** The rules of the symbol; whether it is open now is not among them. */
  get rules(): SymbolRules {
    return this.#market.rules;
  }

  get lastPrice(): number {
    return this.#market.lastPrice;
  }

  get nowUs(): number {
    return this.#market.nowUs;
  }

  /** How many orders are open, of all accounts. */
  get openOrders(): number {
    return this.#market.orders.size;
  }

  /** The open order of that number; undefined where there is none. */
  order(orderId: number): Order | undefined {
    return this.#market.orders.get(orderId);
  }

  /** Another one whenever an order has come, gone or moved on: none does without a report. */
  get version(): number {
    return this.#market.context.counters.executionId;
  }

  /** The open orders, oldest first. */
  orders(): readonly Order[] {
    const { counters } = this.#market.context;
    // No order comes or goes without a report, so that their number says whether the list is still the list.
    if (counters.executionId !== this.#listedAt) {
      this.#listed = this.#market.orders.values();
      this.#listedAt = counters.executionId;
    }
    return this.#listed;
  }

  /** Time goes on; it never goes back. */
  advance(timeUs: number): void {
    if (timeUs > this.#market.nowUs) this.#market.nowUs = timeUs;
  }

  /** A price becomes the last one and triggers nothing: for one that is shown to the waiting orders afterwards, or that stands in for the first trade. `quantity` 0 moves no average. */
  setLast(price: number, quantity: number): void {
    const market = this.#market;
    market.lastPrice = price;
    if (quantity === 0) return;
    for (const average of market.averages) average.add(price, quantity, market.nowUs);
  }

  /** Shows the last price to the waiting orders: stops trigger, trailing orders follow, and what is triggered takes what the feed offers. */
  showLast(): void {
    const market = this.#market;
    if (market.triggers.size > 0) market.triggers.onTrade(market.lastPrice, market.nowUs, market.due);
    this.#done();
  }

  /** Fills a resting order, at its own price or a better one. */
  fill(order: Order, price: number, quantity: number): void {
    invariant(order.place === 'resting' && quantity > 0 && quantity <= order.remaining, 'only what rests is filled');
    invariant(order.isBuy ? price <= order.price : price >= order.price, 'a fill is never worse than its limit');
    fillExternally(this.#market, order, price as Price, quantity);
    this.#done();
  }

  /** Triggers a waiting order at `price`, which becomes the last price. */
  trigger(order: Order, price: number): void {
    const market = this.#market;
    invariant(order.place === 'waiting', 'only an order that waits can be triggered');
    market.lastPrice = price;
    market.triggers.take(order, market.due);
    this.#done();
  }

  /** The price that triggers a waiting order; 0 for a trailing order that follows no price yet. */
  triggerOf(order: Order): number {
    return order.trailingDelta > 0 ? followedTrigger(order) : order.stopPrice;
  }

  /** Shows a price to a waiting trailing order, which it may begin to follow or follow further; triggers nothing. */
  follow(order: Order, price: number): void {
    this.#market.triggers.followOnly(order, price, this.#market.nowUs);
  }

  #done(): void {
    const market = this.#market;
    if (market.due.length > 0) runDue(market);
    market.finish();
  }
}
