'use client';
import type { DataDescription } from '@monsta/contracts';
import { useState, type ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { utcMinute } from '../../lib/times.ts';
import { DataTable, type Column } from '../activity/data-table.tsx';
import { Panel } from '../parts/panel.tsx';
import { Segments } from '../parts/segments.tsx';
import { BarsPlot } from './bars-plot.tsx';
import { useProbability } from './known.tsx';

type Groups = NonNullable<DataDescription['seasonality']['hours']>;
type Group = Groups['groups'][number];
type Missing = DataDescription['missing'];

const DAYS = [1, 2, 3, 4, 5, 6, 7] as const;

function GroupPlots({
  groups,
  nameOf,
}: {
  readonly groups: readonly Group[];
  readonly nameOf: (of: number) => string;
}): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const bars = (value: (group: Group) => number | null) =>
    groups.map((group) => ({ key: String(group.of), label: nameOf(group.of), value: value(group) }));
  const means = groups.map((group) => {
    const bar = { key: String(group.of), label: nameOf(group.of), value: group.mean };
    const { mean, standardError } = group;
    return mean === null || standardError === null
      ? bar
      : { ...bar, low: mean - 1.96 * standardError, high: mean + 1.96 * standardError };
  });
  return (
    <div className="grid xl:grid-cols-3">
      <BarsPlot
        title={t('data.seasons.mean')}
        testId="season-mean"
        bars={means}
        text={(value) => format.share(value, 3)}
      />
      <BarsPlot
        title={t('data.seasons.size')}
        testId="season-size"
        bars={bars(({ meanAbsolute }) => meanAbsolute)}
        text={(value) => format.share(value, 3)}
      />
      <BarsPlot
        title={t('data.seasons.volume')}
        testId="season-volume"
        bars={bars(({ volumeShare }) => volumeShare)}
        text={(value) => format.share(value, 1)}
      />
    </div>
  );
}

/** By hour or day of the week, as the reader chooses. */
export function SeasonsPanel({ seasonality }: DataDescription): ReactNode {
  const t = useTranslate();
  const probability = useProbability();
  const kinds = (['hours', 'weekdays'] as const).filter((kind) => seasonality[kind] !== null);
  const [wanted, setWanted] = useState<'hours' | 'weekdays'>('hours');
  const kind = kinds.includes(wanted) ? wanted : kinds[0];
  const found = kind === undefined ? null : seasonality[kind];
  if (kind === undefined || found === null) return null;
  const dayNames = DAYS.map((day) => t(`data.day.${day}`));
  const nameOf = (of: number): string => (kind === 'hours' ? String(of).padStart(2, '0') : (dayNames[of - 1] ?? ''));
  return (
    <Panel
      title={t('data.seasons')}
      aside={
        <Segments
          label={t('data.seasons.by')}
          value={kind}
          onChange={setWanted}
          segments={kinds.map((value) => ({ value, label: t(`data.seasons.${value}`) }))}
        />
      }
    >
      <GroupPlots key={kind} groups={found.groups} nameOf={nameOf} />
      {found.equalMeans === null ? null : (
        <p className="px-3 pb-2 text-[0.7rem] text-muted">
          {t('data.seasons.test', { p: probability(found.equalMeans.p) })}
        </p>
      )}
    </Panel>
  );
}

export function MissingPanel({ missing }: DataDescription): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const whole = (value: number): string => format.number(value, 0);
  const years: readonly Column<Missing['years'][number]>[] = [
    { header: t('data.missing.year'), cell: ({ year }) => year },
    { header: t('data.missing.expected'), figures: true, cell: ({ expected }) => whole(expected) },
    { header: t('data.missingBars'), figures: true, cell: (year) => whole(year.missing) },
    { header: t('data.missing.gaps'), figures: true, cell: ({ gapsBegun }) => whole(gapsBegun) },
    { header: t('data.missing.zero'), figures: true, cell: ({ zeroVolume }) => whole(zeroVolume) },
  ];
  const gaps: readonly Column<Missing['longest'][number]>[] = [
    { header: t('data.missing.before'), cell: ({ beforeMs }) => utcMinute(beforeMs) },
    { header: t('data.missing.after'), cell: ({ afterMs }) => utcMinute(afterMs) },
    { header: t('data.missingBars'), figures: true, cell: (gap) => whole(gap.missing) },
  ];
  return (
    <Panel title={t('data.missing')}>
      <p className="px-3 pt-2 text-xs" data-testid="missing">
        {t('data.missing.text', {
          missing: whole(missing.missing),
          expected: whole(missing.expected),
          gaps: whole(missing.gaps),
          zero: whole(missing.zeroVolume.bars),
          runs: whole(missing.zeroVolume.runs),
        })}
      </p>
      <div className="figures grid md:grid-cols-2">
        <DataTable name={t('data.missing')} columns={years} rows={missing.years} rowKey={({ year }) => String(year)} />
        {missing.longest.length === 0 ? null : (
          <DataTable
            name={t('data.missing.longest')}
            columns={gaps}
            rows={missing.longest}
            rowKey={({ beforeMs }) => String(beforeMs)}
          />
        )}
      </div>
    </Panel>
  );
}

export function UnknownPanel({ unknown }: DataDescription): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  if (unknown.length === 0) return null;
  return (
    <Panel title={t('data.unknown')}>
      <ul className="p-3 text-xs">
        {unknown.map(({ figure, reason, needed, given }) => (
          <li key={`${figure} ${reason}`} className="py-0.5">
            <code>{figure}</code> {t(`data.reason.${reason}`)}
            {needed === null || given === null
              ? null
              : ` (${t('data.needed', { needed: format.number(needed, 0), given: format.number(given, 0) })})`}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
