import type { Interval } from '@monsta/core';
import { valuesOver, type BarFrame, type FrameValues, type Indicator } from '@monsta/features';
import type { BarWindow } from '../bar-window.ts';
import type { Indicators } from './vocabulary.ts';

/** The indicators' values by name, as of the newest bars of their windows. Only what is looked at is computed, and once for each bar. */
export function indicatorValues(
  indicators: Indicators,
  windowOf: (interval: Interval | null) => BarWindow | undefined,
): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const [name, indicator] of Object.entries(indicators)) {
    const window = windowOf(indicator.interval);
    const get = window === undefined ? () => undefined : getterOf(indicator, window);
    Object.defineProperty(values, name, { enumerable: true, get });
  }
  return values;
}

function getterOf(indicator: Indicator, window: BarWindow): () => unknown {
  const { over, length } = indicator;
  let computedAt = -1;
  let value: unknown;
  let frame: BarFrame | null = null;
  let inFrame: FrameValues<unknown> | null = null;
  return () => {
    if (window.version === computedAt) return value;
    computedAt = window.version;
    if (over !== undefined && window.frame !== null && window.size >= length) {
      if (inFrame === null || window.frame !== frame) inFrame = valuesOver(over, window.frame);
      frame = window.frame;
      value = inFrame(window.index);
    } else value = indicator.compute(window.bars.slice(-length));
    return value;
  };
}
