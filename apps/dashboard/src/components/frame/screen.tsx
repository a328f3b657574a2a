'use client';
import type { Interval } from '@monsta/core';
import { useState, type ReactNode } from 'react';
import { useOpenConnection } from '../../data/connection.ts';
import { useTranslate } from '../../data/display.ts';
import { useLiveAccount } from '../../data/live-topics.ts';
import { useInstruments, useStatus } from '../../data/queries.ts';
import { shownInterval } from '../../lib/collected-intervals.ts';
import { useRemembered } from '../../data/remembered.ts';
import { useRoute } from '../../data/route.ts';
import { BacktestsScreen } from '../backtests/backtests-screen.tsx';
import { DataScreen } from '../data/data-screen.tsx';
import { ModelsScreen } from '../models/models-screen.tsx';
import { FaultNote } from '../parts/fault-note.tsx';
import { Footer } from './footer.tsx';
import { MarketScreen } from './market-screen.tsx';
import { OriginBanner } from './origin-banner.tsx';

/** The whole page: what it stands on, then the market and the account once an instrument is known. */
export function Screen(): ReactNode {
  useOpenConnection();
  useLiveAccount();
  const t = useTranslate();
  const route = useRoute();
  const instruments = useInstruments();
  const [wanted, setWanted] = useRemembered('monsta.instrument');
  const [chosen, setChosenInterval] = useState<Interval>('1m');
  const collected = useStatus().data?.intervals ?? [chosen];
  const list = instruments.data ?? [];
  const instrument = list.find((each) => each.id === wanted) ?? list[0];

  return (
    <div className="flex min-h-dvh flex-col">
      {route.kind === 'market' ? (
        <a href="#chart" className="sr-only focus:not-sr-only focus:p-2">
          {t('app.skip')}
        </a>
      ) : null}
      <OriginBanner />
      {route.kind === 'data' || route.kind === 'series' ? (
        <DataScreen route={route} />
      ) : route.kind === 'models' || route.kind === 'model' ? (
        <ModelsScreen route={route} />
      ) : route.kind !== 'market' ? (
        <BacktestsScreen route={route} />
      ) : instrument === undefined ? (
        <main className="flex-1 p-4">
          {instruments.error === null ? (
            <output className="text-muted">
              {instruments.data === undefined ? t('app.loading') : t('market.noInstruments')}
            </output>
          ) : (
            <FaultNote fault={instruments.error} onRetry={() => void instruments.refetch()} />
          )}
        </main>
      ) : (
        <MarketScreen
          instrument={instrument}
          instruments={list}
          onInstrument={setWanted}
          interval={shownInterval(chosen, collected)}
          intervals={collected}
          onInterval={setChosenInterval}
        />
      )}
      <Footer />
    </div>
  );
}
