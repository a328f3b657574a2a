import { intervalMs, type InstrumentId, type Interval } from '@monsta/core';

/** Why a model has nothing to say: a stable code, and the reason in plain words. */
export interface Absence {
  readonly code:
    | 'training'
    | 'training_failed'
    | 'retired'
    | 'history_too_short'
    | 'history_gap'
    | 'feed_stale'
    | 'other_missing'
    | 'feature_undefined';
  readonly reason: string;
}

/** `2024-04-21 15:00 UTC`, with seconds where there are any. */
function timeText(ms: number): string {
  const text = new Date(ms).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, text.slice(17, 19) === '00' ? 16 : 19)} UTC`;
}

const count = (bars: number): string => bars.toLocaleString('en-US');

export const absences = {
  training: (reason: string): Absence => ({ code: 'training', reason }),

  trainingFailed: (reason: string): Absence => ({ code: 'training_failed', reason }),

  retired: (id: string): Absence => ({
    code: 'retired',
    reason: `the model ${id} was retired by hand; none serves until the next training, or until another is promoted`,
  }),

  /** `unknown`: how many of the bars there are make no row, since something that the features read is not known there. */
  historyTooShort: (interval: Interval, bars: number, needed: number, purpose: string, unknown = 0): Absence => ({
    code: 'history_too_short',
    reason:
      `${count(bars)} of ${count(needed)} ${interval} bars that ${purpose} needs are there` +
      (unknown === 0 ? '' : `; at ${count(unknown)} of them something that the features read is not known`),
  }),

  /** The newest bar itself is old: at least one whole bar is missing after it. */
  historyEnds: (interval: Interval, newestCloseMs: number, nowMs: number): Absence => ({
    code: 'history_gap',
    reason:
      `the last contiguous ${interval} bar closed at ${timeText(newestCloseMs)}, the venue's time is ${timeText(nowMs)}: ` +
      `${count(Math.floor((nowMs - newestCloseMs) / intervalMs(interval)))} bars between are missing, and the features would span that gap`,
  }),

  historyGap: (interval: Interval, contiguous: number, needed: number): Absence => ({
    code: 'history_gap',
    reason: `only ${count(contiguous)} ${interval} bars have closed without a gap since bars were missing; the features need ${count(needed)} in a row`,
  }),

  barOverdue: (interval: Interval, newestCloseMs: number, nowMs: number): Absence => ({
    code: 'feed_stale',
    reason: `the ${interval} bar due at ${timeText(newestCloseMs + intervalMs(interval))} has not closed by ${timeText(nowMs)} of the venue's time`,
  }),

  feedStale: (status: string, reason: string | null): Absence => ({
    code: 'feed_stale',
    reason: `the feed is not live (${status})${reason === null ? '' : `: ${reason}`}`,
  }),

  /** `newest`: at the newest bar itself, and not at one that the features look back over. */
  otherMissing: (interval: Interval, of: readonly InstrumentId[], closeMs: number, newest: boolean): Absence => ({
    code: 'other_missing',
    reason:
      `the ${interval} bar of ${of.join(' and of ')} that closed at ${timeText(closeMs)} is not there, and the features ` +
      (newest ? 'read it' : 'look back over it'),
  }),

  featureUndefined: (interval: Interval): Absence => ({
    code: 'feature_undefined',
    reason: `a feature has no value: over the last ${interval} bars the price did not move, nothing was traded, or what it reads of trades or the book is not known`,
  }),
} as const;
