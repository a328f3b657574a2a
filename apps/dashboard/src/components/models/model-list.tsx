'use client';
import type { ModelMessage, ModelsReply } from '@monsta/contracts';
import type { UseQueryResult } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { hashOf, type Route } from '../../lib/route.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { ProgressTrack } from '../parts/progress-track.tsx';
import { ModelState } from './model-state.tsx';

export type ModelsRoute = Extract<Route, { readonly kind: 'models' | 'model' }>;

function Row({ model, current }: { readonly model: ModelMessage; readonly current: boolean }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { id, instrument, interval, state, hasVote, score, trainedAtMs } = model;
  const points = (share: number): string => t('prediction.points', { value: format.points(share) });
  return (
    <li className={`border-b border-line/60 last:border-0 ${current ? 'bg-raised' : ''}`}>
      <a
        href={hashOf({ kind: 'model', id })}
        aria-current={current ? 'true' : undefined}
        className="block min-w-0 p-2 text-xs hover:bg-raised"
      >
        <span className="flex items-baseline justify-between gap-2">
          <span className="truncate font-semibold">{`${instrument} · ${interval} · ${model.model}`}</span>
          <ModelState state={state} />
        </span>
        <span className="flex items-baseline justify-between gap-2 text-muted">
          <span className={hasVote ? 'font-semibold text-good' : ''}>
            <span aria-hidden="true">{hasVote ? '✓ ' : '✕ '}</span>
            {t(hasVote ? 'prediction.vote' : 'prediction.noVote')}
          </span>
          <span className="figures whitespace-nowrap">{format.shortDateTime(trainedAtMs)}</span>
        </span>
        <span className="figures block text-muted">
          {t('models.skill', { low: points(score.skill.low), high: points(score.skill.high) })}
        </span>
      </a>
    </li>
  );
}

/** The training under way, and how much of it is done. */
function Training({ training }: { readonly training: NonNullable<ModelsReply['training']> }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { instrument, interval, model, share } = training;
  const name = `${instrument} · ${interval} · ${model}`;
  return (
    <div data-testid="training" className="flex flex-col gap-1 border-b border-line p-2 text-xs">
      <span className="flex items-baseline justify-between gap-2">
        <span className="truncate">{t('models.training', { name })}</span>
        <span className="figures text-muted">{format.share(share, 0)}</span>
      </span>
      <ProgressTrack label={t('models.training', { name })} share={share} />
    </div>
  );
}

interface ModelListProps {
  readonly query: UseQueryResult<ModelsReply>;
  readonly route: ModelsRoute;
}

/** All kept models, of one instrument if wanted. */
export function ModelList({ query: { data, error, refetch }, route }: ModelListProps): ReactNode {
  const t = useTranslate();
  const [wanted, setWanted] = useState<string | null>(null);
  const all = data?.items ?? [];
  const training = data?.training ?? null;
  const instruments = [...new Set(all.map(({ instrument }) => instrument))].toSorted();
  const instrument = wanted !== null && instruments.includes(wanted) ? wanted : null;
  const shown = all.filter((model) => instrument === null || model.instrument === instrument);
  return (
    <Panel
      title={t('models.title')}
      aside={
        instruments.length < 2 ? null : (
          <select
            aria-label={t('models.pick')}
            value={instrument ?? ''}
            onChange={(event) => setWanted(event.target.value === '' ? null : event.target.value)}
            className="min-h-7 rounded border border-line bg-raised px-1 text-xs"
          >
            <option value="">{t('models.all')}</option>
            {instruments.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        )
      }
    >
      {error === null ? null : <FaultNote fault={error} onRetry={() => void refetch()} />}
      {training === null ? null : <Training training={training} />}
      {data === undefined ? (
        error === null ? (
          <p className="p-3 text-xs text-muted">{t('table.loading')}</p>
        ) : null
      ) : shown.length === 0 ? (
        <p className="p-3 text-xs text-muted">{t('models.none')}</p>
      ) : (
        <ul aria-label={t('models.title')} className="lg:max-h-[calc(100dvh-9rem)] lg:overflow-y-auto">
          {shown.map((model) => (
            <Row key={model.id} model={model} current={route.kind === 'model' && route.id === model.id} />
          ))}
        </ul>
      )}
    </Panel>
  );
}
