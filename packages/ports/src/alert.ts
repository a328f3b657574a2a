import type { TimestampUs } from '@monsta/core';

export type AlertKind =
  | 'fill'
  | 'stop'
  | 'denied'
  | 'halt'
  | 'reducing'
  | 'resumed'
  | 'disconnect'
  | 'reconnect'
  | 'divergence'
  | 'strategy_failed'
  | 'daily_summary'
  | 'test';

/** Something that a person should hear of. */
export interface Alert {
  /** What it is about and the span of time it fell into: the same thing within that span has the same id and is told once. */
  readonly id: string;
  readonly tsUs: TimestampUs;
  readonly kind: AlertKind;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly title: string;
  readonly text: string;
  /** JSON value: the numbers behind the words. */
  readonly details: unknown;
}
