'use client';
import type { PredictionMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { AccuracyScale } from './accuracy-scale.tsx';

type ModelScore = NonNullable<PredictionMessage['score']>;

interface RowProps {
  readonly label: string;
  /** How the figure is drawn on the scale above. */
  readonly mark?: string;
  readonly value: string;
  readonly detail?: string;
}

function Row({ label, mark, value, detail }: RowProps): ReactNode {
  return (
    <div className="grid grid-cols-[0.9rem_1fr_auto] items-baseline gap-x-1">
      <dt className="col-span-2 text-muted">
        <span aria-hidden="true" className="mr-1 inline-block w-3.5 text-center text-[0.65rem]">
          {mark}
        </span>
        {label}
      </dt>
      <dd className="figures text-right font-medium">{value}</dd>
      {detail === undefined ? null : (
        <dd className="figures col-span-2 col-start-2 text-[0.7rem] whitespace-nowrap text-muted">{detail}</dd>
      )}
    </div>
  );
}

/** Accuracy out of sample with its interval, beside what the naive baselines reach. */
export function Score({ score }: { readonly score: ModelScore }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { accuracy, baselines, skill, net } = score;
  const bps = (value: number): string => t('prediction.bps', { value: format.signed(value.toFixed(2), 2) });
  const points = (share: number): string => t('prediction.points', { value: format.points(share) });
  return (
    <div>
      <AccuracyScale score={score} />
      <dl className="mt-1 flex flex-col gap-0.5 text-xs" data-testid="score">
        <Row
          mark="┃"
          label={t('prediction.accuracy')}
          value={format.share(accuracy.value)}
          detail={t('prediction.interval', {
            level: format.share(accuracy.level, 1),
            low: format.share(accuracy.low),
            high: format.share(accuracy.high),
          })}
        />
        <Row mark="○" label={t('prediction.majority')} value={format.share(baselines.majority)} />
        <Row mark="◇" label={t('prediction.lastSign')} value={format.share(baselines.lastSign)} />
        <Row
          label={t('prediction.skill')}
          value={points(skill.value)}
          detail={t('prediction.interval', {
            level: format.share(skill.level, 1),
            low: points(skill.low),
            high: points(skill.high),
          })}
        />
        {net === null ? (
          <Row label={t('prediction.net')} value="—" detail={t('prediction.untraded')} />
        ) : (
          <Row
            label={t('prediction.net')}
            value={bps(net.perBarBps.value)}
            detail={t('prediction.interval', {
              level: format.share(net.perBarBps.level, 1),
              low: bps(net.perBarBps.low),
              high: bps(net.perBarBps.high),
            })}
          />
        )}
      </dl>
      <p className="figures mt-1.5 text-[0.7rem] text-muted">
        {t('prediction.sample', { rows: format.exact(String(score.rows)), folds: score.folds })}
      </p>
    </div>
  );
}
