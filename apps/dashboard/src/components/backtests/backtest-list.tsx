'use client';
import type { BacktestSummary } from '@monsta/contracts';
import { useState, type ReactNode } from 'react';
import { isUnderWay, useBacktests } from '../../data/backtest-queries.ts';
import { useFormat, useTranslate } from '../../data/display.ts';
import { keys } from '../../data/keys.ts';
import { mergeBacktests } from '../../data/merge.ts';
import { useOlderPages } from '../../data/older-pages.ts';
import { goTo } from '../../data/route.ts';
import { useServer } from '../../data/server.ts';
import { COMPARED_MAX, hashOf, type Route } from '../../lib/route.ts';
import { TableFrame } from '../activity/table-frame.tsx';
import { Panel } from '../parts/panel.tsx';
import { ShareValue } from './share-value.tsx';
import { ProgressBar, StateChip } from './state-chip.tsx';

interface RowProps {
  readonly backtest: BacktestSummary;
  readonly current: boolean;
  readonly picked: boolean;
  /** Null: no more can be picked. */
  readonly onPick: (() => void) | null;
}

function Row({ backtest, current, picked, onPick }: RowProps): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { id, strategy, instruments, interval, state, progress, createdMs, statistics } = backtest;
  const about = [instruments.join(', '), interval].filter((part) => part !== null && part !== '').join(' · ');
  return (
    <li className={`flex gap-2 border-b border-line/60 p-2 last:border-0 ${current ? 'bg-raised' : ''}`}>
      <input
        type="checkbox"
        aria-label={t('backtests.pick', { strategy, time: format.dateTime(createdMs) })}
        checked={picked}
        disabled={state !== 'done' || (onPick === null && !picked)}
        onChange={() => onPick?.()}
        className="mt-0.5 size-4 shrink-0 accent-[var(--accent)] pointer-coarse:size-5"
      />
      <a
        href={hashOf({ kind: 'backtest', id })}
        aria-current={current ? 'true' : undefined}
        className="min-w-0 flex-1 text-xs"
      >
        <span className="flex items-baseline justify-between gap-2">
          <span className="truncate font-semibold">{strategy}</span>
          <StateChip state={state} />
        </span>
        <span className="flex items-baseline justify-between gap-2 text-muted">
          <span className="truncate">{about}</span>
          <span className="figures whitespace-nowrap">{format.shortDateTime(createdMs)}</span>
        </span>
        {isUnderWay(backtest) ? <ProgressBar state={state} progress={progress} /> : null}
        {statistics === null ? null : (
          <span className="figures flex gap-3">
            <span>
              <ShareValue value={statistics['totalReturn']} />
            </span>
            <span className="text-muted">
              {t('backtests.holding')} <ShareValue value={statistics['buyAndHoldReturn']} />
            </span>
          </span>
        )}
      </a>
    </li>
  );
}

const idOf = (route: Route): string | null => (route.kind === 'backtest' ? route.id : null);

/** All backtests, newest first; two to four of them can be picked and compared. */
export function BacktestList({ route }: { readonly route: Route }): ReactNode {
  const t = useTranslate();
  const { client } = useServer();
  const query = useBacktests();
  const older = useOlderPages(keys.backtests, mergeBacktests, (page) => client.backtests(page));
  const [picked, setPicked] = useState<readonly string[]>(route.kind === 'compare' ? route.ids : []);
  const toggle = (id: string): void =>
    setPicked((held) => (held.includes(id) ? held.filter((each) => each !== id) : [...held, id]));
  return (
    <Panel
      title={t('backtests.title')}
      aside={
        <a
          href={hashOf({ kind: 'new', like: null })}
          className="grid min-h-7 place-items-center rounded bg-accent px-2 text-xs font-semibold text-on-accent pointer-coarse:min-h-10"
        >
          {t('backtests.new')}
        </a>
      }
    >
      <TableFrame query={query} older={older} empty={t('backtests.empty')}>
        {(rows) => (
          <>
            <div className="flex min-h-9 items-center justify-between gap-2 border-b border-line px-2 text-xs text-muted">
              <span>{t('backtests.picked', { count: picked.length, most: COMPARED_MAX })}</span>
              <button
                type="button"
                disabled={picked.length < 2}
                onClick={() => goTo({ kind: 'compare', ids: picked })}
                className="min-h-7 rounded border border-line px-2 font-medium text-ink hover:bg-raised disabled:opacity-50 pointer-coarse:min-h-10"
              >
                {t('backtests.compare')}
              </button>
            </div>
            <ul aria-label={t('backtests.title')} className="lg:max-h-[calc(100dvh-11rem)] lg:overflow-y-auto">
              {rows.map((backtest) => (
                <Row
                  key={backtest.id}
                  backtest={backtest}
                  current={backtest.id === idOf(route)}
                  picked={picked.includes(backtest.id)}
                  onPick={
                    picked.length < COMPARED_MAX || picked.includes(backtest.id) ? () => toggle(backtest.id) : null
                  }
                />
              ))}
            </ul>
          </>
        )}
      </TableFrame>
    </Panel>
  );
}
