import { expectOk, parseStep, type Fill } from '@monsta/core';
import { defineStrategy, type KernelConfig } from '@monsta/trading';
import { describe, expect, it } from 'vitest';
import { Backtest } from './backtest.ts';
import { configured, flat, optionsOf, seriesOf, testInstrument } from './backtest.test-support.ts';

const ofUnits = (id: string, base: string) => ({
  ...testInstrument(id, base),
  lot: expectOk(parseStep('1')),
  notionalMin: null,
});
const ONE = ofUnits('ONEUSDT', 'ONE');
const TWO = ofUnits('TWOUSDT', 'TWO');

interface Part {
  /** The prices of one bar after another, of both instruments. */
  readonly prices: readonly (readonly [one: number, two: number])[];
  /** What each is to be from a close on; null: nothing is said. */
  readonly targets: readonly (readonly [one: number | null, two: number | null])[];
  readonly sizedAt: NonNullable<KernelConfig['sizedAt']>;
  readonly fee?: number;
}

/** Two instruments on one account of 10,000, in whole units and without slippage. */
function play({ prices, targets, sizedAt, fee = 0 }: Part) {
  const definition = defineStrategy({
    name: 'scripted',
    parameters: {},
    intervals: () => ['1m'],
    state: () => ({ at: 0 }),
    onBar({ instrument, state, setTarget }) {
      const target = targets[state.at]?.[instrument === ONE.id ? 0 : 1] ?? null;
      state.at += 1;
      if (target !== null) setTarget(target);
    },
  });
  const series = [ONE, TWO].map((instrument, at) => {
    const bars = prices.map((both) => flat(both[at] ?? 0));
    return seriesOf(bars, { instrument });
  });
  const plain = optionsOf([configured(definition, {}, [ONE.id, TWO.id])], series);
  const acts = sizedAt === 'close' ? 'this-close' : sizedAt === 'next-close' ? sizedAt : 'next-open';
  const rules = { ...plain.account.rules, acts } as const;
  const backtest = new Backtest({
    ...plain,
    config: { ...plain.config, allocationPpm: 1_000_000, rebalanceBandPpm: 0, sizedAt },
    account: { ...plain.account, rules, fees: { makerPpm: fee, takerPpm: fee } },
  });
  while (backtest.step(1));
  const { fills, denials, curve } = backtest.outcome();
  return { fills: fills.map(told), denials, equity: curve.equity.at(-1) };
}

const told = ({ instrument, side, quantity, price }: Fill): string =>
  `${side} ${quantity} ${instrument.slice(0, 3)} @ ${price / 100}`;

const steady = (count: number): readonly (readonly [number, number])[] =>
  Array.from({ length: count }, () => [100, 50]);

describe.each(['next-open', 'next-close', 'close'] as const)('on one account, sized at the %s', (sizedAt) => {
  it.each([
    [
      'first',
      [
        [1, 0],
        [0, 1],
      ],
      ['buy 100 ONE @ 100', 'sell 100 ONE @ 100', 'buy 200 TWO @ 50'],
    ],
    [
      'second',
      [
        [0, 1],
        [1, 0],
      ],
      ['buy 200 TWO @ 50', 'sell 200 TWO @ 50', 'buy 100 ONE @ 100'],
    ],
  ] as const)('what the %s instrument is sold for buys the other at the same moment', (_, targets, fills) => {
    expect(play({ prices: steady(4), targets, sizedAt })).toEqual({ fills, denials: {}, equity: 10_000 });
  });

  it('all is sized by the prices of all instruments', () => {
    // Half of 10,000 each; then 50 × 110 + 100 × 50 = 10,500, of which 5,250 each: 47.7 and 105.
    const targets = [
      [0.5, 0.5],
      [null, null],
      [0.5, 0.5],
    ] as const;
    const prices = [
      [100, 50],
      [100, 50],
      [110, 50],
      [110, 50],
    ] as const;
    expect(play({ prices, targets, sizedAt }).fills).toEqual([
      'buy 50 ONE @ 100',
      'buy 100 TWO @ 50',
      'sell 2 ONE @ 110',
      'buy 4 TWO @ 50',
    ]);
  });

  it('what fees have left over buys as much as it pays for, and is not refused', () => {
    const { fills, denials } = play({ prices: steady(3), targets: [[0.5, 0.5]], sizedAt, fee: 10_000 });
    // 50 × 100 and 1 % of it leave 4,950 and with its own fee 98 × 50.
    expect(fills).toEqual(['buy 50 ONE @ 100', 'buy 98 TWO @ 50']);
    expect(denials).toEqual({});
  });

  it('more than all of the cash is refused where nothing is left', () => {
    const { fills, denials } = play({ prices: steady(3), targets: [[1, 1]], sizedAt });
    expect(fills).toEqual(['buy 100 ONE @ 100']);
    expect(denials).toEqual({ cash: 1 });
  });
});

it('sized at the close that decides, a sale pays for nothing that is decided with it', () => {
  const { fills, denials } = play({
    prices: steady(4),
    targets: [
      [0, 1],
      [1, 0],
    ],
    sizedAt: 'decision',
  });
  expect(fills).toEqual(['buy 200 TWO @ 50', 'sell 200 TWO @ 50']);
  expect(denials).toEqual({ cash: 1 });
});
