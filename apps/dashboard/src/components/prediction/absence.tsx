'use client';
import type { PredictionMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';

const KNOWN = [
  'training',
  'training_failed',
  'history_too_short',
  'history_gap',
  'feed_stale',
  'other_missing',
  'feature_undefined',
  'retired',
] as const;

interface AbsenceProps {
  readonly absence: PredictionMessage['absence'];
  readonly horizonMs: number;
}

/** No prediction, and why: first in the reader's language, then in the server's words. */
export function Absence({ absence, horizonMs }: AbsenceProps): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const code = KNOWN.find((each) => each === absence?.code) ?? 'other';
  return (
    <div data-testid="prediction-absent">
      <p className="text-xs text-muted">{t('prediction.probability', { horizon: format.length(horizonMs) })}</p>
      <p className="text-lg font-semibold">
        <span aria-hidden="true">— </span>
        {t('prediction.absent')}
      </p>
      <p className="text-xs">{t(`prediction.absence.${code}`)}</p>
      {absence === null ? null : (
        <p lang="en" className="text-xs break-words text-muted">
          {absence.reason}
        </p>
      )}
    </div>
  );
}
