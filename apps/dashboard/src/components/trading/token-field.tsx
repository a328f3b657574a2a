'use client';
import { useId, type ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import type { TokenHolding } from '../../data/admin-change.ts';

interface TokenFieldProps {
  readonly holding: TokenHolding;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** The admin token: asked for once a tab. */
export function TokenField({ holding, value, onChange }: TokenFieldProps): ReactNode {
  const t = useTranslate();
  const id = useId();
  if (holding.held) {
    return (
      <p className="text-xs text-muted">
        {t('change.token.held')}{' '}
        <button type="button" onClick={holding.forget} className="font-medium text-accent underline">
          {t('change.token.forget')}
        </button>
      </p>
    );
  }
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-xs font-semibold">
        {t('change.token')}
      </label>
      <input
        id={id}
        name="token"
        type="password"
        required
        value={value}
        onChange={(event) => onChange(event.target.value)}
        autoComplete="off"
        spellCheck={false}
        className="min-h-9 rounded border border-strong bg-ground px-2 font-mono"
      />
      <p className="text-[0.7rem] text-muted">{t('change.token.hint')}</p>
    </div>
  );
}
