import { notifierStatusFault, notifierTransportFault } from '@monsta/contracts';
import { err, ok, type Alert, type Result } from '@monsta/core';
import type { Notifier, Transport } from '@monsta/ports';
import { z } from 'zod';

export interface TelegramNotifierOptions {
  readonly name: string;
  /** Of the Bot API, e.g. `https://api.telegram.org`. */
  readonly baseUrl: string;
  readonly token: string;
  /** A number, or `@name` of a public channel. */
  readonly chatId: string;
  readonly transport: Transport;
}

/** Characters of a message at most (Bot API, `sendMessage`). */
const TEXT_LENGTH_MAX = 4_096;

const answerSchema = z.union([
  z.object({ ok: z.literal(true) }),
  z.object({
    ok: z.literal(false),
    error_code: z.number().int(),
    description: z.string().default(''),
    parameters: z.object({ retry_after: z.number().nonnegative().optional() }).optional(),
  }),
]);

function answerOf(body: string): z.infer<typeof answerSchema> | null {
  try {
    const parsed = answerSchema.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** The message as it is read: title and text, cut where the Bot API would refuse it. */
function messageOf({ title, text }: Alert): string {
  const whole = `${title}\n\n${text}`;
  return whole.length <= TEXT_LENGTH_MAX ? whole : `${whole.slice(0, TEXT_LENGTH_MAX - 2).toWellFormed()}…`;
}

/** Alerts by a Telegram bot, as plain text: no markup, so that nothing in a message can be taken for one. */
class TelegramNotifier implements Notifier {
  readonly name: string;
  readonly #options: TelegramNotifierOptions;
  readonly #where: string;
  readonly #closing = new AbortController();

  constructor(options: TelegramNotifierOptions) {
    this.name = options.name;
    this.#options = options;
    this.#where = `the Bot API at ${new URL(options.baseUrl).host}`;
  }

  async send(alert: Alert, timeoutMs: number): Promise<Result<null>> {
    if (this.#closing.signal.aborted) return err('notifier_closed', `channel ${this.name} is closed`);
    const { transport, baseUrl, token, chatId } = this.#options;
    const answer = await transport.request({
      method: 'POST',
      // The token stands in the path: no fault may carry this address.
      url: `${baseUrl.replace(/\/+$/, '')}/bot${token}/sendMessage`,
      headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'monsta' },
      body: JSON.stringify({
        chat_id: chatId,
        text: messageOf(alert),
        link_preview_options: { is_disabled: true },
        disable_notification: alert.severity === 'info',
      }),
      timeoutMs,
      signal: this.#closing.signal,
    });
    if (!answer.ok) return notifierTransportFault(answer.fault, this.#where, timeoutMs);
    const { status, body } = answer.value;
    const said = answerOf(body);
    if (said === null) {
      if (status >= 400) return notifierStatusFault(status, null, this.#where, null);
      const message = `${this.#where} answered ${status} with something that is no answer of the Bot API`;
      return err('notifier_protocol', message, { retry: 'unknown_outcome' });
    }
    if (said.ok) return ok(null);
    const waitS = said.parameters?.retry_after;
    const reason = said.description.replaceAll(token, '[redacted]');
    // A token that is none of a bot's shows as 404.
    const code = said.error_code === 404 ? 401 : said.error_code;
    return notifierStatusFault(code, waitS === undefined ? null : waitS * 1_000, this.#where, reason);
  }

  close(): Promise<void> {
    this.#closing.abort();
    return Promise.resolve();
  }
}

export function createTelegramNotifier(options: TelegramNotifierOptions): Notifier {
  return new TelegramNotifier(options);
}
