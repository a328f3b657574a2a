'use client';
import type { PredictionMessage } from '@monsta/contracts';
import { useState, type ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { usePredictions } from '../../data/queries.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { Absence } from './absence.tsx';
import { Probability } from './probability.tsx';
import { Score } from './score.tsx';
import { Vote } from './vote.tsx';

const nameOf = ({ model, interval }: PredictionMessage): string => `${model} · ${interval}`;

function OnePrediction({ prediction }: { readonly prediction: PredictionMessage }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { probabilityUp, score, absence, trainedAtMs } = prediction;
  const times = [
    ...(probabilityUp === null ? [] : [t('prediction.at', { time: format.dateTime(prediction.timeMs) })]),
    ...(trainedAtMs === null ? [] : [t('prediction.trained', { time: format.dateTime(trainedAtMs) })]),
  ];
  return (
    <div className="flex flex-col gap-2.5 p-3">
      {probabilityUp === null ? (
        <Absence absence={absence} horizonMs={prediction.horizonMs} />
      ) : (
        <Probability up={probabilityUp} horizonMs={prediction.horizonMs} />
      )}
      {probabilityUp === null ? null : (
        <p className="text-[0.7rem] text-muted">
          {prediction.calibrated
            ? t('prediction.calibrated', { raw: format.share(prediction.rawProbabilityUp ?? probabilityUp) })
            : t('prediction.uncalibrated')}
        </p>
      )}
      <Vote judged={{ ...prediction, silent: probabilityUp === null }} />
      {score === null ? <p className="text-xs text-muted">{t('prediction.unscored')}</p> : <Score score={score} />}
      {times.length === 0 ? null : (
        <p className="figures text-[0.7rem] text-muted">{`${times.join(' · ')} (${format.zone})`}</p>
      )}
    </div>
  );
}

/** What a model says of the next hour, with its measured worth; or why it says nothing. */
export function PredictionPanel({ instrument }: { readonly instrument: string }): ReactNode {
  const t = useTranslate();
  const { data, error, refetch } = usePredictions(instrument);
  const [wanted, setWanted] = useState<string | null>(null);
  const list = data ?? [];
  // One with something to say comes first, then one whose worth is known, unless another was picked.
  const shown =
    list.find((each) => nameOf(each) === wanted) ??
    list.find((each) => each.probabilityUp !== null) ??
    list.find((each) => each.score !== null) ??
    list[0];
  return (
    <Panel
      title={t('prediction.title')}
      aside={
        shown === undefined ? null : (
          <select
            aria-label={t('prediction.pick')}
            value={nameOf(shown)}
            onChange={(event) => setWanted(event.target.value)}
            className="min-h-7 max-w-52 rounded border border-line bg-raised px-1 text-xs"
          >
            {list.map((each) => (
              <option key={nameOf(each)}>{nameOf(each)}</option>
            ))}
          </select>
        )
      }
    >
      {error === null ? null : <FaultNote fault={error} onRetry={() => void refetch()} />}
      {shown === undefined ? (
        <p className="p-3 text-xs text-muted">{data === undefined ? t('app.loading') : t('prediction.none')}</p>
      ) : (
        <OnePrediction prediction={shown} />
      )}
    </Panel>
  );
}
