'use client';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { useStrategies } from '../../data/queries.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { StrategyCard } from './strategy-card.tsx';

/** Every strategy of the account. */
export function StrategiesPanel(): ReactNode {
  const t = useTranslate();
  const { data, error, refetch } = useStrategies();
  return (
    <Panel title={t('strategies.title')}>
      {error === null ? null : <FaultNote fault={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        <p className="p-3 text-xs text-muted">{t('app.loading')}</p>
      ) : data.items === null ? (
        <p lang="en" className="p-3 text-xs text-muted">
          {data.absence.reason}
        </p>
      ) : data.items.length === 0 ? (
        <p className="p-3 text-xs text-muted">{t('strategies.none')}</p>
      ) : (
        <div className="grid 2xl:grid-cols-2">
          {data.items.map((strategy) => (
            <StrategyCard key={strategy.id} strategy={strategy} />
          ))}
        </div>
      )}
    </Panel>
  );
}
