import { createHash } from 'node:crypto';
import { err, ok, type Alert, type Result } from '@monsta/core';
import type { Clock, Notifier } from '@monsta/ports';
import type { NodemailerError } from 'nodemailer';
import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';

export interface SmtpNotifierOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** `tls`: from the first byte; `starttls`: asked for, and without it nothing is sent; `none`: in the clear. */
  readonly security: 'tls' | 'starttls' | 'none';
  /** Null: without logging in. */
  readonly login: { readonly user: string; readonly password: string } | null;
  readonly from: string;
  readonly to: readonly string[];
  /** PEM of authorities that are trusted beside the usual ones. */
  readonly certificates: readonly string[];
  readonly clock: Clock;
}

/** Which part of the exchange is under way: what is known of a message when it breaks off hangs on it. */
type Stage = 'connecting' | 'logging in' | 'sending';

/** Node's and OpenSSL's codes of certificates that are not trusted, or are somebody else's. */
const UNTRUSTED = /CERT|SIGNATURE|ISSUER/;

/** The same for the same alert, so that a mail program can tell a repeated message. */
function messageIdOf({ id, details }: Alert, from: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([id, details]))
    .digest('hex')
    .slice(0, 32);
  return `<${digest}@${/@([\w.-]+)/.exec(from)?.[1] ?? 'monsta.invalid'}>`;
}

/** Alerts by e-mail: one connection a message. */
class SmtpNotifier implements Notifier {
  readonly name: string;
  readonly #options: SmtpNotifierOptions;
  readonly #where: string;
  readonly #closing = new AbortController();

  constructor(options: SmtpNotifierOptions) {
    this.name = options.name;
    this.#options = options;
    this.#where = `the mail server ${options.host}:${options.port}`;
  }

  async send(alert: Alert, timeoutMs: number): Promise<Result<null>> {
    const message = await this.#compose(alert);
    const { signal } = this.#closing;
    if (signal.aborted) return err('notifier_closed', `channel ${this.name} is closed`);
    const connection = this.#connection(timeoutMs);
    const abort = new AbortController();
    let stage: Stage = 'connecting';
    const { clock } = this.#options;
    try {
      return await new Promise<Result<null>>((resolve) => {
        const timer = clock.setTimer(timeoutMs, () => settle(this.#late(stage, timeoutMs)));
        const settle = (result: Result<null>): void => {
          timer.cancel();
          resolve(result);
        };
        connection.on('error', (error: NodemailerError) => settle(this.#faultOf(error, stage)));
        connection.on('end', () => settle(this.#ended(stage)));
        signal.addEventListener('abort', () => settle(this.#broken(stage)), { signal: abort.signal });
        this.#exchange(connection, message, (now) => (stage = now)).then(settle, (error: unknown) =>
          settle(this.#faultOf(error as NodemailerError, stage)),
        );
      });
    } finally {
      abort.abort();
      connection.close();
    }
  }

  close(): Promise<void> {
    this.#closing.abort();
    return Promise.resolve();
  }

  #connection(timeoutMs: number): SMTPConnection {
    const { host, port, security, certificates } = this.#options;
    return new SMTPConnection({
      host,
      port,
      name: 'monsta.invalid',
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      // The deadline of the whole is the caller's; these only keep nothing waiting behind it.
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      dnsTimeout: timeoutMs,
      socketCloseTimeout: 0,
      ...(certificates.length === 0 ? {} : { tls: { ca: [...certificates] } }),
    });
  }

  async #compose(alert: Alert): Promise<Buffer> {
    const { from, to, clock } = this.#options;
    const composer = new MailComposer({
      from,
      to: [...to],
      subject: alert.title.replaceAll(/\s+/g, ' '),
      text: `${alert.text}\n`,
      date: new Date(clock.nowUs() / 1_000),
      messageId: messageIdOf(alert, from),
      headers: { 'X-Monsta-Alert-Id': encodeURIComponent(alert.id), 'Auto-Submitted': 'auto-generated' },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    return composer.compile().build();
  }

  async #exchange(connection: SMTPConnection, message: Buffer, enter: (stage: Stage) => void): Promise<Result<null>> {
    const { from, to, login } = this.#options;
    await new Promise<void>((resolve, reject) => {
      connection.connect((error) => (error === undefined || error === null ? resolve() : reject(error)));
    });
    if (login !== null) {
      enter('logging in');
      await new Promise<void>((resolve, reject) => {
        const auth = { user: login.user, pass: login.password };
        connection.login(auth, (error) => (error === null ? resolve() : reject(error)));
      });
    }
    enter('sending');
    const taken = await new Promise<{ readonly rejected: readonly string[] }>((resolve, reject) => {
      const envelope = { from: addressOf(from), to: to.map(addressOf) };
      connection.send(envelope, message, (error, info) => (error === null ? resolve(info) : reject(error)));
    });
    connection.quit();
    if (taken.rejected.length === 0) return ok(null);
    // Sent again, the others would have it twice.
    return err('notifier_rejected', `${this.#where} took the message, but not for ${taken.rejected.join(', ')}`);
  }

  #late(stage: Stage, timeoutMs: number): Result<null> {
    const retry = stage === 'sending' ? 'unknown_outcome' : 'retryable';
    return err('notifier_timeout', `${this.#where} took no message within ${timeoutMs} ms (while ${stage})`, { retry });
  }

  #broken(stage: Stage): Result<null> {
    const retry = stage === 'sending' ? 'unknown_outcome' : 'retryable';
    return err('notifier_closed', `channel ${this.name} was closed while ${stage}`, { retry });
  }

  #ended(stage: Stage): Result<null> {
    const retry = stage === 'sending' ? 'unknown_outcome' : 'retryable';
    return err('notifier_protocol', `${this.#where} ended the connection while ${stage}`, { retry });
  }

  #faultOf(error: NodemailerError, stage: Stage): Result<null> {
    const { code = '', responseCode, permanent } = error;
    const answered = responseCode !== undefined && responseCode >= 400 && responseCode <= 599;
    const said = answered ? this.#shown(error.response ?? '') : '';
    const what = `${this.#where} (while ${stage})`;
    if (code === 'ETLS' || UNTRUSTED.test(error.originalCode ?? ''))
      return err('notifier_unreachable', `${what}: no encrypted connection came about: ${this.#shown(error.message)}`);
    if (answered && permanent === false) return err('notifier_unavailable', `${what}: ${said}`, { retry: 'retryable' });
    if (code === 'EAUTH' || code === 'ENOAUTH')
      return err('notifier_unauthorized', `${what} did not take user and password${answered ? `: ${said}` : ''}`);
    if (answered) return err('notifier_rejected', `${what}: ${said}`);
    // From here on nothing was answered: what had been handed over may have been taken.
    const retry = stage === 'sending' ? 'unknown_outcome' : 'retryable';
    if (code === 'ETIMEDOUT') return err('notifier_timeout', `${what} was too slow`, { retry });
    if (code === 'EPROTOCOL' || code === 'ECONNECTION')
      return err('notifier_protocol', `${what}: ${this.#shown(error.message)}`, { retry });
    return err('notifier_unreachable', `${what}: ${this.#shown(error.message)}`, { retry });
  }

  /** What may be shown of what the server says: on one line, and without the password, should it be sent back. */
  #shown(text: string): string {
    const line = text.replaceAll(/\s+/g, ' ').trim().slice(0, 200);
    const { login } = this.#options;
    if (login === null) return line;
    const coded = Buffer.from(login.password).toString('base64');
    return line.replaceAll(login.password, '[redacted]').replaceAll(coded, '[redacted]');
  }
}

/** The address alone of `Name <address>`. */
const addressOf = (text: string): string => /<([^<>]+)>\s*$/.exec(text)?.[1] ?? text;

export function createSmtpNotifier(options: SmtpNotifierOptions): Notifier {
  return new SmtpNotifier(options);
}
