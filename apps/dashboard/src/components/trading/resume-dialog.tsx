'use client';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { keys } from '../../data/keys.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';

/** Lifts a halt; a person says why. */
export function ResumeDialog(): ReactNode {
  const t = useTranslate();
  return (
    <ConfirmDialog
      trigger={
        <button
          type="button"
          className="min-h-10 flex-1 rounded border border-strong px-4 font-semibold hover:bg-raised"
        >
          {t('trading.resume')}
        </button>
      }
      title={t('resume.title')}
      text={t('resume.text')}
      confirm={t('resume.confirm')}
      danger={false}
      reason=""
      ask={(reason) => (client) => client.setTradingState({ state: 'ACTIVE', reason, flatten: false })}
      touched={[keys.tradingState]}
    />
  );
}
