'use client';
import type { BacktestDetail } from '@monsta/contracts';
import { useMemo, type ReactNode } from 'react';
import { isUnderWay, useBacktest, useBacktestCurve } from '../../data/backtest-queries.ts';
import { useDisplay, useFormat, useTranslate } from '../../data/display.ts';
import { keys } from '../../data/keys.ts';
import { goTo } from '../../data/route.ts';
import { pointsOf } from '../../lib/curves.ts';
import { hashOf } from '../../lib/route.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { Guard } from '../parts/guard.tsx';
import { SimulatedChip } from '../data/simulated-chip.tsx';
import { Panel } from '../parts/panel.tsx';
import { CurvesChart } from './curves-chart.tsx';
import { MonthsTable } from './months-table.tsx';
import { Assumptions, HonestyPanel, Warnings } from './notes.tsx';
import { Overview } from './overview.tsx';
import { PriceTrades } from './price-trades.tsx';
import { RunActions } from './run-actions.tsx';
import { RunFault } from './run-fault.tsx';
import { ProgressBar, StateChip } from './state-chip.tsx';
import { StatisticsList } from './statistics-list.tsx';
import { TradesTable } from './trades-table.tsx';

function Actions({ backtest }: { readonly backtest: BacktestDetail }): ReactNode {
  const t = useTranslate();
  const { locale } = useDisplay();
  const { id, result } = backtest;
  return (
    <RunActions
      again={hashOf({ kind: 'new', like: id })}
      report={result === null ? null : `/api/v1/backtests/${id}/report?language=${locale}`}
      change={
        isUnderWay(backtest)
          ? {
              label: t('backtests.cancel'),
              title: t('backtests.cancel.title'),
              text: t('backtests.cancel.text'),
              ask: (client) => client.cancelBacktest(id),
              touched: [keys.backtests, keys.backtest(id)],
            }
          : {
              label: t('backtests.remove'),
              title: t('backtests.remove.title'),
              text: t('backtests.remove.text'),
              ask: (client) => client.removeBacktest(id),
              touched: [keys.backtests],
              onDone: () => goTo({ kind: 'backtests' }),
            }
      }
    />
  );
}

/** Which one it is, how it is, and what can be done with it. */
function Head({ backtest }: { readonly backtest: BacktestDetail }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { id, strategy, instruments, interval, state, progress, createdMs, fault, spec } = backtest;
  const market = (spec.data.kind === 'catalogue' ? spec.data.market : null) ?? 'binance';
  const params = Object.entries(backtest.result?.summary.parameters ?? spec.params);
  return (
    <Panel title={`${strategy} · ${instruments.join(', ')}`} aside={<StateChip state={state} />}>
      <div className="flex flex-col gap-2 p-3 text-xs">
        <p className="figures flex flex-wrap gap-x-4 gap-y-1 text-muted">
          <span>{t('backtests.created', { time: format.dateTime(createdMs) })}</span>
          <span>{interval ?? t('backtests.data.ofFile')}</span>
          <span>
            <SimulatedChip market={market} />{' '}
            {t(`backtests.data.${spec.data.kind === 'ticks' ? 'file' : spec.data.kind}`, { market })}
          </span>
          <code>{id}</code>
        </p>
        {params.length === 0 ? null : (
          <p className="figures flex flex-wrap gap-x-3">
            {params.map(([name, value]) => (
              <span key={name} className="whitespace-nowrap">
                <span className="text-muted">{name}</span> <strong>{String(value)}</strong>
              </span>
            ))}
          </p>
        )}
        {isUnderWay(backtest) ? <ProgressBar state={state} progress={progress} /> : null}
        {state === 'canceled' ? <p className="text-muted">{t('backtests.canceled.text')}</p> : null}
        <RunFault fault={fault} />
        <Actions backtest={backtest} />
      </div>
    </Panel>
  );
}

function EquityPanel({ id, quoteAsset }: { readonly id: string; readonly quoteAsset: string }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { data, error, refetch } = useBacktestCurve(id);
  const curves = useMemo(
    () =>
      data === undefined
        ? null
        : {
            equity: [
              { name: t('backtests.strategy'), stroke: 'var(--accent)', dash: '', points: pointsOf(data, 'equity') },
              {
                name: t('backtests.holding'),
                stroke: 'var(--strong)',
                dash: '4 3',
                points: pointsOf(data, 'buyAndHold'),
              },
            ],
            drawdown: [
              {
                name: t('account.drawdown'),
                stroke: 'var(--fall)',
                dash: '',
                points: pointsOf(data, 'drawdown', (value) => (value === 0 ? 0 : -value)),
              },
            ],
          },
    [data, t],
  );
  return (
    <Panel title={t('backtests.equity')}>
      {error === null ? null : <FaultNote fault={error} onRetry={() => void refetch()} />}
      {curves === null || data === undefined ? (
        error === null ? (
          <p className="p-3 text-xs text-muted">{t('table.loading')}</p>
        ) : null
      ) : (
        <>
          <CurvesChart
            label={t('backtests.equityChart', { points: data.total })}
            title={t('performance.equityAxis', { asset: quoteAsset })}
            curves={curves.equity}
            drawdowns={curves.drawdown}
            tick={(value, digits) => format.number(value, digits)}
            value={(value) => `${format.number(value, 2)} ${quoteAsset}`}
          />
          {data.total > data.timeMs.length ? (
            <p className="px-3 pb-2 text-[0.7rem] text-muted">
              {t('backtests.picked.points', { shown: data.timeMs.length, total: data.total })}
            </p>
          ) : null}
        </>
      )}
    </Panel>
  );
}

/** One backtest: how it is, and once it is done everything that came of it. */
export function BacktestView({ id }: { readonly id: string }): ReactNode {
  const t = useTranslate();
  const { data, error, refetch } = useBacktest(id);
  if (error !== null && data === undefined) return <FaultNote fault={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <p className="p-3 text-xs text-muted">{t('table.loading')}</p>;
  const { result } = data;
  return (
    <>
      <Head backtest={data} />
      {result === null ? null : (
        <>
          <Warnings result={result} />
          <Guard>
            <Overview result={result} />
          </Guard>
          <Guard>
            <EquityPanel id={id} quoteAsset={result.summary.quoteAsset} />
          </Guard>
          <Guard>
            <PriceTrades id={id} instruments={data.instruments} />
          </Guard>
          <Guard>
            <HonestyPanel honesty={result.honesty} />
          </Guard>
          <Guard>
            <MonthsTable periods={result.periods} />
          </Guard>
          <Guard>
            <TradesTable id={id} />
          </Guard>
          <Guard>
            <StatisticsList statistics={result.statistics} />
          </Guard>
          <Assumptions result={result} denials={result.summary.denials} />
        </>
      )}
    </>
  );
}
