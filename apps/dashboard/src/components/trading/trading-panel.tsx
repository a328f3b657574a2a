'use client';
import type { TradingStateMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { useConnection } from '../../data/connection.ts';
import { useTradingState } from '../../data/queries.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { HaltDialog } from './halt-dialog.tsx';
import { ResumeDialog } from './resume-dialog.tsx';

const MARKS = {
  ACTIVE: { symbol: '●', colour: 'text-good' },
  REDUCING: { symbol: '◐', colour: 'text-warn' },
  HALTED: { symbol: '■', colour: 'text-danger' },
} as const satisfies Record<TradingStateMessage['state'], { readonly symbol: string; readonly colour: string }>;

function KnownState({ trading }: { readonly trading: TradingStateMessage }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { state, mode, reason, by, sinceMs } = trading;
  const { symbol, colour } = MARKS[state];
  const off = mode === 'off';
  const connected = useConnection().state === 'open';
  return (
    <div className="flex flex-col gap-2.5 p-3">
      <div aria-live="polite">
        <p className="flex items-baseline justify-between gap-2">
          <strong data-testid="trading-state" data-state={state} className={`text-lg ${off ? 'text-muted' : colour}`}>
            <span aria-hidden="true" className="mr-1.5 text-sm">
              {off ? '○' : symbol}
            </span>
            {off ? t('trading.mode.off') : t(`trading.state.${state}`)}
          </strong>
          {off ? null : <span className="text-xs text-muted">{t(`trading.mode.${mode}`)}</span>}
        </p>
        {connected ? null : (
          <p className="text-xs text-warn">
            <span aria-hidden="true">▲ </span>
            {t('connection.maybeOld')}
          </p>
        )}
        {off ? null : <p className="text-xs text-muted">{t(`trading.state.${state}.text`)}</p>}
        {reason === null ? null : (
          <p className="mt-1 text-xs break-words" data-testid="trading-reason">
            “<span lang="en">{reason}</span>” <span className="text-muted">{t(`trading.by.${by}`)}</span>
          </p>
        )}
        {sinceMs === null ? null : (
          <p className="figures text-xs text-muted">
            {t('trading.since', { time: `${format.dateTime(sinceMs)} (${format.zone})` })}
          </p>
        )}
      </div>
      {off ? null : (
        <div className="flex gap-2">
          {state === 'HALTED' ? null : <HaltDialog />}
          {state === 'ACTIVE' ? null : <ResumeDialog />}
        </div>
      )}
    </div>
  );
}

/** May strategies trade, since when, why; and the switch that stops them. */
export function TradingPanel(): ReactNode {
  const t = useTranslate();
  const { data, error, refetch } = useTradingState();
  return (
    <Panel title={t('trading.title')}>
      {error === null ? null : <FaultNote fault={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        <p className="p-3 text-xs text-muted">{error === null ? t('app.loading') : t('trading.none')}</p>
      ) : (
        <KnownState trading={data} />
      )}
    </Panel>
  );
}
