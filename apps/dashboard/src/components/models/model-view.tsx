'use client';
import type { ModelMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { Panel } from '../parts/panel.tsx';
import { Unknown } from '../parts/unknown.tsx';
import { Score } from '../prediction/score.tsx';
import { Vote } from '../prediction/vote.tsx';
import { ModelActions } from './model-actions.tsx';
import { ModelState } from './model-state.tsx';
import { ReliabilityDiagram } from './reliability-diagram.tsx';

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className="flex items-baseline justify-between gap-3 border-b border-line/60 py-1 last:border-0">
      <dt className="text-muted">{label}</dt>
      <dd className="figures min-w-0 text-right font-medium break-words">{children}</dd>
    </div>
  );
}

/** How it did beside the model that served when it was trained. */
function Comparison({ comparison }: Pick<ModelMessage, 'comparison'>): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  if (comparison === null) return <Unknown why={t('models.uncompared')} shown />;
  const { rows, servingLogLoss, challengerLogLoss, difference } = comparison;
  const signed = (value: number): string => format.signed(value.toFixed(5), 5);
  return (
    <>
      {t('models.losses', { own: format.number(challengerLogLoss, 5), other: format.number(servingLogLoss, 5) })}
      <br />
      <span className="text-[0.7rem] font-normal text-muted">
        {t('models.difference', {
          rows: format.number(rows, 0),
          level: format.share(difference.level, 0),
          low: signed(difference.low),
          high: signed(difference.high),
        })}
      </span>
    </>
  );
}

/** One kept model: what it is worth out of sample, why it serves or does not, and what it was made of. */
export function ModelView({ model }: { readonly model: ModelMessage }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { id, state, decision, comparison, score, parameters } = model;
  const given = Object.entries(parameters);
  return (
    <div className="grid min-w-0 items-start gap-2 xl:grid-cols-2" data-testid="model">
      <Panel title={id} aside={<ModelActions model={model} />}>
        <div className="flex flex-col gap-2 p-3">
          <p className="text-xs">
            <ModelState state={state} />
            <span lang="en" className="ml-2 break-words text-muted">
              {decision.reason}
            </span>
          </p>
          <Vote judged={{ ...model, silent: false }} />
          <Score score={score} />
        </div>
      </Panel>
      <Panel title={t('models.about')}>
        <dl className="p-3 text-xs">
          <Fact label={t('models.horizon')}>{format.length(model.horizonMs)}</Fact>
          <Fact label={t('models.logLoss')}>
            {t('models.beside', { value: format.number(score.logLoss, 5), coin: format.number(Math.LN2, 5) })}
          </Fact>
          <Fact label={t('models.brier')}>
            {t('models.beside', { value: format.number(score.brier, 5), coin: format.number(0.25, 2) })}
          </Fact>
          <Fact label={t('models.comparison')}>
            <Comparison comparison={comparison} />
          </Fact>
          <Fact label={t('models.features')}>{model.features}</Fact>
          <Fact label={t('models.parameters')}>
            {given.length === 0
              ? t('models.defaults')
              : given.map(([name, value]) => (
                  <span key={name} className="ml-3 inline-block">
                    <span className="font-normal text-muted">{name}</span> {JSON.stringify(value)}
                  </span>
                ))}
          </Fact>
          <Fact label={t('models.rows')}>
            {t('models.rowsOfBars', { rows: format.number(model.rows, 0), bars: format.number(model.bars, 0) })}
          </Fact>
          <Fact label={t('models.learnt', { zone: format.zone })}>
            {`${format.dateTime(model.trainedFromMs)} – ${format.dateTime(model.trainedToMs)}`}
          </Fact>
          <Fact label={t('models.trainedAt', { zone: format.zone })}>{format.dateTime(model.trainedAtMs)}</Fact>
        </dl>
      </Panel>
      <Panel title={t('models.reliability')} className="xl:col-span-2">
        {score.calibration === null ? (
          <p className="p-3 text-xs text-muted">
            {t('prediction.uncalibrated')} <span lang="en">{score.uncalibrated}</span>
          </p>
        ) : (
          <ReliabilityDiagram calibration={score.calibration} />
        )}
      </Panel>
    </div>
  );
}
