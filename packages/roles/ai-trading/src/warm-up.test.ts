import { err, ok, timestampUs, type Instrument } from '@monsta/core';
import type { MarketHistory } from '@monsta/ports';
import { heldBar, HELD_BTC, VirtualClock } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import { fetchWarmUp } from './warm-up.ts';

const HOUR_US = 3_600_000_000;
const BARS = [1, 2, 3].map((hour) => heldBar('1h', hour * HOUR_US));
const FINER: Instrument = { ...HELD_BTC, tick: { units: 1, scale: 3 }, version: 2 };

/** What comes of bars that are given while the history's instruments are `listed`, for a kernel that knows `known`. */
function fetch(listed: readonly Instrument[], known: Instrument | null) {
  const history = {
    bars: () => Promise.resolve(ok(BARS)),
    instruments: () => Promise.resolve(ok(listed)),
  } as Partial<MarketHistory> as MarketHistory;
  const need = { instrument: HELD_BTC.id, interval: '1h' as const, bars: 3 };
  return fetchWarmUp(history, need, known, timestampUs(3 * HOUR_US), new VirtualClock(), 1_000);
}

describe('bars of the past', () => {
  it('are those that had closed by then', async () => {
    expect(await fetch([HELD_BTC], HELD_BTC)).toEqual(ok(BARS.slice(0, 2)));
    expect(await fetch([{ ...HELD_BTC, status: 'halted', version: 2 }], HELD_BTC)).toEqual(ok(BARS.slice(0, 2)));
  });

  it.each([
    [[FINER], HELD_BTC],
    [[HELD_BTC], FINER],
    [[], HELD_BTC],
    [[HELD_BTC], null],
  ])('are not taken where they may be counted in other steps than the kernel has: %#', async (listed, known) => {
    const refused = err('not_ready', 'the steps of BTCUSDT have just changed', { retry: 'retryable' });
    expect(await fetch(listed, known)).toEqual(refused);
  });
});
