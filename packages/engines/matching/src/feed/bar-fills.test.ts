import { describe, expect, test } from 'vitest';
import { money } from '../exchange/exchange.test-support.ts';
import { barDesk, barOf, type BarShape, type Desk, type Draft } from './feed.test-support.ts';
import type { BarRules } from './fill-rules.ts';

/** Bars are `[open, high, low, close]`; the first one is history, then the orders are sent, then the other bars come. */
interface Case {
  readonly says: string;
  readonly rules?: Partial<BarRules>;
  readonly history?: BarShape;
  readonly orders: (desk: Desk) => void;
  readonly bars: readonly BarShape[];
  /** `side quantity@price maker|taker`. */
  readonly fills: readonly string[];
  readonly ends?: readonly string[];
}

const QUIET: BarShape = [1_000, 1_000, 1_000, 1_000];
const stop = (stopPrice: number, draft: Draft = {}): Draft => ({
  side: 'sell',
  type: 'STOP_LOSS',
  stopPrice,
  quantity: 10,
  ...draft,
});
const stopLimit = (stopPrice: number, price: number): Draft =>
  stop(stopPrice, { type: 'STOP_LOSS_LIMIT', timeInForce: 'gtc', price });
const profit = (price: number): Draft => ({ side: 'sell', type: 'LIMIT_MAKER', price, quantity: 10 });
const entry = (price: number): Draft => ({ side: 'buy', type: 'LIMIT', timeInForce: 'gtc', price, quantity: 10 });
const trailing = (trailingDelta: number, draft: Draft = {}): Draft => ({
  side: 'sell',
  type: 'STOP_LOSS',
  trailingDelta,
  quantity: 10,
  ...draft,
});

const CASES: readonly Case[] = [
  // Market orders
  {
    says: 'a market order sent after a bar fills at the open of the next, not at the close that was seen',
    orders: (desk) => desk.market('buy', 10),
    bars: [[1_010, 1_020, 990, 1_005]],
    fills: ['buy 10@1010 taker'],
  },
  {
    says: 'acting at the close, where that is chosen, fills at the close that was seen',
    rules: { acts: 'this-close' },
    orders: (desk) => desk.market('buy', 10),
    bars: [[1_010, 1_020, 990, 1_005]],
    fills: ['buy 10@1000 taker'],
  },
  {
    says: 'slippage of 10 basis points moves the open against the buyer, up to the next tick',
    rules: { slippage: { kind: 'rate', ppm: 1_000 } },
    orders: (desk) => desk.market('buy', 10),
    bars: [[1_010, 1_020, 990, 1_005]],
    fills: ['buy 10@1012 taker'],
  },
  {
    says: 'and against the seller, down to the next tick',
    rules: { slippage: { kind: 'rate', ppm: 1_000 } },
    orders: (desk) => desk.market('sell', 10),
    bars: [[1_010, 1_020, 990, 1_005]],
    fills: ['sell 10@1008 taker'],
  },
  {
    says: 'an amount of money buys what it covers at the open',
    orders: (desk) => {
      desk.place({ side: 'buy', type: 'MARKET', quoteOrderQuantity: money('10') });
    },
    bars: [[1_010, 1_020, 990, 1_005]],
    // A lot costs 0.0101.
    fills: ['buy 990@1010 taker'],
  },
  // Limits
  {
    says: 'a limit that the price only touches does not fill',
    orders: (desk) => desk.limit('buy', 990, 10),
    bars: [[1_000, 1_010, 990, 1_005]],
    fills: [],
  },
  {
    says: 'a limit that the price only touches fills where touching counts',
    rules: { limits: 'touch' },
    orders: (desk) => desk.limit('buy', 990, 10),
    bars: [[1_000, 1_010, 990, 1_005]],
    fills: ['buy 10@990 maker'],
  },
  {
    says: 'a limit that the price goes through fills at its price',
    orders: (desk) => desk.limit('buy', 990, 10),
    bars: [[1_000, 1_010, 989, 1_005]],
    fills: ['buy 10@990 maker'],
  },
  {
    says: 'a sell limit fills when the high goes beyond it',
    orders: (desk) => desk.limit('sell', 1_009, 10),
    bars: [[1_000, 1_010, 989, 1_005]],
    fills: ['sell 10@1009 maker'],
  },
  {
    says: 'a resting limit that the open has jumped over fills at the open, which is better',
    orders: (desk) => desk.limit('buy', 990, 10),
    bars: [QUIET, [980, 985, 970, 975]],
    fills: ['buy 10@980 maker'],
  },
  {
    says: 'a new limit beyond the open takes the open, with slippage but never beyond its limit',
    rules: { slippage: { kind: 'rate', ppm: 50_000 } },
    orders: (desk) => desk.limit('buy', 1_030, 10),
    bars: [[1_010, 1_020, 990, 1_005]],
    fills: ['buy 10@1030 taker'],
  },
  {
    says: 'a limit at the very open waits: nobody knows whether it would have been served',
    orders: (desk) => desk.limit('buy', 1_010, 10),
    bars: [[1_010, 1_020, 1_010, 1_015]],
    fills: [],
  },
  {
    says: 'an IOC limit that the open is not beyond expires there, whatever the bar does later',
    orders: (desk) => desk.limit('buy', 1_000, 10, { timeInForce: 'ioc' }),
    bars: [[1_010, 1_020, 990, 1_005]],
    fills: [],
    ends: ['1 EXPIRED'],
  },
  {
    says: 'a post-only order that the open would take is refused',
    orders: (desk) => desk.place({ side: 'sell', type: 'LIMIT_MAKER', price: 1_000, quantity: 10 }),
    bars: [[1_010, 1_020, 990, 1_005]],
    fills: [],
    ends: ['refused would_match_immediately'],
  },
  {
    says: 'an order and its cancel, both sent after a bar, arrive in that order: too late for the cancel',
    orders: (desk) => desk.limit('buy', 990, 10).cancel(1),
    bars: [[980, 985, 970, 975]],
    fills: ['buy 10@980 taker'],
    ends: ['1 FILLED', 'refused order_unknown'],
  },
  // Stops
  {
    says: 'a stop inside the bar fills at its price',
    orders: (desk) => desk.place(stop(990)),
    bars: [[1_000, 1_010, 980, 1_005]],
    fills: ['sell 10@990 taker'],
  },
  {
    says: 'a stop is reached by a touch',
    orders: (desk) => desk.place(stop(980)),
    bars: [[1_000, 1_010, 980, 1_005]],
    fills: ['sell 10@980 taker'],
  },
  {
    says: 'a stop that the open has gapped through fills at the open, not at its price',
    orders: (desk) => desk.place(stop(990)),
    bars: [[970, 1_010, 960, 1_005]],
    fills: ['sell 10@970 taker'],
  },
  {
    says: 'a buy stop above fills at its price on the way up',
    orders: (desk) => desk.place(stop(1_010, { side: 'buy' })),
    bars: [[1_000, 1_020, 995, 1_005]],
    fills: ['buy 10@1010 taker'],
  },
  {
    says: 'a stop-limit whose limit lies below the trigger sells at the trigger',
    orders: (desk) => desk.place(stopLimit(990, 985)),
    bars: [[1_000, 1_010, 980, 1_005]],
    fills: ['sell 10@990 taker'],
  },
  {
    says: 'a stop-limit that the open has gapped through does not sell below its limit; here the price never comes back',
    orders: (desk) => desk.place(stopLimit(990, 985)),
    bars: [[970, 984, 960, 975]],
    fills: [],
  },
  {
    says: 'a stop-limit that rests after a gap at the open fills when the bar comes back through its limit',
    orders: (desk) => desk.place(stopLimit(990, 985)),
    bars: [[970, 986, 960, 975]],
    fills: ['sell 10@985 maker'],
  },
  {
    says: 'a stop-limit that begins to rest inside the bar does not fill from a high that may have come before',
    orders: (desk) => desk.place(stopLimit(990, 995)),
    bars: [[1_000, 1_010, 980, 985]],
    fills: [],
  },
  {
    says: 'it fills where the close proves that the price came back through it',
    orders: (desk) => desk.place(stopLimit(990, 995)),
    bars: [[1_000, 1_010, 980, 996]],
    fills: ['sell 10@995 maker'],
  },
  // Take-profits
  {
    says: 'a take-profit fills at its trigger',
    orders: (desk) => desk.place(stop(1_010, { type: 'TAKE_PROFIT' })),
    bars: [[1_000, 1_020, 995, 1_005]],
    fills: ['sell 10@1010 taker'],
  },
  {
    says: 'a take-profit limit beyond its trigger fills as maker when the price goes on through it',
    orders: (desk) => {
      desk.place({ ...stop(1_010), type: 'TAKE_PROFIT_LIMIT', timeInForce: 'gtc', price: 1_015 });
    },
    bars: [[1_000, 1_020, 995, 1_005]],
    fills: ['sell 10@1015 maker'],
  },
  // Pairs
  {
    says: 'with stop and profit both inside the bar, the stop comes first',
    orders: (desk) => desk.oco(profit(1_010), stop(990)),
    bars: [[1_000, 1_020, 980, 1_015]],
    fills: ['sell 10@990 taker'],
    ends: ['2 EXPIRED', '1 FILLED'],
  },
  {
    says: 'the profit alone inside the bar fills, and the stop is gone',
    orders: (desk) => desk.oco(profit(1_010), stop(990)),
    bars: [
      [1_000, 1_020, 995, 1_015],
      [1_000, 1_000, 900, 900],
    ],
    fills: ['sell 10@1010 maker'],
    ends: ['1 EXPIRED', '2 FILLED'],
  },
  {
    says: 'a pair that the open has jumped over upwards takes its profit at the open',
    orders: (desk) => desk.oco(profit(1_010), stop(990)),
    bars: [QUIET, [1_030, 1_040, 980, 985]],
    fills: ['sell 10@1030 maker'],
    ends: ['1 EXPIRED', '2 FILLED'],
  },
  {
    says: 'for a buying pair the stop above comes first as well',
    orders: (desk) => {
      desk.oco(stop(1_010, { side: 'buy' }), { side: 'buy', type: 'LIMIT_MAKER', price: 990, quantity: 10 });
    },
    bars: [[1_000, 1_020, 980, 985]],
    fills: ['buy 10@1010 taker'],
  },
  // Entries with exits
  {
    says: 'an entry and its stop inside one bar both fill: the low came after the entry',
    orders: (desk) => desk.otoco(entry(990), profit(1_010), stop(980)),
    bars: [[1_000, 1_020, 970, 1_015]],
    fills: ['buy 10@990 maker', 'sell 10@980 taker'],
  },
  {
    says: 'the profit of an entry inside the bar does not fill from a high that may have come before it',
    orders: (desk) => desk.otoco(entry(990), profit(1_010), stop(980)),
    bars: [[1_000, 1_020, 985, 1_005]],
    fills: ['buy 10@990 maker'],
  },
  {
    says: 'it fills where the close proves that the price went on to it',
    orders: (desk) => desk.otoco(entry(990), profit(1_010), stop(980)),
    bars: [[1_000, 1_020, 985, 1_011]],
    fills: ['buy 10@990 maker', 'sell 10@1010 maker'],
  },
  {
    says: 'an entry at the open has the whole bar after it',
    orders: (desk) => desk.otoco(entry(1_010), profit(1_015), stop(980)),
    bars: [[1_000, 1_020, 985, 1_005]],
    fills: ['buy 10@1000 taker', 'sell 10@1015 maker'],
  },
  {
    says: 'an order that waits for another to fill is not there before',
    orders: (desk) => desk.oto(entry(990), { ...entry(980), side: 'sell', price: 1_005 }),
    bars: [
      [1_000, 1_010, 991, 1_000],
      [1_000, 1_000, 985, 988],
      [1_000, 1_006, 995, 1_000],
    ],
    fills: ['buy 10@990 maker', 'sell 10@1005 maker'],
  },
  // Trailing
  {
    says: 'a trailing stop uses the peak from before the bar, not the bar’s own high',
    orders: (desk) => desk.place(trailing(500)),
    bars: [
      [1_000, 1_100, 990, 1_090],
      [1_090, 1_200, 1_050, 1_160],
    ],
    // Peak 1100: trigger 1045, not reached; the high of 1200 would trigger at 1140, but the low may have come first.
    fills: [],
  },
  {
    says: 'a trailing stop whose earlier peak triggers it inside the bar fills at that trigger',
    orders: (desk) => desk.place(trailing(500)),
    bars: [
      [1_000, 1_100, 990, 1_090],
      [1_090, 1_200, 1_040, 1_160],
    ],
    fills: ['sell 10@1045 taker'],
  },
  {
    says: 'a trailing stop that the close has come back through fills at the close, not at the better trigger of the bar’s own high',
    orders: (desk) => desk.place(trailing(500)),
    bars: [[1_000, 1_200, 990, 1_100]],
    // 1200 less 5 % is 1140; that it was passed is sure, what it filled at is not.
    fills: ['sell 10@1100 taker'],
  },
  {
    says: 'a trailing stop gapped through fills at the open',
    orders: (desk) => desk.place(trailing(500)),
    bars: [
      [1_000, 1_100, 990, 1_090],
      [1_020, 1_200, 1_010, 1_160],
    ],
    fills: ['sell 10@1020 taker'],
  },
  {
    says: 'a trailing buy follows the lows down and triggers on the way up',
    orders: (desk) => desk.place(trailing(500, { side: 'buy' })),
    bars: [
      [1_000, 1_010, 900, 920],
      [920, 950, 910, 940],
    ],
    // 900 and 5 % on top: 945.
    fills: ['buy 10@945 taker'],
  },
  {
    says: 'a trailing take-profit that the bar arms is not filled by the same bar’s low',
    orders: (desk) => desk.place(trailing(100, { type: 'TAKE_PROFIT', stopPrice: 1_050 })),
    bars: [[1_000, 1_060, 990, 1_055]],
    fills: [],
  },
  // Volume
  {
    says: 'no more than a tenth of the bar’s volume is taken; the rest of a market order expires',
    rules: { volumeSharePpm: 100_000 },
    orders: (desk) => desk.market('buy', 10),
    bars: [[1_000, 1_010, 990, 1_005, 60]],
    fills: ['buy 6@1000 taker'],
    ends: ['1 EXPIRED'],
  },
  {
    says: 'all orders share the bar’s volume, and what rests goes on in the next',
    rules: { volumeSharePpm: 100_000 },
    orders: (desk) => desk.limit('buy', 990, 5).limit('buy', 995, 5),
    bars: [
      [1_000, 1_010, 980, 1_005, 70],
      [1_000, 1_010, 980, 1_005, 70],
    ],
    fills: ['buy 5@995 maker', 'buy 2@990 maker', 'buy 3@990 maker'],
  },
  {
    says: 'impact grows with the square root of the share of the volume',
    rules: { slippage: { kind: 'square-root', ppm: 100_000 } },
    orders: (desk) => desk.market('buy', 10),
    bars: [[1_000, 1_010, 990, 1_005, 1_000]],
    // 10 % × √(10 ÷ 1000) = 1 %
    fills: ['buy 10@1010 taker'],
  },
];

describe('orders on bars', () => {
  test.each(CASES)('$says', ({ rules, history, orders, bars, fills, ends }) => {
    const desk = barDesk(rules);
    desk.bar(...(history ?? QUIET));
    orders(desk);
    for (const shape of bars) desk.bar(...shape);
    expect(desk.fills).toEqual(fills);
    if (ends !== undefined) expect(desk.ends).toEqual(ends);
  });

  test('a finer series decides the path: here the profit came before the stop', () => {
    const coarse = barOf(1, [1_000, 1_020, 980, 985], 5);
    const minutes: readonly BarShape[] = [
      [1_000, 1_005, 1_000, 1_005],
      [1_005, 1_020, 1_004, 1_015],
      [1_015, 1_015, 980, 981],
      [981, 990, 981, 985],
      [985, 985, 985, 985],
    ];
    const finer = minutes.map((shape, index) => barOf(5 + index, shape));
    const fillsWith = (path: typeof finer): readonly string[] => {
      const desk = barDesk();
      desk.exchange.observeBar(barOf(0, QUIET, 5));
      desk.nowUs = coarse.openTimeUs;
      desk.oco(profit(1_010), stop(990));
      desk.exchange.observeBar(coarse, path);
      return desk.fills;
    };
    expect(fillsWith([])).toEqual(['sell 10@990 taker']);
    expect(fillsWith(finer)).toEqual(['sell 10@1010 maker']);
    expect(() => fillsWith([barOf(5, [1_000, 1_030, 1_000, 1_005])])).toThrow(/within the bar/);
  });

  test('a resting order that is canceled after a bar is gone before the next one opens', () => {
    const desk = barDesk()
      .bar(...QUIET)
      .limit('buy', 990, 10)
      .bar(...QUIET);
    desk.cancel(1).bar(980, 985, 970, 975);
    expect([desk.fills, desk.ends]).toEqual([[], ['1 CANCELED']]);
  });

  test('bars of another interval than the chosen one are let by', () => {
    const desk = barDesk({ interval: '5m' }).market('buy', 1);
    desk.exchange.observe(barOf(0, QUIET));
    expect(desk.fills).toEqual([]);
    desk.exchange.observe(barOf(0, [1_010, 1_020, 990, 1_005], 5));
    expect(desk.fills).toEqual(['buy 1@1010 taker']);
  });

  test('fills carry a time inside their bar', () => {
    const desk = barDesk().bar(...QUIET);
    desk.market('buy', 1).place(stop(990)).bar(1_000, 1_010, 980, 1_005);
    const times = desk.messages.flatMap((message) =>
      message.kind === 'report' && message.report.execution !== null ? [message.report.timeUs] : [],
    );
    expect(times).toEqual([60_000_000, 119_999_999]);
  });
});
