'use client';
import type { StrategyMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { useAccount } from '../../data/queries.ts';
import { Money } from '../parts/money.tsx';
import { Unknown } from '../parts/unknown.tsx';
import { ParametersDialog } from './parameters-dialog.tsx';
import { StateButtons, StrategyStatus } from './strategy-state.tsx';

const MONEY_DIGITS = 2;

/** What it holds and has made; why it is not known where it is not. */
function Holdings({ id, positions }: Pick<StrategyMessage, 'id' | 'positions'>): ReactNode {
  const account = useAccount().data;
  const t = useTranslate();
  const format = useFormat();
  if (positions === null) return <p className="text-xs text-muted">{t('strategies.noFills')}</p>;
  const { open, marketValue, realizedProfit, unrealizedProfit, feesPaid } = positions;
  const measured = account?.absence === null ? account.slippage.find(({ strategyId }) => strategyId === id) : undefined;
  const noPrice = t('account.equityUnknown');
  const figures: readonly { readonly name: string; readonly value: ReactNode }[] = [
    { name: t('strategies.open'), value: open },
    {
      name: t('positions.value'),
      value: marketValue === null ? <Unknown why={noPrice} /> : format.rounded(marketValue, MONEY_DIGITS),
    },
    { name: t('positions.unrealized'), value: <Money text={unrealizedProfit} why={noPrice} /> },
    { name: t('positions.realized'), value: <Money text={realizedProfit} why={noPrice} /> },
    { name: t('positions.fees'), value: format.rounded(feesPaid, MONEY_DIGITS) },
    {
      name: t('orders.slippage'),
      value:
        measured === undefined || measured.bps === null ? (
          <Unknown why={t('strategies.noSlippage')} />
        ) : (
          <span title={t('strategies.slippage', { fills: measured.fills, lost: format.exact(measured.lost) })}>
            {t('orders.slippage.value', { value: format.number(measured.bps, 2) })}
          </span>
        ),
    },
  ];
  return (
    <dl className="figures flex flex-wrap gap-x-5 gap-y-1 text-xs">
      {figures.map(({ name, value }) => (
        <div key={name}>
          <dt className="text-[0.7rem] text-muted">{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function WarmUp({ warmUp }: Pick<StrategyMessage, 'warmUp'>): ReactNode {
  const t = useTranslate();
  const waiting = warmUp.filter(({ bars, needed }) => bars < needed);
  if (waiting.length === 0) return null;
  return (
    <ul className="figures flex flex-wrap gap-x-4 gap-y-1 text-xs">
      {waiting.map(({ instrument, interval, bars, needed }) => {
        const text = t('strategies.warmUp', { instrument, interval, bars, needed });
        return (
          <li key={`${instrument} ${interval}`} className="flex items-center gap-1.5">
            <progress value={bars} max={needed} aria-label={text} className="h-1.5 w-16 accent-[var(--accent)]" />
            {text}
          </li>
        );
      })}
    </ul>
  );
}

function Failure({ failure }: Pick<StrategyMessage, 'failure'>): ReactNode {
  const t = useTranslate();
  if (failure === null) return null;
  const { file, line, message } = failure;
  return (
    <div role="alert" className="rounded border border-danger p-2 text-xs">
      <p className="font-semibold text-danger">{t('strategies.failed')}</p>
      <p lang="en" className="break-words">
        {file === null ? null : <code className="mr-1.5">{line === null ? file : `${file}:${line}`}</code>}
        {message}
      </p>
    </div>
  );
}

/** One strategy: how it is, why, with what it runs, what it holds; and the ways to change that. */
export function StrategyCard({ strategy }: { readonly strategy: StrategyMessage }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { id, name, description, status, reason, sinceMs, instruments, intervals, parameters } = strategy;
  const values = Object.entries(parameters);
  return (
    <article aria-label={id} data-strategy={id} className="flex flex-col gap-2 border-b border-line p-3 last:border-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h3 className="text-sm font-semibold" title={description ?? undefined}>
          {id}
          {name === id ? null : <span className="ml-1.5 text-xs font-normal text-muted">{name}</span>}
        </h3>
        <StrategyStatus status={status} />
        <div className="ml-auto flex flex-wrap gap-1.5">
          <StateButtons strategy={strategy} />
          {values.length === 0 ? null : <ParametersDialog strategy={strategy} />}
        </div>
      </div>
      {status === 'running' || (reason === null && sinceMs === null) ? null : (
        <p className="text-xs break-words">
          {reason === null ? null : (
            <>
              “<span lang="en">{reason}</span>”{' '}
            </>
          )}
          {sinceMs === null ? null : (
            <span className="figures text-muted">
              {t('trading.since', { time: `${format.dateTime(sinceMs)} (${format.zone})` })}
            </span>
          )}
        </p>
      )}
      <Failure failure={strategy.failure} />
      <p className="figures flex flex-wrap gap-x-4 text-xs">
        <span>{instruments.join(' · ')}</span>
        <span className="text-muted">{intervals.length === 0 ? t('strategies.noBars') : intervals.join(' · ')}</span>
        {values.map(([key, value]) => (
          <span key={key}>
            <span className="text-muted">{key}</span> {String(value)}
          </span>
        ))}
      </p>
      <WarmUp warmUp={strategy.warmUp} />
      <Holdings id={id} positions={strategy.positions} />
    </article>
  );
}
