import {
  alertRecordSchema,
  alertTestReplySchema,
  alertTestSchema,
  encodeAlertRecord,
  listOf,
  listQuerySchema,
  noQuerySchema,
  type AlertTestReply,
} from '@monsta/contracts';
import { ok, type AccountId, type Result } from '@monsta/core';
import type { Ledger } from '@monsta/ports';
import { changeRoute, readRoute, reply, type ApiRoute } from './route.ts';

/** What brings alerts to persons. */
export interface AlertSender {
  /** Sends a test message through a channel, or through each (null). Fault `not_found` where there is none. */
  test(channel: string | null): Promise<Result<AlertTestReply['items']>>;
}

export interface AlertRoutesDependencies {
  readonly ledger: Pick<Ledger, 'alerts'>;
  readonly accountId: AccountId;
  readonly sender: AlertSender;
}

const TAG = 'Alerts';

export function alertRoutes({ ledger, accountId, sender }: AlertRoutesDependencies): readonly ApiRoute[] {
  return [
    readRoute({
      method: 'GET',
      path: '/api/v1/alerts',
      tag: TAG,
      summary: 'What was worth a person’s attention, newest first',
      access: 'public',
      query: listQuerySchema,
      replies: {
        200: {
          description: 'Alerts, each with what became of it on every channel that it was for',
          content: listOf(alertRecordSchema),
        },
      },
      faults: ['cursor_invalid', 'ledger_unavailable'],
      async handle({ limit, cursor = null }) {
        const alerts = await ledger.alerts(accountId, { limit, cursor });
        if (!alerts.ok) return alerts;
        return ok(reply({ items: alerts.value.items.map(encodeAlertRecord), nextCursor: alerts.value.nextCursor }));
      },
    }),
    changeRoute({
      method: 'POST',
      path: '/api/v1/alerts/test',
      tag: TAG,
      summary: 'Send a test message through a channel, or through each',
      access: 'admin',
      query: noQuerySchema,
      body: alertTestSchema,
      replies: { 200: { description: 'What became of it on each channel', content: alertTestReplySchema } },
      faults: ['not_found'],
      async handle(_query, { channel }) {
        const sent = await sender.test(channel);
        return sent.ok ? ok(reply({ items: sent.value })) : sent;
      },
    }),
  ];
}
