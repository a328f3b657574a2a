import { createHmac } from 'node:crypto';
import { encodeAlert, notifierStatusFault, notifierTransportFault, retryAfterMs } from '@monsta/contracts';
import { err, ok, type Alert, type Result } from '@monsta/core';
import type { Clock, Notifier, Transport } from '@monsta/ports';

export interface WebhookNotifierOptions {
  readonly name: string;
  readonly url: string;
  /** Signs each message; null: they are not signed. */
  readonly secret: string | null;
  readonly transport: Transport;
  readonly clock: Clock;
}

/**
 * The signature of a body sent at `timeS` (seconds since the epoch): HMAC-SHA256 over `<timeS>.<body>`, in hexadecimal. The time is signed too, so that a
 * receiver can refuse an old message that somebody sends again.
 */
export const signatureOf = (secret: string, timeS: number, body: string): string =>
  createHmac('sha256', secret).update(`${timeS}.${body}`).digest('hex');

/** Alerts as JSON by POST; any answer of 200–299 means taken. Redirects are not followed. */
class WebhookNotifier implements Notifier {
  readonly name: string;
  readonly #options: WebhookNotifierOptions;
  readonly #where: string;
  readonly #closing = new AbortController();

  constructor(options: WebhookNotifierOptions) {
    this.name = options.name;
    this.#options = options;
    // The path of a webhook is often its only secret.
    this.#where = `the webhook at ${new URL(options.url).host}`;
  }

  async send(alert: Alert, timeoutMs: number): Promise<Result<null>> {
    if (this.#closing.signal.aborted) return err('notifier_closed', `channel ${this.name} is closed`);
    const { transport, clock, secret, url } = this.#options;
    const body = JSON.stringify(encodeAlert(alert));
    const timeS = Math.floor(clock.nowUs() / 1_000_000);
    const answer = await transport.request({
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'monsta',
        'x-monsta-alert-id': encodeURIComponent(alert.id),
        'x-monsta-timestamp': String(timeS),
        ...(secret === null ? {} : { 'x-monsta-signature': `sha256=${signatureOf(secret, timeS, body)}` }),
      },
      body,
      timeoutMs,
      signal: this.#closing.signal,
    });
    if (!answer.ok) return notifierTransportFault(answer.fault, this.#where, timeoutMs);
    const { status, headers } = answer.value;
    if (status >= 200 && status < 300) return ok(null);
    return notifierStatusFault(status, retryAfterMs(headers), this.#where, null);
  }

  close(): Promise<void> {
    this.#closing.abort();
    return Promise.resolve();
  }
}

export function createWebhookNotifier(options: WebhookNotifierOptions): Notifier {
  return new WebhookNotifier(options);
}
