'use client';
import type { InstrumentMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { useTrades } from '../../data/queries.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { Panel } from '../parts/panel.tsx';

/** The latest trades of everybody; the arrow says which side took. */
export function TradesPanel({ instrument }: { readonly instrument: InstrumentMessage }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { data, error, refetch } = useTrades(instrument.id);
  return (
    <Panel title={t('trades.title')}>
      {error === null ? null : <FaultNote fault={error} onRetry={() => void refetch()} />}
      {data === undefined || data.length === 0 ? (
        <p className="p-3 text-xs text-muted">{data === undefined ? t('app.loading') : t('trades.empty')}</p>
      ) : (
        <section
          aria-label={t('table.scroll', { name: t('trades.title') })}
          // A list that scrolls must be reachable by keyboard.
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
          className="relative h-56 overflow-y-auto xl:h-[19.5rem]"
        >
          <table className="w-full text-xs leading-[1.15rem]">
            <thead className="sticky top-0 bg-panel text-[0.7rem] text-muted">
              <tr>
                <th scope="col" className="pt-1 pl-3 text-left font-normal">
                  {t('trades.price')}
                </th>
                <th scope="col" className="pt-1 text-right font-normal">
                  {t('trades.quantity')}
                </th>
                <th scope="col" className="pt-1 pr-3 text-right font-normal">
                  {t('table.time', { zone: format.zone })}
                </th>
              </tr>
            </thead>
            <tbody>
              {data.map((trade) => {
                const side = trade.buyerIsMaker ? 'sell' : 'buy';
                return (
                  <tr key={trade.tradeId}>
                    <td className={`pl-3 ${side === 'buy' ? 'text-rise' : 'text-fall'}`}>
                      <span aria-hidden="true" className="mr-1 text-[0.65em]">
                        {side === 'buy' ? '▲' : '▼'}
                      </span>
                      <span className="sr-only">{t(`side.${side}`)} </span>
                      {format.exact(trade.price)}
                    </td>
                    <td className="text-right">{format.exact(trade.quantity)}</td>
                    <td className="pr-3 text-right text-muted">{format.clock(trade.timeMs)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </section>
      )}
    </Panel>
  );
}
