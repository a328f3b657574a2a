import { err, ok, type Result } from '@monsta/core';

/** How time is cut: parameters are chosen on `trainMs`, and judged on the `testMs` behind it, which nobody had seen when they were chosen. */
export interface WalkForward {
  readonly trainMs: number;
  readonly testMs: number;
  /** Training always begins where the data does, and grows; else it is `trainMs` long and rolls along. */
  readonly anchored: boolean;
  /** Time between the two that belongs to neither. */
  readonly embargoMs: number;
}

/** From its first moment on, its last one not included; a bar belongs where it closes. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface WalkForwardWindow {
  readonly train: Span;
  readonly test: Span;
}

export const WINDOWS_MAX = 1_000;

/**
 * The windows over a span, oldest first. Tests follow each other without a gap, all of the same length, the last one ends with the data; what is left over at the beginning is trained
 * on where training is anchored, and else only warms up. Faults `walk_forward_short` (not even one window fits), `walk_forward_windows` (more than 1000).
 */
export function walkForwardWindows(span: Span, plan: WalkForward): Result<readonly WalkForwardWindow[]> {
  const { trainMs, testMs, anchored, embargoMs } = plan;
  const length = span.toMs - span.fromMs;
  const count = Math.floor((length - trainMs - embargoMs) / testMs);
  const days = (ms: number): string => `${Number((ms / 86_400_000).toPrecision(4))}d`;
  if (count < 1)
    return err(
      'walk_forward_short',
      `the data spans ${days(length)}, and one window needs ${days(trainMs + embargoMs + testMs)} (train ${days(trainMs)}${embargoMs > 0 ? `, embargo ${days(embargoMs)}` : ''}, test ${days(testMs)}); give more data, or shorter windows`,
    );
  if (count > WINDOWS_MAX)
    return err('walk_forward_windows', `there would be ${count} windows; at most ${WINDOWS_MAX}: make the test longer`);
  return ok(
    Array.from({ length: count }, (_, index) => {
      const testFromMs = span.toMs - (count - index) * testMs;
      const trainToMs = testFromMs - embargoMs;
      return {
        train: { fromMs: anchored ? span.fromMs : trainToMs - trainMs, toMs: trainToMs },
        test: { fromMs: testFromMs, toMs: testFromMs + testMs },
      };
    }),
  );
}

const YEAR_MS = 365 * 86_400_000;

/** What was earned over a span, as a share of what there was at its beginning. */
export interface SpanReturn {
  readonly span: Span;
  readonly returnShare: number;
  /** In how many days of it there were returns. */
  readonly days: number;
}

/**
 * Returns over spans, compounded to one rate a year: of 365 days by the time that the spans took, or with `yearDays` of so many days with returns. Null where all was lost once, or no
 * time passed.
 */
export function annualised(parts: readonly SpanReturn[], yearDays: number | null): number | null {
  let [growth, took] = [0, 0];
  for (const { span, returnShare, days } of parts) {
    growth += Math.log1p(returnShare);
    took += yearDays === null ? span.toMs - span.fromMs : days;
  }
  const rate = Math.expm1((growth * (yearDays ?? YEAR_MS)) / took);
  return took > 0 && Number.isFinite(rate) && rate > -1 ? rate : null;
}

/**
 * Walk-forward efficiency (Pardo 2008, chapter 11): what was earned a year out of sample over what was earned a year in sample; 1 where nothing was lost on the way. Null where the
 * sample earned nothing: there was nothing to be kept.
 */
export function walkForwardEfficiency(inSample: number | null, outOfSample: number | null): number | null {
  return inSample === null || outOfSample === null || inSample <= 0 ? null : outOfSample / inSample;
}
