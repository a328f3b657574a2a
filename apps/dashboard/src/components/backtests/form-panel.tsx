'use client';
import type { ReactNode } from 'react';
import { useBacktest, useBacktestChoices } from '../../data/backtest-queries.ts';
import { useTranslate } from '../../data/display.ts';
import { draftOf, EMPTY_DRAFT, type BacktestDraft } from '../../lib/backtest-draft.ts';
import type { BacktestChoices } from '@monsta/contracts';
import { FaultNote } from '../parts/fault-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { BacktestForm } from './backtest-form.tsx';

/** What a first form has: the first strategy, on the first instrument that is collected. */
function firstDraft({ strategies, sources }: BacktestChoices): BacktestDraft {
  const collected = sources.find(({ kind, instrument }) => kind === 'collected' && instrument !== null);
  const strategy = strategies.find((each) => each.strategy === 'ema-cross') ?? strategies[0];
  return {
    ...EMPTY_DRAFT,
    strategy: strategy?.strategy ?? '',
    source: collected === undefined ? 'file' : 'collected',
    instruments: collected?.instrument === null || collected === undefined ? [] : [collected.instrument],
    files: collected === undefined ? [{ instrument: '', path: '' }] : [],
  };
}

function Likened({ id, choices }: { readonly id: string; readonly choices: BacktestChoices }): ReactNode {
  const t = useTranslate();
  const { data, error, refetch } = useBacktest(id);
  if (error !== null) return <FaultNote fault={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <p className="p-3 text-xs text-muted">{t('table.loading')}</p>;
  return <BacktestForm initial={draftOf(data)} choices={choices} />;
}

/** The form of a new backtest, empty or as another one was run. */
export function FormPanel({ like }: { readonly like: string | null }): ReactNode {
  const t = useTranslate();
  const { data, error, refetch } = useBacktestChoices();
  return (
    <Panel title={t('backtests.new')}>
      {error === null ? null : <FaultNote fault={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null ? (
          <p className="p-3 text-xs text-muted">{t('table.loading')}</p>
        ) : null
      ) : like === null ? (
        <BacktestForm initial={firstDraft(data)} choices={data} />
      ) : (
        <Likened id={like} choices={data} />
      )}
    </Panel>
  );
}
