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
import { FormPanel } from './form-panel.tsx';

type BacktestsRoute = Exclude<Route, { readonly kind: 'market' }>;

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
  }
}

/** Backtests: those there are, and one of them, several beside each other, or the form of a new one. */
export function BacktestsScreen({ route }: { readonly route: BacktestsRoute }): ReactNode {
  const t = useTranslate();
  useLiveBacktests();
  const alone = route.kind === 'backtests';
  return (
    <>
      <Header />
      <main className="grid flex-1 content-start items-start gap-2 p-2 lg:grid-cols-[21rem_minmax(0,1fr)]">
        <div className={`min-w-0 ${alone ? '' : 'hidden lg:block'}`}>
          <Guard>
            <BacktestList route={route} />
          </Guard>
        </div>
        <div className="flex min-w-0 flex-col gap-2">
          {alone ? null : (
            <a
              href={hashOf({ kind: 'backtests' })}
              className="min-h-8 self-start text-xs font-medium text-accent underline lg:hidden"
            >
              {t('backtests.all')}
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
