'use client';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';

export interface Column<T> {
  readonly header: string;
  readonly figures?: true;
  readonly cell: (row: T) => ReactNode;
}

interface DataTableProps<T> {
  readonly name: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
}

/** Dense rows; on a narrow screen the table scrolls sideways in its own frame. */
export function DataTable<T>({ name, columns, rows, rowKey }: DataTableProps<T>): ReactNode {
  const t = useTranslate();
  return (
    <section
      aria-label={t('table.scroll', { name })}
      // A frame that scrolls must be reachable by keyboard.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      // Contains what is positioned inside, such as words for screen readers, so that nothing widens the page.
      className="relative max-h-80 overflow-auto xl:max-h-[19.5rem]"
    >
      <table className="w-full text-xs">
        <thead className="sticky top-0 bg-panel text-[0.7rem] text-muted">
          <tr>
            {columns.map(({ header, figures }) => (
              <th
                key={header}
                scope="col"
                className={`border-b border-line px-3 py-1.5 font-normal whitespace-nowrap ${figures ? 'text-right' : 'text-left'}`}
              >
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} className="border-b border-line/60 last:border-0 hover:bg-raised">
              {columns.map(({ header, figures, cell }) => (
                <td
                  key={header}
                  className={`px-3 py-1.5 align-top ${figures ? 'text-right whitespace-nowrap' : 'text-left'}`}
                >
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
