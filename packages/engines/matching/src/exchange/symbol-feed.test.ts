import { describe, expect, test } from 'vitest';
import {
  ANN,
  balanceOf,
  BEN,
  limit,
  lots,
  market,
  money,
  openExchange,
  order,
  SYMBOL,
  ticks,
} from './exchange.test-support.ts';
import type { ExternalLiquidity } from './external-liquidity.ts';
import type { SymbolFeed } from './symbol-feed.ts';

/** Offers of fixed prices and sizes, best first; a taker of more than 100 lots pays one tick more. */
class Offers implements ExternalLiquidity {
  readonly mark = 0;
  readonly cutsToFunds = false;
  readonly bids: [price: number, quantity: number][] = [];
  readonly asks: [price: number, quantity: number][] = [];

  best(isBuy: boolean): number {
    return (isBuy ? this.asks : this.bids)[0]?.[0] ?? 0;
  }
  offer(isBuy: boolean, index: number, limitPrice: number, size: number) {
    const level = (isBuy ? this.asks : this.bids)[index];
    if (level === undefined) return null;
    const [price, quantity] = level;
    if (limitPrice > 0 && (isBuy ? price > limitPrice : price < limitPrice)) return null;
    const impact = size > 100 ? 1 : 0;
    return { price, paid: isBuy ? price + impact : price - impact, quantity };
  }
  take(isBuy: boolean, index: number, quantity: number): void {
    const level = (isBuy ? this.asks : this.bids)[index];
    if (level !== undefined) level[1] -= quantity;
  }
}

function feedExchange() {
  const { exchange, heard } = openExchange();
  const feed = exchange.feed(SYMBOL) as SymbolFeed;
  const offers = new Offers();
  feed.offer(offers);
  feed.advance(1);
  return { exchange, heard, feed, offers };
}

describe('a feed that orders are not in', () => {
  test('is taken from together with the book, by price, and first at the same price', () => {
    const { exchange, heard, offers } = feedExchange();
    exchange.place(limit(BEN, 'sell', 101, 5), 1);
    exchange.place(limit(BEN, 'sell', 103, 5), 1);
    offers.asks.push([101, 5], [102, 5]);
    exchange.place(market(ANN, 'buy', 18), 1);
    const fills = heard.reports.filter(({ account, execution }) => account === ANN && execution !== null);
    expect(fills.map(({ execution }) => [execution?.price, execution?.quantity])).toEqual([
      [101, 5],
      [101, 5],
      [102, 5],
      [103, 3],
    ]);
    expect(offers.asks).toEqual([
      [101, 0],
      [102, 0],
    ]);
  });

  test('is no trade that others see: the last price stays, and nothing is triggered', () => {
    const { exchange, heard, feed, offers } = feedExchange();
    offers.asks.push([101, 5]);
    exchange.place(order(BEN, { side: 'buy', type: 'STOP_LOSS', stopPrice: 101, quantity: 1 }), 1);
    exchange.place(market(ANN, 'buy', 2), 1);
    expect(heard.trades).toEqual([]);
    expect(exchange.lastPrice(SYMBOL)).toBeNull();
    expect(heard.told().at(-1)).toBe('2 TRADE/FILLED');
    feed.setLast(101, 1);
    feed.showLast();
    expect(heard.told().at(-1)).toBe('1 TRADE/FILLED');
  });

  test('decides what a FOK order finds, what a post-only order would take, and what an amount of money buys', () => {
    const { exchange, heard, offers } = feedExchange();
    offers.asks.push([1_000, 5], [1_001, 200]);
    exchange.place(limit(ANN, 'buy', 1_000, 6, { timeInForce: 'fok' }), 1);
    expect(heard.told().at(-1)).toBe('1 EXPIRED/EXPIRED');
    const maker = order(ANN, { side: 'buy', type: 'LIMIT_MAKER', price: 1_000, quantity: 1 });
    expect(exchange.place(maker, 1)).toMatchObject({ fault: { code: 'would_match_immediately' } });
    // More than 100 lots pay a tick more: 5 at 10.01 and 194 at 10.02 cost 0.05005 + 1.94388; one more would be above 2.
    const spent = exchange.place(order(ANN, { side: 'buy', type: 'MARKET', quoteOrderQuantity: money('2') }), 1);
    expect(spent).toMatchObject({ ok: true, value: { executed: 199, cumulativeQuote: money('1.99393') } });
  });

  test('fills a resting order at its own price or a better one, as maker, without a taker of ours', () => {
    const { exchange, heard, feed } = feedExchange();
    exchange.place(limit(ANN, 'buy', 100_000, 10, { icebergQuantity: 4 }), 1);
    const [resting] = feed.orders();
    if (resting === undefined) throw new Error('the order rests');
    feed.fill(resting, 99_000, 9);
    expect(heard.reports.at(-1)?.execution).toMatchObject({ price: 99_000, quantity: 9, isMaker: true });
    expect(balanceOf(exchange, ANN, 'BTC').free).toBe(money('1000.009'));
    // 1 lot at 1000 stays locked, 9 lots at 990 are paid.
    expect(balanceOf(exchange, ANN, 'USDT')).toEqual({ free: money('9999990.09'), locked: money('1') });
    expect(exchange.depth(SYMBOL, 5)?.bids).toEqual([[100_000, 1]]);
    expect(() => feed.fill(resting, 100_001, 1)).toThrow(/never worse/);
    expect(() => feed.fill(resting, 100_000, 2)).toThrow(/what rests/);
    feed.fill(resting, 100_000, 1);
    expect(heard.told().at(-1)).toBe('1 TRADE/FILLED');
    expect(feed.openOrders).toBe(0);
  });

  test.each([
    [1, 3],
    [4, 4],
    [6, 2],
    [8, 2],
    [9, 1],
    [10, null],
  ])('of an iceberg of ten that shows four, after a fill of %i, shows %o', (filled, shown) => {
    const { exchange, heard, feed } = feedExchange();
    exchange.place(limit(ANN, 'sell', 100_000, 10, { icebergQuantity: 4 }), 1);
    const [resting] = feed.orders();
    if (resting === undefined) throw new Error('the order rests');
    feed.fill(resting, 100_000, filled);
    expect(exchange.depth(SYMBOL, 5)?.asks).toEqual(shown === null ? [] : [[100_000, shown]]);
    expect(heard.reports.at(-1)?.cumulativeQuantity).toBe(filled);
    if (shown !== null) feed.fill(resting, 100_000, 10 - filled);
    expect(heard.told().at(-1)).toBe('1 TRADE/FILLED');
    expect(exchange.depth(SYMBOL, 5)?.asks).toEqual([]);
  });

  test('triggers a single order at a price of its own, and lets trailing orders follow without being triggered', () => {
    const { exchange, heard, feed, offers } = feedExchange();
    feed.setLast(1_000, 0);
    exchange.place(order(ANN, { side: 'sell', type: 'STOP_LOSS', stopPrice: 900, quantity: 1 }), 1);
    exchange.place(order(ANN, { side: 'sell', type: 'STOP_LOSS', trailingDelta: 1_000, quantity: 1 }), 1);
    const [stop, trailing] = feed.orders();
    if (stop === undefined || trailing === undefined) throw new Error('both wait');
    expect([feed.triggerOf(stop), feed.triggerOf(trailing)]).toEqual([900, 900]);
    feed.follow(trailing, 1_205);
    feed.follow(trailing, 800);
    expect(feed.triggerOf(trailing)).toBe(1_084);
    offers.bids.push([899, 10]);
    feed.trigger(stop, 900);
    expect(heard.told().slice(-2)).toEqual(['1 NEW/NEW', '1 TRADE/FILLED']);
    expect(heard.reports.at(-1)?.execution).toMatchObject({ price: ticks(899), quantity: lots(1) });
    expect(feed.openOrders).toBe(1);
  });
});
