'use client';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { ChangeDialog } from './change-dialog.tsx';

/** Lifts a halt; a person says why. */
export function ResumeDialog(): ReactNode {
  const t = useTranslate();
  return (
    <ChangeDialog
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
      state="ACTIVE"
      flatten={false}
      reason=""
    />
  );
}
