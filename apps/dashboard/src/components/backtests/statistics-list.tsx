'use client';
import type { ReactNode } from 'react';
import { useStatisticList } from '../../data/backtest-queries.ts';
import { useTranslate } from '../../data/display.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { Figure } from './figure.tsx';

/** All statistics in their groups, with what each of them means. */
export function StatisticsList({
  statistics,
}: {
  readonly statistics: Readonly<Record<string, number | null>>;
}): ReactNode {
  const t = useTranslate();
  const { data, error, refetch } = useStatisticList();
  return (
    <Panel title={t('backtests.statistics')}>
      {error === null ? null : <FaultNote fault={error} onRetry={() => void refetch()} />}
      {data === undefined ? null : (
        <div className="gap-x-8 p-3 md:columns-2 2xl:columns-3" data-testid="statistics">
          {data.groups.map(({ group, label }) => (
            <section key={group} className="mb-3 min-w-0">
              <h3 className="mb-1 text-xs font-semibold">{label}</h3>
              <dl className="figures text-xs">
                {data.items
                  .filter((item) => item.group === group)
                  .map(({ name, unit, label: called, meaning }) => (
                    <div key={name} data-statistic={name} className="break-inside-avoid border-b border-line/60 py-1">
                      <div className="flex items-baseline justify-between gap-3">
                        <dt>{called}</dt>
                        <dd className="font-semibold whitespace-nowrap">
                          <Figure unit={unit} value={statistics[name]} />
                        </dd>
                      </div>
                      <p className="text-[0.7rem] text-muted">{meaning}</p>
                    </div>
                  ))}
              </dl>
            </section>
          ))}
        </div>
      )}
    </Panel>
  );
}
