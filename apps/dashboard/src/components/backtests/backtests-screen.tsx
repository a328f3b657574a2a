'use client';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { useLiveBacktests } from '../../data/backtest-queries.ts';
import { hashOf, type Route } from '../../lib/route.ts';
import { Header } from '../frame/header.tsx';
import { Guard } from '../parts/guard.tsx';
import { BacktestList } from './backtest-list.tsx';
import { BacktestView } from './backtest-view.tsx';
import { CompareView } from './compare-view.tsx';
import { FormPanel, OptimizationFormPanel } from './form-panel.tsx';
import { OptimizationList, OptimizeCommand } from './optimization-list.tsx';
import { OptimizationView } from './optimization-view.tsx';

type BacktestsRoute = Exclude<Route, { readonly kind: 'market' | 'models' | 'model' | 'data' | 'series' }>;

function Chosen({ route }: { readonly route: BacktestsRoute }): ReactNode {
  const t = useTranslate();
  switch (route.kind) {
    case 'backtests':
      return <p className="hidden p-4 text-sm text-muted lg:block">{t('backtests.choose')}</p>;
    case 'new':
      return <FormPanel key={route.like} like={route.like} />;
    case 'backtest':
      return <BacktestView key={route.id} id={route.id} />;
    case 'compare':
      return <CompareView key={route.ids.join()} ids={route.ids} />;
    case 'optimizations':
      return (
        <div className="hidden p-4 text-sm lg:block">
          <p className="mb-3 text-muted">{t('optimizations.choose')}</p>
          <OptimizeCommand />
        </div>
      );
    case 'newOptimization':
      return <OptimizationFormPanel key={route.like} like={route.like} />;
    case 'optimization':
      return <OptimizationView key={route.id} id={route.id} />;
  }
}

/** Backtests, or what has been optimised: both are of the past. */
function Tabs({ optimizations }: { readonly optimizations: boolean }): ReactNode {
  const t = useTranslate();
  return (
    <nav aria-label={t('optimizations.tabs')} className="mb-2 flex rounded border border-line bg-raised p-0.5">
      {(['backtests', 'optimizations'] as const).map((kind) => (
        <a
          key={kind}
          href={hashOf({ kind })}
          aria-current={(kind === 'optimizations') === optimizations ? 'page' : undefined}
          className="grid min-h-7 flex-1 place-items-center rounded-sm px-2 text-xs font-medium text-muted hover:text-ink aria-[current]:bg-panel aria-[current]:text-ink aria-[current]:shadow-sm pointer-coarse:min-h-10"
        >
          {t(`${kind}.title`)}
        </a>
      ))}
    </nav>
  );
}

/** Backtests: those there are, and one of them, several beside each other, or the form of a new one. */
export function BacktestsScreen({ route }: { readonly route: BacktestsRoute }): ReactNode {
  const t = useTranslate();
  useLiveBacktests();
  const optimizations = ['optimizations', 'optimization', 'newOptimization'].includes(route.kind);
  const alone = route.kind === 'backtests' || route.kind === 'optimizations';
  return (
    <>
      <Header />
      <main className="grid flex-1 content-start items-start gap-2 p-2 lg:grid-cols-[21rem_minmax(0,1fr)]">
        <div className={`min-w-0 ${alone ? '' : 'hidden lg:block'}`}>
          <Tabs optimizations={optimizations} />
          <Guard>{optimizations ? <OptimizationList route={route} /> : <BacktestList route={route} />}</Guard>
        </div>
        <div className="flex min-w-0 flex-col gap-2">
          {alone ? null : (
            <a
              href={hashOf({ kind: optimizations ? 'optimizations' : 'backtests' })}
              className="min-h-8 self-start text-xs font-medium text-accent underline lg:hidden"
            >
              {t(optimizations ? 'optimizations.all' : 'backtests.all')}
            </a>
          )}
          <Guard>
            <Chosen route={route} />
          </Guard>
        </div>
      </main>
    </>
  );
}
