'use client';
import type { InstrumentMessage } from '@monsta/contracts';
import type { Interval } from '@monsta/core';
import type { ReactNode } from 'react';
import { useLiveMarket } from '../../data/live-topics.ts';
import { AccountPanel } from '../account/account-panel.tsx';
import { ActivityPanel } from '../activity/activity-panel.tsx';
import { ChartPanel } from '../chart/chart-panel.tsx';
import { BookPanel } from '../market/book-panel.tsx';
import { TradesPanel } from '../market/trades-panel.tsx';
import { Guard } from '../parts/guard.tsx';
import { OrderEntryPanel } from '../entry/order-entry-panel.tsx';
import { PredictionPanel } from '../prediction/prediction-panel.tsx';
import { StrategiesPanel } from '../strategies/strategies-panel.tsx';
import { TradingPanel } from '../trading/trading-panel.tsx';
import { ConnectionNotice } from './connection-notice.tsx';
import { TopBar } from './top-bar.tsx';

interface MarketScreenProps {
  readonly instrument: InstrumentMessage;
  readonly instruments: readonly InstrumentMessage[];
  readonly onInstrument: (id: string) => void;
  readonly interval: Interval;
  readonly intervals: readonly Interval[];
  readonly onInterval: (interval: Interval) => void;
}

/** One instrument's market beside the account that trades it. */
export function MarketScreen(props: MarketScreenProps): ReactNode {
  const { instrument } = props;
  useLiveMarket(instrument.id);
  return (
    <>
      <TopBar instrument={instrument} instruments={props.instruments} onInstrument={props.onInstrument} />
      <ConnectionNotice instrument={instrument.id} />
      <main className="grid flex-1 content-start items-start gap-2 p-2 md:grid-cols-2 xl:grid-cols-[minmax(0,1fr)_17rem_21rem] xl:grid-rows-[auto_1fr]">
        <div className="order-1 min-w-0 md:col-span-2 xl:order-none xl:col-span-1 xl:col-start-1">
          <Guard>
            <ChartPanel
              key={`${instrument.id} ${props.interval}`}
              instrument={instrument}
              interval={props.interval}
              intervals={props.intervals}
              onInterval={props.onInterval}
            />
          </Guard>
        </div>
        <div className="order-2 flex min-w-0 flex-col gap-2 md:row-span-2 xl:order-none xl:col-start-3 xl:row-start-1">
          <Guard>
            <TradingPanel />
          </Guard>
          <Guard>
            <AccountPanel />
          </Guard>
          <Guard>
            <OrderEntryPanel key={instrument.id} instrument={instrument} />
          </Guard>
          <Guard>
            <PredictionPanel instrument={instrument.id} />
          </Guard>
        </div>
        <div className="order-3 min-w-0 xl:order-none xl:col-start-2 xl:row-start-1">
          <Guard>
            <BookPanel instrument={instrument} />
          </Guard>
        </div>
        <div className="order-4 min-w-0 xl:order-none xl:col-start-2 xl:row-start-2">
          <Guard>
            <TradesPanel instrument={instrument} />
          </Guard>
        </div>
        <div className="order-5 flex min-w-0 flex-col gap-2 md:col-span-2 xl:order-none xl:col-span-1 xl:col-start-1 xl:row-start-2">
          <Guard>
            <StrategiesPanel />
          </Guard>
          <Guard>
            <ActivityPanel instruments={props.instruments} />
          </Guard>
        </div>
      </main>
    </>
  );
}
