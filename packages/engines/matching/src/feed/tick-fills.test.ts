import { describe, expect, test } from 'vitest';
import { ANN, balanceOf, money, OPEN_RULES, SYMBOL } from '../exchange/exchange.test-support.ts';
import { tickDesk, type Desk } from './feed.test-support.ts';
import type { RestingRule } from './fill-rules.ts';

const ahead = (desk: Desk, orderId = 1): number | null => desk.exchange.queueAhead(SYMBOL, orderId);

describe('takers on quotes', () => {
  test('take what is shown at the touch; what one order took the next does not find until a new quote comes', () => {
    const desk = tickDesk().quote(1_000, 1_001, 100, 100);
    desk.market('buy', 60).market('buy', 60).quote(1_000, 1_001, 100, 100).market('buy', 10);
    expect(desk.fills).toEqual(['buy 60@1001 taker', 'buy 40@1001 taker', 'buy 10@1001 taker']);
    expect(desk.ends).toEqual(['1 FILLED', '2 EXPIRED', '3 FILLED']);
  });

  test('pay for slippage and for what is not shown, rounded up to the tick', () => {
    const desk = tickDesk({ slippage: { kind: 'rate', ppm: 500 }, beyondPpm: 5_000 }).quote(9_999, 10_001, 100, 100);
    desk.market('buy', 150).market('sell', 150);
    // 10001 × 1.0005 = 10006.0005; × 1.0055 = 10056.0055; 9999 × 0.9995 = 9994.0005; × 0.9945 = 9944.0055.
    expect(desk.fills).toEqual([
      'buy 100@10007 taker',
      'buy 50@10057 taker',
      'sell 100@9994 taker',
      'sell 50@9944 taker',
    ]);
  });

  test('pay a share of the spread where that is the model', () => {
    const desk = tickDesk({ slippage: { kind: 'spread', sharePpm: 250_000 } }).quote(1_000, 1_010);
    desk.market('buy', 1).market('sell', 1);
    // A quarter of 10 is 2.5, rounded up.
    expect(desk.fills).toEqual(['buy 1@1013 taker', 'sell 1@997 taker']);
  });

  test('pay by the square root of their share of the last minute’s volume where that is the model', () => {
    const desk = tickDesk({ slippage: { kind: 'square-root', ppm: 10_000 } });
    desk.trade(10_000, 400).quote(9_999, 10_000, 100, 1_000).market('buy', 4);
    // 1 % × √(4 ÷ 400) = 0.1 %
    expect(desk.fills).toEqual(['buy 4@10010 taker']);
    desk.nowUs += 61_000_000;
    desk.quote(9_999, 10_000, 100, 1_000).market('buy', 4);
    // Nothing was traded in the minute: the order counts as all of it.
    expect(desk.fills.at(-1)).toBe('buy 4@10100 taker');
  });

  test('with a limit never pay more than it, and rest with what is not shown within it', () => {
    const desk = tickDesk({ slippage: { kind: 'rate', ppm: 10_000 } }).quote(1_000, 1_001, 100, 40);
    desk.limit('buy', 1_003, 100);
    expect(desk.fills).toEqual(['buy 40@1003 taker']);
    expect(balanceOf(desk.exchange.exchange, ANN, 'USDT').locked).toBe(money('0.6018'));
  });

  test.each([
    ['ioc', ['buy 40@1001 taker'], ['1 EXPIRED']],
    ['fok', [], ['1 EXPIRED']],
  ] as const)('with %s never rest', (timeInForce, fills, ends) => {
    const desk = tickDesk().quote(1_000, 1_001, 100, 40).limit('buy', 1_001, 100, { timeInForce });
    expect([desk.fills, desk.ends]).toEqual([fills, ends]);
  });

  test('are refused without a quote, and with one that is too old', () => {
    const desk = tickDesk({ quoteAgeMsMax: 1_000 }).market('buy', 1);
    desk.quote(1_000, 1_001);
    desk.nowUs += 1_000_000;
    desk.market('buy', 1);
    desk.nowUs += 1;
    desk.market('buy', 1);
    expect(desk.ends).toEqual(['refused no_quote', '1 FILLED', 'refused quote_stale']);
  });
});

describe('takers on books', () => {
  test('walk the levels, and find a level again when it is shown anew', () => {
    const desk = tickDesk({ offers: 'depth' }).book(
      [[999, 5]],
      [
        [1_001, 5],
        [1_002, 5],
        [1_004, 5],
      ],
    );
    desk.market('buy', 7);
    desk.change([], [[1_001, 2]]).market('buy', 7);
    desk
      .change(
        [],
        [
          [1_001, 0],
          [1_003, 1],
        ],
      )
      .market('buy', 9);
    expect(desk.fills).toEqual([
      'buy 5@1001 taker',
      'buy 2@1002 taker',
      'buy 2@1001 taker',
      'buy 3@1002 taker',
      'buy 2@1004 taker',
      'buy 1@1003 taker',
      'buy 3@1004 taker',
    ]);
    expect(desk.ends.at(-1)).toBe('3 EXPIRED');
  });

  test('whose best is kept at the newest quote walk on into the levels behind it', () => {
    const desk = tickDesk({ offers: 'both' })
      .quote(998, 1_000, 5, 5)
      .book(
        [[998, 5]],
        [
          [1_000, 5],
          [1_002, 5],
          [1_003, 5],
        ],
      );
    // The best ask moves up to a level that is known, and then to one that is not.
    desk.quote(998, 1_002, 5, 3).market('buy', 4);
    desk.quote(998, 1_001, 5, 1).market('buy', 2);
    expect(desk.fills).toEqual(['buy 3@1002 taker', 'buy 1@1003 taker', 'buy 1@1001 taker', 'buy 1@1003 taker']);
  });

  test('of a book that is older than the newest quote begin at that quote', () => {
    const desk = tickDesk({ offers: 'both' }).quote(999, 1_002, 5, 2);
    // The quote of `Desk` has its time for its number, and so has the book.
    desk.nowUs -= 1_500;
    desk.book(
      [[998, 5]],
      [
        [1_000, 5],
        [1_002, 5],
        [1_003, 5],
      ],
    );
    desk.nowUs += 1_500;
    desk.market('buy', 3);
    expect(desk.fills).toEqual(['buy 2@1002 taker', 'buy 1@1003 taker']);
  });

  test('are those of the quote alone while no young book is known', () => {
    const levels = [
      [1_000, 5],
      [1_002, 5],
    ] as const;
    const desk = tickDesk({ offers: 'both', beyondPpm: null, quoteAgeMsMax: 1_000 }).quote(999, 1_000, 5, 5);
    desk
      .market('buy', 6)
      .book([[999, 5]], levels)
      .market('buy', 6);
    desk.nowUs += 2_000_000;
    desk.quote(999, 1_000, 5, 5).market('buy', 6);
    expect(desk.fills).toEqual(['buy 5@1000 taker', 'buy 5@1000 taker', 'buy 1@1002 taker', 'buy 5@1000 taker']);
  });

  test('know a book that changes of it keep young, and of one that has grown old no change', () => {
    const levels = [
      [1_000, 5],
      [1_002, 5],
    ] as const;
    const desk = tickDesk({ offers: 'both', beyondPpm: null, quoteAgeMsMax: 1_000 }).book([[999, 5]], levels);
    desk.nowUs += 900_000;
    desk.change([], [[1_003, 5]]);
    desk.nowUs += 900_000;
    desk.quote(999, 1_000, 5, 5).market('buy', 12);
    // For longer than a book is believed nothing is told of it.
    desk.nowUs += 2_000_000;
    desk.quote(999, 1_000, 5, 5);
    desk.change([], [[1_001, 9]]).market('buy', 12);
    expect(desk.fills).toEqual(['buy 5@1000 taker', 'buy 5@1002 taker', 'buy 2@1003 taker', 'buy 5@1000 taker']);
  });

  test('give a resting order its place at any level that is shown', () => {
    const desk = tickDesk({ offers: 'both', resting: 'queue' }).quote(1_000, 1_001, 40, 40);
    desk.limit('buy', 998, 10);
    expect(ahead(desk)).toBeNull();
    desk.book(
      [
        [1_000, 40],
        [998, 70],
      ],
      [[1_001, 40]],
    );
    expect(ahead(desk)).toBe(70);
  });

  test('are not looked for in quotes, nor are quotes in books', () => {
    expect(tickDesk({ offers: 'depth' }).quote(1_000, 1_001).market('buy', 1).ends).toEqual(['refused no_quote']);
    expect(
      tickDesk()
        .book([[999, 5]], [[1_001, 5]])
        .market('buy', 1).ends,
    ).toEqual(['refused no_quote']);
  });
});

describe('a resting order', () => {
  const resting = (rule: RestingRule, size = 10): Desk =>
    tickDesk({ resting: rule }).quote(1_000, 1_010, 50, 50).limit('buy', 1_000, size);

  test.each([
    ['through', [0, 0, 0]],
    ['queue', [0, 0, 5]],
    ['queue-probable', [0, 0, 5]],
    ['touch', [10, 10, 10]],
  ] as const)(
    'by the rule %s has filled %o lots after trades of 30, 20 and 5 at its price, behind 50',
    (rule, after) => {
      const desk = resting(rule);
      const filled = [30, 20, 5].map((size) => {
        desk.trade(1_000, size);
        return desk.fills.reduce((sum, fill) => sum + Number(fill.split(/[ @]/)[1]), 0);
      });
      expect(filled).toEqual(after);
    },
  );

  test.each(['through', 'queue', 'queue-probable', 'touch'] as const)(
    'by the rule %s fills at its own price from a trade strictly beyond it, up to that trade',
    (rule) => {
      expect(resting(rule).trade(999, 4).trade(990, 100).fills).toEqual(['buy 4@1000 maker', 'buy 6@1000 maker']);
    },
  );

  test('fills at its own price when the opposite quote crosses it, up to what that shows, and not when it only meets it', () => {
    const desk = resting('queue').quote(990, 1_000, 5, 50);
    expect(desk.fills).toEqual([]);
    expect(desk.quote(990, 999, 5, 4).quote(980, 990).fills).toEqual(['buy 4@1000 maker', 'buy 6@1000 maker']);
  });

  test('moves up by trades that take from its side only', () => {
    const desk = resting('queue').trade(1_000, 20, 'buy');
    expect(ahead(desk)).toBe(50);
    expect(ahead(desk.trade(1_000, 20))).toBe(30);
  });

  test('is not moved up by what is shown, except by the rule that says so: in proportion, after what was traded', () => {
    const shown = (rule: RestingRule): Desk => resting(rule).quote(1_000, 1_010, 100, 50).trade(1_000, 20);
    // 30 of 80 stand before it; 100 shown, 20 traded, now 40: 40 have gone, 15 of them from before.
    expect(ahead(shown('queue').quote(1_000, 1_010, 40, 50))).toBe(30);
    expect(ahead(shown('queue-probable').quote(1_000, 1_010, 40, 50))).toBe(15);
    // No more can stand before it than is shown.
    expect(ahead(shown('queue-probable').quote(1_000, 1_010, 3, 50))).toBe(2);
    expect(ahead(shown('queue-probable').quote(999, 1_010, 3, 50))).toBe(0);
  });

  test('at a price that the feed does not show is never taken for the first; it gets its place when its price is shown', () => {
    const desk = tickDesk({ resting: 'queue' }).quote(1_000, 1_010, 50, 50).limit('buy', 990, 10);
    expect(ahead(desk)).toBeNull();
    expect(desk.trade(990, 500).fills).toEqual([]);
    expect(ahead(desk.quote(990, 1_010, 70, 50))).toBe(70);
    expect(desk.trade(990, 72).fills).toEqual(['buy 2@990 maker']);
  });

  test('inside the spread is the first, and at a level of the book stands behind that level', () => {
    expect(ahead(tickDesk().quote(1_000, 1_010).limit('buy', 1_005, 10))).toBe(0);
    const book = tickDesk({ offers: 'depth' }).book(
      [
        [1_000, 5],
        [990, 33],
      ],
      [[1_010, 5]],
    );
    book.limit('buy', 990, 1).limit('buy', 995, 1).limit('buy', 980, 1);
    expect([1, 2, 3].map((id) => ahead(book, id))).toEqual([33, 0, null]);
  });

  test('shares a trade with the others of its account: best price first, then oldest, none of it twice', () => {
    const desk = tickDesk({ resting: 'queue' }).quote(1_000, 1_010, 20, 50);
    desk.limit('buy', 1_000, 10).limit('buy', 1_000, 10).limit('buy', 1_001, 5);
    expect(desk.trade(1_000, 32).fills).toEqual(['buy 5@1001 maker', 'buy 7@1000 maker']);
    expect(desk.trade(1_000, 5).fills.slice(2)).toEqual(['buy 3@1000 maker', 'buy 2@1000 maker']);
  });

  test('that shows only a part goes to the end of the queue with each next one', () => {
    const desk = tickDesk({ resting: 'queue' }).quote(1_000, 1_010, 20, 50);
    desk.limit('buy', 1_000, 10, { icebergQuantity: 4 });
    expect(desk.trade(1_000, 100).fills).toEqual(['buy 4@1000 maker']);
    expect(ahead(desk)).toBe(20);
    expect(desk.trade(1_000, 23).trade(999, 100).fills.slice(1)).toEqual(['buy 3@1000 maker', 'buy 3@1000 maker']);
  });

  test('has no part in a trade that happened before it came', () => {
    const desk = resting('touch');
    expect(desk.trade(900, 5, 'sell', 500).fills).toEqual([]);
    expect(desk.exchange.exchange.lastPrice(SYMBOL)).toBe(900);
    expect(desk.trade(1_000, 5).trade(900, 5, 'sell', 600).exchange.exchange.lastPrice(SYMBOL)).toBe(1_000);
  });

  test('expires rather than trade with another of its account', () => {
    const symbol = { ...OPEN_RULES, selfTradeModeDefault: 'EXPIRE_MAKER' as const };
    const desk = tickDesk({}, { symbol }).quote(1_000, 1_010).limit('buy', 1_005, 10).market('sell', 3);
    expect([desk.fills, desk.ends]).toEqual([['sell 3@1000 taker'], ['1 EXPIRED_IN_MATCH', '2 FILLED']]);
  });
});

describe('orders that wait for a price', () => {
  test('are triggered by the feed’s trades and take what is offered then', () => {
    const desk = tickDesk().quote(1_000, 1_001).trade(1_000, 1);
    desk.place({ side: 'sell', type: 'STOP_LOSS', stopPrice: 990, quantity: 5 });
    desk.place({ side: 'sell', type: 'STOP_LOSS', trailingDelta: 500, quantity: 5 });
    desk.quote(985, 986).trade(1_200, 1).trade(1_141, 1);
    expect(desk.fills).toEqual([]);
    desk.trade(1_140, 1).trade(990, 1);
    expect(desk.fills).toEqual(['sell 5@985 taker', 'sell 5@985 taker']);
    expect(desk.ends).toEqual(['2 FILLED', '1 FILLED']);
  });

  test('cancel their pair when they fill: the quote crosses the profit', () => {
    const desk = tickDesk().quote(1_000, 1_001).trade(1_000, 1);
    desk.oco(
      { side: 'sell', type: 'LIMIT_MAKER', price: 1_100, quantity: 5 },
      { side: 'sell', type: 'STOP_LOSS', stopPrice: 900, quantity: 5 },
    );
    desk.quote(1_101, 1_102);
    expect([desk.fills, desk.ends]).toEqual([['sell 5@1100 maker'], ['1 EXPIRED', '2 FILLED']]);
  });

  test('know no last price before the first trade but the middle of the newest quote, which triggers nothing', () => {
    const desk = tickDesk().quote(1_000, 1_003);
    expect(desk.exchange.exchange.lastPrice(SYMBOL)).toBe(1_001);
    desk.place({ side: 'sell', type: 'STOP_LOSS', stopPrice: 990, quantity: 5 }).quote(900, 901);
    expect(desk.fills).toEqual([]);
    expect(desk.trade(950, 1).fills).toEqual(['sell 5@900 taker']);
  });
});
