'use client';
import type { PositionMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { positionTotals, type PositionSums } from '../../lib/position-totals.ts';
import { Money } from '../parts/money.tsx';
import { Unknown } from '../parts/unknown.tsx';
import { DataTable, type Column } from './data-table.tsx';

/** What the positions come to, by strategy and altogether. */
export function PositionTotals({ positions }: { readonly positions: readonly PositionMessage[] }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const noPrice = t('account.equityUnknown');
  const columns: readonly Column<PositionSums>[] = [
    {
      header: t('totals.title'),
      cell: ({ strategyId }) =>
        strategyId === null ? <strong className="font-semibold">{t('totals.account')}</strong> : strategyId,
    },
    {
      header: t('positions.value'),
      figures: true,
      cell: ({ marketValue }) =>
        marketValue === null ? (
          <Unknown why={noPrice} />
        ) : (
          <span title={marketValue}>{format.rounded(marketValue, 2)}</span>
        ),
    },
    {
      header: t('positions.unrealized'),
      figures: true,
      cell: ({ unrealizedProfit }) => <Money text={unrealizedProfit} why={noPrice} />,
    },
    {
      header: t('positions.realized'),
      figures: true,
      cell: ({ realizedProfit }) => <Money text={realizedProfit} why={t('app.unknown')} />,
    },
    {
      header: t('positions.net'),
      figures: true,
      cell: ({ netProfit }) => <Money text={netProfit} why={t('totals.netUnknown')} />,
    },
  ];
  return (
    <div className="border-t border-line" data-testid="position-totals">
      <DataTable
        name={t('totals.title')}
        columns={columns}
        rows={positionTotals(positions)}
        // No strategy's id is empty.
        rowKey={({ strategyId }) => strategyId ?? ''}
      />
    </div>
  );
}
