'use client';
import type { DataDescription } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { utcMinute } from '../../lib/times.ts';
import { DataTable, type Column } from '../activity/data-table.tsx';
import { ShareValue } from '../backtests/share-value.tsx';
import { Panel } from '../parts/panel.tsx';
import { BarsPlot } from './bars-plot.tsx';
import { KnownShare, useProbability } from './known.tsx';

export function DistributionPanel({ distribution: { histogram, jarqueBera } }: DataDescription): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const probability = useProbability();
  if (histogram === null) return null;
  const { low, width, counts, normal, below, above } = histogram;
  return (
    <Panel title={t('data.distribution')}>
      <BarsPlot
        title={t('data.histogram')}
        testId="histogram"
        bars={counts.map((value, index) => ({
          key: String(index),
          label: format.share(low + (index + 0.5) * width, 2),
          value,
        }))}
        overlays={[{ name: t('data.normal'), stroke: 'var(--danger)', dash: '', values: normal, mirrored: false }]}
        text={(value) => format.number(value, 0)}
      />
      <p className="px-3 pb-2 text-[0.7rem] text-muted">
        {t('data.histogram.note', { below: format.number(below, 0), above: format.number(above, 0) })}{' '}
        {jarqueBera === null ? null : `${t('data.jarqueBera')} ${probability(jarqueBera.p)}`}
      </p>
    </Panel>
  );
}

interface TailRow {
  readonly name: string;
  readonly lower: ReactNode;
  readonly upper: ReactNode;
}

type Tails = DataDescription['tails'];

const RISKS = [
  ['valueAtRisk', 'data.var'],
  ['normalValueAtRisk', 'data.normalVar'],
  ['expectedShortfall', 'data.shortfall'],
] as const;

function useTailRows({ lower, upper }: Tails): readonly TailRow[] {
  const t = useTranslate();
  const format = useFormat();
  const shares = (lower.hill.length >= upper.hill.length ? lower : upper).hill.map(({ share }) => share);
  const index = ({ hill }: Tails['lower'], share: number): ReactNode => {
    const found = hill.find((each) => each.share === share);
    return found === undefined ? (
      <KnownShare value={null} digits={0} />
    ) : (
      t('data.withError', { value: format.number(found.index, 2), error: format.number(found.standardError, 2) })
    );
  };
  const risks = RISKS.flatMap(([kind, name]) =>
    lower.risk.map(({ level }, at): TailRow => ({
      name: t(name, { level: format.share(level, 0) }),
      lower: <KnownShare value={lower.risk[at]?.[kind]} digits={2} />,
      upper: <KnownShare value={upper.risk[at]?.[kind]} digits={2} />,
    })),
  );
  return [
    { name: t('data.onSide'), lower: format.number(lower.count, 0), upper: format.number(upper.count, 0) },
    ...shares.map((share) => ({
      name: t('data.hill', { share: format.share(share, 1) }),
      lower: index(lower, share),
      upper: index(upper, share),
    })),
    ...risks,
  ];
}

export function TailsPanel({ tails }: DataDescription): ReactNode {
  const t = useTranslate();
  const rows = useTailRows(tails);
  const columns: readonly Column<TailRow>[] = [
    { header: t('data.figure'), cell: ({ name }) => name },
    { header: t('data.losses'), figures: true, cell: ({ lower }) => lower },
    { header: t('data.gains'), figures: true, cell: ({ upper }) => upper },
  ];
  const moves: readonly Column<Tails['largest'][number]>[] = [
    {
      header: t('data.closeTime'),
      cell: ({ closeTimeMs }) => <span className="figures whitespace-nowrap">{utcMinute(closeTimeMs)}</span>,
    },
    { header: t('data.move'), figures: true, cell: (move) => <ShareValue value={Math.expm1(move.return)} /> },
    {
      header: t('data.fromTo'),
      figures: true,
      cell: ({ fromPrice, toPrice }) => t('data.prices', { from: fromPrice, to: toPrice }),
    },
  ];
  return (
    <Panel title={t('data.tails')}>
      <div className="grid md:grid-cols-2">
        <DataTable name={t('data.tails')} columns={columns} rows={rows} rowKey={({ name }) => name} />
        <DataTable
          name={t('data.largest')}
          columns={moves}
          rows={tails.largest}
          rowKey={({ closeTimeMs }) => String(closeTimeMs)}
        />
      </div>
    </Panel>
  );
}
