'use client';
import type { InstrumentMessage, ManualOrderRequest } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import type { EntryType, Estimate } from '../../lib/order-draft.ts';
import { Side } from '../parts/side.tsx';
import { EstimateNote } from './estimate-note.tsx';

interface OrderSummaryProps {
  readonly order: ManualOrderRequest;
  readonly type: EntryType;
  readonly estimate: Estimate | null;
  readonly instrument: InstrumentMessage;
}

/** The order as it will be sent, term by term. */
export function OrderSummary({ order, type, estimate, instrument }: OrderSummaryProps): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const price = (text: string | null | undefined): string | null =>
    text === null || text === undefined ? null : `${format.exact(text)} ${instrument.quote}`;
  const terms: readonly (readonly [string, ReactNode])[] = [
    [t('table.instrument'), instrument.id],
    [t('table.side'), <Side key="side" side={order.side} />],
    [t('orders.type'), t(`entry.type.${type}`)],
    [t('entry.timeInForce'), type === 'limit' ? (order.timeInForce ?? 'gtc').toUpperCase() : null],
    [t('positions.quantity'), `${format.exact(order.quantity)} ${instrument.base}`],
    [t('entry.limitPrice'), price(order.limitPrice)],
    [t(type === 'trailing_stop' ? 'entry.activation' : 'entry.stopPrice'), price(order.stopPrice)],
    [t('entry.stopLimitPrice'), price(order.stopLimitPrice)],
    [
      t('entry.trailing'),
      order.trailingBps === null || order.trailingBps === undefined
        ? null
        : format.share(order.trailingBps / 10_000, 2),
    ],
    [
      t('entry.icebergQuantity'),
      order.icebergQuantity === null || order.icebergQuantity === undefined
        ? null
        : `${format.exact(order.icebergQuantity)} ${instrument.base}`,
    ],
    [t('entry.exitStop'), price(order.exit?.stop?.price)],
    [t('entry.exitProfit'), price(order.exit?.takeProfit?.price)],
  ];
  return (
    <div className="rounded border border-line p-2">
      <dl data-testid="order-summary" className="figures grid grid-cols-[auto_1fr] gap-x-4 gap-y-0.5 text-xs">
        {terms.map(([name, value]) =>
          value === null ? null : (
            <div key={name} className="contents">
              <dt className="text-muted">{name}</dt>
              <dd className="text-right font-medium">{value}</dd>
            </div>
          ),
        )}
      </dl>
      <div className="mt-2 border-t border-line pt-1.5">
        <EstimateNote estimate={estimate} instrument={instrument} />
      </div>
    </div>
  );
}
