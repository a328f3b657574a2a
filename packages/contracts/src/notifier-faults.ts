import { err, type Err, type Fault } from '@monsta/core';

/** Longest wait that the other side may ask for; with more, it is asked again after this. */
const RETRY_AFTER_MS_MAX = 3_600_000;

/**
 * A transport's fault in the words of the port `Notifier`. `where` is what may be shown of the address; the transport's own message is left out, since an address may hold a secret.
 */
export function notifierTransportFault({ code, retry }: Fault, where: string, timeoutMs: number): Err {
  const sent = retry === 'unknown_outcome';
  if (code === 'transport_timeout') {
    const what = sent ? `${where} gave no answer within` : `no connection to ${where} came about within`;
    return err('notifier_timeout', `${what} ${timeoutMs} ms`, { retry });
  }
  if (code === 'transport_aborted') return err('notifier_closed', `the message to ${where} was broken off`, { retry });
  if (sent) {
    const message = `${where} ended the connection, or gave an answer that is none, after the message was sent`;
    return err('notifier_protocol', message, { retry });
  }
  if (retry === 'retryable') return err('notifier_unreachable', `${where} can’t be reached`, { retry });
  return err('notifier_unreachable', `${where} can’t be reached: its certificate is not trusted`, { retry });
}

/** Milliseconds of a `Retry-After` header: seconds, or a date, which is measured from the answer's own `Date`; null where it says nothing usable. */
export function retryAfterMs(headers: Readonly<Record<string, string>>): number | null {
  const value = headers['retry-after']?.trim() ?? '';
  const answeredMs = Date.parse(headers['date'] ?? '');
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - answeredMs;
  return Number.isFinite(ms) && ms >= 0 ? Math.min(ms, RETRY_AFTER_MS_MAX) : null;
}

/** The fault of an HTTP status that is no success, in the words of the port `Notifier`. `said` is the other side's own reason, where it may be shown. */
export function notifierStatusFault(status: number, waitMs: number | null, where: string, said: string | null): Err {
  const message = `${where} answered ${status}${said === null ? '' : `: ${said.slice(0, 200)}`}`;
  const wait = waitMs === null ? {} : { retryAfterMs: Math.min(waitMs, RETRY_AFTER_MS_MAX) };
  if (status === 429) return err('notifier_limited', message, { retry: 'retryable', ...wait });
  if (status === 401 || status === 403 || status === 407) return err('notifier_unauthorized', message);
  if (status === 408 || status === 425 || status >= 500)
    return err('notifier_unavailable', message, { retry: 'retryable', ...wait });
  return err('notifier_rejected', message);
}
