'use client';
import type { InstrumentMessage } from '@monsta/contracts';
import { Tabs } from 'radix-ui';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { AlertsList } from '../alerts/alerts-list.tsx';
import { PerformanceView } from '../performance/performance-view.tsx';
import { LimitsView } from '../risk/limits-view.tsx';
import { DecisionsTable } from './decisions-table.tsx';
import { FillsTable } from './fills-table.tsx';
import { OrdersTable } from './orders-table.tsx';
import { PositionsTable } from './positions-table.tsx';
import { RoundTripsTable } from './round-trips-table.tsx';

const TABS = ['positions', 'orders', 'fills', 'decisions', 'roundTrips', 'performance', 'limits', 'alerts'] as const;

/** What is held, was asked for and filled, why it was not, what it came to, and what a person was told. */
export function ActivityPanel({ instruments }: { readonly instruments: readonly InstrumentMessage[] }): ReactNode {
  const t = useTranslate();
  return (
    <section aria-label={t('activity.title')} className="min-w-0 rounded-md border border-line bg-panel">
      <Tabs.Root defaultValue="positions">
        <Tabs.List aria-label={t('activity.title')} className="flex overflow-x-auto border-b border-line px-1">
          {TABS.map((tab) => (
            <Tabs.Trigger
              key={tab}
              value={tab}
              className="min-h-9 border-b-2 -outline-offset-2 pointer-coarse:min-h-11 border-transparent px-3 text-xs font-semibold whitespace-nowrap text-muted hover:text-ink data-[state=active]:border-accent data-[state=active]:text-ink"
            >
              {t(`activity.${tab}`)}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <Tabs.Content value="positions">
          <PositionsTable instruments={instruments} />
        </Tabs.Content>
        <Tabs.Content value="orders">
          <OrdersTable />
        </Tabs.Content>
        <Tabs.Content value="fills">
          <FillsTable />
        </Tabs.Content>
        <Tabs.Content value="decisions">
          <DecisionsTable />
        </Tabs.Content>
        <Tabs.Content value="roundTrips">
          <RoundTripsTable />
        </Tabs.Content>
        <Tabs.Content value="performance">
          <PerformanceView />
        </Tabs.Content>
        <Tabs.Content value="limits">
          <LimitsView />
        </Tabs.Content>
        <Tabs.Content value="alerts">
          <AlertsList />
        </Tabs.Content>
      </Tabs.Root>
    </section>
  );
}
