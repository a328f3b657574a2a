'use client';
import type { OrderMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { keys } from '../../data/keys.ts';
import { mergeOrders } from '../../data/merge.ts';
import { useOlderPages } from '../../data/older-pages.ts';
import { useOrders } from '../../data/queries.ts';
import { useServer } from '../../data/server.ts';
import { Side } from '../parts/side.tsx';
import { Unknown } from '../parts/unknown.tsx';
import { DataTable, type Column } from './data-table.tsx';
import { TableFrame } from './table-frame.tsx';

const OPEN: ReadonlySet<OrderMessage['status']> = new Set([
  'pending_submit',
  'accepted',
  'partially_filled',
  'pending_cancel',
]);
const REFUSED: ReadonlySet<OrderMessage['status']> = new Set(['rejected', 'denied']);
const PRICE_DIGITS_MAX = 8;

function Status({ status }: { readonly status: OrderMessage['status'] }): ReactNode {
  const t = useTranslate();
  const colour = OPEN.has(status) ? 'text-accent font-semibold' : REFUSED.has(status) ? 'text-danger' : '';
  return <span className={`whitespace-nowrap ${colour}`}>{t(`orders.status.${status}`)}</span>;
}

/** Open and recent orders, newest first. */
export function OrdersTable(): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { client } = useServer();
  const query = useOrders();
  const older = useOlderPages(keys.orders, mergeOrders, (page) => client.orders(page));
  const columns: readonly Column<OrderMessage>[] = [
    {
      header: t('table.time', { zone: format.zone }),
      cell: ({ createdMs }) => <span className="whitespace-nowrap">{format.shortDateTime(createdMs)}</span>,
    },
    { header: t('table.instrument'), cell: ({ instrument }) => <span className="font-medium">{instrument}</span> },
    { header: t('table.side'), cell: ({ side }) => <Side side={side} /> },
    {
      header: t('orders.type'),
      cell: ({ type, timeInForce }) => (
        <span className="whitespace-nowrap">
          {t(`orders.type.${type}`)} <span className="text-muted uppercase">{timeInForce}</span>
        </span>
      ),
    },
    { header: t('positions.quantity'), figures: true, cell: ({ quantity }) => format.exact(quantity) },
    { header: t('orders.filled'), figures: true, cell: ({ filledQuantity }) => format.exact(filledQuantity) },
    {
      header: t('orders.price'),
      figures: true,
      cell: ({ averagePrice, limitPrice, stopPrice }) => {
        const shown = averagePrice ?? limitPrice ?? stopPrice;
        return shown === null ? <Unknown why={t('fills.empty')} /> : format.short(shown, PRICE_DIGITS_MAX);
      },
    },
    { header: t('orders.status'), cell: ({ status }) => <Status status={status} /> },
    {
      header: t('orders.reason'),
      cell: ({ reason, reasonCode }) =>
        reason === null && reasonCode === null ? null : (
          <span lang="en" className="block min-w-40">
            {reason ?? reasonCode}
          </span>
        ),
    },
    { header: t('table.strategy'), cell: ({ strategyId }) => <span className="whitespace-nowrap">{strategyId}</span> },
  ];
  return (
    <TableFrame query={query} older={older} empty={t('orders.empty')}>
      {(rows) => (
        <DataTable
          name={t('activity.orders')}
          columns={columns}
          rows={rows}
          rowKey={({ clientOrderId }) => clientOrderId}
        />
      )}
    </TableFrame>
  );
}
