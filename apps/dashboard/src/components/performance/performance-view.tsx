'use client';
import { useState, type ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { usePerformance, useStatus, useStrategies } from '../../data/queries.ts';
import { ChoiceField } from '../parts/choice-field.tsx';
import { FaultNote } from '../parts/fault-note.tsx';
import { Segments } from '../parts/segments.tsx';
import { EquityChart } from './equity-chart.tsx';
import { Statistics } from './statistics.tsx';

const DAY_MS = 86_400_000;
const SPANS = { day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS, all: null } as const;
type SpanName = keyof typeof SPANS;
const SPAN_NAMES = ['day', 'week', 'month', 'all'] as const satisfies readonly SpanName[];
const EXPORTS = ['fills', 'round-trips'] as const;
const ACCOUNT = '';

interface ViewOfSpanProps {
  readonly span: SpanName;
  readonly strategy: string | null;
  readonly nowMs: number;
}

function ViewOfSpan({ span, strategy, nowMs }: ViewOfSpanProps): ReactNode {
  const t = useTranslate();
  const { data, error, refetch } = usePerformance(strategy, SPANS[span], nowMs);
  return (
    <>
      {error === null ? null : <FaultNote fault={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null ? (
          <p className="p-3 text-xs text-muted">{t('table.loading')}</p>
        ) : null
      ) : (
        <>
          {data.curve === null ? (
            <p className="p-3 text-xs text-muted">
              {t('performance.none')}{' '}
              <span lang="en" className="block">
                {data.absence?.reason}
              </span>
            </p>
          ) : (
            <EquityChart curve={data.curve} quoteAsset={data.quoteAsset} />
          )}
          <Statistics performance={data} />
        </>
      )}
    </>
  );
}

/** Equity, drawdown and what follows from them, over a span; and the books for the accountant. */
export function PerformanceView(): ReactNode {
  const t = useTranslate();
  const [span, setSpan] = useState<SpanName>('day');
  const [strategy, setStrategy] = useState(ACCOUNT);
  const { data: status } = useStatus();
  const strategies = useStrategies().data?.items ?? [];
  const nowMs = status === undefined ? null : (status.venueTimeMs ?? status.nowMs);
  const spanMs = SPANS[span];
  const query = spanMs === null || nowMs === null ? '' : `?fromMs=${Math.max(0, nowMs - spanMs)}`;
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-3 py-1.5">
        <Segments
          label={t('performance.spanOf')}
          segments={SPAN_NAMES.map((value) => ({ value, label: t(`performance.span.${value}`) }))}
          value={span}
          onChange={setSpan}
        />
        <ChoiceField
          beside
          label={t('performance.of')}
          name="of"
          value={strategy}
          options={[
            { value: ACCOUNT, label: t('totals.account') },
            ...['manual', ...strategies.map(({ id }) => id)].map((value) => ({ value, label: value })),
          ]}
          onChange={setStrategy}
        />
        <span className="ml-auto flex flex-wrap gap-x-3 text-xs">
          {EXPORTS.map((name) => (
            <a
              key={name}
              href={`/api/v1/export/${name}.csv${query}`}
              download
              className="min-h-7 content-center font-medium text-accent underline"
            >
              {t(`performance.export.${name}`)}
            </a>
          ))}
        </span>
      </div>
      {nowMs === null ? (
        <p className="p-3 text-xs text-muted">{t('table.loading')}</p>
      ) : (
        <ViewOfSpan span={span} strategy={strategy === ACCOUNT ? null : strategy} nowMs={nowMs} />
      )}
    </>
  );
}
