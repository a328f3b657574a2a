'use client';
import type { DataDescription } from '@monsta/contracts';
import { useState, type ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { DataTable, type Column } from '../activity/data-table.tsx';
import { Panel } from '../parts/panel.tsx';
import { Segments } from '../parts/segments.tsx';
import { Unknown } from '../parts/unknown.tsx';
import { BarsPlot } from './bars-plot.tsx';
import { KnownNumber, useProbability } from './known.tsx';

type Stationarity = DataDescription['stationarity'];

interface TestRow {
  readonly of: 'logPrice' | 'ofReturns';
  readonly test: 'adf' | 'kpss';
  readonly statistic: number | null;
  readonly p: string | null;
  readonly lags: number | null;
}

function useTestRows({ logPrice, returns }: Stationarity): readonly TestRow[] {
  const t = useTranslate();
  const format = useFormat();
  const probability = useProbability();
  const bound = { at_most: 'data.atMost', at_least: 'data.atLeast' } as const;
  return ([['logPrice', logPrice] as const, ['ofReturns', returns] as const] as const).flatMap(
    ([of, { adf, kpss }]) => [
      {
        ...{ of, test: 'adf' as const, statistic: adf?.statistic ?? null, lags: adf?.lags ?? null },
        p: adf === null ? null : probability(adf.p),
      },
      {
        ...{ of, test: 'kpss' as const, statistic: kpss?.statistic ?? null, lags: kpss?.lags ?? null },
        p:
          kpss === null
            ? null
            : kpss.pIs === 'interpolated'
              ? probability(kpss.p)
              : t(bound[kpss.pIs], { value: format.number(kpss.p, 2) }),
      },
    ],
  );
}

export function StationarityPanel({ stationarity }: DataDescription): ReactNode {
  const t = useTranslate();
  const rows = useTestRows(stationarity);
  const columns: readonly Column<TestRow>[] = [
    { header: t('data.what'), cell: ({ of }) => t(`data.${of}`) },
    { header: t('data.test'), cell: ({ test }) => t(`data.test.${test}`) },
    {
      header: t('data.statistic'),
      figures: true,
      cell: ({ statistic }) => <KnownNumber value={statistic} digits={3} />,
    },
    {
      header: t('data.probability'),
      figures: true,
      cell: ({ p }) => p ?? <Unknown why={t('data.unknown.short')} />,
    },
    { header: t('data.lags'), figures: true, cell: ({ lags }) => <KnownNumber value={lags} digits={0} /> },
  ];
  return (
    <Panel title={t('data.stationarity')}>
      <DataTable
        name={t('data.stationarity')}
        columns={columns}
        rows={rows}
        rowKey={({ of, test }) => `${of} ${test}`}
      />
    </Panel>
  );
}

const KINDS = ['returns', 'absolute', 'squared'] as const;

/** Autocorrelations of what the reader chooses, and variance ratios. */
export function CorrelationPanel({ autocorrelation, varianceRatios }: DataDescription): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const probability = useProbability();
  const [kind, setKind] = useState<(typeof KINDS)[number]>('returns');
  const found = autocorrelation[kind];
  const { band } = autocorrelation;
  const columns: readonly Column<(typeof varianceRatios)[number]>[] = [
    { header: t('data.ratios.bars'), cell: ({ bars }) => bars },
    { header: t('data.ratios.ratio'), figures: true, cell: ({ ratio }) => format.number(ratio, 3) },
    { header: t('data.probability'), figures: true, cell: ({ p }) => probability(p) },
  ];
  const [box, robust] = [found?.ljungBox.at(-1), found?.robust.at(-1)];
  return (
    <Panel
      title={t('data.correlation')}
      aside={
        <Segments
          label={t('data.correlation.of')}
          value={kind}
          onChange={setKind}
          segments={KINDS.map((value) => ({ value, label: t(`data.correlation.${value}`) }))}
        />
      }
    >
      {found === null ? (
        <p className="p-3 text-xs">
          <Unknown why={t('data.unknown.short')} shown />
        </p>
      ) : (
        <>
          <BarsPlot
            title={t('data.correlation.axis')}
            testId="correlation"
            bars={found.values.map((value, index) => ({
              key: String(index),
              label: String(index + 1),
              value,
            }))}
            overlays={[
              {
                ...{ name: t('data.correlation.white'), stroke: 'var(--strong)', dash: '4 3', mirrored: true },
                values: found.values.map(() => band ?? 0),
              },
              {
                ...{ name: t('data.correlation.robust'), stroke: 'var(--danger)', dash: '', mirrored: true },
                values: found.robustErrors.map((error) => 1.96 * error),
              },
            ]}
            text={(value) => format.number(value, 3)}
          />
          {box === undefined || robust === undefined ? null : (
            <p className="px-3 pb-2 text-[0.7rem] text-muted">
              {t('data.correlation.tests', {
                lags: found.values.length,
                box: probability(box.p),
                robust: probability(robust.p),
              })}
            </p>
          )}
        </>
      )}
      {varianceRatios.length === 0 ? null : (
        <div className="border-t border-line/60">
          <h3 className="px-3 pt-2 text-[0.7rem] font-semibold">{t('data.ratios')}</h3>
          <DataTable
            name={t('data.ratios')}
            columns={columns}
            rows={varianceRatios}
            rowKey={({ bars }) => String(bars)}
          />
        </div>
      )}
    </Panel>
  );
}
