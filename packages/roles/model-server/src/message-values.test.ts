import { barSchema, encodeBar } from '@monsta/contracts';
import { price, type Bar } from '@monsta/core';
import { barValues } from '@monsta/features';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BTCUSDT, makeBars } from './market.test-support.ts';
import { messageValues } from './message-values.ts';

const volume = fc.bigInt({ min: 0n, max: 2n ** 62n });

it('a bar off the stream is the same numbers as in the history, its flow and book too', () => {
  const [some] = makeBars(1, 0);
  if (some === undefined) throw new Error('no bar');
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10 ** 12 }),
      volume,
      fc.option(volume),
      fc.option(fc.maxSafeNat()),
      fc.option(fc.integer({ min: -1_000_000, max: 1_000_000 })),
      (ticks, all, takerBuyVolume, trades, bookImbalance) => {
        const at = price(ticks);
        const prices = { open: at, high: at, low: at, close: at };
        const bar: Bar = { ...some, ...prices, volume: all, takerBuyVolume, trades, bookImbalance };
        const heard = barSchema.parse(JSON.parse(JSON.stringify(encodeBar(bar, BTCUSDT))));
        expect(messageValues(heard)).toEqual(barValues(bar, BTCUSDT));
      },
    ),
  );
});
