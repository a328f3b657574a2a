'use client';
import type { BacktestChoices } from '@monsta/contracts';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useBacktest, useBacktestChoices } from '../../data/backtest-queries.ts';
import { useTranslate } from '../../data/display.ts';
import { useOptimization } from '../../data/optimization-queries.ts';
import { draftOf, EMPTY_DRAFT, type BacktestDraft } from '../../lib/backtest-draft.ts';
import { EMPTY_OPTIMIZATION, firstRanges, optimizationDraftOf } from '../../lib/optimization-draft.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { BacktestForm } from './backtest-form.tsx';
import { OptimizationForm } from './optimization-form.tsx';

/** What a first form has: a strategy, on the first instrument that is collected. */
function firstDraft({ strategies, sources }: BacktestChoices, wanted: string): BacktestDraft {
  const collected = sources.find(({ kind, instrument }) => kind === 'collected' && instrument !== null);
  const strategy = strategies.find((each) => each.strategy === wanted) ?? strategies[0];
  return {
    ...EMPTY_DRAFT,
    strategy: strategy?.strategy ?? '',
    source: collected === undefined ? 'file' : 'collected',
    instruments: collected?.instrument === null || collected === undefined ? [] : [collected.instrument],
    files: collected === undefined ? [{ instrument: '', path: '' }] : [],
  };
}

interface LoadedProps<T> {
  readonly query: UseQueryResult<T>;
  readonly children: (data: T) => ReactNode;
}

/** What needs an answer of the server before it can be shown. */
function Loaded<T>({ query: { data, error, refetch }, children }: LoadedProps<T>): ReactNode {
  const t = useTranslate();
  return (
    <>
      {error === null ? null : <FaultNote fault={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null ? (
          <p className="p-3 text-xs text-muted">{t('table.loading')}</p>
        ) : null
      ) : (
        children(data)
      )}
    </>
  );
}

interface LikenedProps {
  readonly id: string;
  readonly choices: BacktestChoices;
}

function LikenedBacktest({ id, choices }: LikenedProps): ReactNode {
  return (
    <Loaded query={useBacktest(id)}>
      {(backtest) => <BacktestForm initial={draftOf(backtest)} choices={choices} />}
    </Loaded>
  );
}

/** The form of a new backtest, empty or as another one was run. */
export function FormPanel({ like }: { readonly like: string | null }): ReactNode {
  const t = useTranslate();
  return (
    <Panel title={t('backtests.new')}>
      <Loaded query={useBacktestChoices()}>
        {(choices) =>
          like === null ? (
            <BacktestForm initial={firstDraft(choices, 'ema-cross')} choices={choices} />
          ) : (
            <LikenedBacktest id={like} choices={choices} />
          )
        }
      </Loaded>
    </Panel>
  );
}

const specsOf = ({ strategies }: BacktestChoices, name: string) =>
  strategies.find(({ strategy }) => strategy === name)?.parameterSpecs ?? {};

function firstOptimization(choices: BacktestChoices) {
  const backtest = firstDraft(choices, 'sma-cross');
  return { ...EMPTY_OPTIMIZATION, backtest, ranges: firstRanges(specsOf(choices, backtest.strategy)) };
}

function LikenedOptimization({ id, choices }: LikenedProps): ReactNode {
  return (
    <Loaded query={useOptimization(id)}>
      {(optimization) => (
        <OptimizationForm
          initial={optimizationDraftOf(optimization, specsOf(choices, optimization.spec.backtest.strategy))}
          choices={choices}
        />
      )}
    </Loaded>
  );
}

/** The form of a new optimisation, empty or as another one was run. */
export function OptimizationFormPanel({ like }: { readonly like: string | null }): ReactNode {
  const t = useTranslate();
  return (
    <Panel title={t('optimizations.new')}>
      <Loaded query={useBacktestChoices()}>
        {(choices) =>
          like === null ? (
            <OptimizationForm initial={firstOptimization(choices)} choices={choices} />
          ) : (
            <LikenedOptimization id={like} choices={choices} />
          )
        }
      </Loaded>
    </Panel>
  );
}
