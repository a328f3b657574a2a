'use client';
import type { StrategyMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { keys } from '../../data/keys.ts';
import { SmallButton } from '../parts/small-button.tsx';
import { AtStake } from '../trading/at-stake.tsx';
import { ConfirmDialog } from '../trading/confirm-dialog.tsx';

const MARKS = {
  running: { symbol: '●', colour: 'text-good' },
  reducing: { symbol: '◐', colour: 'text-warn' },
  paused: { symbol: '■', colour: 'text-muted' },
  failed: { symbol: '✕', colour: 'text-danger' },
} as const satisfies Record<StrategyMessage['status'], { readonly symbol: string; readonly colour: string }>;

export function StrategyStatus({ status }: Pick<StrategyMessage, 'status'>): ReactNode {
  const t = useTranslate();
  const { symbol, colour } = MARKS[status];
  return (
    <strong data-status={status} className={`text-xs whitespace-nowrap ${colour}`}>
      <span aria-hidden="true" className="mr-1">
        {symbol}
      </span>
      {t(`strategies.status.${status}`)}
    </strong>
  );
}

const ASKED = ['running', 'reducing', 'paused'] as const;

/** Start, reduce or pause: whatever it is not. */
export function StateButtons({ strategy }: { readonly strategy: StrategyMessage }): ReactNode {
  const t = useTranslate();
  const { id, status } = strategy;
  return ASKED.filter((state) => state !== status).map((state) => (
    <ConfirmDialog
      key={state}
      trigger={
        <SmallButton aria-label={t(`strategies.ask.${state}.of`, { id })}>{t(`strategies.ask.${state}`)}</SmallButton>
      }
      title={t(`strategies.ask.${state}.title`, { id })}
      text={t(`strategies.ask.${state}.text`)}
      confirm={t(`strategies.ask.${state}`)}
      danger={state !== 'running'}
      reason={t(`strategies.ask.${state}.reason`)}
      ask={(reason) => (client) => client.setStrategyState(id, { state, reason })}
      touched={[keys.strategies]}
    >
      {state === 'running' ? <AtStake /> : null}
    </ConfirmDialog>
  ));
}
