'use client';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { voteReason, type Judged } from '../../lib/vote.ts';

/** Whether the model's measured skill lets it have a say in trading, and why. */
export function Vote({ judged }: { readonly judged: Judged }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { hasVote, score } = judged;
  const reason = voteReason(judged);
  const net = score?.net ?? null;
  const points = (share: number): string => t('prediction.points', { value: format.points(share) });
  const bps = (value: number): string => t('prediction.bps', { value: format.signed(value.toFixed(2), 2) });
  const ends =
    reason === 'costly' && net !== null
      ? { level: format.share(net.perBarBps.level, 1), low: bps(net.perBarBps.low), high: bps(net.perBarBps.high) }
      : score !== null
        ? { level: format.share(score.skill.level, 1), low: points(score.skill.low), high: points(score.skill.high) }
        : { level: '', low: '', high: '' };
  return (
    <p className="text-xs" data-testid="vote">
      <strong
        className={`mr-1.5 rounded-sm border px-1.5 whitespace-nowrap ${hasVote ? 'border-good text-good' : 'border-strong'}`}
      >
        <span aria-hidden="true">{hasVote ? '✓ ' : '✕ '}</span>
        {t(hasVote ? 'prediction.vote' : 'prediction.noVote')}
      </strong>
      <span className="text-muted">{t(`prediction.why.${reason}`, ends)}</span>
    </p>
  );
}
