import {
  err,
  ok,
  sameSteps,
  type Bar,
  type Instrument,
  type InstrumentId,
  type Interval,
  type Result,
  type TimestampUs,
} from '@monsta/core';
import type { Clock, MarketHistory } from '@monsta/ports';
import type { Kernel, KernelInput } from '@monsta/trading';
import { within } from './deadline.ts';

/** Bars that are wanted of the history: the longest window of an instrument and interval. */
export interface WarmUpNeed {
  readonly instrument: InstrumentId;
  readonly interval: Interval;
  readonly bars: number;
}

/** What windows lack; only those that are not full. */
export function missingWarmUp(kernel: Kernel): readonly WarmUpNeed[] {
  const needs = new Map<string, WarmUpNeed>();
  for (const { instrument, interval, window } of kernel.windows()) {
    if (window.full) continue;
    const key = `${instrument}:${interval}`;
    const before = needs.get(key)?.bars ?? 0;
    needs.set(key, { instrument, interval, bars: Math.max(before, window.capacity) });
  }
  return [...needs.values()];
}

/**
 * Closed bars of the past that closed by `untilUs`; later ones come live and are decided upon. Faults: the history's, `call_timeout`, and `not_ready` where they are not counted
 * in the steps of `instrument`, the kernel's.
 */
export async function fetchWarmUp(
  history: MarketHistory,
  need: WarmUpNeed,
  instrument: Instrument | null,
  untilUs: TimestampUs,
  clock: Clock,
  timeoutMs: number,
): Promise<Result<readonly Bar[]>> {
  // One more for the bar that is still forming, one more for a bar that has closed since.
  const query = { instrument: need.instrument, interval: need.interval, limit: need.bars + 2, beforeUs: null };
  const bars = await within(clock, timeoutMs, 'the market history', () => history.bars(query));
  if (!bars.ok) return bars;
  const listed = await within(clock, timeoutMs, 'the market history', () => history.instruments());
  if (!listed.ok) return listed;
  const counted = listed.value.find(({ id }) => id === need.instrument);
  if (instrument === null || counted === undefined || !sameSteps(instrument, counted)) {
    return err('not_ready', `the steps of ${need.instrument} have just changed`, { retry: 'retryable' });
  }
  return ok(bars.value.filter((bar) => bar.closed && bar.closeTimeUs <= untilUs));
}

/** A journal limits the length of a record. */
const BARS_PER_INPUT = 200;

/** The bars as inputs, the newest first: each older group joins on to what is there already. */
export function warmUpInputs(bars: readonly Bar[], nowUs: TimestampUs): readonly KernelInput[] {
  const inputs: KernelInput[] = [];
  for (let end = bars.length; end > 0; end -= BARS_PER_INPUT) {
    inputs.push({ kind: 'warm-up', tsUs: nowUs, bars: bars.slice(Math.max(0, end - BARS_PER_INPUT), end) });
  }
  return inputs;
}
