'use client';
import type { InstrumentMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { useDayBar, useTrades } from '../../data/queries.ts';
import { percentChange, subtract, trendOf } from '../../lib/decimal-text.ts';
import { TrendValue } from '../parts/trend-value.tsx';
import { Unknown } from '../parts/unknown.tsx';

interface FigureProps {
  readonly label: string;
  readonly children: ReactNode;
}

function Figure({ label, children }: FigureProps): ReactNode {
  return (
    <div className="flex flex-col">
      <dt className="text-[0.7rem] whitespace-nowrap text-muted">{label}</dt>
      <dd className="figures text-xs whitespace-nowrap">{children}</dd>
    </div>
  );
}

/** The last price, and the UTC day so far. */
export function PriceStrip({ instrument }: { readonly instrument: InstrumentMessage }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { data: trades } = useTrades(instrument.id);
  const day = useDayBar(instrument.id).data ?? null;
  const [last] = trades ?? [];
  const price = last?.price ?? day?.close;
  const difference = price === undefined || day === null ? null : subtract(price, day.open);
  const percent = price === undefined || day === null ? null : percentChange(day.open, price);
  const trend = difference === null ? 'flat' : trendOf(difference);
  return (
    <div className="flex flex-wrap items-center gap-x-6 gap-y-1">
      <p className="flex items-baseline gap-2.5">
        <span className="sr-only">{t('market.last')} </span>
        <output data-testid="last-price" className="text-xl leading-none font-semibold">
          {price === undefined ? <Unknown why={t('market.noPrice')} /> : format.exact(price)}
        </output>
        {difference === null || percent === null ? (
          <Unknown why={t('market.noDay')} />
        ) : (
          <TrendValue trend={trend} className="figures text-xs font-medium">
            {format.signed(percent, 2)}%
          </TrendValue>
        )}
      </p>
      <dl className="flex gap-x-5 gap-y-1 max-sm:w-full max-sm:justify-between max-sm:gap-x-2">
        <Figure label={t('market.dayChange')}>
          {difference === null || day === null ? (
            <Unknown why={t('market.noDay')} />
          ) : (
            format.signed(difference, fractionOf(day.open))
          )}
        </Figure>
        <Figure label={t('market.dayHigh')}>
          {day === null ? <Unknown why={t('market.noDay')} /> : format.exact(day.high)}
        </Figure>
        <Figure label={t('market.dayLow')}>
          {day === null ? <Unknown why={t('market.noDay')} /> : format.exact(day.low)}
        </Figure>
        <Figure label={t('market.dayVolume')}>
          {day === null ? (
            <Unknown why={t('market.noDay')} />
          ) : (
            <span title={format.exact(day.volume)}>{`${format.compact(day.volume)} ${instrument.base}`}</span>
          )}
        </Figure>
      </dl>
    </div>
  );
}

const fractionOf = (text: string): number => text.split('.')[1]?.length ?? 0;
