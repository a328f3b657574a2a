'use client';
import type { InstrumentMessage, PositionMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { usePositions } from '../../data/queries.ts';
import { trendOf } from '../../lib/decimal-text.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { TrendValue } from '../parts/trend-value.tsx';
import { Unknown } from '../parts/unknown.tsx';
import { DataTable, type Column } from './data-table.tsx';

const MONEY_DIGITS = 2;
const PRICE_DIGITS_MAX = 8;

/** What is held, at what it was bought for and what it is worth. */
export function PositionsTable({ instruments }: { readonly instruments: readonly InstrumentMessage[] }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { data, error, refetch } = usePositions();
  const quoteOf = (id: string): string => instruments.find((each) => each.id === id)?.quote ?? '';
  const money = (text: string | null): ReactNode =>
    text === null ? (
      <Unknown why={t('account.equityUnknown')} />
    ) : (
      <TrendValue trend={trendOf(text)}>{format.signed(text, MONEY_DIGITS)}</TrendValue>
    );
  const columns: readonly Column<PositionMessage>[] = [
    {
      header: t('table.instrument'),
      cell: ({ instrument }) => <span className="font-medium">{instrument}</span>,
    },
    { header: t('table.strategy'), cell: ({ strategyId }) => <span className="whitespace-nowrap">{strategyId}</span> },
    {
      header: t('positions.quantity'),
      figures: true,
      cell: ({ quantity }) =>
        trendOf(quantity) === 'flat' ? (
          <span className="text-muted">{t('positions.flat')}</span>
        ) : (
          format.short(quantity, PRICE_DIGITS_MAX)
        ),
    },
    {
      header: t('positions.average'),
      figures: true,
      cell: ({ averagePrice }) =>
        averagePrice === null ? <Unknown why={t('positions.flat')} /> : format.short(averagePrice, PRICE_DIGITS_MAX),
    },
    {
      header: t('positions.mark'),
      figures: true,
      cell: ({ markPrice }) => (markPrice === null ? <Unknown why={t('market.noPrice')} /> : format.exact(markPrice)),
    },
    {
      header: t('positions.stop'),
      cell: ({ protection }) =>
        protection === null ? (
          <Unknown why={t('positions.unprotected')} />
        ) : (
          <span className="whitespace-nowrap" title={protection.reason ?? undefined}>
            {[protection.stopPrice, protection.takeProfitPrice]
              .filter((price) => price !== null)
              .map((price) => format.exact(price))
              .join(' · ')}{' '}
            <span className="text-muted">{t(`positions.protection.${protection.mode}`)}</span>
          </span>
        ),
    },
    {
      header: t('positions.value'),
      figures: true,
      cell: ({ marketValue, instrument }) =>
        marketValue === null ? (
          <Unknown why={t('market.noPrice')} />
        ) : (
          `${format.rounded(marketValue, MONEY_DIGITS)} ${quoteOf(instrument)}`
        ),
    },
    { header: t('positions.unrealized'), figures: true, cell: ({ unrealizedProfit }) => money(unrealizedProfit) },
    { header: t('positions.realized'), figures: true, cell: ({ realizedProfit }) => money(realizedProfit) },
    {
      header: t('positions.fees'),
      figures: true,
      cell: ({ feesPaid }) => <span title={format.exact(feesPaid)}>{format.rounded(feesPaid, MONEY_DIGITS)}</span>,
    },
  ];
  return (
    <>
      {error === null ? null : <FaultNote fault={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null ? (
          <p className="p-3 text-xs text-muted">{t('table.loading')}</p>
        ) : null
      ) : data.items === null ? (
        <p lang="en" className="p-3 text-xs text-muted">
          {data.absence.reason}
        </p>
      ) : data.items.length === 0 ? (
        <p className="p-3 text-xs text-muted">{t('positions.empty')}</p>
      ) : (
        <DataTable
          name={t('activity.positions')}
          columns={columns}
          rows={data.items}
          rowKey={({ strategyId, instrument }) => `${strategyId} ${instrument}`}
        />
      )}
    </>
  );
}
