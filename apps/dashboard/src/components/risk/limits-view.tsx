'use client';
import type { RiskMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { useRisk } from '../../data/queries.ts';
import { multiply } from '../../lib/exact.ts';
import { DataTable, type Column } from '../activity/data-table.tsx';
import { FaultNote } from '../parts/fault-note.tsx';
import { Unknown } from '../parts/unknown.tsx';

type Use = RiskMessage['limits'][number];

const FIGURE_DIGITS_MAX = 4;
/** From here on a limit is about to be reached. */
const NEARLY = 0.8;

function Figure({
  value,
  unit,
  quoteAsset,
}: Pick<Use, 'unit'> & { readonly value: string; readonly quoteAsset: string }) {
  const t = useTranslate();
  const format = useFormat();
  const text = format.short(unit === 'share' ? (multiply(value, '100') ?? value) : value, FIGURE_DIGITS_MAX);
  switch (unit) {
    case 'amount':
      return `${text} ${quoteAsset}`;
    case 'share':
      return `${text}%`;
    case 'ms':
      return `${text} ms`;
    case 'count':
      return text;
    case 'per_second':
    case 'per_minute':
      return t(`limits.unit.${unit}`, { value: text });
  }
}

/** How much of a limit is used, as a bar; nothing where that can't be said. */
function Fraction({ use }: { readonly use: Use }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { fraction, limit, used } = use;
  if (fraction === null)
    return <Unknown why={t(limit === null ? 'limits.none' : used === null ? 'app.unknown' : 'limits.above')} shown />;
  const colour = fraction >= 1 ? 'bg-danger' : fraction >= NEARLY ? 'bg-warn' : 'bg-accent';
  return (
    <span className="flex items-center justify-end gap-2">
      <span aria-hidden="true" className="h-1.5 w-16 overflow-hidden rounded-full bg-raised">
        <span
          className={`block h-full ${colour}`}
          style={{ width: `${Math.min(100, Math.max(0, fraction * 100))}%` }}
        />
      </span>
      {format.share(fraction, 0)}
    </span>
  );
}

/** Everything that keeps the account or a strategy from entering now. */
function Restrictions({ risk }: { readonly risk: RiskMessage }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { causes, restrictions } = risk;
  if (causes.length === 0 && restrictions.length === 0)
    return <p className="px-3 py-2 text-xs text-muted">{t('limits.free')}</p>;
  return (
    <ul className="flex flex-col gap-1 px-3 py-2 text-xs">
      {causes.map(({ strategyId, code, state, reason, sinceMs }) => (
        <li key={`${strategyId ?? ''} ${code}`}>
          <strong className={state === 'HALTED' ? 'text-danger' : 'text-warn'}>{t(`trading.state.${state}`)}</strong>{' '}
          {strategyId ?? t('totals.account')} · <code>{code}</code> · <span lang="en">{reason}</span>{' '}
          <span className="figures text-muted">{t('trading.since', { time: format.dateTime(sinceMs) })}</span>
        </li>
      ))}
      {restrictions.map(({ strategyId, instrument, rule, reason, untilMs }) => (
        <li key={`${strategyId ?? ''} ${instrument ?? ''} ${rule}`}>
          <strong className="text-warn">{t('limits.noEntries')}</strong>{' '}
          {[strategyId, instrument].filter((part) => part !== null).join(' ') || t('totals.account')} ·{' '}
          <code>{rule}</code> · <span lang="en">{reason}</span>{' '}
          {untilMs === null ? null : (
            <span className="figures text-muted">{t('limits.until', { time: format.dateTime(untilMs) })}</span>
          )}
        </li>
      ))}
    </ul>
  );
}

function KnownLimits({ risk }: { readonly risk: RiskMessage }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { quoteAsset, day } = risk;
  const columns: readonly Column<Use>[] = [
    { header: t('denial.rule'), cell: ({ rule }) => <code>{rule}</code> },
    {
      header: t('limits.scope'),
      cell: ({ strategyId, instrument }) =>
        [strategyId, instrument].filter((part) => part !== null).join(' ') || t('totals.account'),
    },
    {
      header: t('limits.used'),
      figures: true,
      cell: ({ used, unit, amounts }) =>
        used === null ? (
          <Unknown why={t('app.unknown')} />
        ) : (
          <span title={amounts === null ? undefined : `${amounts.used} ${quoteAsset}`}>
            <Figure value={used} unit={unit} quoteAsset={quoteAsset} />
          </span>
        ),
    },
    {
      header: t('denial.limit'),
      figures: true,
      cell: ({ limit, unit, amounts }) =>
        limit === null ? (
          <Unknown why={t('limits.none')} />
        ) : (
          <span title={amounts === null ? undefined : `${amounts.limit} ${quoteAsset}`}>
            <Figure value={limit} unit={unit} quoteAsset={quoteAsset} />
          </span>
        ),
    },
    { header: t('limits.fraction'), figures: true, cell: (use) => <Fraction use={use} /> },
  ];
  return (
    <>
      <Restrictions risk={risk} />
      <div className="border-t border-line">
        <DataTable
          name={t('activity.limits')}
          columns={columns}
          rows={risk.limits}
          rowKey={({ rule, unit, strategyId, instrument }) => `${rule} ${unit} ${strategyId ?? ''} ${instrument ?? ''}`}
        />
      </div>
      <p className="figures border-t border-line px-3 py-1.5 text-[0.7rem] text-muted">
        {t('limits.day', { from: format.dateTime(day.startMs), to: format.dateTime(day.endMs), zone: format.zone })}
      </p>
    </>
  );
}

/** Every limit of risk and how much of it is used, and what refuses entries now. */
export function LimitsView(): ReactNode {
  const t = useTranslate();
  const { data, error, refetch } = useRisk();
  return (
    <>
      {error === null ? null : <FaultNote fault={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null ? (
          <p className="p-3 text-xs text-muted">{t('table.loading')}</p>
        ) : null
      ) : data.risk === null ? (
        <p lang="en" className="p-3 text-xs text-muted">
          {data.absence.reason}
        </p>
      ) : (
        <KnownLimits risk={data.risk} />
      )}
    </>
  );
}
