'use client';
import type { ReactNode } from 'react';
import { useStoredData } from '../../data/data-queries.ts';
import { useTranslate } from '../../data/display.ts';
import { hashOf, type Route } from '../../lib/route.ts';
import { Header } from '../frame/header.tsx';
import { Guard } from '../parts/guard.tsx';
import { DescriptionView } from './description-view.tsx';
import { FillCommands, SeriesList } from './series-list.tsx';

type DataRoute = Extract<Route, { readonly kind: 'data' | 'series' }>;

/** What is stored of the past, and what the bars of one series are like. */
export function DataScreen({ route }: { readonly route: DataRoute }): ReactNode {
  const t = useTranslate();
  const query = useStoredData();
  const alone = route.kind === 'data';
  return (
    <>
      <Header />
      <main className="grid flex-1 content-start items-start gap-2 p-2 lg:grid-cols-[21rem_minmax(0,1fr)]">
        <div className={`min-w-0 ${alone ? '' : 'hidden lg:block'}`}>
          <Guard>
            <SeriesList query={query} route={route} />
          </Guard>
        </div>
        <div className="flex min-w-0 flex-col gap-2">
          {route.kind === 'data' ? (
            <div className="hidden flex-col gap-4 p-4 lg:flex">
              {(query.data?.items.length ?? 0) === 0 ? null : (
                <>
                  <p className="text-sm text-muted">{t('data.choose')}</p>
                  <FillCommands />
                </>
              )}
            </div>
          ) : (
            <>
              <a
                href={hashOf({ kind: 'data' })}
                className="min-h-8 self-start text-xs font-medium text-accent underline lg:hidden"
              >
                {t('data.all')}
              </a>
              <Guard>
                <DescriptionView key={hashOf(route)} route={route} />
              </Guard>
            </>
          )}
        </div>
      </main>
    </>
  );
}
