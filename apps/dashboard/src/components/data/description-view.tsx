'use client';
import type { DataDescription } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useDescription, type SeriesRoute } from '../../data/data-queries.ts';
import { useDisplay, useFormat, useTranslate } from '../../data/display.ts';
import { utcMinute } from '../../lib/times.ts';
import { CurvesChart } from '../backtests/curves-chart.tsx';
import { FaultNote } from '../parts/fault-note.tsx';
import { Guard } from '../parts/guard.tsx';
import { Panel } from '../parts/panel.tsx';
import { CorrelationPanel, StationarityPanel } from './dependence-panels.tsx';
import { DistributionPanel, TailsPanel } from './distribution-panels.tsx';
import { MissingPanel, SeasonsPanel, UnknownPanel } from './season-panels.tsx';
import { SimulatedChip } from './simulated-chip.tsx';
import { KnownNumber, KnownShare } from './known.tsx';

const NONE: readonly [] = [];

/** Which bars they are, and the whole report. */
function Head({
  description,
  route,
}: {
  readonly description: DataDescription;
  readonly route: SeriesRoute;
}): ReactNode {
  const t = useTranslate();
  const { locale } = useDisplay();
  const { instrument, interval, fromMs, toMs } = description;
  const query = new URLSearchParams({ market: route.market, instrument, interval, language: locale });
  return (
    <Panel title={`${instrument} · ${interval}`} aside={<SimulatedChip market={route.market} />}>
      <div className="flex flex-col gap-2 p-3 text-xs">
        <p className="figures flex flex-wrap gap-x-4 gap-y-1 text-muted">
          <span>{t('data.market', { market: route.market })}</span>
          <span>{t('data.span', { from: utcMinute(fromMs), to: `${utcMinute(toMs)} UTC` })}</span>
        </p>
        {description.simulated === true ? <p className="font-semibold text-warn">{t('data.simulated.text')}</p> : null}
        <a
          href={`/api/v1/data/report?${query.toString()}`}
          target="_blank"
          rel="noreferrer"
          className="grid min-h-7 place-items-center self-start rounded border border-line px-2 text-xs font-medium hover:bg-raised pointer-coarse:min-h-10"
        >
          {t('data.report')}
        </a>
      </div>
    </Panel>
  );
}

function Summary({ description }: { readonly description: DataDescription }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { bars, missing, returns, distribution, volatility, stationarity } = description;
  const pair = (one: ReactNode, other: ReactNode): ReactNode => (
    <>
      {one} / {other}
    </>
  );
  const verdict = (found: typeof stationarity.returns.verdict): ReactNode =>
    found === null ? <KnownNumber value={null} digits={0} /> : t(`data.verdict.${found}`);
  const rows: readonly (readonly [label: string, value: ReactNode])[] = [
    [t('data.bars'), format.number(bars, 0)],
    [
      t('data.missingBars'),
      `${format.number(missing.missing, 0)} (${format.share(missing.missing / missing.expected, 3)})`,
    ],
    [t('data.returns'), pair(format.number(returns.count, 0), format.number(returns.overGaps, 0))],
    [
      t('data.mean'),
      pair(
        <KnownShare value={distribution.mean} digits={4} />,
        <KnownShare value={distribution.meanStandardError} digits={4} />,
      ),
    ],
    [t('data.deviation'), <KnownShare key="deviation" value={distribution.deviation} digits={3} />],
    [t('data.volatility'), <KnownShare key="volatility" value={volatility.annualised} digits={1} />],
    [
      t('data.lowest'),
      pair(<KnownShare value={distribution.min} digits={2} />, <KnownShare value={distribution.max} digits={2} />),
    ],
    [t('data.skewness'), <KnownNumber key="skewness" value={distribution.skewness} digits={2} />],
    [t('data.kurtosis'), <KnownNumber key="kurtosis" value={distribution.excessKurtosis} digits={2} />],
    [t('data.logPrice'), verdict(stationarity.logPrice.verdict)],
    [t('data.ofReturns'), verdict(stationarity.returns.verdict)],
  ];
  return (
    <Panel title={t('data.summary')}>
      <dl className="figures gap-x-8 p-3 text-xs md:columns-2" data-testid="data-summary">
        {rows.map(([label, value]) => (
          <div key={label} className="flex break-inside-avoid justify-between gap-3 border-b border-line/60 py-1">
            <dt className="whitespace-nowrap">{label}</dt>
            <dd className="text-right font-semibold">{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function PricePanel({ closes: { timeMs, close } }: DataDescription): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const points = timeMs.map((at, index) => ({ timeMs: at, value: close[index] ?? 0 }));
  return (
    <Panel title={t('data.price')}>
      <CurvesChart
        label={t('data.price')}
        title={t('data.price')}
        curves={[{ name: t('data.price'), stroke: 'var(--accent)', dash: '', points }]}
        tick={(value, digits) => format.number(value, digits)}
        value={(value) => format.number(value, 2)}
        drawdowns={NONE}
      />
    </Panel>
  );
}

function VolatilityPanel({ volatility: { daily } }: DataDescription): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  if (daily === null) return null;
  const points = daily.dayMs.map((timeMs, index) => ({ timeMs, value: daily.values[index] ?? 0 }));
  return (
    <Panel title={t('data.daily')}>
      <CurvesChart
        label={t('data.daily')}
        title={t('data.daily')}
        curves={[{ name: t('data.daily'), stroke: 'var(--accent)', dash: '', points }]}
        tick={(value) => format.share(value, 0)}
        value={(value) => format.share(value, 1)}
        drawdowns={NONE}
      />
      <p className="px-3 pb-2 text-[0.7rem] text-muted">
        {t('data.daily.note', {
          days: format.number(daily.days, 0),
          median: format.share(daily.median, 1),
          leftOut: format.number(daily.leftOut, 0),
        })}
      </p>
    </Panel>
  );
}

/** What the bars of a series are like. */
export function DescriptionView({ route }: { readonly route: SeriesRoute }): ReactNode {
  const t = useTranslate();
  const { data, error, refetch } = useDescription(route);
  if (data === undefined) {
    return error === null ? (
      <output className="p-3 text-xs text-muted">{t('data.working')}</output>
    ) : (
      <FaultNote fault={error} onRetry={() => void refetch()} />
    );
  }
  return (
    <>
      {error === null ? null : <FaultNote fault={error} onRetry={() => void refetch()} />}
      <Head description={data} route={route} />
      <Summary description={data} />
      <Guard>
        <PricePanel {...data} />
        <DistributionPanel {...data} />
        <TailsPanel {...data} />
        <StationarityPanel {...data} />
        <CorrelationPanel {...data} />
        <VolatilityPanel {...data} />
        <SeasonsPanel {...data} />
        <MissingPanel {...data} />
        <UnknownPanel {...data} />
      </Guard>
    </>
  );
}
