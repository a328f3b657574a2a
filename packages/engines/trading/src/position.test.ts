import {
  addAmounts,
  amount,
  baseAmount,
  notional,
  price,
  quantity,
  strategyId,
  timestampUs,
  type Fill,
} from '@monsta/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BTC, money } from './kernel.test-support.ts';
import { applyFill, averagePrice, flatPosition, sellableLots, unrealizedProfit, valueAt } from './position.ts';

const START = flatPosition(strategyId('s'), BTC.id, timestampUs(0));
const fillOf = (side: 'buy' | 'sell', at: number, size: number, fee = 0n, feeAsset = BTC.quote): Fill => ({
  fillId: 'f' as Fill['fillId'],
  clientOrderId: 'c' as Fill['clientOrderId'],
  venueOrderId: 'v' as Fill['venueOrderId'],
  strategyId: strategyId('s'),
  instrument: BTC.id,
  side,
  price: price(at),
  quantity: quantity(size),
  fee: amount(fee),
  feeAsset,
  liquidity: 'taker',
  tsEventUs: timestampUs(1),
});

test('the average price is that of the fills, fees are realised when paid', () => {
  const first = applyFill(START, fillOf('buy', 10_000, 100_000, money('0.1')), BTC);
  const both = applyFill(first, fillOf('buy', 20_000, 100_000, money('0.2')), BTC);
  expect(averagePrice(both)).toBe(money('150'));
  expect(both).toMatchObject({ realizedProfit: money('-0.3'), feesPaid: money('0.3'), openedUs: 1 });
  const half = applyFill(both, fillOf('sell', 18_000, 100_000), BTC);
  expect(half).toMatchObject({ realizedProfit: money('29.7'), costBasis: money('150'), quantity: money('1') });
});

test('a fee in the base asset takes coins and leaves the average price', () => {
  const position = applyFill(START, fillOf('buy', 10_000, 100_000, money('0.001'), BTC.base), BTC);
  expect(position).toMatchObject({
    quantity: money('0.999'),
    costBasis: money('99.9'),
    realizedProfit: money('-0.1'),
    feesPaid: money('0.1'),
  });
  expect(averagePrice(position)).toBe(money('100'));
  expect(sellableLots(position, BTC)).toBe(99_900);
});

test('what is left below one lot counts as flat', () => {
  const bought = applyFill(START, fillOf('buy', 10_000, 999, 999n * 10n ** 10n, BTC.base), BTC);
  const sold = applyFill(bought, fillOf('sell', 10_000, sellableLots(bought, BTC)), BTC);
  expect(sold.openedUs).toBeNull();
  expect(sold.quantity > 0n).toBe(true);
});

test('realised and unrealised profit are what the equity changed by, to the last digit', () => {
  const step = fc.record({
    buy: fc.boolean(),
    at: fc.integer({ min: 1, max: 10_000_000 }),
    size: fc.integer({ min: 1, max: 1_000_000 }),
    feePpm: fc.integer({ min: 0, max: 2_000 }),
    inBase: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 10_000_000 }),
      (steps, mark) => {
        let position = START;
        let cash = amount(0n);
        for (const { buy, at, size, feePpm, inBase } of steps) {
          const lots = buy ? size : Math.min(size, sellableLots(position, BTC));
          if (lots === 0) continue;
          const base = baseAmount(quantity(lots), BTC);
          const value = notional(price(at), quantity(lots), BTC);
          const feeInBase = buy && inBase;
          // Fees have 8 digits, as the exchange books them.
          const unit = 10n ** 10n;
          const fee = (((feeInBase ? base : value) * BigInt(feePpm)) / 1_000_000n / unit) * unit;
          const fill = fillOf(buy ? 'buy' : 'sell', at, lots, fee, feeInBase ? BTC.base : BTC.quote);
          position = applyFill(position, fill, BTC);
          cash = addAmounts(cash, amount((buy ? -value : value) - (feeInBase ? 0n : fee)));
        }
        const profit = addAmounts(position.realizedProfit, unrealizedProfit(position, price(mark), BTC));
        expect(profit).toBe(addAmounts(cash, valueAt(position.quantity, price(mark), BTC)));
      },
    ),
    { numRuns: 500 },
  );
});
