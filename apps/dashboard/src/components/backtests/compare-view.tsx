'use client';
import type { BacktestDetail } from '@monsta/contracts';
import { useMemo, type ReactNode } from 'react';
import { useBacktestCurves, useBacktestDetails, useStatisticList } from '../../data/backtest-queries.ts';
import { useFormat, useTranslate } from '../../data/display.ts';
import { differencesOf, growthOf, pointsOf } from '../../lib/curves.ts';
import { hashOf } from '../../lib/route.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { Unknown } from '../parts/unknown.tsx';
import { CurvesChart, type NamedCurve } from './curves-chart.tsx';
import { Figure } from './figure.tsx';

/** A colour and a dash of its own for each: it shows without colour too. */
const LOOKS = [
  { stroke: 'var(--accent)', dash: '' },
  { stroke: 'var(--warn)', dash: '6 3' },
  { stroke: 'var(--good)', dash: '2 3' },
  { stroke: 'var(--danger)', dash: '8 3 2 3' },
] as const;
const LETTERS = ['A', 'B', 'C', 'D'] as const;

function Heads({ backtests }: { readonly backtests: readonly BacktestDetail[] }): ReactNode {
  return backtests.map(({ id, strategy }, index) => (
    <th key={id} scope="col" className="px-2 py-1 text-right font-normal">
      <a href={hashOf({ kind: 'backtest', id })} className="font-semibold text-accent underline">
        {`${LETTERS[index] ?? ''} ${strategy}`}
      </a>
    </th>
  ));
}

function Differences({ backtests }: { readonly backtests: readonly BacktestDetail[] }): ReactNode {
  const t = useTranslate();
  const found = differencesOf(backtests.map(({ spec }) => spec));
  return (
    <Panel title={t('backtests.differences')}>
      {found.length === 0 ? (
        <p className="p-3 text-xs text-muted">{t('backtests.differences.none')}</p>
      ) : (
        <div className="overflow-x-auto p-2">
          <table className="figures w-full text-xs" data-testid="differences">
            <thead>
              <tr>
                <th scope="col">
                  <span className="sr-only">{t('backtests.figure')}</span>
                </th>
                <Heads backtests={backtests} />
              </tr>
            </thead>
            <tbody>
              {found.map(({ path, values }) => (
                <tr key={path} className="border-t border-line/60">
                  <th scope="row" lang="en" className="px-2 py-1 text-left font-normal">
                    <code>{path}</code>
                  </th>
                  {values.map((value, index) => (
                    <td key={backtests[index]?.id} lang="en" className="px-2 py-1 text-right break-all">
                      {value === null ? <Unknown why={t('backtests.differences.missing')} /> : <code>{value}</code>}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Figures({ backtests }: { readonly backtests: readonly BacktestDetail[] }): ReactNode {
  const t = useTranslate();
  const list = useStatisticList();
  return (
    <Panel title={t('backtests.statistics')}>
      <div className="overflow-x-auto p-2">
        <table className="figures w-full text-xs" data-testid="compared">
          <thead>
            <tr>
              <th scope="col">
                <span className="sr-only">{t('backtests.figure')}</span>
              </th>
              <Heads backtests={backtests} />
            </tr>
          </thead>
          <tbody>
            {list.data?.groups.flatMap(({ group, label }) => [
              <tr key={group}>
                <th scope="rowgroup" colSpan={backtests.length + 1} className="px-2 pt-3 pb-1 text-left font-semibold">
                  {label}
                </th>
              </tr>,
              ...(list.data?.items ?? [])
                .filter((item) => item.group === group)
                .map(({ name, unit, label: called, meaning }) => (
                  <tr key={name} data-statistic={name} className="border-t border-line/60">
                    <th scope="row" title={meaning} className="px-2 py-1 text-left font-normal">
                      {called}
                    </th>
                    {backtests.map(({ id, statistics }) => (
                      <td key={id} className="px-2 py-1 text-right whitespace-nowrap">
                        <Figure unit={unit} value={statistics?.[name]} />
                      </td>
                    ))}
                  </tr>
                )),
            ])}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

/** Several backtests beside each other: curves on one scale, what was asked of each, what came of it. */
export function CompareView({ ids }: { readonly ids: readonly string[] }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const details = useBacktestDetails(ids);
  const curves = useBacktestCurves(ids);
  const backtests = details.flatMap(({ data }) => (data === undefined ? [] : [data]));
  const fault = [...details, ...curves].find(({ error }) => error !== null);
  const drawn = curves.map(({ data }) => data);
  const lines = useMemo(() => {
    const named = (index: number): Omit<NamedCurve, 'points'> => ({
      name: LETTERS[index] ?? '',
      ...(LOOKS[index] ?? LOOKS[0]),
    });
    const found = drawn.flatMap((curve, index) => (curve === undefined ? [] : [{ curve, look: named(index) }]));
    return {
      growth: found.map(({ curve, look }) => ({ ...look, points: growthOf(curve) })),
      drawdown: found.map(({ curve, look }) => ({
        ...look,
        points: pointsOf(curve, 'drawdown', (value) => (value === 0 ? 0 : -value)),
      })),
    };
    // The curves themselves are what it depends on; the list around them is new each time.
    // oxlint-disable-next-line react/exhaustive-deps
  }, drawn);
  return (
    <>
      {fault === undefined ? null : <FaultNote fault={fault.error} onRetry={() => void fault.refetch()} />}
      {backtests.length < ids.length || lines.growth.length < ids.length ? (
        fault === undefined ? (
          <p className="p-3 text-xs text-muted">{t('table.loading')}</p>
        ) : null
      ) : (
        <>
          <Panel title={t('backtests.compared')}>
            <CurvesChart
              label={t('backtests.compared')}
              title={t('backtests.growthAxis')}
              curves={lines.growth}
              drawdowns={lines.drawdown}
              tick={(value, digits) => format.share(value, Math.max(0, digits - 2))}
              value={(value) => format.share(value, 2)}
            />
            <p className="px-3 pb-2 text-[0.7rem] text-muted">{t('backtests.compared.note')}</p>
          </Panel>
          <Differences backtests={backtests} />
          <Figures backtests={backtests} />
        </>
      )}
    </>
  );
}
