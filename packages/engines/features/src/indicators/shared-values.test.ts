import { describe, expect, it } from 'vitest';
import { ema, sma, wma } from './averages.ts';
import { frameBar, frameColumnsOf, type BarFrame } from './bar-frame.ts';
import { lag, on, type Indicator } from './indicator.ts';
import { columnOf, endRunsOver, valuesOver } from './shared-values.ts';

function frameOf(length: number): BarFrame {
  const column = (of: (index: number) => number): Float64Array =>
    Float64Array.from({ length }, (_, index) => of(index));
  const close = column((index) => 100 + ((index * 37) % 11));
  const openTimeMs = column((index) => index * 60_000);
  return { interval: '1m', length, openTimeMs, open: close, high: close, low: close, close, volume: close };
}

const over = (indicator: Indicator<number>) => indicator.over ?? expect.fail('it has no form over columns');

describe('figures over the same bars', () => {
  it('are kept, so that another run finds them', () => {
    const frame = frameOf(50);
    const first = valuesOver(over(sma(5)), frame);
    expect(valuesOver(over(sma(5)), frame)).toBe(first);
    expect(valuesOver(over(on('1m', sma(5))), frame)).toBe(first);
    expect(valuesOver(over(sma(6)), frame)).not.toBe(first);
    expect(valuesOver(over(sma(5)), frameOf(50))).not.toBe(first);
    // Of one name and another length.
    expect(valuesOver(over(ema(3, 20)), frame)).not.toBe(valuesOver(over(ema(3, 9)), frame));
  });

  it('are the same numbers, whatever order they are asked in', () => {
    const frame = frameOf(60);
    for (const indicator of [sma(7), ema(4), lag(2, ema(4))]) {
      const plain = over(indicator)(frame);
      const shared = valuesOver(over(indicator), frame);
      for (const index of [59, 25, 26, 27, 58, 25, 40, 33, 59]) expect(shared(index)).toBe(plain(index));
    }
  });

  it('that somebody made himself are never taken for another of that name', () => {
    const frame = frameOf(50);
    const own: Indicator<number> = { ...sma(5), over: () => () => 1 };
    expect(valuesOver(over(own), frame)(20)).toBe(1);
    expect(valuesOver(over(sma(5)), frame)(20)).not.toBe(1);
  });

  it('are let go of where they are too many, the least used first', () => {
    const frame = frameOf(400_000);
    const first = valuesOver(over(sma(2)), frame);
    for (let period = 3; period < 12; period += 1) {
      valuesOver(over(sma(period)), frame);
      expect(valuesOver(over(sma(2)), frame)).toBe(first);
    }
    for (let period = 20; period < 32; period += 1) valuesOver(over(sma(period)), frame);
    expect(valuesOver(over(sma(2)), frame)).not.toBe(first);
  });

  it('leave their memory to others once no run looks at them any more, and not before', () => {
    const frame = frameOf(400_000);
    endRunsOver(frame);
    const first = columnOf(valuesOver(over(sma(2)), frame));
    const second = columnOf(valuesOver(over(sma(3)), frame));
    const used = new Set<Float64Array | null>();
    for (let period = 4; period < 14; period += 1) used.add(columnOf(valuesOver(over(sma(period)), frame)));
    expect(used).not.toContain(first);
    endRunsOver(frame);
    const average = wma(4);
    const later = valuesOver(over(average), frame);
    const alone = over(average)(frame);
    for (const index of [399_999, 30, 31, 200_000]) expect(later(index)).toBe(alone(index));
    const again = valuesOver(over(sma(2)), frame);
    expect(new Set([columnOf(later), columnOf(again)])).toEqual(new Set([first, second]));
    for (const index of [1, 2, 399_999]) expect(again(index)).toBe(over(sma(2))(frame)(index));
  });
});

describe('bars of a frame', () => {
  it('are those of its columns, made anew each time they are looked at: nobody sees what another wrote', () => {
    const frame = frameOf(3_000);
    endRunsOver(frame);
    for (const index of [0, 5, 1_023, 1_024, 2_999]) {
      const bar: { close: number } = frameColumnsOf(frame).barAt(index);
      expect(bar).toEqual(frameBar(frame, index));
      bar.close = 1;
      expect(frameColumnsOf(frame).barAt(index)).toEqual(frameBar(frame, index));
    }
  });
});
