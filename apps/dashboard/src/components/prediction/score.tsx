'use client';
import type { PredictionMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { AccuracyScale } from './accuracy-scale.tsx';

type ModelScore = NonNullable<PredictionMessage['score']>;

interface RowProps {
  readonly label: string;
  readonly value: string;
  readonly detail?: string;
}

function Row({ label, value, detail }: RowProps): ReactNode {
  return (
    <div className="flex items-baseline justify-between gap-3">
      <dt className="text-muted">{label}</dt>
      <dd className="figures text-right">
        <span className="font-medium">{value}</span>
        {detail === undefined ? null : <span className="block text-[0.7rem] text-muted">{detail}</span>}
      </dd>
    </div>
  );
}

/** Accuracy out of sample with its interval, beside what the naive baselines reach. */
export function Score({ score }: { readonly score: ModelScore }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { accuracy, baselines, skill } = score;
  const points = (share: number): string => t('prediction.points', { value: format.points(share) });
  return (
    <div>
      <AccuracyScale score={score} />
      <dl className="mt-1 flex flex-col gap-0.5 text-xs" data-testid="score">
        <Row
          label={t('prediction.accuracy')}
          value={format.share(accuracy.value)}
          detail={t('prediction.interval', {
            level: format.share(accuracy.level, 0),
            low: format.share(accuracy.low),
            high: format.share(accuracy.high),
          })}
        />
        <Row label={t('prediction.majority')} value={format.share(baselines.majority)} />
        <Row label={t('prediction.lastSign')} value={format.share(baselines.lastSign)} />
        <Row
          label={t('prediction.skill')}
          value={points(skill.value)}
          detail={t('prediction.interval', {
            level: format.share(skill.level, 0),
            low: points(skill.low),
            high: points(skill.high),
          })}
        />
      </dl>
      <p className="figures mt-1.5 text-[0.7rem] text-muted">
        {t('prediction.sample', { rows: format.exact(String(score.rows)), folds: score.folds })}
      </p>
    </div>
  );
}
