'use client';
import type { CatalogueEntryMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ListReply } from '@monsta/contracts';
import { useFormat, useTranslate } from '../../data/display.ts';
import { hashOf, type Route } from '../../lib/route.ts';
import { utcDay } from '../../lib/times.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { SimulatedChip } from './simulated-chip.tsx';

const FROM_FILE = 'monsta data import BTCUSDT-1h.csv.gz --instrument BTCUSDT --data-dir PATH';
const FROM_ARCHIVE =
  'monsta data download --venue binance --instrument BTCUSDT --interval 1h --from 2023-01-01 --data-dir PATH';

/** How a catalogue is filled. */
export function FillCommands(): ReactNode {
  const t = useTranslate();
  return (
    <div className="text-xs">
      <p className="text-muted">{t('data.fill')}</p>
      <dl>
        {(
          [
            ['download', FROM_ARCHIVE],
            ['file', FROM_FILE],
          ] as const
        ).map(([from, command]) => (
          <div key={from} className="mt-2">
            <dt className="text-muted">{t(`data.fill.${from}`)}</dt>
            <dd className="mt-1 rounded border border-line bg-raised p-2 text-[0.7rem] break-words whitespace-pre-wrap">
              <code>{command}</code>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Row({ entry, current }: { readonly entry: CatalogueEntryMessage; readonly current: boolean }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { market, kind, instrument, interval, rows, first, last } = entry;
  const count = format.number(rows, 0);
  const span =
    kind === 'bars'
      ? t('data.span', { from: utcDay(first), to: utcDay(last) })
      : t('data.ids', { from: format.number(first, 0), to: format.number(last, 0) });
  const about = (
    <>
      <span className="flex items-baseline justify-between gap-2">
        <span className="truncate font-semibold">
          {instrument}
          {interval === null ? '' : ` · ${interval}`}
        </span>
        <span className="figures whitespace-nowrap">
          {t(kind === 'bars' ? 'data.rows' : 'data.trades', { rows: count })}
        </span>
      </span>
      <span className="flex items-baseline justify-between gap-2 text-muted">
        <span className="truncate">
          <SimulatedChip market={market} /> {market}
        </span>
        <span className="figures whitespace-nowrap">{span}</span>
      </span>
    </>
  );
  return (
    <li className={`border-b border-line/60 last:border-0 ${current ? 'bg-raised' : ''}`}>
      {interval === null ? (
        <div className="min-w-0 p-2 text-xs" title={t('data.tradesOnly')}>
          {about}
          <span className="text-muted">{t('data.tradesOnly')}</span>
        </div>
      ) : (
        <a
          href={hashOf({ kind: 'series', market, instrument, interval })}
          aria-current={current ? 'true' : undefined}
          className="block min-w-0 p-2 text-xs hover:bg-raised"
        >
          {about}
        </a>
      )}
    </li>
  );
}

const isOf = (route: Route, { market, instrument, interval }: CatalogueEntryMessage): boolean =>
  route.kind === 'series' && route.market === market && route.instrument === instrument && route.interval === interval;

interface SeriesListProps {
  readonly query: UseQueryResult<ListReply<CatalogueEntryMessage>>;
  readonly route: Route;
}

/** All that is stored; how it is filled where nothing is. */
export function SeriesList({ query: { data, error, refetch }, route }: SeriesListProps): ReactNode {
  const t = useTranslate();
  return (
    <Panel title={t('data.title')}>
      {error === null ? null : <FaultNote fault={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null ? (
          <p className="p-3 text-xs text-muted">{t('table.loading')}</p>
        ) : null
      ) : data.items.length === 0 ? (
        <div className="flex flex-col gap-2 p-3">
          <p className="text-xs text-muted">{t('data.empty')}</p>
          <FillCommands />
        </div>
      ) : (
        <ul aria-label={t('data.title')} className="lg:max-h-[calc(100dvh-9rem)] lg:overflow-y-auto">
          {data.items.map((entry) => (
            <Row
              key={`${entry.market} ${entry.kind} ${entry.instrument} ${entry.interval ?? ''}`}
              entry={entry}
              current={isOf(route, entry)}
            />
          ))}
        </ul>
      )}
    </Panel>
  );
}
