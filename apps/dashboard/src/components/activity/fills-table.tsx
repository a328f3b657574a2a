'use client';
import type { FillMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { keys } from '../../data/keys.ts';
import { mergeFills } from '../../data/merge.ts';
import { useOlderPages } from '../../data/older-pages.ts';
import { useFills } from '../../data/queries.ts';
import { useServer } from '../../data/server.ts';
import { Side } from '../parts/side.tsx';
import { DataTable, type Column } from './data-table.tsx';
import { Filtered } from './filtered.tsx';
import { TableFrame } from './table-frame.tsx';

const FEE_DIGITS_MAX = 8;

/** What was bought and sold, newest first. */
export function FillsTable(): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { client } = useServer();
  const query = useFills();
  const older = useOlderPages(keys.fills, mergeFills, (page) => client.fills(page));
  const columns: readonly Column<FillMessage>[] = [
    {
      header: t('table.time', { zone: format.zone }),
      cell: ({ timeMs }) => <span className="whitespace-nowrap">{format.shortDateTime(timeMs)}</span>,
    },
    { header: t('table.instrument'), cell: ({ instrument }) => <span className="font-medium">{instrument}</span> },
    { header: t('table.side'), cell: ({ side }) => <Side side={side} /> },
    { header: t('fills.price'), figures: true, cell: ({ price }) => format.exact(price) },
    { header: t('positions.quantity'), figures: true, cell: ({ quantity }) => format.exact(quantity) },
    {
      header: t('fills.fee'),
      figures: true,
      cell: ({ fee, feeAsset }) => `${format.short(fee, FEE_DIGITS_MAX)} ${feeAsset}`,
    },
    { header: t('fills.liquidity'), cell: ({ liquidity }) => t(`fills.liquidity.${liquidity}`) },
    { header: t('table.strategy'), cell: ({ strategyId }) => <span className="whitespace-nowrap">{strategyId}</span> },
  ];
  return (
    <TableFrame query={query} older={older} empty={t('fills.empty')}>
      {(all) => (
        <Filtered rows={all}>
          {(rows) => (
            <DataTable
              name={t('activity.fills')}
              columns={columns}
              rows={rows}
              rowKey={({ instrument, fillId }) => `${instrument} ${fillId}`}
            />
          )}
        </Filtered>
      )}
    </TableFrame>
  );
}
