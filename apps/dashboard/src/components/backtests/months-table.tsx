'use client';
import type { BacktestDetail } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useDisplay, useFormat, useTranslate } from '../../data/display.ts';
import { Panel } from '../parts/panel.tsx';
import { Unknown } from '../parts/unknown.tsx';

type Periods = NonNullable<BacktestDetail['result']>['periods'];
type Period = Periods['month'][number];

const MONTHS = Array.from({ length: 12 }, (_, month) => month);
const utc = (period: Period): Date => new Date(period.fromMs);

interface CellProps {
  readonly period: Period | undefined;
  /** Where the colour is full. */
  readonly most: number;
}

function Cell({ period, most }: CellProps): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  if (period === undefined) return <td aria-label={t('backtests.months.none')} className="px-2 py-1" />;
  const { return: made, buyAndHoldReturn } = period;
  if (made === null)
    return (
      <td className="px-2 py-1 text-right">
        <Unknown why={t('backtests.unknown')} />
      </td>
    );
  const strength = most > 0 ? Math.round(55 * Math.min(1, Math.abs(made) / most)) : 0;
  const held = buyAndHoldReturn === null ? t('app.unknown') : format.share(buyAndHoldReturn, 1);
  return (
    <td
      title={t('backtests.months.held', { share: held, trades: period.trades })}
      style={{
        background: `color-mix(in srgb, var(${made < 0 ? '--fall' : '--rise'}) ${strength}%, transparent)`,
      }}
      className="px-2 py-1 text-right whitespace-nowrap"
    >
      {made > 0 ? '+' : ''}
      {format.share(made, 1)}
    </td>
  );
}

/** What was made in each month and year (UTC), by colour and by number. */
export function MonthsTable({ periods }: { readonly periods: Periods }): ReactNode {
  const t = useTranslate();
  const { locale } = useDisplay();
  const { month, year } = periods;
  const most = month.reduce((largest, period) => Math.max(largest, Math.abs(period.return ?? 0)), 0);
  const name = new Intl.DateTimeFormat(locale, { month: 'short', timeZone: 'UTC' });
  return (
    <Panel title={t('backtests.months')}>
      <section
        aria-label={t('table.scroll', { name: t('backtests.months') })}
        // A frame that scrolls must be reachable by keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        className="relative overflow-x-auto p-2"
      >
        <table className="w-full text-xs" data-testid="months">
          <thead className="text-[0.7rem] text-muted">
            <tr>
              <th scope="col" className="px-2 text-left font-normal">
                {t('backtests.year')}
              </th>
              {MONTHS.map((each) => (
                <th key={each} scope="col" className="px-2 text-right font-normal">
                  {name.format(Date.UTC(2024, each, 1))}
                </th>
              ))}
              <th scope="col" className="px-2 text-right font-normal">
                {t('backtests.whole')}
              </th>
            </tr>
          </thead>
          <tbody>
            {year.map((whole) => {
              const at = utc(whole).getUTCFullYear();
              return (
                <tr key={whole.fromMs}>
                  <th scope="row" className="px-2 py-1 text-left font-semibold">
                    {at}
                  </th>
                  {MONTHS.map((each) => (
                    <Cell
                      key={each}
                      period={month.find((one) => utc(one).getUTCFullYear() === at && utc(one).getUTCMonth() === each)}
                      most={most}
                    />
                  ))}
                  <Cell period={whole} most={most} />
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
      <p className="px-3 pb-2 text-[0.7rem] text-muted">{t('backtests.months.note')}</p>
    </Panel>
  );
}
