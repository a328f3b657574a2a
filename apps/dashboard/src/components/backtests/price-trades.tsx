'use client';
import type { BacktestPrices, BacktestTradeMessage } from '@monsta/contracts';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { MARKED_TRADES, useBacktestPrices, useMarkedTrades } from '../../data/backtest-queries.ts';
import { useDisplay, useTranslate } from '../../data/display.ts';
import { chartColours } from '../chart/chart-colours.ts';
import { useColours } from '../chart/use-colours.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { Segments } from '../parts/segments.tsx';
import { TradesPriceChart } from './trades-price-chart.ts';

interface DrawingProps {
  readonly prices: BacktestPrices;
  readonly trades: readonly BacktestTradeMessage[];
}

function Drawing({ prices, trades }: DrawingProps): ReactNode {
  const t = useTranslate();
  const { locale, zone } = useDisplay();
  const container = useRef<HTMLElement>(null);
  const chart = useRef<TradesPriceChart | null>(null);
  useEffect(() => {
    if (container.current === null) return;
    const drawing = new TradesPriceChart(container.current, prices, trades);
    chart.current = drawing;
    drawing.setColours(chartColours());
    return () => {
      chart.current = null;
      drawing.remove();
    };
  }, [prices, trades]);
  useEffect(() => chart.current?.setWording(locale, zone), [locale, zone, prices, trades]);
  useColours(chart);
  return (
    <figure
      ref={container}
      aria-label={t('backtests.priceChart', { instrument: prices.instrument, trades: trades.length })}
      data-testid="trades-on-price"
      className="h-72"
    />
  );
}

interface PriceTradesProps {
  readonly id: string;
  readonly instruments: readonly string[];
}

/** The trades on the price of one of the instruments. */
export function PriceTrades({ id, instruments }: PriceTradesProps): ReactNode {
  const t = useTranslate();
  const [first = ''] = instruments;
  const [instrument, setInstrument] = useState(first);
  const prices = useBacktestPrices(id, instrument);
  const marked = useMarkedTrades(id);
  const trades = (marked.data?.items ?? []).filter((trade) => trade.instrument === instrument);
  const fault = prices.error ?? marked.error;
  const joined =
    prices.data === undefined || prices.data.openTimeMs.length === 0
      ? 1
      : Math.ceil(prices.data.total / prices.data.openTimeMs.length);
  return (
    <Panel
      title={t('backtests.onPrice')}
      aside={
        instruments.length < 2 ? undefined : (
          <Segments
            label={t('table.instrument')}
            segments={instruments.map((value) => ({ value, label: value }))}
            value={instrument}
            onChange={setInstrument}
          />
        )
      }
    >
      {fault === null ? null : <FaultNote fault={fault} onRetry={() => void prices.refetch()} />}
      {prices.data === undefined || marked.data === undefined ? (
        fault === null ? (
          <p className="p-3 text-xs text-muted">{t('table.loading')}</p>
        ) : null
      ) : (
        <Drawing prices={prices.data} trades={trades} />
      )}
      <p className="px-3 pb-2 text-[0.7rem] text-muted">
        {t('backtests.onPrice.legend')}
        {joined > 1 ? ` ${t('backtests.onPrice.joined', { bars: joined })}` : ''}
        {marked.data?.nextCursor === null || marked.data === undefined
          ? ''
          : ` ${t('backtests.onPrice.newest', { trades: MARKED_TRADES })}`}
      </p>
    </Panel>
  );
}
