import { formatAmount, type Amount } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ANN, BTC, money, USDT } from '../exchange/exchange.test-support.ts';
import { barDesk, type BarShape, type Desk, type DeskOptions } from './feed.test-support.ts';
import { FeedExchange } from './feed-exchange.ts';
import { DEFAULT_BAR_RULES } from './fill-rules.ts';

/** One lot is a thousandth, one tick a hundredth: at 1,000 ticks a unit costs 10, a lot 0.01 USDT. */
const QUIET: BarShape = [1_000, 1_000, 1_000, 1_000];
const NO_RATES = { makerPpm: 0, takerPpm: 0 };

interface Terms {
  readonly perOrder?: string;
  readonly perUnit?: string;
  readonly minimum?: string;
}

const commissionOf = ({ perOrder = '0', perUnit = '0', minimum = '0' }: Terms) => ({
  perOrder: money(perOrder),
  perUnit: money(perUnit),
  minimum: money(minimum),
});

const charging = (terms: Terms, cash = '100000', more: DeskOptions = {}): DeskOptions => ({
  balances: [{ asset: USDT, free: money(cash) }],
  fees: NO_RATES,
  feesFrom: 'quote',
  commission: commissionOf(terms),
  ...more,
});

function held(desk: Desk): { readonly btc: string; readonly usdt: string; readonly locked: string } {
  const positions = desk.exchange.exchange.positions(ANN);
  const of = (asset: typeof BTC) => positions.find((each) => each.asset === asset);
  const sum = (asset: typeof BTC): string =>
    formatAmount(((of(asset)?.free ?? 0n) + (of(asset)?.locked ?? 0n)) as Amount);
  return { btc: sum(BTC), usdt: sum(USDT), locked: formatAmount(of(USDT)?.locked ?? (0n as Amount)) };
}

/** The fee of each fill. */
const feesOf = (desk: Desk): readonly string[] =>
  desk.messages.flatMap((message) =>
    message.kind === 'report' && message.report.execution !== null
      ? [formatAmount(message.report.execution.commission)]
      : [],
  );

/** An order of 500 units that fills by 230, 170 and 100. */
function inThree(terms: Terms): readonly string[] {
  const desk = barDesk({ volumeSharePpm: 1_000_000 }, charging(terms))
    .bar(...QUIET)
    .limit('buy', 900, 500_000);
  for (const units of [230, 170, 100]) desk.bar(1_000, 1_000, 800, 1_000, units * 1_000);
  expect(desk.fills).toEqual([230, 170, 100].map((units) => `buy ${units * 1_000}@900 maker`));
  expect(held(desk).locked).toBe('0');
  return feesOf(desk);
}

describe('a commission', () => {
  // What zipline's tests of PerShare and PerContract hold these models to, as totals after each fill.
  test.each<readonly [string, Terms, readonly number[]]>([
    ['by the share', { perUnit: '0.0075' }, [1.725, 3, 3.75]],
    ['by the share, the least met by the first fill', { perUnit: '0.0075', minimum: '1' }, [1.725, 3, 3.75]],
    ['by the share, the least met by the second', { perUnit: '0.0075', minimum: '2.5' }, [2.5, 3, 3.75]],
    ['by the share, the least met by the third', { perUnit: '0.0075', minimum: '3.5' }, [3.5, 3.5, 3.75]],
    ['by the share, the least met by none', { perUnit: '0.0075', minimum: '5.5' }, [5.5, 5.5, 5.5]],
    ['by the contract, with a fee of the exchange', { perUnit: '0.01', perOrder: '0.3' }, [2.6, 4.3, 5.3]],
    ['of both with a least', { perUnit: '0.01', perOrder: '0.3', minimum: '3' }, [3, 4.3, 5.3]],
    ['once an order', { perOrder: '10' }, [10, 10, 10]],
  ])('%s, of an order that fills in three', (_, terms, totals) => {
    let sum = 0;
    expect(inThree(terms).map((fee) => Number((sum += Number(fee)).toFixed(8)))).toEqual(totals);
  });

  test('counts the fees by rate into the least', () => {
    const fees = { makerPpm: 1_000, takerPpm: 2_000 };
    const desk = barDesk({}, charging({ perOrder: '1', minimum: '5' }, '100000', { fees }))
      .bar(...QUIET)
      .market('buy', 100_000)
      .market('buy', 400_000)
      .bar(...QUIET);
    // 1,000 × 0.2 % + 1 = 3, made up to 5; 4,000 × 0.2 % + 1 = 9.
    expect(feesOf(desk)).toEqual(['5', '9']);
  });

  test('is rounded up at the eighth digit, once for all units of an order', () => {
    const desk = barDesk({ volumeSharePpm: 1_000_000 }, charging({ perUnit: '0.000000005' }))
      .bar(...QUIET)
      .limit('buy', 900, 3_000);
    for (let bar = 0; bar < 3; bar += 1) desk.bar(1_000, 1_000, 800, 1_000, 1_000);
    // Half a step a unit: of one 1, of two 1, of three 2.
    expect(feesOf(desk)).toEqual(['0.00000001', '0', '0.00000001']);
  });

  test('leaves room for itself: ⌊(cash − by the order) ÷ (price + by the unit)⌋, or what the least leaves', () => {
    const bought = (terms: Terms, cash: string): readonly string[] =>
      barDesk({}, charging(terms, cash))
        .bar(...QUIET)
        .market('buy', 10_000)
        .bar(...QUIET).fills;
    expect(bought({ perOrder: '1' }, '11')).toEqual(['buy 1000@1000 taker']);
    expect(bought({ perOrder: '1' }, '10.99')).toEqual(['buy 999@1000 taker']);
    // A unit for 10.5: 4 of 42.
    expect(bought({ perUnit: '0.5' }, '42')).toEqual(['buy 4000@1000 taker']);
    expect(bought({ perUnit: '0.5', minimum: '2' }, '42')).toEqual(['buy 4000@1000 taker']);
    expect(bought({ perUnit: '0.5', minimum: '3' }, '42')).toEqual(['buy 3900@1000 taker']);
    expect(bought({ minimum: '42' }, '42')).toEqual([]);
  });

  test('of a resting buy is set aside with it, and given back with what does not come of it', () => {
    const desk = barDesk({ volumeSharePpm: 1_000_000 }, charging({ perOrder: '1', perUnit: '0.5', minimum: '4' }))
      .bar(...QUIET)
      .limit('buy', 900, 10_000)
      .bar(...QUIET);
    // 10 units at 9, and 1 + 10 × 0.5.
    expect(held(desk)).toEqual({ btc: '0', usdt: '100000', locked: '96' });
    desk.bar(1_000, 1_000, 800, 1_000, 2_000);
    // Two filled: 1 + 2 × 0.5 made up to 4; 8 more cost 72, and 1 + 10 × 0.5 − 4 are still to come.
    expect(feesOf(desk)).toEqual(['4']);
    expect(held(desk)).toEqual({ btc: '2', usdt: '99978', locked: '74' });
    desk.cancel(1).bar(...QUIET);
    expect(held(desk)).toEqual({ btc: '2', usdt: '99978', locked: '0' });
  });

  test('of a resting buy that its money does not pay for makes it smaller', () => {
    const desk = barDesk({}, charging({ perOrder: '1' }, '90'))
      .bar(...QUIET)
      .limit('buy', 900, 10_000)
      .bar(1_000, 1_000, 800, 1_000);
    expect(desk.fills).toEqual(['buy 9888@900 maker']);
    expect(held(desk)).toEqual({ btc: '9.888', usdt: '0.008', locked: '0' });
  });

  test('of a pair is set aside once', () => {
    const desk = barDesk({}, charging({ perOrder: '1' }))
      .bar(...QUIET)
      .oco(
        { side: 'buy', type: 'STOP_LOSS_LIMIT', stopPrice: 1_100, price: 1_200, quantity: 1_000, timeInForce: 'gtc' },
        { side: 'buy', type: 'LIMIT_MAKER', price: 900, quantity: 1_000 },
      )
      .bar(...QUIET);
    expect(held(desk).locked).toBe('13');
    desk.bar(1_000, 1_000, 800, 1_000);
    expect(held(desk)).toEqual({ btc: '1', usdt: '99990', locked: '0' });
  });

  test('that a sale does not bring is owed, and paid back by what comes', () => {
    const desk = barDesk({}, charging({ perOrder: '20' }, '30.1'))
      .bar(...QUIET)
      .market('buy', 1_000)
      .bar(...QUIET);
    expect(held(desk)).toEqual({ btc: '1', usdt: '0.1', locked: '0' });
    desk.market('sell', 500).bar(...QUIET);
    expect(held(desk)).toEqual({ btc: '0.5', usdt: '-14.9', locked: '0' });
    // Nothing can be bought on that, and the rest can be sold.
    desk.market('buy', 1).bar(...QUIET);
    expect(desk.ends.at(-1)).toBe('refused insufficient_balance');
    desk.market('sell', 500).bar(...QUIET);
    expect(held(desk)).toEqual({ btc: '0', usdt: '-29.9', locked: '0' });
  });

  test('on entries alone is of the lots that open something, once an order', () => {
    const desk = barDesk(
      {},
      charging({ perOrder: '1', perUnit: '0.5', minimum: '3' }, '1000', {
        feesOn: 'entry',
        margin: { initialPpm: 1_000_000 },
      }),
    )
      .bar(...QUIET)
      .market('buy', 2_000)
      .bar(...QUIET)
      .market('sell', 12_000)
      .bar(...QUIET)
      .market('buy', 10_000)
      .bar(...QUIET);
    expect(desk.fills).toEqual([
      'buy 2000@1000 taker',
      'sell 2000@1000 taker',
      'sell 10000@1000 taker',
      'buy 10000@1000 taker',
    ]);
    // 1 + 2 × 0.5 made up to 3; closing is free; 1 + 10 × 0.5; closing is free.
    expect(feesOf(desk)).toEqual(['3', '0', '6', '0']);
  });

  test('of a short sale counts against its margin', () => {
    const sold = (perOrder: string): readonly string[] =>
      barDesk({}, charging({ perOrder }, '100', { margin: { initialPpm: 1_000_000 } }))
        .bar(...QUIET)
        .market('sell', 10_000)
        .bar(...QUIET).fills;
    expect(sold('0')).toEqual(['sell 10000@1000 taker']);
    expect(sold('1')).toEqual(['sell 9900@1000 taker']);
  });

  test('is taken in the quote asset alone, to the eighth digit', () => {
    expect(() => barDesk({}, charging({ perOrder: '1' }, '100', { feesFrom: 'received' }))).toThrow(/quote asset/);
    expect(() => barDesk({}, charging({ perOrder: '0.000000001' }))).toThrow(/8 digits/);
  });

  test('goes on after a restart in the middle of an order', () => {
    const options = charging({ perOrder: '1', perUnit: '0.5', minimum: '4' });
    const desk = barDesk({ volumeSharePpm: 1_000_000 }, options)
      .bar(...QUIET)
      .limit('buy', 900, 10_000)
      .bar(1_000, 1_000, 800, 1_000, 2_000);
    const snapshot = JSON.parse(JSON.stringify(desk.exchange.snapshot())) as ReturnType<typeof desk.exchange.snapshot>;
    const rules = { ...DEFAULT_BAR_RULES, slippage: { kind: 'none' }, volumeSharePpm: 1_000_000 } as const;
    const again = new FeedExchange({ symbols: [], rules, accounts: [], hear: () => undefined }, snapshot);
    expect(again.snapshot()).toEqual(desk.exchange.snapshot());
    expect(again.exchange.accountOptions(ANN)?.commission).toEqual(options.commission);
  });
});

describe('whatever fills, and in however many parts', () => {
  const amount = fc.constantFrom('0', '0.01', '0.37', '2', '11');

  test('an order pays the larger of its least and of the sum of its parts, and nothing stays set aside', () => {
    fc.assert(
      fc.property(
        fc.record({ perOrder: amount, perUnit: amount, minimum: amount }),
        fc.integer({ min: 0, max: 20_000 }),
        fc.constantFrom('40', '150', '100000'),
        fc.array(fc.tuple(fc.constantFrom('limit', 'market', 'sell', 'cancel'), fc.integer({ min: 1, max: 9_000 })), {
          maxLength: 12,
        }),
        fc.array(fc.integer({ min: 1, max: 6_000 }), { minLength: 12, maxLength: 12 }),
        (terms, ppm, cash, asks, volumes) => {
          const fees = { makerPpm: ppm, takerPpm: ppm };
          const desk = barDesk({ volumeSharePpm: 1_000_000 }, charging(terms, cash, { fees })).bar(...QUIET);
          for (const [index, [kind, lots]] of asks.entries()) {
            if (kind === 'limit') desk.limit('buy', 950, lots);
            else if (kind === 'cancel') desk.cancel(1 + (lots % 5));
            else desk.market(kind === 'sell' ? 'sell' : 'buy', lots);
            desk.bar(1_000, 1_000, 900, 1_000, volumes[index] ?? 1);
          }
          for (let id = 1; id <= asks.length; id += 1) desk.cancel(id);
          desk.bar(...QUIET);
          const paid = new Map<number, { fee: bigint; byRate: bigint; lots: bigint }>();
          let balance = money(cash) as bigint;
          for (const message of desk.messages) {
            if (message.kind !== 'report' || message.report.execution === null) continue;
            const { orderId, side, execution } = message.report;
            const value = BigInt(execution.price) * BigInt(execution.quantity) * 10n ** 13n;
            balance += (side === 'buy' ? -value : value) - execution.commission;
            const step = 10n ** 10n;
            const byRate = ((value * BigInt(ppm) + 1_000_000n * step - 1n) / (1_000_000n * step)) * step;
            const sum = paid.get(orderId) ?? { fee: 0n, byRate: 0n, lots: 0n };
            paid.set(orderId, {
              fee: sum.fee + execution.commission,
              byRate: sum.byRate + byRate,
              lots: sum.lots + BigInt(execution.quantity),
            });
          }
          const { perOrder, perUnit, minimum } = commissionOf(terms);
          for (const { fee, byRate, lots } of paid.values()) {
            const parts = perOrder + (perUnit * lots) / 1_000n + byRate;
            expect(fee).toBe(parts > minimum ? parts : minimum);
          }
          expect(held(desk)).toMatchObject({ usdt: formatAmount(balance as Amount), locked: '0' });
        },
      ),
      { numRuns: 300 },
    );
  });
});
