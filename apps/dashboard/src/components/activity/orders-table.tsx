'use client';
import type { OrderMessage } from '@monsta/contracts';
import { useState, type ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { keys } from '../../data/keys.ts';
import { mergeOrders } from '../../data/merge.ts';
import { useOlderPages } from '../../data/older-pages.ts';
import { useOrders } from '../../data/queries.ts';
import { useServer } from '../../data/server.ts';
import { Side } from '../parts/side.tsx';
import { SmallButton } from '../parts/small-button.tsx';
import { Unknown } from '../parts/unknown.tsx';
import { ConfirmDialog } from '../trading/confirm-dialog.tsx';
import { CancelAllDialog } from './cancel-all-dialog.tsx';
import { DataTable, type Column } from './data-table.tsx';
import { Filtered } from './filtered.tsx';
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

/** What an order waits for, and how much of it shows. */
function Terms({ order }: { readonly order: OrderMessage }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { stopPrice, trailingBps, icebergQuantity, averagePrice, limitPrice } = order;
  const terms = [
    stopPrice === null || (averagePrice === null && limitPrice === null)
      ? null
      : t('orders.trigger', { price: format.short(stopPrice, PRICE_DIGITS_MAX) }),
    trailingBps === null ? null : t('orders.trailing', { distance: format.share(trailingBps / 10_000, 2) }),
    icebergQuantity === null ? null : t('orders.iceberg', { quantity: format.exact(icebergQuantity) }),
  ].filter((term) => term !== null);
  return terms.length === 0 ? null : <span className="block text-[0.7rem] text-muted">{terms.join(' · ')}</span>;
}

function CancelButton({ order }: { readonly order: OrderMessage }): ReactNode {
  const t = useTranslate();
  const { clientOrderId: id, instrument } = order;
  return (
    <ConfirmDialog
      trigger={<SmallButton aria-label={t('orders.cancel.of', { id })}>{t('orders.cancel')}</SmallButton>}
      title={t('orders.cancel.title', { instrument })}
      text={t(order.listId === null ? 'orders.cancel.text' : 'orders.cancel.list')}
      confirm={t('orders.cancel.confirm')}
      danger
      reason={null}
      ask={() => (client) => client.cancelOrder(id)}
      touched={[keys.orders]}
    />
  );
}

/** Open and recent orders, newest first. */
export function OrdersTable(): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { client } = useServer();
  const query = useOrders();
  const [openOnly, setOpenOnly] = useState(false);
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
      cell: (order) => (
        <span className="whitespace-nowrap">
          {t(`orders.type.${order.type}`)} <span className="text-muted uppercase">{order.timeInForce}</span>
          <Terms order={order} />
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
    {
      header: t('orders.slippage'),
      figures: true,
      cell: ({ slippageBps }) =>
        slippageBps === null ? (
          <Unknown why={t('orders.slippage.why')} />
        ) : (
          t('orders.slippage.value', { value: format.number(slippageBps, 2) })
        ),
    },
    {
      header: t('orders.status'),
      cell: (order) => (
        <span className="flex items-center gap-2">
          <Status status={order.status} />
          {OPEN.has(order.status) ? <CancelButton order={order} /> : null}
        </span>
      ),
    },
    {
      header: t('orders.reason'),
      cell: ({ reason, reasonCode }) =>
        reason === null && reasonCode === null ? null : (
          <span lang="en" className="block min-w-40">
            {reason ?? reasonCode}
          </span>
        ),
    },
    {
      header: t('table.strategy'),
      cell: ({ strategyId, tag }) => (
        <span className="whitespace-nowrap">
          {strategyId}
          {tag === null || tag === strategyId ? null : <span className="ml-1.5 text-muted">{tag}</span>}
        </span>
      ),
    },
  ];
  return (
    <TableFrame query={query} older={older} empty={t('orders.empty')}>
      {(all) => (
        <Filtered
          rows={openOnly ? all.filter(({ status }) => OPEN.has(status)) : all}
          aside={
            <>
              <label className="flex min-h-8 items-center gap-1.5 text-xs">
                <input
                  type="checkbox"
                  checked={openOnly}
                  onChange={(event) => setOpenOnly(event.target.checked)}
                  className="size-4 accent-[var(--accent)]"
                />
                {t('orders.openOnly')}
              </label>
              <CancelAllDialog />
            </>
          }
        >
          {(rows) => (
            <DataTable
              name={t('activity.orders')}
              columns={columns}
              rows={rows}
              rowKey={({ clientOrderId }) => clientOrderId}
            />
          )}
        </Filtered>
      )}
    </TableFrame>
  );
}
