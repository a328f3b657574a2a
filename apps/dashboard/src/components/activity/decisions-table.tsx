'use client';
import type { DecisionMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { keys } from '../../data/keys.ts';
import { mergeDecisions } from '../../data/merge.ts';
import { useOlderPages } from '../../data/older-pages.ts';
import { useDecisions } from '../../data/queries.ts';
import { useServer } from '../../data/server.ts';
import { DataTable, type Column } from './data-table.tsx';
import { Filtered } from './filtered.tsx';
import { ModelSaid } from './model-said.tsx';
import { Spoken } from './spoken.tsx';
import { TableFrame } from './table-frame.tsx';
import { Wanted } from './wanted.tsx';

const ACTIONS = ['enter', 'exit', 'protect', 'hold', 'warm_up', 'not_trading', 'error', 'command'] as const;

/** Each time a strategy was asked: what it wanted, what the model said, what risk answered. */
export function DecisionsTable(): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { client } = useServer();
  const query = useDecisions();
  const older = useOlderPages(keys.decisions, mergeDecisions, (page) => client.decisions(page));
  const columns: readonly Column<DecisionMessage>[] = [
    {
      header: t('table.time', { zone: format.zone }),
      cell: ({ timeMs }) => <span className="whitespace-nowrap">{format.shortDateTime(timeMs)}</span>,
    },
    { header: t('table.instrument'), cell: ({ instrument }) => <span className="font-medium">{instrument}</span> },
    {
      header: t('decisions.action'),
      cell: ({ action }) => {
        const known = ACTIONS.find((each) => each === action);
        return (
          <strong className="font-semibold whitespace-nowrap">
            {known === undefined ? action : t(`decisions.action.${known}`)}
          </strong>
        );
      },
    },
    { header: t('decisions.wanted'), cell: ({ wanted }) => <Wanted value={wanted} /> },
    { header: t('decisions.risk'), cell: ({ risk }) => <Spoken value={risk} /> },
    { header: t('decisions.prediction'), cell: ({ prediction }) => <ModelSaid value={prediction} /> },
    { header: t('table.strategy'), cell: ({ strategyId }) => <span className="whitespace-nowrap">{strategyId}</span> },
  ];
  return (
    <TableFrame query={query} older={older} empty={t('decisions.empty')}>
      {(all) => (
        <Filtered rows={all}>
          {(rows) => <DataTable name={t('activity.decisions')} columns={columns} rows={rows} rowKey={({ id }) => id} />}
        </Filtered>
      )}
    </TableFrame>
  );
}
