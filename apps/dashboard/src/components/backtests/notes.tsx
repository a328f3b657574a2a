'use client';
import { noteText, type BacktestDetail, type Note } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useStatisticList } from '../../data/backtest-queries.ts';
import { useDisplay, useFormat, useTranslate } from '../../data/display.ts';
import { Panel } from '../parts/panel.tsx';
import { Unknown } from '../parts/unknown.tsx';

type Result = NonNullable<BacktestDetail['result']>;

/** A note in the reader's language; words of another version's are English. */
function NoteItem({ note, mark = null }: { readonly note: Note; readonly mark?: ReactNode }): ReactNode {
  const { locale } = useDisplay();
  const { text, language } = noteText(note, locale);
  return (
    <li lang={language === locale ? undefined : language} className="break-words">
      {mark}
      {text}
    </li>
  );
}

/** What a reader has to know before he believes the figures. */
export function Warnings({ result }: { readonly result: Pick<Result, 'warnings'> }): ReactNode {
  const t = useTranslate();
  if (result.warnings.length === 0) return null;
  return (
    <Panel title={t('backtests.warnings')}>
      <ul data-testid="warnings" className="flex flex-col gap-1 p-3 text-xs text-warn">
        {result.warnings.map((warning) => (
          <NoteItem key={warning.text} note={warning} mark={<span aria-hidden="true">▲ </span>} />
        ))}
      </ul>
    </Panel>
  );
}

/** What the figures take for granted. */
export function Assumptions({
  result,
  denials = {},
}: {
  readonly result: Pick<Result, 'assumptions'>;
  readonly denials?: Result['summary']['denials'];
}): ReactNode {
  const t = useTranslate();
  const denied = Object.entries(denials);
  return (
    <Panel title={t('backtests.assumptions')}>
      <ul data-testid="assumptions" className="list-disc space-y-1 p-3 pl-7 text-xs">
        {result.assumptions.map((assumption) => (
          <NoteItem key={assumption.text} note={assumption} />
        ))}
      </ul>
      {denied.length === 0 ? null : (
        <p className="figures border-t border-line px-3 py-2 text-xs">
          <span className="text-muted">{t('backtests.denials')}</span>{' '}
          <span lang="en">{denied.map(([rule, count]) => `${rule} ${count}`).join(', ')}</span>
        </p>
      )}
    </Panel>
  );
}

const VERDICT_COLOURS = {
  'too-little': 'text-warn',
  none: 'text-danger',
  'not-above-holding': 'text-warn',
  some: 'text-good',
} as const;

interface SpanRowProps {
  readonly name: string;
  readonly interval: { readonly value: number; readonly low: number; readonly high: number | null } | null | undefined;
  readonly write: (value: number) => string;
}

/** A figure with the span that it lies in when the days are drawn again. */
function SpanRow({ name, interval, write }: SpanRowProps): ReactNode {
  const t = useTranslate();
  return (
    <div className="flex items-baseline justify-between gap-3 border-b border-line/60 py-1 last:border-0">
      <dt>{name}</dt>
      <dd className="text-right">
        {interval === null || interval === undefined ? (
          <Unknown why={t('backtests.unknown')} />
        ) : (
          <>
            <span className="font-semibold">{write(interval.value)}</span>{' '}
            <span className="whitespace-nowrap text-muted">
              {t('backtests.honesty.span', {
                low: write(interval.low),
                high: interval.high === null ? '∞' : write(interval.high),
              })}
            </span>
          </>
        )}
      </dd>
    </div>
  );
}

/** How much of the result luck may have brought about, in plain words and in figures. */
export function HonestyPanel({ honesty }: { readonly honesty: Result['honesty'] }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const texts = useStatisticList().data?.items;
  const called = (name: string): string => texts?.find((each) => each.name === name)?.label ?? name;
  const { verdict, trials, intervals, tradeOrder, againstHolding, level } = honesty;
  const ratio = (value: number | null): ReactNode =>
    value === null ? <Unknown why={t('backtests.unknown')} /> : format.number(value, 2);
  const share = (value: number | null): ReactNode =>
    value === null ? <Unknown why={t('backtests.unknown')} /> : format.share(value, 1);
  const days = (value: number | null): ReactNode =>
    value === null ? <Unknown why={t('backtests.unknown')} /> : format.number(Math.ceil(value), 0);
  const rows: readonly (readonly [string, ReactNode])[] = [
    [t('backtests.honesty.trials'), format.exact(String(trials))],
    [t('backtests.honesty.days'), format.exact(String(honesty.days))],
    [t('backtests.honesty.lucky'), ratio(honesty.luckySharpe)],
    [t('backtests.honesty.probabilistic'), share(honesty.probabilisticSharpe)],
    [t('backtests.honesty.deflated'), share(honesty.deflatedSharpe)],
    [t('backtests.honesty.track'), days(honesty.minimumTrackRecordDays)],
    [t('backtests.honesty.pValue'), againstHolding === null ? ratio(null) : format.number(againstHolding.pValue, 3)],
  ];
  return (
    <Panel title={t('backtests.honesty')}>
      <div className="p-3 text-xs" data-testid="honesty" data-verdict={verdict}>
        <p className={`font-semibold ${VERDICT_COLOURS[verdict]}`}>{t(`backtests.verdict.${verdict}`)}</p>
        <p className="mt-1 text-muted">{t('backtests.honesty.text', { trials, level: format.share(level, 0) })}</p>
        <div className="figures mt-2 grid gap-x-8 gap-y-2 md:grid-cols-2">
          <dl>
            {rows.map(([name, value]) => (
              <div
                key={name}
                className="flex items-baseline justify-between gap-3 border-b border-line/60 py-1 last:border-0"
              >
                <dt>{name}</dt>
                <dd className="font-semibold whitespace-nowrap">{value}</dd>
              </div>
            ))}
          </dl>
          <dl>
            <SpanRow
              name={called('totalReturn')}
              interval={intervals?.totalReturn}
              write={(value) => format.share(value, 1)}
            />
            <SpanRow
              name={t('backtests.honesty.sharpeDaily')}
              interval={intervals?.sharpeDaily}
              write={(value) => format.number(value, 2)}
            />
            <SpanRow
              name={called('maxDrawdown')}
              interval={intervals?.maxDrawdown}
              write={(value) => format.share(value, 1)}
            />
            <SpanRow
              name={called('profitFactor')}
              interval={honesty.profitFactor}
              write={(value) => format.number(value, 2)}
            />
            {tradeOrder === null ? null : (
              <div className="flex items-baseline justify-between gap-3 py-1">
                <dt>{t('backtests.honesty.order')}</dt>
                <dd className="font-semibold whitespace-nowrap">{format.share(tradeOrder.worst95, 1)}</dd>
              </div>
            )}
          </dl>
        </div>
      </div>
    </Panel>
  );
}
