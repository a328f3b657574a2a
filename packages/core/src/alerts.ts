import type { TimestampUs } from './time.ts';

/** What is worth a person's attention. `disconnect` and `reconnect`: of a market feed or of the account's reports. */
export const ALERT_KINDS = [
  'fill',
  'stop',
  'denied',
  'halt',
  'reducing',
  'resumed',
  'disconnect',
  'reconnect',
  'divergence',
  'strategy_failed',
  'daily_summary',
  'test',
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** From the least to the most urgent. */
export const ALERT_SEVERITIES = ['info', 'warning', 'critical'] as const;
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];

export interface Alert {
  /** What it is about and when, `<key>#<when>`: the same when the same thing is told again. Repeats are counted by the key. */
  readonly id: string;
  readonly tsUs: TimestampUs;
  readonly kind: AlertKind;
  readonly severity: AlertSeverity;
  /** One line, without the time. */
  readonly title: string;
  /** Whole sentences in the configured language; amounts are exact decimals. */
  readonly text: string;
  /** The same facts for programs (JSON value); amounts are decimal text. */
  readonly details: unknown;
}

/**
 * What became of an alert on one channel. `queued`: to be sent; `sent`: the other side took it; `failed`: given up; `summed_up`: told as a number in a later message;
 * `expired`: it was too old to be sent when that became possible.
 */
export const ALERT_DELIVERY_STATUSES = ['queued', 'sent', 'failed', 'summed_up', 'expired'] as const;

export interface AlertDelivery {
  readonly channel: string;
  readonly status: (typeof ALERT_DELIVERY_STATUSES)[number];
  /** When it became so, on our clock. */
  readonly tsUs: TimestampUs;
  /** Why it was not sent; null where it was, or is still to be. */
  readonly reason: string | null;
}

/** An alert as it is kept, with what became of it. */
export interface AlertRecord extends Alert {
  readonly deliveries: readonly AlertDelivery[];
}

/** What repeats are counted by: the id without its time. */
export function alertKey(id: string): string {
  const end = id.lastIndexOf('#');
  return end < 0 ? id : id.slice(0, end);
}

/** True when `severity` is at least `least`. */
export const isAtLeast = (severity: AlertSeverity, least: AlertSeverity): boolean =>
  ALERT_SEVERITIES.indexOf(severity) >= ALERT_SEVERITIES.indexOf(least);
