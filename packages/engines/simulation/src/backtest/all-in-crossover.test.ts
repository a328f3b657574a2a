import { expectOk, parseStep } from '@monsta/core';
import { SHIPPED_STRATEGIES } from '@monsta/trading';
import { expect, it } from 'vitest';
import { Backtest } from './backtest.ts';
import { configured, optionsOf, seriesOf, testInstrument, type TestBar } from './backtest.test-support.ts';

const DAY_MS = 86_400_000;

/** A small market of daily bars, made by hand: up, down, up again, and a little down. Open, high, low, close. */
const DAYS: readonly TestBar[] = [
  [50, 51, 49, 50],
  [50, 51, 49, 50],
  [50, 51, 49, 50],
  [50, 53, 50, 53],
  [54, 56, 53, 56],
  [56, 58, 55, 57],
  [57, 57, 51, 52],
  [51, 52, 47, 48],
  [48, 49, 45, 46],
  [46, 52, 46, 51],
  [52, 56, 52, 55],
  [55, 57, 54, 56],
];

/**
 * The rules that engines for whole units share, followed by hand: all in, at the next open, ⌊cash ÷ (open × 1.002)⌋ units, a commission of 0.2 % on both sides, long while the average of
 * the last 2 closes is above that of the last 3, otherwise short, turned at each crossing, the last trade closed at the last close. An average that equals the other is not above it.
 *
 * | day | close | mean of 2 | mean of 3 | wanted | at the next open |
 * | --- | ----- | --------- | --------- | ------ | ---------------- |
 * | 2   | 50    | 50        | 50        | short  | 50: ⌊10,000 ÷ 50.1⌋ = 199 short, commission 19.90: cash 19,930.10 |
 * | 3   | 53    | 51.5      | 51        | long   | 54: buys 199 for 10,746 + 21.492: cash 9,162.608; ⌊9,162.608 ÷ 54.108⌋ = 169 long, 9,126 + 18.252: cash 18.356 |
 * | 4   | 56    | 54.5      | 53        | long   | |
 * | 5   | 57    | 56.5      | 55.33…    | long   | |
 * | 6   | 52    | 54.5      | 55        | short  | 51: sells 169 for 8,619 − 17.238: cash 8,620.118; ⌊8,620.118 ÷ 51.102⌋ = 168 short, 8,568 − 17.136: cash 17,170.982 |
 * | 7   | 48    | 50        | 52.33…    | short  | |
 * | 8   | 46    | 47        | 48.66…    | short  | |
 * | 9   | 51    | 48.5      | 48.33…    | long   | 52: buys 168 for 8,736 + 17.472: cash 8,417.51; ⌊8,417.51 ÷ 52.104⌋ = 161 long, 8,372 + 16.744: cash 28.766 |
 * | 10  | 55    | 53        | 50.66…    | long   | |
 * | 11  | 56    | 55.5      | 54        | long   | the data ends: sells 161 at 56 for 9,016 − 18.032: cash 9,026.734 |
 */
const FILLS = [
  'sell 199 @ 50, fee 19.9',
  'buy 199 @ 54, fee 21.492',
  'buy 169 @ 54, fee 18.252',
  'sell 169 @ 51, fee 17.238',
  'sell 168 @ 51, fee 17.136',
  'buy 168 @ 52, fee 17.472',
  'buy 161 @ 52, fee 16.744',
  'sell 161 @ 56, fee 18.032',
];

it('all in, whole units, at the next open, turned at each crossing, closed at the end: to the cent what it is by hand', () => {
  const instrument = { ...testInstrument(), lot: expectOk(parseStep('1')), notionalMin: null };
  const definition = SHIPPED_STRATEGIES.find(({ name }) => name === 'sma-cross');
  const strategy = configured(definition, { fast: 2, slow: 3, interval: '1d', short: true });
  const plain = optionsOf([strategy], [seriesOf(DAYS, { instrument, interval: '1d', stepMs: DAY_MS })]);
  const backtest = new Backtest({
    ...plain,
    config: {
      ...plain.config,
      allocationPpm: 1_000_000,
      rebalanceBandPpm: 1_000_000,
      short: { initialMarginPpm: 1_000_000 },
      sizedAt: 'next-open',
    },
    account: { ...plain.account, fees: { makerPpm: 2_000, takerPpm: 2_000 }, margin: { initialPpm: 1_000_000 } },
    endOfData: 'close',
  });
  while (backtest.step(1));
  const { fills, trades, curve, denials } = backtest.outcome();
  expect(
    fills.map(({ side, quantity, price, fee }) => `${side} ${quantity} @ ${price / 100}, fee ${Number(fee) / 1e18}`),
  ).toEqual(FILLS);
  expect(trades.map(({ direction, profit, exitCause }) => `${direction} ${profit} ${exitCause}`)).toEqual([
    'short -837.392 strategy',
    'long -542.49 strategy',
    'short -202.608 strategy',
    'long 609.224 end_of_data',
  ]);
  expect(curve.equity.at(-1)).toBe(9_026.734);
  expect(denials).toEqual({});
});
