'use client';
import { useId, useState, type ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { keys } from '../../data/keys.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';

/** The kill switch. */
export function HaltDialog(): ReactNode {
  const t = useTranslate();
  const [flatten, setFlatten] = useState(false);
  const hintId = useId();
  return (
    <ConfirmDialog
      trigger={
        <button
          type="button"
          className="min-h-10 flex-1 rounded bg-danger px-3 font-bold tracking-wide text-on-danger hover:brightness-110"
        >
          <span aria-hidden="true" className="mr-1.5">
            ■
          </span>
          {t('trading.halt')}
        </button>
      }
      title={t('halt.title')}
      text={t('halt.text')}
      confirm={t(flatten ? 'halt.confirmFlatten' : 'halt.confirm')}
      danger
      reason={t('change.reason.halt')}
      ask={(reason) => (client) => client.setTradingState({ state: 'HALTED', reason, flatten })}
      touched={[keys.tradingState]}
      onOpen={() => setFlatten(false)}
    >
      <div>
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            name="flatten"
            checked={flatten}
            onChange={(event) => setFlatten(event.target.checked)}
            aria-describedby={hintId}
            className="size-4 accent-[var(--danger)]"
          />
          {t('halt.flatten')}
        </label>
        <p id={hintId} className="ml-6 text-[0.7rem] text-muted">
          {t('halt.flatten.text')}
        </p>
      </div>
    </ConfirmDialog>
  );
}
