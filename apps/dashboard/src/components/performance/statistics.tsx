'use client';
import type { PerformanceReply } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import type { MessageKey } from '../../i18n/index.ts';
import { FeesByAsset } from '../activity/fees-by-asset.tsx';
import { Money } from '../parts/money.tsx';
import { Unknown } from '../parts/unknown.tsx';

const MONEY_DIGITS = 2;

interface Figure {
  readonly name: MessageKey;
  readonly value: ReactNode;
}

function Figures({ title, figures }: { readonly title: string; readonly figures: readonly Figure[] }): ReactNode {
  const t = useTranslate();
  return (
    <section aria-label={title} className="min-w-0 flex-1 basis-72">
      <h3 className="mb-1 text-xs font-semibold">{title}</h3>
      <dl className="figures grid grid-cols-2 gap-x-4 gap-y-1.5 text-xs sm:grid-cols-3">
        {figures.map(({ name, value }) => (
          <div key={name} className="min-w-0">
            <dt className="text-[0.7rem] text-muted">{t(name)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** What the API worked out of the span, and why what is missing is missing. */
export function Statistics({ performance }: { readonly performance: PerformanceReply }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { summary, trips, strategyId } = performance;
  const noTrips = t('performance.why.noTrips');
  const share = (value: number | null, why: string): ReactNode =>
    value === null ? <Unknown why={why} shown /> : format.share(value, 2);
  const money = (text: string | null, why: string): ReactNode =>
    text === null ? (
      <Unknown why={why} shown />
    ) : (
      <span title={format.exact(text)}>{format.rounded(text, MONEY_DIGITS)}</span>
    );
  const ofAccount = t(strategyId === null ? 'performance.why.noEquity' : 'performance.why.strategy');
  const span: readonly Figure[] =
    summary === null
      ? []
      : [
          { name: 'performance.return', value: share(summary.return, ofAccount) },
          { name: 'performance.profit', value: <Money text={summary.profit} why={t('app.unknown')} /> },
          {
            name: 'performance.maxDrawdown',
            value:
              summary.maxDrawdown === null ? (
                <Unknown why={t('performance.why.neverFell')} shown />
              ) : (
                <span
                  title={t('performance.peakToTrough', {
                    peak: format.dateTime(summary.maxDrawdown.peakMs),
                    trough: format.dateTime(summary.maxDrawdown.troughMs),
                  })}
                >
                  {summary.maxDrawdown.share === null
                    ? money(summary.maxDrawdown.amount, t('app.unknown'))
                    : format.share(summary.maxDrawdown.share, 2)}
                </span>
              ),
          },
          { name: 'performance.currentDrawdown', value: share(summary.currentDrawdown, ofAccount) },
          { name: 'performance.longestDrawdown', value: format.about(summary.longestDrawdownMs) },
          { name: 'performance.averageExposure', value: share(summary.averageExposure, ofAccount) },
          { name: 'performance.samples', value: format.exact(String(summary.samples)) },
        ];
  const nothingWon = trips.trips === 0 ? noTrips : t('performance.why.nothingWon');
  const nothingLost = trips.trips === 0 ? noTrips : t('performance.why.nothingLost');
  const closed: readonly Figure[] = [
    {
      name: 'performance.trips',
      value: t('performance.trips.value', { trips: trips.trips, won: trips.won, lost: trips.lost }),
    },
    { name: 'performance.winRate', value: share(trips.winRate, noTrips) },
    {
      name: 'performance.profitFactor',
      value: trips.profitFactor === null ? <Unknown why={nothingLost} shown /> : format.number(trips.profitFactor, 2),
    },
    { name: 'performance.tripProfit', value: <Money text={trips.profit} why={noTrips} /> },
    {
      name: 'performance.expectancy',
      value:
        trips.expectancy === null ? <Unknown why={noTrips} shown /> : <Money text={trips.expectancy} why={noTrips} />,
    },
    { name: 'performance.averageWin', value: money(trips.averageWin, nothingWon) },
    { name: 'performance.averageLoss', value: money(trips.averageLoss, nothingLost) },
    {
      name: 'performance.holding',
      value: trips.averageHoldingMs === null ? <Unknown why={noTrips} shown /> : format.about(trips.averageHoldingMs),
    },
    { name: 'performance.mae', value: money(trips.worstAdverse, noTrips) },
    { name: 'performance.mfe', value: money(trips.bestFavourable, noTrips) },
    { name: 'performance.turnover', value: money(trips.turnover, noTrips) },
    { name: 'positions.fees', value: <FeesByAsset fees={trips.fees} /> },
  ];
  return (
    <div className="flex flex-wrap gap-x-8 gap-y-4 border-t border-line p-3">
      {summary === null ? null : <Figures title={t('performance.span')} figures={span} />}
      <Figures title={t('performance.closed')} figures={closed} />
      {trips.unknownTrips === 0 ? null : (
        <p className="w-full text-xs text-warn">
          <span aria-hidden="true">▲ </span>
          {t('performance.unknownTrips', { trips: trips.unknownTrips })}
        </p>
      )}
    </div>
  );
}
