import { intervalMs, type Interval } from '@monsta/core';
import type { BarMessage } from '@monsta/contracts';

/** The most bars one chart holds; older ones are not loaded beyond it. */
export const BARS_HELD_MAX = 6_000;

export type WindowChange =
  /** Draw everything anew. */
  | { readonly kind: 'reset' }
  /** The newest bar changed or a new one came after it. */
  | { readonly kind: 'newest'; readonly bar: BarMessage }
  /** What came doesn't follow what is held: fetch the newest bars again. */
  | { readonly kind: 'hole' }
  /** Older than the newest held: nothing to do. */
  | { readonly kind: 'none' };

export interface BarGap {
  /** Open of the first bar after the gap. */
  readonly beforeMs: number;
  readonly missingBars: number;
}

/** The bars of one instrument and interval, oldest first, one a time slot; a pure value. */
export interface BarWindow {
  readonly bars: readonly BarMessage[];
  /** False when the server has no older bars. */
  readonly mayHaveOlder: boolean;
}

export const EMPTY_WINDOW: BarWindow = { bars: [], mayHaveOlder: true };

/** Merges two runs of bars; where both have a slot the bar of `newer` stands. Oldest first, at most `BARS_HELD_MAX` of the newest. */
export function mergeBars(older: readonly BarMessage[], newer: readonly BarMessage[]): readonly BarMessage[] {
  const bySlot = new Map<number, BarMessage>();
  for (const bar of older) bySlot.set(bar.openTimeMs, bar);
  for (const bar of newer) {
    const known = bySlot.get(bar.openTimeMs);
    // A closed bar is final: a late forming one must not reopen it.
    if (known === undefined || bar.closed || !known.closed) bySlot.set(bar.openTimeMs, bar);
  }
  return [...bySlot.values()].toSorted((a, b) => a.openTimeMs - b.openTimeMs).slice(-BARS_HELD_MAX);
}

/** Takes one live bar in. */
export function takeBar(window: BarWindow, bar: BarMessage): readonly [BarWindow, WindowChange] {
  const last = window.bars.at(-1);
  if (last === undefined) return [{ ...window, bars: [bar] }, { kind: 'reset' }];
  if (bar.openTimeMs < last.openTimeMs) {
    const known = window.bars.findLast((each) => each.openTimeMs <= bar.openTimeMs);
    if (!bar.closed || known === undefined || known.openTimeMs !== bar.openTimeMs || known.closed) {
      return [window, { kind: 'none' }];
    }
    return [{ ...window, bars: mergeBars(window.bars, [bar]) }, { kind: 'reset' }];
  }
  if (bar.openTimeMs === last.openTimeMs) {
    if (last.closed && !bar.closed) return [window, { kind: 'none' }];
    return [
      { ...window, bars: [...window.bars.slice(0, -1), bar] },
      { kind: 'newest', bar },
    ];
  }
  // The bar before must have been seen closed, and be the one just before; else something was missed.
  if (!last.closed || bar.openTimeMs !== last.openTimeMs + intervalMs(bar.interval)) return [window, { kind: 'hole' }];
  return [
    { ...window, bars: [...window.bars, bar].slice(-BARS_HELD_MAX) },
    { kind: 'newest', bar },
  ];
}

/** Where bars are missing between the first and the last held. */
export function gapsOf(bars: readonly BarMessage[], interval: Interval): readonly BarGap[] {
  const step = intervalMs(interval);
  const gaps: BarGap[] = [];
  let previous: BarMessage | undefined;
  for (const bar of bars) {
    const missing = previous === undefined ? 0 : (bar.openTimeMs - previous.openTimeMs) / step - 1;
    if (missing > 0) gaps.push({ beforeMs: bar.openTimeMs, missingBars: missing });
    previous = bar;
  }
  return gaps;
}
