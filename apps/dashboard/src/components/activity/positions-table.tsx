'use client';
import type { InstrumentMessage, PositionMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { keys } from '../../data/keys.ts';
import { usePositions } from '../../data/queries.ts';
import { trendOf } from '../../lib/decimal-text.ts';
import { compare } from '../../lib/exact.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { Money } from '../parts/money.tsx';
import { SmallButton } from '../parts/small-button.tsx';
import { Unknown } from '../parts/unknown.tsx';
import { AtStake } from '../trading/at-stake.tsx';
import { ConfirmDialog } from '../trading/confirm-dialog.tsx';
import { DataTable, type Column } from './data-table.tsx';
import { Excursions } from './excursions.tsx';
import { FeesByAsset } from './fees-by-asset.tsx';
import { PositionTotals } from './position-totals.tsx';

const MONEY_DIGITS = 2;
const PRICE_DIGITS_MAX = 8;

function Protection({ protection, quantity }: Pick<PositionMessage, 'protection' | 'quantity'>): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  if (protection === null) {
    return trendOf(quantity) === 'flat' ? (
      <Unknown why={t('positions.flat')} />
    ) : (
      <span className="whitespace-nowrap text-muted">{t('positions.unprotected')}</span>
    );
  }
  const { stopPrice, takeProfitPrice, mode, reason } = protection;
  return (
    <span className="whitespace-nowrap">
      {stopPrice === null ? null : (
        <span className="block">
          <span className="text-muted">{t('positions.stop')}</span> {format.exact(stopPrice)}
        </span>
      )}
      {takeProfitPrice === null ? null : (
        <span className="block">
          <span className="text-muted">{t('positions.takeProfit')}</span> {format.exact(takeProfitPrice)}
        </span>
      )}
      <span className="block text-muted">{t(`positions.protection.${mode}`)}</span>
      {reason === null ? null : (
        <span lang="en" className="block max-w-60 text-[0.7rem] whitespace-normal text-warn">
          {reason}
        </span>
      )}
    </span>
  );
}

function CloseButton({ position }: { readonly position: PositionMessage }): ReactNode {
  const t = useTranslate();
  const { strategyId, instrument, quantity } = position;
  return (
    <ConfirmDialog
      trigger={
        <SmallButton aria-label={t('close.of', { instrument, strategy: strategyId })}>{t('close.open')}</SmallButton>
      }
      title={t('close.title', { quantity, instrument })}
      text={t(strategyId === 'manual' ? 'close.text.manual' : 'close.text', { strategy: strategyId })}
      confirm={t('close.confirm')}
      danger
      reason={t('close.reason')}
      ask={(reason) => (client) => client.closePosition({ strategyId, instrument, reason })}
      touched={[keys.positions, keys.orders, keys.strategies]}
    >
      <AtStake />
    </ConfirmDialog>
  );
}

/** What is held, at what it was bought for and what it is worth. */
export function PositionsTable({ instruments }: { readonly instruments: readonly InstrumentMessage[] }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { data, error, refetch } = usePositions();
  const termsOf = (id: string): InstrumentMessage | undefined => instruments.find((each) => each.id === id);
  /** What a sale can't reach: fees in coins leave such rests. */
  const isDust = ({ instrument, quantity }: PositionMessage): boolean => {
    const terms = termsOf(instrument);
    return terms !== undefined && compare(quantity, terms.lotSize) === -1;
  };
  const columns: readonly Column<PositionMessage>[] = [
    {
      header: t('table.instrument'),
      cell: (position) => (
        <span className="flex items-center gap-2 font-medium">
          {position.instrument}
          {trendOf(position.quantity) === 'flat' || isDust(position) ? null : <CloseButton position={position} />}
        </span>
      ),
    },
    { header: t('table.strategy'), cell: ({ strategyId }) => <span className="whitespace-nowrap">{strategyId}</span> },
    {
      header: t('positions.quantity'),
      figures: true,
      cell: (position) =>
        trendOf(position.quantity) === 'flat' ? (
          <span className="text-muted">{t('positions.flat')}</span>
        ) : (
          <>
            {format.short(position.quantity, PRICE_DIGITS_MAX)}
            {isDust(position) ? <span className="block text-[0.7rem] text-muted">{t('positions.dust')}</span> : null}
          </>
        ),
    },
    {
      header: t('positions.prices'),
      figures: true,
      cell: ({ averagePrice, markPrice }) => (
        <>
          <span className="block">
            {averagePrice === null ? (
              <Unknown why={t('positions.flat')} />
            ) : (
              format.short(averagePrice, PRICE_DIGITS_MAX)
            )}
          </span>
          <span className="block text-muted">
            {markPrice === null ? <Unknown why={t('market.noPrice')} /> : format.exact(markPrice)}
          </span>
        </>
      ),
    },
    {
      header: t('positions.protection'),
      cell: ({ protection, quantity }) => <Protection protection={protection} quantity={quantity} />,
    },
    {
      header: t('positions.value'),
      figures: true,
      cell: ({ marketValue, instrument, exposure }) =>
        marketValue === null ? (
          <Unknown why={t('market.noPrice')} />
        ) : (
          <>
            <span title={format.exact(marketValue)}>
              {format.rounded(marketValue, MONEY_DIGITS)} {termsOf(instrument)?.quote}
            </span>
            <span className="block text-muted">
              {exposure === null ? (
                <Unknown why={t('account.equityUnknown')} />
              ) : (
                t('positions.exposure', { share: format.share(exposure) })
              )}
            </span>
          </>
        ),
    },
    {
      header: t('positions.unrealized'),
      figures: true,
      cell: ({ unrealizedProfit }) => <Money text={unrealizedProfit} why={t('account.equityUnknown')} />,
    },
    {
      header: t('positions.realizedNet'),
      figures: true,
      cell: ({ realizedProfit, netProfit, netProfitAbsence }) => (
        <>
          <span className="block">
            <Money text={realizedProfit} why={t('app.unknown')} />
          </span>
          <Money text={netProfit} why={netProfitAbsence ?? t('app.unknown')} />
        </>
      ),
    },
    { header: t('positions.fees'), figures: true, cell: ({ fees }) => <FeesByAsset fees={fees} /> },
    {
      header: t('positions.excursions'),
      figures: true,
      cell: ({ excursions }) =>
        excursions === null ? <Unknown why={t('positions.flat')} /> : <Excursions excursions={excursions} />,
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
        <>
          <DataTable
            name={t('activity.positions')}
            columns={columns}
            rows={data.items}
            rowKey={({ strategyId, instrument }) => `${strategyId} ${instrument}`}
          />
          <PositionTotals positions={data.items} />
        </>
      )}
    </>
  );
}
