'use client';
import type { BacktestTradeMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useBacktestTrades } from '../../data/backtest-queries.ts';
import { useFormat, useTranslate } from '../../data/display.ts';
import { keys } from '../../data/keys.ts';
import { mergeBacktestTrades } from '../../data/merge.ts';
import { useOlderPages } from '../../data/older-pages.ts';
import { useServer } from '../../data/server.ts';
import { DataTable, type Column } from '../activity/data-table.tsx';
import { TableFrame } from '../activity/table-frame.tsx';
import { Money } from '../parts/money.tsx';
import { Panel } from '../parts/panel.tsx';
import { Unknown } from '../parts/unknown.tsx';
import { ShareValue } from './share-value.tsx';

const PRICE_DIGITS_MAX = 8;

/** Positions from flat to flat, newest first. */
export function TradesTable({ id }: { readonly id: string }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { client } = useServer();
  const query = useBacktestTrades(id);
  const older = useOlderPages(keys.backtestTrades(id), mergeBacktestTrades, (page) => client.backtestTrades(id, page));
  const time = (timeMs: number): ReactNode => <span className="whitespace-nowrap">{format.dateTime(timeMs)}</span>;
  const columns: readonly Column<BacktestTradeMessage>[] = [
    { header: t('backtests.trade.opened', { zone: format.zone }), cell: ({ openedMs }) => time(openedMs) },
    {
      header: t('backtests.trade.closed', { zone: format.zone }),
      cell: ({ closedMs }) =>
        closedMs === null ? <span className="text-warn">{t('backtests.trade.open')}</span> : time(closedMs),
    },
    { header: t('table.instrument'), cell: ({ instrument }) => <span className="font-medium">{instrument}</span> },
    { header: t('table.side'), cell: ({ direction }) => t(`backtests.trade.${direction}`) },
    {
      header: t('positions.quantity'),
      figures: true,
      cell: ({ quantity }) => format.short(quantity, PRICE_DIGITS_MAX),
    },
    { header: t('trips.entry'), figures: true, cell: ({ entryPrice }) => format.short(entryPrice, PRICE_DIGITS_MAX) },
    {
      header: t('trips.exit'),
      figures: true,
      cell: ({ exitPrice }) =>
        exitPrice === null ? <Unknown why={t('backtests.trade.open')} /> : format.short(exitPrice, PRICE_DIGITS_MAX),
    },
    { header: t('trips.profit'), figures: true, cell: ({ profit }) => <Money text={profit} why={t('app.unknown')} /> },
    {
      header: t('backtests.trade.return'),
      figures: true,
      cell: ({ returnShare }) => <ShareValue value={returnShare} />,
    },
    { header: t('positions.fees'), figures: true, cell: ({ fees }) => format.short(fees, 4) },
    {
      header: t('positions.excursions'),
      figures: true,
      cell: ({ adverseShare, favourableShare }) =>
        `−${format.share(adverseShare, 2)} / +${format.share(favourableShare, 2)}`,
    },
    { header: t('backtests.trade.bars'), figures: true, cell: ({ bars }) => format.exact(String(bars)) },
    {
      header: t('backtests.trade.cause'),
      cell: ({ exitCause, exitTag, closedMs }) => (
        <span lang="en">
          {[exitCause, exitTag].filter((text) => text !== null).join(' · ') || (closedMs === null ? '' : '—')}
        </span>
      ),
    },
  ];
  return (
    <Panel title={t('backtests.trades')}>
      <TableFrame query={query} older={older} empty={t('backtests.trades.none')}>
        {(rows) => (
          <DataTable name={t('backtests.trades')} columns={columns} rows={rows} rowKey={({ id: each }) => each} />
        )}
      </TableFrame>
    </Panel>
  );
}
