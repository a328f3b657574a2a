'use client';
import type { OptimizationSummary } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { isUnderWay, useStatisticList } from '../../data/backtest-queries.ts';
import { useFormat, useTranslate } from '../../data/display.ts';
import { keys } from '../../data/keys.ts';
import { mergeOptimizations } from '../../data/merge.ts';
import { useOlderPages } from '../../data/older-pages.ts';
import { useOptimizations } from '../../data/optimization-queries.ts';
import { useServer } from '../../data/server.ts';
import { hashOf, type Route } from '../../lib/route.ts';
import { TableFrame } from '../activity/table-frame.tsx';
import { Panel } from '../parts/panel.tsx';
import { ShareValue } from './share-value.tsx';
import { ProgressBar, StateChip } from './state-chip.tsx';

const COMMAND = `monsta optimize --strategy sma-cross \\
  --bars BTCUSDT-1h.csv.gz --instrument BTCUSDT \\
  --space '{"fast":[5,50],"slow":[20,200]}' \\
  --data-dir PATH`;

/** How one is begun on the command line. */
export function OptimizeCommand(): ReactNode {
  const t = useTranslate();
  return (
    <>
      <p className="text-muted">{t('optimizations.begin')}</p>
      <pre className="mt-2 rounded border border-line bg-raised p-2 text-[0.7rem] whitespace-pre-wrap text-ink">
        <code>{COMMAND}</code>
      </pre>
    </>
  );
}

function Row({
  optimization,
  current,
}: {
  readonly optimization: OptimizationSummary;
  readonly current: boolean;
}): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const texts = useStatisticList().data?.items;
  const { id, strategy, instruments, interval, state, progress, createdMs, statistics, objective, trialsMax, tested } =
    optimization;
  const about = [instruments.join(', '), interval].filter((part) => part !== null && part !== '').join(' · ');
  const called = texts?.find(({ name }) => name === objective.name)?.label ?? objective.name;
  return (
    <li className={`border-b border-line/60 last:border-0 ${current ? 'bg-raised' : ''}`}>
      <a
        href={hashOf({ kind: 'optimization', id })}
        aria-current={current ? 'true' : undefined}
        className="block min-w-0 p-2 text-xs"
      >
        {statistics === null ? null : (
          <span className="figures flex flex-wrap gap-x-3">
            <span className="font-semibold">
              <ShareValue value={statistics['totalReturn']} />{' '}
              <span className="font-normal text-muted">
                {t(tested ? 'optimizations.outOfSample' : 'optimizations.inSample')}
              </span>
            </span>
            <span className="text-muted">
              {t('backtests.holding')} <ShareValue value={statistics['buyAndHoldReturn']} />
            </span>
          </span>
        )}
        <span className="flex items-baseline justify-between gap-2">
          <span className="truncate font-semibold">{strategy}</span>
          <StateChip state={state} />
        </span>
        <span className="flex items-baseline justify-between gap-2 text-muted">
          <span className="truncate">{about}</span>
          <span className="figures whitespace-nowrap">{format.shortDateTime(createdMs)}</span>
        </span>
        <span className="block text-muted">
          {t('optimizations.by', { objective: called, trials: format.number(trialsMax, 0) })}
        </span>
        {isUnderWay(optimization) ? <ProgressBar state={state} progress={progress} /> : null}
      </a>
    </li>
  );
}

/** All optimisations, newest first; how one is begun on the command line where there are none. */
export function OptimizationList({ route }: { readonly route: Route }): ReactNode {
  const t = useTranslate();
  const { client } = useServer();
  const query = useOptimizations();
  const older = useOlderPages(keys.optimizations, mergeOptimizations, (page) => client.optimizations(page));
  return (
    <Panel
      title={t('optimizations.title')}
      aside={
        <a
          href={hashOf({ kind: 'newOptimization', like: null })}
          className="grid min-h-7 place-items-center rounded bg-accent px-2 text-xs font-semibold text-on-accent pointer-coarse:min-h-10"
        >
          {t('optimizations.new')}
        </a>
      }
    >
      <TableFrame query={query} older={older} empty={t('optimizations.empty')}>
        {(rows) => (
          <ul aria-label={t('optimizations.title')} className="lg:max-h-[calc(100dvh-11rem)] lg:overflow-y-auto">
            {rows.map((optimization) => (
              <Row
                key={optimization.id}
                optimization={optimization}
                current={route.kind === 'optimization' && route.id === optimization.id}
              />
            ))}
          </ul>
        )}
      </TableFrame>
      {query.data?.items.length === 0 ? (
        <div className="px-3 pb-3 text-xs lg:hidden">
          <OptimizeCommand />
        </div>
      ) : null}
    </Panel>
  );
}
