'use client';
import type { PredictionMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';

type ModelScore = NonNullable<PredictionMessage['score']>;

const LOW = 0.4;
const HIGH = 0.6;

/** Where a share stands on the scale, in percent of its width; what lies beyond an end stands at the end. */
const at = (share: number): number => ((Math.min(HIGH, Math.max(LOW, share)) - LOW) / (HIGH - LOW)) * 100;

/** The interval of the accuracy as a band, the accuracy as its tick, the baselines as hollow marks: a circle for the majority, a diamond for the last sign. */
export function AccuracyScale({ score }: { readonly score: ModelScore }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { accuracy, baselines } = score;
  const left = at(accuracy.low);
  return (
    <figure aria-label={t('prediction.scale')} className="pb-3.5">
      <div className="relative h-3">
        <div className="absolute inset-x-0 top-1/2 h-px bg-line" />
        <div
          className="absolute inset-y-0.5 rounded-sm bg-accent/30"
          style={{ left: `${left}%`, width: `${at(accuracy.high) - left}%` }}
        />
        <div className="absolute inset-y-0 w-0.5 bg-accent" style={{ left: `${at(accuracy.value)}%` }} />
        <div
          className="absolute top-0.5 size-2 -translate-x-1/2 rounded-full border-[1.5px] border-ink bg-panel"
          style={{ left: `${at(baselines.majority)}%` }}
        />
        <div
          className="absolute top-0.5 size-2 -translate-x-1/2 rotate-45 border-[1.5px] border-ink bg-panel"
          style={{ left: `${at(baselines.lastSign)}%` }}
        />
      </div>
      <div aria-hidden="true" className="figures relative text-[0.65rem] text-muted">
        <span className="absolute left-0">{format.share(LOW, 0)}</span>
        <span className="absolute left-1/2 -translate-x-1/2">{format.share((LOW + HIGH) / 2, 0)}</span>
        <span className="absolute right-0">{format.share(HIGH, 0)}</span>
      </div>
    </figure>
  );
}
