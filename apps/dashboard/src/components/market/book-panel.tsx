'use client';
import type { InstrumentMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { useBook } from '../../data/queries.ts';
import { bookView, type BookRow } from '../../lib/book-view.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { Unknown } from '../parts/unknown.tsx';

const LEVELS = 10;
const SPREAD_DIGITS = 6;

interface SideRowsProps {
  readonly rows: readonly BookRow[];
  readonly side: 'bid' | 'ask';
}

/** A level a row; the bar behind it is the sum up to it, as a share of the deeper side. */
function SideRows({ rows, side }: SideRowsProps): ReactNode {
  const format = useFormat();
  const colour = side === 'bid' ? 'var(--rise)' : 'var(--fall)';
  return rows.map(({ price, quantity, sum, share }) => (
    <tr
      key={price}
      style={{
        background: `linear-gradient(to left, color-mix(in srgb, ${colour} 15%, transparent) ${share * 100}%, transparent 0)`,
      }}
    >
      <td className={`py-px pl-3 text-left ${side === 'bid' ? 'text-rise' : 'text-fall'}`}>{format.exact(price)}</td>
      <td className="text-right">{format.exact(quantity)}</td>
      <td className="pr-3 text-right text-muted">{format.exact(sum)}</td>
    </tr>
  ));
}

/** The order book's top: asks above, bids below, the spread between. */
export function BookPanel({ instrument }: { readonly instrument: InstrumentMessage }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { data, error, refetch } = useBook(instrument.id);
  const view = data === undefined || data.absence !== null ? null : bookView(data, LEVELS);
  return (
    <Panel title={t('book.title')}>
      {error === null ? null : <FaultNote fault={error} onRetry={() => void refetch()} />}
      {view === null ? (
        <p className="min-h-40 p-3 text-xs text-muted">
          {data === undefined ? t('app.loading') : t('book.empty')}
          {data === undefined || data.absence === null ? null : (
            <span lang="en" className="mt-1 block">
              {data.absence.reason}
            </span>
          )}
        </p>
      ) : (
        <table className="my-1 w-full text-xs leading-[1.15rem]" data-testid="book">
          <thead className="text-[0.7rem] text-muted">
            <tr>
              <th scope="col" className="pl-3 text-left font-normal">{`${t('book.price')} ${instrument.quote}`}</th>
              <th scope="col" className="text-right font-normal">{`${t('book.quantity')} ${instrument.base}`}</th>
              <th scope="col" className="pr-3 text-right font-normal">
                {t('book.total')}
              </th>
            </tr>
          </thead>
          <tbody aria-label={t('book.asks')}>
            <SideRows rows={view.asks} side="ask" />
          </tbody>
          <tbody>
            <tr className="border-y border-line">
              <th scope="row" className="py-1 pl-3 text-left font-normal text-muted">
                {t('market.spread')}
              </th>
              <td colSpan={2} className="pr-3 text-right">
                {view.spread === null ? (
                  <Unknown why={t('book.empty')} />
                ) : (
                  <>
                    {format.exact(view.spread)}
                    {view.spreadPercent === null ? null : (
                      <span className="ml-2 text-muted">{format.short(view.spreadPercent, SPREAD_DIGITS)}%</span>
                    )}
                  </>
                )}
              </td>
            </tr>
          </tbody>
          <tbody aria-label={t('book.bids')}>
            <SideRows rows={view.bids} side="bid" />
          </tbody>
        </table>
      )}
    </Panel>
  );
}
