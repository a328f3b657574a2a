'use client';
import type { BacktestDetail } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { useStatisticList } from '../../data/backtest-queries.ts';
import { Panel } from '../parts/panel.tsx';
import { Figure } from './figure.tsx';
import { ShareValue } from './share-value.tsx';

type Result = NonNullable<BacktestDetail['result']>;

const ROWS = ['totalReturn', 'cagr', 'volatilityAnnual', 'sharpe', 'maxDrawdown'] as const;
const SIGNED: ReadonlySet<string> = new Set(['totalReturn', 'cagr']);

/** What was made, beside what buying at the beginning and holding would have made. */
export function Overview({ result }: { readonly result: Result }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { summary, versusBuyAndHold } = result;
  const { strategy, buyAndHold } = versusBuyAndHold;
  const texts = useStatisticList().data?.items;
  const called = (name: string): string => texts?.find((each) => each.name === name)?.label ?? name;
  return (
    <Panel title={t('backtests.summary')}>
      <div className="flex flex-wrap gap-x-8 gap-y-3 p-3">
        <table className="figures min-w-0 flex-1 basis-72 text-xs" data-testid="versus">
          <thead className="text-[0.7rem] text-muted">
            <tr>
              <th scope="col">
                <span className="sr-only">{t('backtests.figure')}</span>
              </th>
              <th scope="col" className="px-2 text-right font-normal">
                {t('backtests.strategy')}
              </th>
              <th scope="col" className="px-2 text-right font-normal">
                {t('backtests.holding')}
              </th>
            </tr>
          </thead>
          <tbody>
            {ROWS.map((name) => (
              <tr key={name} className="border-t border-line/60">
                <th scope="row" className="py-1 text-left font-normal">
                  {called(name)}
                </th>
                {[strategy[name], buyAndHold[name]].map((value, column) => (
                  <td
                    key={column}
                    className={`px-2 py-1 text-right whitespace-nowrap ${column === 0 ? 'font-semibold' : ''}`}
                  >
                    {SIGNED.has(name) ? (
                      <ShareValue value={value} />
                    ) : (
                      <Figure unit={name === 'sharpe' ? 'ratio' : 'share'} value={value} />
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        <dl className="figures grid flex-1 basis-72 grid-cols-2 content-start gap-x-4 gap-y-1.5 text-xs sm:grid-cols-3">
          {(
            [
              [t('backtests.cash'), `${format.number(summary.initialCash, 2)} ${summary.quoteAsset}`],
              [called('finalEquity'), `${format.number(summary.finalEquity, 2)} ${summary.quoteAsset}`],
              [t('backtests.span'), `${format.dateTime(summary.startMs)} – ${format.dateTime(summary.endMs)}`],
              [t('backtests.bars'), format.exact(String(summary.bars))],
              [t('backtests.warmUp'), format.exact(String(summary.warmUpBars))],
              [called('trades'), format.exact(String(summary.trades))],
              [called('tradesOpen'), format.exact(String(summary.tradesOpen))],
              [t('backtests.orders'), format.exact(String(summary.orders))],
              [t('backtests.fillCount'), format.exact(String(summary.fills))],
            ] as const
          ).map(([key, value]) => (
            <div key={key} className="min-w-0">
              <dt className="text-[0.7rem] text-muted">{key}</dt>
              <dd className="break-words">{value}</dd>
            </div>
          ))}
        </dl>
      </div>
    </Panel>
  );
}
