import { describe, expect, test } from 'vitest';
import { barDesk, tickDesk } from './feed.test-support.ts';
import { DelayLine, DelaySource, NO_LATENCY } from './latency.ts';

describe('latency', () => {
  test('lets an order meet the quote of its arrival: feed and order latency after it was sent', () => {
    const desk = tickDesk({}, { latency: { ...NO_LATENCY, feed: 500, order: 2_000 } }).quote(1_000, 1_001);
    // Sent at 1000, there at 3500: after the quote of 3000 and before that of 4000.
    desk.market('buy', 1).quote(1_010, 1_011).quote(1_020, 1_021);
    expect([desk.fills, desk.exchange.inFlight]).toEqual([[], 1]);
    desk.quote(1_030, 1_031);
    expect(desk.fills).toEqual(['buy 1@1021 taker']);
  });

  test('lets an order that arrives with a quote meet that quote', () => {
    const desk = tickDesk({}, { latency: { ...NO_LATENCY, order: 1_000 } }).quote(1_000, 1_001);
    expect(desk.market('buy', 1).quote(1_010, 1_011).fills).toEqual(['buy 1@1011 taker']);
  });

  test('may bring a cancel too late', () => {
    const desk = tickDesk({}, { latency: { ...NO_LATENCY, order: 1_500 } }).quote(1_000, 1_010);
    desk.limit('buy', 1_000, 5).quote(1_000, 1_010).quote(1_000, 1_010);
    desk.cancel(1).trade(999, 5).quote(990, 1_000);
    expect([desk.fills, desk.ends]).toEqual([['buy 5@1000 maker'], ['1 FILLED', 'refused order_unknown']]);
  });

  test('brings the answers later still', () => {
    const desk = tickDesk({}, { latency: { ...NO_LATENCY, order: 1_000, response: 2_500 } }).quote(1_000, 1_010);
    desk.market('buy', 1).quote(1_000, 1_010).quote(1_000, 1_010).quote(1_000, 1_010);
    expect(desk.fills).toEqual([]);
    desk.quote(1_000, 1_010);
    expect(desk.fills).toEqual(['buy 1@1010 taker']);
    expect(new Set(desk.heardUs)).toEqual(new Set([4_500]));
    expect(desk.messages.flatMap((each) => (each.kind === 'report' ? [each.report.timeUs] : []))).toEqual([
      2_000, 2_000,
    ]);
  });

  test('on bars lets an order act at the first open after its arrival', () => {
    const desk = barDesk({}, { latency: { ...NO_LATENCY, order: 1 } }).bar(1_000, 1_000, 1_000, 1_000);
    desk.market('buy', 1).bar(1_010, 1_010, 1_010, 1_010);
    expect(desk.fills).toEqual([]);
    expect(desk.bar(1_020, 1_020, 1_020, 1_020).fills).toEqual(['buy 1@1020 taker']);
  });

  test('by chance is the same for the same seed, spreads around its median, and overtakes nobody', () => {
    const delays = (seed: number): number[] => {
      const source = new DelaySource([{ medianUs: 20_000, sigma: 0.5 }], seed);
      return Array.from({ length: 2_001 }, () => source.next());
    };
    expect(delays(7)).toEqual(delays(7));
    expect(delays(7)).not.toEqual(delays(8));
    const sorted = delays(7).sort((left, right) => left - right);
    expect(sorted[1_000]).toBeGreaterThan(19_000);
    expect(sorted[1_000]).toBeLessThan(21_000);
    // One standard deviation up: 20 ms × e^0.5.
    expect(sorted[1_683]).toBeGreaterThan(31_000);
    expect(sorted[1_683]).toBeLessThan(35_000);

    const line = new DelayLine<number>(new DelaySource([{ medianUs: 20_000, sigma: 0.5 }], 7));
    for (let item = 0; item < 100; item += 1) line.send(item, item * 1_000);
    const out: { item: number; dueUs: number }[] = [];
    for (let next = line.take(1e9); next !== null; next = line.take(1e9)) out.push(next);
    expect(out.map(({ item }) => item)).toEqual(Array.from({ length: 100 }, (_, item) => item));
    expect(out.every(({ dueUs }, index) => dueUs >= (out[index - 1]?.dueUs ?? 0))).toBe(true);
  });

  test.each([[-1], [0.5], [{ medianUs: 5, sigma: -1 }]])('cannot be %o', (delay) => {
    expect(() => new DelaySource([delay], 1)).toThrow(RangeError);
  });
});
