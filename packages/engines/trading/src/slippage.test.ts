import { price, quantity } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  barInput,
  BTC,
  CONFIG,
  EMPTY,
  fillAll,
  money,
  only,
  running,
  scripted,
  startInputs,
} from './kernel.test-support.ts';
import { Kernel } from './kernel.ts';
import { basisPointsOf, GrowingSlippage, slippageOf } from './slippage.ts';

const fillAt = (side: 'buy' | 'sell', at: number, lots = 1_000) => ({
  side,
  price: price(at),
  quantity: quantity(lots),
});

describe('slippage', () => {
  test('is lost by a buyer who pays more, and by a seller who gets less, than what was decided on', () => {
    // 0.01 BTC, ten USDT dearer than 60,000.
    expect(slippageOf(fillAt('buy', 6_001_000), price(6_000_000), BTC)).toBe(money('0.1'));
    expect(slippageOf(fillAt('sell', 6_001_000), price(6_000_000), BTC)).toBe(money('-0.1'));
    expect(basisPointsOf(money('0.1'), money('600'))).toBe(1.67);
    expect(basisPointsOf(money('0'), money('0'))).toBeNull();
  });

  test('of an order filled in parts is that of its parts, to the last digit', () => {
    const part = fc.record({ at: fc.integer({ min: 1, max: 9_000_000 }), lots: fc.integer({ min: 1, max: 10_000 }) });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), fc.integer({ min: 1, max: 9_000_000 }), (parts, decided) => {
        const growing = new GrowingSlippage();
        for (const { at, lots } of parts) growing.add(fillAt('buy', at, lots), price(decided), BTC);
        const ticks = parts.reduce((sum, { at, lots }) => sum + BigInt(at - decided) * BigInt(lots), 0n);
        // A tick of 0.01 times a lot of 0.00001.
        expect(growing.total).toMatchObject({ fills: parts.length, lost: ticks * 10n ** 11n });
      }),
    );
  });

  test('is added up for each strategy, and goes on after a restart', () => {
    const kernel = running([scripted([1, 0])], 6_000_000);
    const bought = kernel.handle(barInput(0, 6_000_000));
    const [request] = only(bought, 'submit').map((output) => output.request);
    expect(request?.decisionPrice).toBe(6_000_000);
    const filled = fillAll(kernel, bought, 6_006_000, 60_010);
    // 0.01583 BTC, sixty USDT dearer each.
    const view = { strategyId: 'scripted', fills: 1, lost: '0.9498', bps: 10 };
    expect(kernel.slippage()).toEqual([view]);
    const account = only(filled, 'account').at(-1)?.account ?? null;
    const next = new Kernel(CONFIG, [scripted([])]);
    for (const input of startInputs(70_000, [], { ...EMPTY, account })) next.handle(input);
    expect(next.slippage()).toEqual([view]);
  });
});
