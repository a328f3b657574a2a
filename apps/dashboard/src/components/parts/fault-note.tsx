'use client';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { describeFault } from '../../data/fault.ts';

interface FaultNoteProps {
  readonly fault: unknown;
  readonly onRetry?: () => void;
}

/** A failure as the server told it, with its code. */
export function FaultNote({ fault, onRetry }: FaultNoteProps): ReactNode {
  const t = useTranslate();
  const { code, message } = describeFault(fault);
  return (
    <div role="alert" className="m-3 rounded border border-danger/60 p-2 text-xs">
      <p className="font-semibold text-danger">
        {t('error.title')}
        {code === null ? null : <code className="ml-1.5 font-normal">{code}</code>}
      </p>
      <p lang="en" className="mt-0.5 break-words">
        {message ?? t('error.network')}
      </p>
      {onRetry === undefined ? null : (
        <button type="button" onClick={onRetry} className="mt-1 min-h-7 font-medium text-accent underline">
          {t('app.retry')}
        </button>
      )}
    </div>
  );
}
