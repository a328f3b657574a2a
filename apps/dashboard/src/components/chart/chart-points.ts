import { intervalMs, type Interval } from '@monsta/core';
import type { BarMessage } from '@monsta/contracts';
import type { CandlestickData, HistogramData, UTCTimestamp, WhitespaceData } from 'lightweight-charts';
import { forDrawing } from '../../lib/decimal-text.ts';

/** The widest gap that is drawn to scale; a longer one is drawn this wide, and the panel says how long it is. */
const GAP_SLOTS_MAX = 40;

export type CandlePoint = CandlestickData<UTCTimestamp> | WhitespaceData<UTCTimestamp>;
export type VolumePoint = HistogramData<UTCTimestamp> | WhitespaceData<UTCTimestamp>;

export interface VolumeColours {
  readonly up: string;
  readonly down: string;
}

export const chartTime = (timeMs: number): UTCTimestamp => Math.floor(timeMs / 1000) as UTCTimestamp;

/** A bar in the chart's own numbers: binary, for drawing only. */
export function candlePoint(bar: BarMessage): CandlePoint {
  const time = chartTime(bar.openTimeMs);
  const open = forDrawing(bar.open);
  const high = forDrawing(bar.high);
  const low = forDrawing(bar.low);
  const close = forDrawing(bar.close);
  if (open === null || high === null || low === null || close === null) return { time };
  return { time, open, high, low, close };
}

export function volumePoint(bar: BarMessage, colours: VolumeColours): VolumePoint {
  const time = chartTime(bar.openTimeMs);
  const value = forDrawing(bar.volume);
  const open = forDrawing(bar.open);
  const close = forDrawing(bar.close);
  if (value === null || open === null || close === null) return { time };
  return { time, value, color: close >= open ? colours.up : colours.down };
}

/** Empty slots for the bars missing before `bar`, so that a gap is seen as one. */
export function gapPoints(
  previous: BarMessage | undefined,
  bar: BarMessage,
  interval: Interval,
): readonly WhitespaceData<UTCTimestamp>[] {
  if (previous === undefined) return [];
  const step = intervalMs(interval);
  const missing = Math.round((bar.openTimeMs - previous.openTimeMs) / step) - 1;
  return Array.from({ length: Math.max(0, Math.min(missing, GAP_SLOTS_MAX)) }, (_, slot) => ({
    time: chartTime(previous.openTimeMs + (slot + 1) * step),
  }));
}
