'use client';
import type { RoundTripMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { keys } from '../../data/keys.ts';
import { mergeRoundTrips } from '../../data/merge.ts';
import { useOlderPages } from '../../data/older-pages.ts';
import { useRoundTrips } from '../../data/queries.ts';
import { useServer } from '../../data/server.ts';
import { Money } from '../parts/money.tsx';
import { Unknown } from '../parts/unknown.tsx';
import { DataTable, type Column } from './data-table.tsx';
import { Excursions } from './excursions.tsx';
import { FeesByAsset } from './fees-by-asset.tsx';
import { Filtered } from './filtered.tsx';
import { TableFrame } from './table-frame.tsx';

const PRICE_DIGITS_MAX = 8;

/** Positions from flat to flat, newest first. */
export function RoundTripsTable(): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { client } = useServer();
  const query = useRoundTrips();
  const older = useOlderPages(keys.roundTrips, mergeRoundTrips, (page) => client.roundTrips(page));
  const price = (text: string | null): ReactNode =>
    text === null ? <Unknown why={t('trips.noPrice')} /> : format.short(text, PRICE_DIGITS_MAX);
  const columns: readonly Column<RoundTripMessage>[] = [
    {
      header: t('trips.closed', { zone: format.zone }),
      cell: ({ closedMs }) => <span className="whitespace-nowrap">{format.shortDateTime(closedMs)}</span>,
    },
    { header: t('table.instrument'), cell: ({ instrument }) => <span className="font-medium">{instrument}</span> },
    { header: t('table.strategy'), cell: ({ strategyId }) => <span className="whitespace-nowrap">{strategyId}</span> },
    {
      header: t('positions.quantity'),
      figures: true,
      cell: ({ entryQuantity }) => format.short(entryQuantity, PRICE_DIGITS_MAX),
    },
    { header: t('trips.entry'), figures: true, cell: ({ entryPrice }) => price(entryPrice) },
    { header: t('trips.exit'), figures: true, cell: ({ exitPrice }) => price(exitPrice) },
    {
      header: t('trips.profit'),
      figures: true,
      cell: ({ profit, profitAbsence }) => <Money text={profit} why={profitAbsence ?? t('app.unknown')} />,
    },
    { header: t('positions.fees'), figures: true, cell: ({ fees }) => <FeesByAsset fees={fees} /> },
    {
      header: t('positions.excursions'),
      figures: true,
      cell: ({ excursions }) => <Excursions excursions={excursions} />,
    },
    {
      header: t('trips.held'),
      figures: true,
      cell: ({ holdingMs }) => format.about(holdingMs),
    },
    {
      header: t('trips.tag'),
      cell: ({ exitTag, exitOrderId }) =>
        exitTag ?? <Unknown why={t(exitOrderId === null ? 'trips.takenAway' : 'trips.noTag')} />,
    },
  ];
  return (
    <TableFrame query={query} older={older} empty={t('trips.empty')}>
      {(all) => (
        <Filtered rows={all}>
          {(rows) => (
            <DataTable name={t('activity.roundTrips')} columns={columns} rows={rows} rowKey={({ id }) => id} />
          )}
        </Filtered>
      )}
    </TableFrame>
  );
}
