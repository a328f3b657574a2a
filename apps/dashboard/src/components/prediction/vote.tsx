'use client';
import type { PredictionMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { voteReason } from '../../lib/vote.ts';

/** Whether the model's measured skill lets it have a say in trading, and why. */
export function Vote({ prediction }: { readonly prediction: PredictionMessage }): ReactNode {
  const t = useTranslate();
  const { hasVote } = prediction;
  return (
    <p className="text-xs" data-testid="vote">
      <strong
        className={`mr-1.5 rounded-sm border px-1.5 whitespace-nowrap ${hasVote ? 'border-good text-good' : 'border-strong'}`}
      >
        <span aria-hidden="true">{hasVote ? '✓ ' : '✕ '}</span>
        {t(hasVote ? 'prediction.vote' : 'prediction.noVote')}
      </strong>
      <span className="text-muted">{t(`prediction.why.${voteReason(prediction)}`)}</span>
    </p>
  );
}
