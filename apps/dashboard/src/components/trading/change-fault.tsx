'use client';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { describeFault } from '../../data/fault.ts';

interface ChangeFaultProps {
  readonly fault: Error;
  /** True when asking again can't do it twice. */
  readonly repeatable: boolean;
}

/** Why a change was refused, in the server's words; or that nobody knows whether it took effect. */
export function ChangeFault({ fault, repeatable }: ChangeFaultProps): ReactNode {
  const t = useTranslate();
  const { code, message, outcomeUnknown, denial } = describeFault(fault);
  return (
    <div role="alert" className="rounded border border-danger p-2 text-xs">
      <p className="font-semibold text-danger">
        {t(outcomeUnknown ? (repeatable ? 'change.repeatable' : 'change.unknown') : 'change.failed')}
        {code === null ? null : <code className="ml-1.5 font-normal">{code}</code>}
      </p>
      <p lang={message === null ? undefined : 'en'} className="mt-0.5 break-words">
        {message ?? t('error.network')}
      </p>
      {denial === null ? null : (
        <dl data-testid="denial" className="figures mt-1.5 grid grid-cols-[auto_1fr] gap-x-3">
          <dt className="text-muted">{t('denial.rule')}</dt>
          <dd lang="en">{denial.rule}</dd>
          <dt className="text-muted">{t('denial.limit')}</dt>
          <dd lang="en">{denial.limit}</dd>
          <dt className="text-muted">{t('denial.actual')}</dt>
          <dd lang="en">{denial.actual}</dd>
        </dl>
      )}
    </div>
  );
}
