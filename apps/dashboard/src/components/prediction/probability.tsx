'use client';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';

interface ProbabilityProps {
  /** 0–1 */
  readonly up: number;
  readonly horizonMs: number;
}

/** The probability of a rise, with even odds marked. */
export function Probability({ up, horizonMs }: ProbabilityProps): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  return (
    <div>
      <p className="text-xs text-muted">{t('prediction.probability', { horizon: format.length(horizonMs) })}</p>
      <p className="figures text-xl font-semibold" data-testid="probability-up">
        {format.share(up)}
      </p>
      <div aria-hidden="true" className="relative mt-1 h-1.5 rounded-full bg-raised">
        <div className="absolute inset-y-0 left-0 rounded-full bg-accent" style={{ width: `${up * 100}%` }} />
        <div className="absolute -inset-y-0.5 left-1/2 w-px bg-ink" />
      </div>
    </div>
  );
}
