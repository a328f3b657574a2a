import { formatAmount, notional, pow10, type Amount } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ANN, BTC, money, OPEN_RULES, USDT } from '../exchange/exchange.test-support.ts';
import { barDesk, barOf, type BarShape, type Desk, type DeskOptions, type Draft } from './feed.test-support.ts';
import { FeedExchange } from './feed-exchange.ts';
import { DEFAULT_BAR_RULES } from './fill-rules.ts';

/** One lot is a thousandth, one tick a hundredth: at 1,000 ticks a lot costs 0.01 USDT. */
const QUIET: BarShape = [1_000, 1_000, 1_000, 1_000];
const FEES = { makerPpm: 1_000, takerPpm: 1_000 };
const CASH = [{ asset: USDT, free: money('1') }];
const spot: DeskOptions = { balances: CASH, fees: FEES, feesFrom: 'quote' };
const onMargin = (initialPpm = 1_000_000): DeskOptions => ({ ...spot, margin: { initialPpm } });

/** What there is of both assets, free and locked together, below 0 where it is owed. */
function held(desk: Desk): { readonly btc: string; readonly usdt: string } {
  const positions = desk.exchange.exchange.positions(ANN);
  const of = (asset: typeof BTC): string => {
    const found = positions.find((each) => each.asset === asset);
    return formatAmount(((found?.free ?? 0n) + (found?.locked ?? 0n)) as Amount);
  };
  return { btc: of(BTC), usdt: of(USDT) };
}

const stopBuy = (stopPrice: number, quantity: number): Draft => ({
  side: 'buy',
  type: 'STOP_LOSS',
  stopPrice,
  quantity,
});

describe('an order that its owner can not pay for', () => {
  test('is made as small as he can: whole lots = ⌊cash ÷ (price × (1 + fee))⌋', () => {
    const desk = barDesk({}, spot)
      .bar(...QUIET)
      .market('buy', 100)
      .bar(...QUIET);
    expect(desk.fills).toEqual(['buy 99@1000 taker']);
    expect(held(desk)).toEqual({ btc: '0.099', usdt: '0.00901' });
  });

  test('is measured by the open that it meets, not by the close that it was decided at', () => {
    const desk = barDesk({}, spot)
      .bar(...QUIET)
      .market('buy', 99)
      .bar(1_250, 1_250, 1_250, 1_250);
    expect(desk.fills).toEqual(['buy 79@1250 taker']);
  });

  test('pays its slippage out of the same money', () => {
    const desk = barDesk({ slippage: { kind: 'rate', ppm: 10_000 } }, spot)
      .bar(...QUIET)
      .market('buy', 100)
      .bar(...QUIET);
    expect(desk.fills).toEqual(['buy 98@1010 taker']);
  });

  test('a limit order rests with what its own price and the fee leave', () => {
    const desk = barDesk({}, spot)
      .bar(...QUIET)
      .limit('buy', 500, 200)
      .bar(1_000, 1_000, 499, 600);
    expect(desk.fills).toEqual(['buy 199@500 maker']);
  });

  test('a stop that the market gapped through buys what its money pays for there', () => {
    const desk = barDesk({}, spot)
      .bar(...QUIET)
      .place(stopBuy(1_100, 90))
      .bar(1_250, 1_250, 1_200, 1_200);
    expect(desk.fills).toEqual(['buy 79@1250 taker']);
    expect(desk.exchange.exchange.openOrders(ANN, null)).toEqual([]);
  });

  test('is refused where not one lot is left, or less than the symbol takes', () => {
    const poor = { ...spot, balances: [{ asset: USDT, free: money('0.005') }] };
    expect(
      barDesk({}, poor)
        .bar(...QUIET)
        .market('buy', 5)
        .bar(...QUIET).ends,
    ).toEqual(['refused insufficient_balance']);
    const least = { ...OPEN_RULES, quantity: { ...OPEN_RULES.quantity, min: 100 } };
    const desk = barDesk({}, { ...spot, symbol: least })
      .bar(...QUIET)
      .market('buy', 100)
      .bar(...QUIET);
    expect(desk.ends).toEqual(['refused filter_lot_size']);
    expect(held(desk)).toEqual({ btc: '0', usdt: '1' });
  });

  test('never leaves a lot that could have been paid for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.integer({ min: 1, max: 800_000 }),
        fc.nat({ max: 20_000 }),
        fc.nat({ max: 20_000 }),
        (at, cash, fee, slip) => {
          const balances = [{ asset: USDT, free: money((cash / 10_000).toFixed(4)) }];
          const fees = { makerPpm: fee, takerPpm: fee };
          const rules = { slippage: { kind: 'rate', ppm: slip } as const };
          const flat: BarShape = [at, at, at, at];
          const buys = (lots: number): Desk =>
            barDesk(rules, { ...spot, balances, fees })
              .bar(...flat)
              .market('buy', lots)
              .bar(...flat);
          const [first] = buys(9_000_000).fills;
          const bought = first === undefined ? 0 : Number(/ (\d+)@/.exec(first)?.[1]);
          const paid = Math.ceil((at * (1_000_000 + slip)) / 1_000_000);
          const perLot = BigInt(paid) * 10n ** 13n;
          const withFee = (lots: number): bigint =>
            perLot * BigInt(lots) + (perLot * BigInt(lots) * BigInt(fee)) / 1_000_000n;
          const all = BigInt(cash) * 10n ** 14n;
          expect(withFee(bought) <= all).toBe(true);
          // The fee is rounded up at eight digits.
          expect(withFee(bought + 1) + 10n ** 10n > all).toBe(true);
          if (fee === 0) expect(perLot * BigInt(bought + 1) > all).toBe(true);
        },
      ),
    );
  });
});

describe('an account with margin', () => {
  test('sells what it has not got, as many whole lots as its own money covers with the fee', () => {
    const desk = barDesk({}, onMargin())
      .bar(...QUIET)
      .market('sell', 500)
      .bar(...QUIET);
    expect(desk.fills).toEqual(['sell 99@1000 taker']);
    expect(held(desk)).toEqual({ btc: '-0.099', usdt: '1.98901' });
  });

  test('at a margin of one half sells twice as much', () => {
    const desk = barDesk({}, onMargin(500_000))
      .bar(...QUIET)
      .market('sell', 500)
      .bar(...QUIET);
    expect(desk.fills).toEqual(['sell 199@1000 taker']);
  });

  test('is measured at the open, where the short sale happens', () => {
    const desk = barDesk({}, onMargin())
      .bar(...QUIET)
      .market('sell', 500)
      .bar(1_250, 1_250, 1_250, 1_250);
    expect(desk.fills).toEqual(['sell 79@1250 taker']);
  });

  test('without one, nothing that is not held can be sold', () => {
    expect(
      barDesk({}, spot)
        .bar(...QUIET)
        .market('sell', 1)
        .bar(...QUIET).ends,
    ).toEqual(['refused insufficient_balance']);
  });

  test('what the short sale brought pays for no larger position than the margin allows', () => {
    const desk = barDesk({}, onMargin())
      .bar(...QUIET)
      .market('sell', 50)
      .bar(...QUIET);
    desk.limit('sell', 1_000, 100).bar(990, 990, 990, 990);
    expect(desk.ends).toEqual(['1 FILLED']);
    // 50 are owed. Own money of 1.0045 covers 101 lots at 990, with the fee of the 51 that rest now.
    const [order] = desk.exchange.exchange.openOrders(ANN, null);
    expect(order?.quantity).toBe(51);
  });

  test('buys back whatever it costs; what is missing stays as a debt, and nothing new is opened with it', () => {
    const desk = barDesk({}, onMargin())
      .bar(...QUIET)
      .market('sell', 99)
      .bar(...QUIET);
    desk.market('buy', 99).bar(5_000, 5_000, 5_000, 5_000);
    expect(desk.fills).toEqual(['sell 99@1000 taker', 'buy 99@5000 taker']);
    expect(held(desk)).toEqual({ btc: '0', usdt: '-2.96594' });
    desk.market('sell', 1).market('buy', 1).bar(5_000, 5_000, 5_000, 5_000);
    expect(desk.ends.slice(2)).toEqual(['refused insufficient_balance', 'refused insufficient_balance']);
  });

  test('closes and opens the other way at one open: the close first, then what is left covers the rest', () => {
    const desk = barDesk({}, onMargin())
      .bar(...QUIET)
      .market('buy', 99)
      .bar(...QUIET);
    desk
      .market('sell', 99)
      .market('sell', 200)
      .bar(...QUIET);
    // 1 − 0.00099 − 0.00099 is left, and 0.99802 ÷ 0.01001 is 99.7.
    expect(desk.fills.slice(1)).toEqual(['sell 99@1000 taker', 'sell 99@1000 taker']);
    desk.market('buy', 300).bar(...QUIET);
    // In one order too: 99 of it close, what the money left pays for opens.
    expect(desk.fills.at(-1)).toBe('buy 198@1000 taker');
    expect(held(desk).btc).toBe('0.099');
  });

  test('a stop above a short and a profit below it cancel each other, and need no money of their own', () => {
    const desk = barDesk({}, onMargin())
      .bar(...QUIET)
      .market('sell', 99)
      .bar(...QUIET);
    desk.oco(stopBuy(1_200, 99), { side: 'buy', type: 'LIMIT_MAKER', price: 800, quantity: 99 });
    desk.bar(1_000, 1_300, 900, 1_250);
    expect(desk.fills.at(-1)).toBe('buy 99@1200 taker');
    expect(held(desk)).toEqual({ btc: '0', usdt: '0.799822' });
  });

  test('is kept and restored with what it owes', () => {
    const desk = barDesk({}, onMargin())
      .bar(...QUIET)
      .market('sell', 60)
      .bar(...QUIET)
      .limit('buy', 900, 60)
      .limit('sell', 1_100, 20);
    desk.bar(...QUIET);
    const snapshot = JSON.parse(JSON.stringify(desk.exchange.snapshot().exchange)) as ReturnType<
      FeedExchange['snapshot']
    >['exchange'];
    const restored = new FeedExchange(
      { symbols: [OPEN_RULES], rules: DEFAULT_BAR_RULES, hear: () => undefined },
      { ...desk.exchange.snapshot(), exchange: snapshot },
    );
    expect(restored.exchange.positions(ANN)).toEqual(desk.exchange.exchange.positions(ANN));
    expect(restored.exchange.accountOptions(ANN)?.margin).toEqual({ initialPpm: 1_000_000 });
    expect(restored.snapshot().exchange).toEqual(desk.exchange.snapshot().exchange);
  });

  test('must take its fees from the quote asset, and a share above 0 up to 1', () => {
    expect(() => barDesk({}, { ...onMargin(), feesFrom: 'received' })).toThrow('pays its fees in the quote asset');
    expect(() => barDesk({}, onMargin(0))).toThrow('a share above 0 and at most 1');
    expect(() => barDesk({}, onMargin(1_000_001))).toThrow('a share above 0 and at most 1');
  });

  test('whatever is sent: fills and fees account for every digit, nothing stays locked, and no opening leaves less than the margin', () => {
    const side = fc.constantFrom('buy' as const, 'sell' as const);
    const size = fc.integer({ min: 1, max: 150 });
    const near = fc.integer({ min: 900, max: 1_100 });
    const draft: fc.Arbitrary<Draft> = fc.oneof(
      fc.record({ side, quantity: size, type: fc.constant('MARKET' as const) }),
      fc.record({
        side,
        quantity: size,
        price: near,
        type: fc.constant('LIMIT' as const),
        timeInForce: fc.constant('gtc' as const),
      }),
      fc.record({
        side,
        quantity: size,
        stopPrice: near,
        type: fc.constantFrom('STOP_LOSS' as const, 'TAKE_PROFIT' as const),
      }),
    );
    const bar = fc
      .record({ open: near, close: near, up: fc.nat({ max: 60 }), down: fc.nat({ max: 60 }) })
      .map(({ open, close, up, down }): BarShape => [
        open,
        Math.max(open, close) + up,
        Math.min(open, close) - down,
        close,
      ]);
    const day = fc.array(fc.record({ bar, drafts: fc.array(draft, { maxLength: 3 }) }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(day, fc.constantFrom(300_000, 1_000_000), (bars, initialPpm) => {
        const desk = barDesk({}, onMargin(initialPpm)).bar(...QUIET);
        for (const each of bars) {
          for (const one of each.drafts) desk.place(one);
          desk.bar(...each.bar);
        }
        const reports = desk.messages.flatMap((message) => (message.kind === 'report' ? [message.report] : []));
        let [btc, usdt] = [0n, 10n ** 18n];
        for (const { side: way, execution, symbol } of reports) {
          if (execution === null) continue;
          expect(symbol).toBe(OPEN_RULES.symbol);
          const coins = BigInt(execution.quantity) * pow10(15);
          const value = notional(execution.price, execution.quantity, OPEN_RULES);
          btc += way === 'buy' ? coins : -coins;
          usdt += (way === 'buy' ? -value : value) - execution.commission;
        }
        desk.send({ kind: 'cancel-all', account: ANN, symbol: OPEN_RULES.symbol }).bar(...QUIET);
        const positions = desk.exchange.exchange.positions(ANN);
        const free = (asset: typeof BTC): bigint => positions.find((each) => each.asset === asset)?.free ?? 0n;
        // What the last bar's open has filled of market orders is in no report above only if there was none.
        expect(free(BTC)).toBe(btc);
        expect(free(USDT)).toBe(usdt);
        for (const each of positions) expect(each.locked).toBe(0n);
      }),
    );
  });
});

describe('the open of a bar, shown before the rest of it', () => {
  test('is the price that orders meet until the bar is told whole', () => {
    const desk = barDesk({}, spot)
      .bar(...QUIET)
      .market('buy', 10);
    const next = barOf(1, [1_010, 1_200, 900, 1_100]);
    desk.exchange.showOpen(next);
    expect(desk.fills).toEqual(['buy 10@1010 taker']);
    desk.market('sell', 10).place(stopBuy(1_100, 10));
    expect(desk.fills.slice(1)).toEqual(['sell 10@1010 taker']);
    desk.exchange.observeBar(next);
    // The stop was there from the open on.
    expect(desk.fills.slice(2)).toEqual(['buy 10@1100 taker']);
  });

  test('belongs to the next bar', () => {
    const desk = barDesk({}, spot).bar(...QUIET);
    desk.exchange.showOpen(barOf(1, QUIET));
    expect(() => desk.exchange.observeBar(barOf(2, QUIET))).toThrow('the bar whose open was shown is the next one');
    expect(() => desk.exchange.showOpen(barOf(1, QUIET))).toThrow('one after the other');
  });
});

describe('when the data ends', () => {
  test('what is on its way is refused, cancels take effect, and what is sent then meets the last close with its slippage', () => {
    const desk = barDesk({ slippage: { kind: 'rate', ppm: 1_000 } }, spot)
      .bar(...QUIET)
      .market('buy', 50)
      .limit('sell', 1_500, 10);
    desk.bar(...QUIET).bar(1_000, 1_100, 990, 1_080);
    desk.market('buy', 10).cancel(2);
    desk.exchange.endData();
    expect(desk.ends.slice(1)).toEqual(['refused data_ended', '2 CANCELED']);
    desk.market('sell', 50);
    expect(desk.fills).toEqual(['buy 50@1001 taker', 'sell 50@1078 taker']);
    expect(held(desk).btc).toBe('0');
  });
});

describe('an account that pays fees on entries alone', () => {
  const onEntries: DeskOptions = { ...onMargin(), feesOn: 'entry' };
  const collected = (desk: Desk): string =>
    formatAmount(desk.exchange.exchange.feesCollected().get(USDT) ?? (0n as Amount));

  test('turns in one order for the fee of what it opens, and is made as small as that is paid for', () => {
    const desk = barDesk({}, onEntries)
      .bar(...QUIET)
      .market('sell', 50)
      .bar(...QUIET)
      .market('buy', 200)
      .bar(...QUIET);
    // A fee of 0.0005 went; what is left, 0.9995, pays for 99 at 0.01001.
    expect(desk.fills).toEqual(['sell 50@1000 taker', 'buy 50@1000 taker', 'buy 99@1000 taker']);
    expect(collected(desk)).toBe('0.00149');
    expect(held(desk)).toEqual({ btc: '0.099', usdt: '0.00851' });
  });

  test('does so with an order that rested, too', () => {
    const desk = barDesk({ limits: 'touch' }, onEntries)
      .bar(...QUIET)
      .market('sell', 30)
      .bar(...QUIET)
      .limit('buy', 900, 70)
      .bar(1_000, 1_000, 900, 1_000);
    expect(desk.fills).toEqual(['sell 30@1000 taker', 'buy 30@900 maker', 'buy 40@900 maker']);
    expect(collected(desk)).toBe('0.00066');
  });

  test('always may leave, whatever is left to pay with', () => {
    const desk = barDesk({}, onEntries)
      .bar(...QUIET)
      .market('sell', 99)
      .bar(...QUIET)
      .market('buy', 99)
      .bar(2_100, 2_100, 2_100, 2_100);
    expect(desk.fills).toEqual(['sell 99@1000 taker', 'buy 99@2100 taker']);
    expect(held(desk)).toEqual({ btc: '0', usdt: '-0.08999' });
  });

  test('is one again when it is read back', () => {
    const desk = barDesk({}, onEntries)
      .bar(...QUIET)
      .market('sell', 50)
      .bar(...QUIET);
    const again = new FeedExchange(
      { symbols: [OPEN_RULES], rules: { ...DEFAULT_BAR_RULES, slippage: { kind: 'none' } }, hear: () => undefined },
      structuredClone(desk.exchange.snapshot()),
    );
    expect(again.exchange.accountOptions(ANN)?.feesOn).toBe('entry');
  });
});
