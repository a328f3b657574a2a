'use client';
import { useId, useState, type ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { keys } from '../../data/keys.ts';
import { SmallButton } from '../parts/small-button.tsx';
import { ConfirmDialog } from '../trading/confirm-dialog.tsx';

/** Cancels every open order of the account; what protects positions only when that is meant too. */
export function CancelAllDialog(): ReactNode {
  const t = useTranslate();
  const [includeProtective, setIncludeProtective] = useState(false);
  const hintId = useId();
  return (
    <ConfirmDialog
      trigger={<SmallButton>{t('cancelAll.open')}</SmallButton>}
      title={t('cancelAll.title')}
      text={t('cancelAll.text')}
      confirm={t('cancelAll.confirm')}
      danger
      reason={null}
      ask={() => (client) => client.cancelOrders({ includeProtective })}
      touched={[keys.orders, keys.positions]}
      onOpen={() => setIncludeProtective(false)}
    >
      <div>
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            name="includeProtective"
            checked={includeProtective}
            onChange={(event) => setIncludeProtective(event.target.checked)}
            aria-describedby={hintId}
            className="size-4 accent-[var(--danger)]"
          />
          {t('cancelAll.protective')}
        </label>
        <p id={hintId} className="ml-6 text-[0.7rem] text-muted">
          {t('cancelAll.protective.text')}
        </p>
      </div>
    </ConfirmDialog>
  );
}
