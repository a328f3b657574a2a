'use client';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { saidPredictions } from '../../lib/said-predictions.ts';
import { Unknown } from '../parts/unknown.tsx';
import { Spoken } from './spoken.tsx';

/** What each model said when a decision was made. */
export function ModelSaid({ value }: { readonly value: unknown }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const said = saidPredictions(value);
  if (said === null) return <Spoken value={value} />;
  if (said.length === 0) return <span className="text-muted">{t('decisions.nothing')}</span>;
  return (
    <ul className="figures">
      {said.map(({ model, interval, probabilityUp, hasVote, reason }) => (
        <li key={`${model} ${interval}`} className="whitespace-nowrap">
          <span className="text-muted">{`${model} ${interval} `}</span>
          {probabilityUp === null ? (
            <Unknown why={reason ?? t('prediction.absence.other')} />
          ) : (
            `${t('market.up')} ${format.share(probabilityUp)}`
          )}
          <span className="ml-1.5 text-[0.7rem] text-muted">
            {t(hasVote ? 'prediction.vote' : 'prediction.noVote')}
          </span>
        </li>
      ))}
    </ul>
  );
}
