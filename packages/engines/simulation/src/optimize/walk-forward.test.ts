import { expectOk } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annualised, walkForwardEfficiency, walkForwardWindows } from './walk-forward.ts';

const DAY = 86_400_000;
const plan = { trainMs: 40 * DAY, testMs: 10 * DAY, anchored: false, embargoMs: 0 };

describe('walk-forward windows', () => {
  it('roll along, and the last test ends with the data', () => {
    const windows = expectOk(walkForwardWindows({ fromMs: 0, toMs: 73 * DAY }, plan));
    expect(
      windows.map(({ train, test }) => [train, test].map(({ fromMs, toMs }) => [fromMs / DAY, toMs / DAY])),
    ).toEqual([
      [
        [3, 43],
        [43, 53],
      ],
      [
        [13, 53],
        [53, 63],
      ],
      [
        [23, 63],
        [63, 73],
      ],
    ]);
  });

  it('anchored always train from the beginning, an embargo away from what they are judged on', () => {
    const windows = expectOk(
      walkForwardWindows({ fromMs: 0, toMs: 73 * DAY }, { ...plan, anchored: true, embargoMs: DAY }),
    );
    expect(windows.map(({ train, test }) => [train.fromMs, train.toMs, test.fromMs].map((ms) => ms / DAY))).toEqual([
      [0, 42, 43],
      [0, 52, 53],
      [0, 62, 63],
    ]);
  });

  it('need room for one of them, and are not without end', () => {
    expect(walkForwardWindows({ fromMs: 0, toMs: 49 * DAY }, plan)).toMatchObject({
      ok: false,
      fault: {
        code: 'walk_forward_short',
        message: expect.stringContaining('spans 49d, and one window needs 50d') as string,
      },
    });
    expect(walkForwardWindows({ fromMs: 0, toMs: 49 * DAY }, { ...plan, trainMs: 1, testMs: 1 })).toMatchObject({
      ok: false,
      fault: { code: 'walk_forward_windows' },
    });
  });

  it('never test on what any choice before was made by, and test every moment once', () => {
    const days = fc.integer({ min: 1, max: 30 });
    fc.assert(
      fc.property(
        days,
        days,
        fc.integer({ min: 0, max: 5 }),
        fc.boolean(),
        fc.integer({ min: 70, max: 300 }),
        (train, test, embargo, anchored, length) => {
          const span = { fromMs: 5 * DAY, toMs: (5 + length) * DAY };
          const cut = { trainMs: train * DAY, testMs: test * DAY, embargoMs: embargo * DAY, anchored };
          const windows = expectOk(walkForwardWindows(span, cut));
          for (const [index, { train: known, test: unknown }] of windows.entries()) {
            expect(known.fromMs).toBeGreaterThanOrEqual(span.fromMs);
            expect(known.toMs - known.fromMs).toBeGreaterThanOrEqual(cut.trainMs);
            expect(unknown.fromMs - known.toMs).toBe(cut.embargoMs);
            expect(unknown.toMs).toBe(windows[index + 1]?.test.fromMs ?? span.toMs);
          }
        },
      ),
    );
  });
});

describe('walk-forward efficiency', () => {
  it('compares what was earned a year', () => {
    const [train, test] = [
      { fromMs: 0, toMs: 365 * DAY },
      { fromMs: 0, toMs: 73 * DAY },
    ];
    expect(annualised([{ span: train, returnShare: 0.21, days: 252 }], null)).toBeCloseTo(0.21, 12);
    expect(annualised([{ span: test, returnShare: 0.02, days: 50 }], null)).toBeCloseTo(1.02 ** 5 - 1, 12);
    const both = [
      { span: train, returnShare: 0.21, days: 126 },
      { span: train, returnShare: 0, days: 63 },
    ];
    expect(annualised(both, null)).toBeCloseTo(0.1, 12);
    expect(annualised([], null)).toBeNull();
    expect(annualised([{ span: test, returnShare: -1, days: 50 }], null)).toBeNull();
    // 189 of 252 days are three quarters of a year.
    expect(annualised(both, 252)).toBeCloseTo(1.21 ** (4 / 3) - 1, 12);
    expect(annualised([{ span: train, returnShare: 0.21, days: 0 }], 252)).toBeNull();
    expect(walkForwardEfficiency(0.2, 0.1)).toBe(0.5);
    expect(walkForwardEfficiency(0, 0.1)).toBeNull();
    expect(walkForwardEfficiency(0.2, null)).toBeNull();
  });
});
