'use client';
import type { ListReply } from '@monsta/contracts';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import type { OlderPages } from '../../data/older-pages.ts';
import { FaultNote } from '../parts/fault-note.tsx';

interface TableFrameProps<T> {
  readonly query: UseQueryResult<ListReply<T>>;
  readonly older: OlderPages;
  readonly empty: string;
  readonly children: (rows: readonly T[]) => ReactNode;
}

/** A list that is loading, failed, empty or there; and the way to its older rows. */
export function TableFrame<T>({ query, older, empty, children }: TableFrameProps<T>): ReactNode {
  const t = useTranslate();
  const { data, error, refetch } = query;
  return (
    <>
      {error === null ? null : <FaultNote fault={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null ? (
          <p className="p-3 text-xs text-muted">{t('table.loading')}</p>
        ) : null
      ) : data.items.length === 0 ? (
        <p className="p-3 text-xs text-muted">{empty}</p>
      ) : (
        children(data.items)
      )}
      {older.fault === null ? null : <FaultNote fault={older.fault} />}
      {data === undefined || data.nextCursor === null ? null : (
        <button
          type="button"
          onClick={older.load}
          disabled={older.loading}
          className="m-2 min-h-8 rounded border border-line px-3 text-xs font-medium hover:bg-raised disabled:opacity-60"
        >
          {older.loading ? t('table.loading') : t('table.more')}
        </button>
      )}
    </>
  );
}
