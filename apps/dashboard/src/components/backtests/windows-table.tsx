'use client';
import type { BacktestStatisticList } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { parameterText, type OptimizationResultShown } from '../../lib/optimization.ts';
import { DataTable, type Column } from '../activity/data-table.tsx';
import { Panel } from '../parts/panel.tsx';
import { Unknown } from '../parts/unknown.tsx';
import { Figure } from './figure.tsx';
import { ShareValue } from './share-value.tsx';

type Window = OptimizationResultShown['windows'][number];

interface Numbered {
  readonly number: number;
  readonly window: Window;
}

const day = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);

interface WindowsTableProps {
  readonly windows: readonly Window[];
  /** What the objective is called, and in which unit it is. */
  readonly called: string;
  readonly unit: BacktestStatisticList['items'][number]['unit'];
  /** What a return is called. */
  readonly returnCalled: string;
}

/** Each window: what was chosen, and what came of it in sample beside out of sample. */
export function WindowsTable({ windows, called, unit, returnCalled }: WindowsTableProps): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const span = (of: Window['train'] | null): ReactNode =>
    of === null ? (
      <span className="text-muted">{t('optimizations.window.untested')}</span>
    ) : (
      <span className="figures whitespace-nowrap">
        {t('optimizations.window.span', { from: day(of.fromMs), to: day(of.toMs) })}
      </span>
    );
  const orFault = (of: Window['inSample'], figure: ReactNode): ReactNode => {
    const fault = of?.fault ?? null;
    if (fault === null) return figure;
    return (
      <span lang="en" className="text-danger">
        {fault}
      </span>
    );
  };
  const objectiveOf = (of: Window['inSample']): ReactNode => orFault(of, <Figure unit={unit} value={of?.objective} />);
  const returnOf = (of: Window['inSample']): ReactNode => {
    const made = <ShareValue value={of?.statistics?.['totalReturn']} />;
    return called === returnCalled ? orFault(of, made) : made;
  };
  // With the return itself as objective the same would stand there twice.
  const objectives: readonly Column<Numbered>[] =
    called === returnCalled
      ? []
      : [
          {
            header: t('optimizations.window.in', { what: called }),
            figures: true,
            cell: ({ window }) => objectiveOf(window.inSample),
          },
          {
            header: t('optimizations.window.out', { what: called }),
            figures: true,
            cell: ({ window }) => objectiveOf(window.outOfSample),
          },
        ];
  const columns: readonly Column<Numbered>[] = [
    { header: t('optimizations.window'), cell: ({ number }) => number },
    { header: t('optimizations.window.train'), cell: ({ window }) => span(window.train) },
    { header: t('optimizations.window.test'), cell: ({ window }) => span(window.test) },
    {
      header: t('optimizations.window.chosen'),
      cell: ({ window: { chosen } }) =>
        chosen === null ? (
          <Unknown why={t('optimizations.chosen.none')} />
        ) : (
          <span className="figures whitespace-nowrap">
            {Object.entries(chosen)
              .map(([name, value]) => `${name} ${parameterText(value)}`)
              .join(', ')}
          </span>
        ),
    },
    { header: t('optimizations.window.trials'), figures: true, cell: ({ window }) => window.trials.run },
    ...objectives,
    {
      header: t('optimizations.window.in', { what: returnCalled }),
      figures: true,
      cell: ({ window }) => returnOf(window.inSample),
    },
    {
      header: t('optimizations.window.out', { what: returnCalled }),
      figures: true,
      cell: ({ window }) => returnOf(window.outOfSample),
    },
    {
      header: t('optimizations.window.efficiency'),
      figures: true,
      cell: ({ window }) => <Figure unit="ratio" value={window.efficiency} />,
    },
    {
      header: t('optimizations.window.overfitting'),
      figures: true,
      cell: ({ window: { probabilityOfOverfitting: value } }) =>
        value === null ? <Unknown why={t('backtests.unknown')} /> : format.share(value, 1),
    },
  ];
  return (
    <Panel title={t('optimizations.windows')}>
      <div data-testid="windows">
        <DataTable
          name={t('optimizations.windows')}
          columns={columns}
          rows={windows.map((window, index) => ({ number: index + 1, window }))}
          rowKey={({ number }) => String(number)}
        />
      </div>
    </Panel>
  );
}
