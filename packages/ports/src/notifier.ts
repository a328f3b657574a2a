import type { Alert, Result } from '@monsta/core';

/**
 * A way to a person: a webhook, a messenger, e-mail. `send` resolves when the other side has taken the message, and always within `timeoutMs`.
 * Faults: `notifier_timeout`, `notifier_unreachable`, `notifier_unavailable` (not now) and `notifier_limited` (too many; both with `retryAfterMs` where the other side said so), `notifier_unauthorized`, `notifier_rejected`,
 * `notifier_protocol` (an answer that is none, or a connection that ended before one), `notifier_closed`. Their class is `retryable` where nothing was taken, `permanent` where the same message fails again, and
 * `unknown_outcome` where it may have been taken: sent again, a person may read it twice.
 */
export interface Notifier {
  /** As configured, e.g. `phone`. */
  readonly name: string;
  send(alert: Alert, timeoutMs: number): Promise<Result<null>>;
  close(): Promise<void>;
}
