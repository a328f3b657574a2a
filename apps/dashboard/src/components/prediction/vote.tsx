'use client';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';

/** Whether the model's measured skill lets it have a say in trading. */
export function Vote({ hasVote, scored }: { readonly hasVote: boolean; readonly scored: boolean }): ReactNode {
  const t = useTranslate();
  const why = hasVote ? t('prediction.vote.text') : t(scored ? 'prediction.noVote.text' : 'prediction.noVote.unscored');
  return (
    <p className="text-xs" data-testid="vote">
      <strong
        className={`mr-1.5 rounded-sm border px-1.5 whitespace-nowrap ${hasVote ? 'border-good text-good' : 'border-strong'}`}
      >
        <span aria-hidden="true">{hasVote ? '✓ ' : '✕ '}</span>
        {t(hasVote ? 'prediction.vote' : 'prediction.noVote')}
      </strong>
      <span className="text-muted">{why}</span>
    </p>
  );
}
