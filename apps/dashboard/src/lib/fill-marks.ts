import type { BarMessage, FillMessage } from '@monsta/contracts';

/** Our fills of one side within one bar. */
export interface FillMark {
  readonly openTimeMs: number;
  readonly side: FillMessage['side'];
  readonly fills: number;
}

/** The bar that holds `timeMs`; null when it is not among `bars` (oldest first): nothing is marked where no bar is. */
export function barAt(bars: readonly BarMessage[], timeMs: number): BarMessage | null {
  let low = 0;
  let high = bars.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const bar = bars[middle];
    if (bar === undefined) return null;
    if (timeMs < bar.openTimeMs) high = middle - 1;
    else if (timeMs >= bar.closeTimeMs) low = middle + 1;
    else return bar;
  }
  return null;
}

/** One mark a bar and side, in order of time; buys before sells within a bar. */
export function fillMarks(fills: readonly FillMessage[], bars: readonly BarMessage[]): readonly FillMark[] {
  const marks = new Map<string, FillMark>();
  for (const { timeMs, side } of fills) {
    const bar = barAt(bars, timeMs);
    if (bar === null) continue;
    const key = `${bar.openTimeMs} ${side}`;
    marks.set(key, { openTimeMs: bar.openTimeMs, side, fills: (marks.get(key)?.fills ?? 0) + 1 });
  }
  return [...marks.values()].toSorted((a, b) => a.openTimeMs - b.openTimeMs || a.side.localeCompare(b.side));
}
