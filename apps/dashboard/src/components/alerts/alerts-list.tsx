'use client';
import type { AlertRecordMessage, AlertTestReply } from '@monsta/contracts';
import { useState, type ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { keys } from '../../data/keys.ts';
import { mergeAlerts } from '../../data/merge.ts';
import { useOlderPages } from '../../data/older-pages.ts';
import { useAlerts } from '../../data/queries.ts';
import { useServer } from '../../data/server.ts';
import { TableFrame } from '../activity/table-frame.tsx';
import { SmallButton } from '../parts/small-button.tsx';
import { ConfirmDialog } from '../trading/confirm-dialog.tsx';

const MARKS = {
  info: { symbol: '●', colour: 'text-muted' },
  warning: { symbol: '▲', colour: 'text-warn' },
  critical: { symbol: '■', colour: 'text-danger' },
} as const satisfies Record<AlertRecordMessage['severity'], { readonly symbol: string; readonly colour: string }>;

const DELIVERY_COLOURS = {
  queued: 'text-muted',
  sent: 'text-good',
  failed: 'text-danger',
  summed_up: 'text-muted',
  expired: 'text-warn',
} as const satisfies Record<AlertRecordMessage['deliveries'][number]['status'], string>;

function Deliveries({ deliveries }: Pick<AlertRecordMessage, 'deliveries'>): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  if (deliveries.length === 0) return <span className="text-muted">{t('alerts.noChannel')}</span>;
  return deliveries.map(({ channel, status, timeMs, reason }) => (
    <span key={channel} title={format.dateTime(timeMs)} className="mr-3">
      <span className="text-muted">{channel}</span>{' '}
      <span className={DELIVERY_COLOURS[status]}>{t(`alerts.delivery.${status}`)}</span>
      {reason === null ? null : (
        <span lang="en" className="text-muted">
          {' '}
          ({reason})
        </span>
      )}
    </span>
  ));
}

function AlertRow({ alert }: { readonly alert: AlertRecordMessage }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { symbol, colour } = MARKS[alert.severity];
  return (
    <li data-alert={alert.kind} className="border-b border-line/60 px-3 py-2 text-xs last:border-0">
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className={`font-semibold whitespace-nowrap ${colour}`}>
          <span aria-hidden="true" className="mr-1 text-[0.75em]">
            {symbol}
          </span>
          {t(`alerts.severity.${alert.severity}`)}
        </span>
        <strong className="font-semibold break-words">{alert.title}</strong>
        <span className="figures ml-auto text-muted">{format.shortDateTime(alert.timeMs)}</span>
      </p>
      <p className="mt-0.5 break-words whitespace-pre-line">{alert.text}</p>
      <p className="mt-0.5 text-[0.7rem]">
        <Deliveries deliveries={alert.deliveries} />
      </p>
    </li>
  );
}

const isTestReply = (reply: unknown): reply is AlertTestReply =>
  typeof reply === 'object' && reply !== null && 'items' in reply;

function TestOutcome({ reply }: { readonly reply: AlertTestReply }): ReactNode {
  const t = useTranslate();
  return reply.items.map(({ channel, error }) => (
    <span key={channel} className="mr-3">
      {channel}:{' '}
      {error === null ? (
        <span className="text-good">{t('alerts.delivery.sent')}</span>
      ) : (
        <span className="text-danger">
          {t('alerts.delivery.failed')} <span lang="en">{error.message}</span>
        </span>
      )}
    </span>
  ));
}

/** What was worth a person's attention, and whether it reached one. */
export function AlertsList(): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { client } = useServer();
  const query = useAlerts();
  const older = useOlderPages(keys.alerts, mergeAlerts, (page) => client.alerts(page));
  const [tested, setTested] = useState<AlertTestReply | null>(null);
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1.5 border-b border-line px-3 py-1.5 text-xs">
        <ConfirmDialog
          trigger={<SmallButton>{t('alerts.test')}</SmallButton>}
          title={t('alerts.test.title')}
          text={t('alerts.test.text')}
          confirm={t('alerts.test.confirm')}
          danger={false}
          reason={null}
          ask={() => (asked) => asked.testAlerts()}
          touched={[keys.alerts]}
          onOpen={() => setTested(null)}
          onDone={(reply) => setTested(isTestReply(reply) ? reply : null)}
        />
        <output data-testid="alert-test">{tested === null ? null : <TestOutcome reply={tested} />}</output>
        <span className="ml-auto text-muted">{t('footer.times', { zone: format.zone })}</span>
      </div>
      <TableFrame query={query} older={older} empty={t('alerts.empty')}>
        {(rows) => (
          <ul aria-label={t('activity.alerts')} className="max-h-[26rem] overflow-auto">
            {rows.map((alert) => (
              <AlertRow key={alert.id} alert={alert} />
            ))}
          </ul>
        )}
      </TableFrame>
    </>
  );
}
