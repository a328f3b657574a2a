'use client';
import type { OptimizationDetail } from '@monsta/contracts';
import { useMemo, type ReactNode } from 'react';
import { isUnderWay, useStatisticList } from '../../data/backtest-queries.ts';
import { useDisplay, useFormat, useTranslate } from '../../data/display.ts';
import { keys } from '../../data/keys.ts';
import { useOptimization } from '../../data/optimization-queries.ts';
import { goTo } from '../../data/route.ts';
import { underWater } from '../../lib/curves.ts';
import { failuresOf, parameterText, type OptimizationResultShown } from '../../lib/optimization.ts';
import { hashOf } from '../../lib/route.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { Guard } from '../parts/guard.tsx';
import { Panel } from '../parts/panel.tsx';
import { CurvesChart } from './curves-chart.tsx';
import { Figure } from './figure.tsx';
import { Assumptions, Warnings } from './notes.tsx';
import { OptimizationMap } from './optimization-map.tsx';
import { RunActions } from './run-actions.tsx';
import { RunFault } from './run-fault.tsx';
import { ShareValue } from './share-value.tsx';
import { ProgressBar, StateChip } from './state-chip.tsx';
import { WindowsTable } from './windows-table.tsx';

/** What can be done with it. */
function Actions({ optimization }: { readonly optimization: OptimizationDetail }): ReactNode {
  const t = useTranslate();
  const { locale } = useDisplay();
  const { id, state } = optimization;
  return (
    <RunActions
      again={hashOf({ kind: 'newOptimization', like: id })}
      report={state === 'done' ? `/api/v1/optimizations/${id}/report?language=${locale}` : null}
      change={
        isUnderWay(optimization)
          ? {
              label: t('optimizations.cancel'),
              title: t('optimizations.cancel.title'),
              text: t('optimizations.cancel.text'),
              ask: (client) => client.cancelOptimization(id),
              touched: [keys.optimizations, keys.optimization(id)],
            }
          : {
              label: t('backtests.remove'),
              title: t('optimizations.remove.title'),
              text: t('optimizations.remove.text'),
              ask: (client) => client.removeOptimization(id),
              touched: [keys.optimizations],
              onDone: () => goTo({ kind: 'optimizations' }),
            }
      }
    />
  );
}

/** Which one it is, how it is, and what can be done with it. */
function Head({
  optimization,
  called,
}: {
  readonly optimization: OptimizationDetail;
  readonly called: string;
}): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { id, strategy, instruments, interval, state, progress, createdMs, fault, sampler, trialsMax } = optimization;
  return (
    <Panel title={`${strategy} · ${instruments.join(', ')}`} aside={<StateChip state={state} />}>
      <div className="flex flex-col gap-2 p-3 text-xs">
        <p className="figures flex flex-wrap gap-x-4 gap-y-1 text-muted">
          <span>{t('backtests.created', { time: format.dateTime(createdMs) })}</span>
          <span>{interval ?? t('backtests.data.ofFile')}</span>
          <span>{t('optimizations.by', { objective: called, trials: format.number(trialsMax, 0) })}</span>
          <span>{t('optimizations.sampler', { sampler })}</span>
          <code>{id}</code>
        </p>
        {isUnderWay(optimization) ? <ProgressBar state={state} progress={progress} /> : null}
        {state === 'canceled' ? (
          <p className="text-muted">
            {t('optimizations.canceled')} <code className="text-ink">monsta optimize --resume {id}</code>
          </p>
        ) : null}
        <RunFault fault={fault} />
        <Actions optimization={optimization} />
      </div>
    </Panel>
  );
}

/** The account over all tests, beside buying and holding, and how far each fell. */
function CurvePanel({
  curve,
}: {
  readonly curve: NonNullable<OptimizationResultShown['outOfSample']>['equity'];
}): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const curves = useMemo(() => {
    const points = (values: readonly number[]) =>
      curve.timeMs.map((timeMs, index) => ({ timeMs, value: values[index] ?? 0 }));
    return {
      equity: [
        { name: t('optimizations.outOfSample'), stroke: 'var(--accent)', dash: '', points: points(curve.equity) },
        { name: t('backtests.holding'), stroke: 'var(--strong)', dash: '4 3', points: points(curve.benchmark) },
      ],
      drawdown: [
        { name: t('account.drawdown'), stroke: 'var(--fall)', dash: '', points: points(underWater(curve.equity)) },
      ],
    };
  }, [curve, t]);
  return (
    <Panel title={t('optimizations.curve')}>
      <CurvesChart
        label={t('backtests.equityChart', { points: curve.timeMs.length })}
        title={t('optimizations.curveAxis')}
        curves={curves.equity}
        drawdowns={curves.drawdown}
        tick={(value, digits) => format.number(value, digits)}
        value={(value) => format.number(value, 2)}
      />
    </Panel>
  );
}

/** What trials failed with, and how many. */
function Failures({ windows }: Pick<OptimizationResultShown, 'windows'>): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const counts = failuresOf(windows);
  if (counts.length === 0) return null;
  return (
    <Panel title={t('optimizations.failures')}>
      <ul className="flex flex-col gap-1 p-3 text-xs" data-testid="failures">
        {counts.map(({ message, trials }) => (
          <li key={message} className="break-words">
            <strong className="figures">
              {t('optimizations.failures.count', { count: format.number(trials, 0) })}
            </strong>{' '}
            <span lang="en">{message}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

interface OutcomeProps {
  readonly optimization: OptimizationDetail;
  readonly result: OptimizationResultShown;
  readonly calledOf: (name: string) => string;
}

/** All tests together: the figure to believe; where nothing was held back, that this is not known. */
function Outcome({ optimization: { statistics, tested }, result, calledOf }: OutcomeProps): ReactNode {
  const t = useTranslate();
  const { outOfSample, probabilityOfOverfitting, stability, trials } = result;
  const rows: readonly (readonly [label: string, value: ReactNode])[] = [
    [calledOf('totalReturn'), <ShareValue key="made" value={statistics?.['totalReturn']} />],
    [t('backtests.holding'), <ShareValue key="held" value={statistics?.['buyAndHoldReturn']} />],
    [calledOf('sharpe'), <Figure key="sharpe" unit="ratio" value={statistics?.['sharpe']} />],
    [calledOf('maxDrawdown'), <Figure key="drawdown" unit="share" value={statistics?.['maxDrawdown']} />],
    [calledOf('trades'), <Figure key="trades" unit="count" value={statistics?.['trades']} />],
    [t('optimizations.deflated'), <Figure key="deflated" unit="share" value={outOfSample?.deflatedSharpe} />],
    [t('optimizations.efficiency'), <Figure key="efficiency" unit="ratio" value={outOfSample?.efficiency} />],
    [t('optimizations.overfitting'), <Figure key="overfit" unit="share" value={probabilityOfOverfitting} />],
    [t('optimizations.stability'), <Figure key="stability" unit="ratio" value={stability} />],
    [t('optimizations.trials'), <Figure key="run" unit="count" value={trials.run} />],
    ...(['finished', 'stopped', 'failed', 'refused', 'remembered'] as const).map(
      (name) => [t(`optimizations.trials.${name}`), <Figure key={name} unit="count" value={trials[name]} />] as const,
    ),
  ];
  return (
    <Panel title={t(tested ? 'optimizations.result' : 'optimizations.result.inSample')}>
      <dl className="figures gap-x-8 p-3 text-xs md:columns-2" data-testid="outcome">
        {rows.map(([label, value]) => (
          <div key={label} className="flex break-inside-avoid justify-between gap-3 border-b border-line/60 py-1">
            <dt>{label}</dt>
            <dd className="font-semibold whitespace-nowrap">{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function Choice({ result }: { readonly result: OptimizationResultShown }): ReactNode {
  const t = useTranslate();
  const searched = result.windows.at(-1)?.chosen ?? {};
  const { parameters } = result;
  return (
    <Panel title={t('optimizations.chosen')}>
      {parameters === null ? (
        <p className="p-3 text-xs text-muted">{t('optimizations.chosen.none')}</p>
      ) : (
        <div className="p-3 text-xs">
          <p className="figures flex flex-wrap gap-x-4 gap-y-1" data-testid="chosen">
            {Object.entries(parameters).map(([name, value]) => (
              <span key={name} className={Object.hasOwn(searched, name) ? 'font-bold' : 'text-muted'}>
                {name} {parameterText(value)}
              </span>
            ))}
          </p>
          <p className="mt-1 text-[0.7rem] text-muted">{t('optimizations.chosen.text')}</p>
        </div>
      )}
    </Panel>
  );
}

/** One optimisation: how it is, and once it is done what it was worth, what was chosen, and what lies around the choice. */
export function OptimizationView({ id }: { readonly id: string }): ReactNode {
  const t = useTranslate();
  const { data, error, refetch } = useOptimization(id);
  const texts = useStatisticList().data?.items;
  if (error !== null && data === undefined) return <FaultNote fault={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <p className="p-3 text-xs text-muted">{t('table.loading')}</p>;
  const statistic = (name: string) => texts?.find((each) => each.name === name);
  const calledOf = (name: string): string => statistic(name)?.label ?? name;
  const { result, objective } = data;
  const called = calledOf(objective.name);
  const unit = statistic(objective.name)?.unit ?? 'ratio';
  return (
    <>
      <Head optimization={data} called={called} />
      {result === null ? null : (
        <>
          <Outcome optimization={data} result={result} calledOf={calledOf} />
          <Warnings result={result} />
          {result.outOfSample === null ? null : (
            <Guard>
              <CurvePanel curve={result.outOfSample.equity} />
            </Guard>
          )}
          <Choice result={result} />
          <Guard>
            <WindowsTable {...{ windows: result.windows, called, unit, returnCalled: calledOf('totalReturn') }} />
          </Guard>
          <Guard>
            <OptimizationMap {...{ maps: result.map, objective, called, unit }} />
          </Guard>
          <Failures windows={result.windows} />
          <Assumptions result={result} />
        </>
      )}
    </>
  );
}
