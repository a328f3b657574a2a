import type { AlertTestReply } from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import type { Clock, Notifier } from '@monsta/ports';
import { testAlert, type AlertLanguage } from './words.ts';

export interface TestTerms {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly language: AlertLanguage;
  readonly about: Readonly<Record<string, unknown>>;
}

/** Sends a test message through the channel of that name, or through each (null); what became of it, channel by channel. Fault `not_found`. */
export async function sendTest(
  notifiers: readonly Notifier[],
  channel: string | null,
  { clock, timeoutMs, language, about }: TestTerms,
): Promise<Result<AlertTestReply['items']>> {
  const asked = notifiers.filter(({ name }) => channel === null || name === channel);
  if (asked.length === 0) {
    const there =
      notifiers.length === 0 ? 'none is configured' : `there are ${notifiers.map(({ name }) => name).join(', ')}`;
    return err(
      'not_found',
      channel === null ? 'no channel of alerts is configured' : `no channel is called '${channel}'; ${there}`,
    );
  }
  const alert = testAlert(clock.nowUs(), language, about);
  return ok(
    await Promise.all(
      asked.map(async (notifier) => {
        const beganMs = clock.monotonicMs();
        const sent = await notifier.send(alert, timeoutMs);
        const error = sent.ok ? null : { code: sent.fault.code, message: sent.fault.message };
        return { channel: notifier.name, error, elapsedMs: Math.round(clock.monotonicMs() - beganMs) };
      }),
    ),
  );
}
