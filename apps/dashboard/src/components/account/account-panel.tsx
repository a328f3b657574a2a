'use client';
import type { AccountReply } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { useAccount } from '../../data/queries.ts';
import { percentChange, trendOf } from '../../lib/decimal-text.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { TrendValue } from '../parts/trend-value.tsx';
import { Unknown } from '../parts/unknown.tsx';

type Known = Extract<AccountReply, { readonly absence: null }>;

const MONEY_DIGITS = 2;
const BALANCE_DIGITS = 8;

function DayProfit({ account }: { readonly account: Known }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { dayProfit, dayStartEquity, equity } = account;
  if (dayProfit === null) return <Unknown why={t('account.dayUnknown')} shown />;
  const percent = dayStartEquity === null || equity === null ? null : percentChange(dayStartEquity, equity);
  return (
    <TrendValue trend={trendOf(dayProfit)}>
      {format.signed(dayProfit, MONEY_DIGITS)}
      {percent === null ? null : <span className="ml-1.5 text-xs">{format.signed(percent, 2)}%</span>}
    </TrendValue>
  );
}

function KnownAccount({ account }: { readonly account: Known }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  return (
    <>
      <dl className="grid grid-cols-2 gap-x-3 gap-y-2 px-3 pt-2.5">
        <div className="col-span-2">
          <dt className="text-xs text-muted">{t('account.equity')}</dt>
          <dd className="figures text-xl font-semibold" data-testid="equity">
            {account.equity === null ? (
              <Unknown why={t('account.equityUnknown')} shown />
            ) : (
              <>
                <span title={format.exact(account.equity)}>{format.rounded(account.equity, MONEY_DIGITS)}</span>
                <span className="ml-1.5 text-xs font-normal text-muted">{account.quoteAsset}</span>
              </>
            )}
          </dd>
        </div>
        <div>
          <dt className="text-xs text-muted">{t('account.dayProfit')}</dt>
          <dd className="figures">
            <DayProfit account={account} />
          </dd>
          {account.dayStartMs === null ? null : (
            <dd className="figures text-[0.7rem] text-muted">
              {t('account.daySince', { time: format.shortDateTime(account.dayStartMs), zone: format.zone })}
            </dd>
          )}
        </div>
        <div>
          <dt className="text-xs text-muted" title={t('account.drawdown.text')}>
            {t('account.drawdown')}
          </dt>
          <dd className="figures">
            {account.drawdown === null ? (
              <Unknown why={t('account.drawdownUnknown')} shown />
            ) : (
              format.share(account.drawdown, 2)
            )}
          </dd>
        </div>
      </dl>
      <table className="my-2 w-full text-xs">
        <caption className="sr-only">{t('account.balances')}</caption>
        <thead className="text-[0.7rem] text-muted">
          <tr>
            <th scope="col" className="pl-3 text-left font-normal">
              {t('account.asset')}
            </th>
            <th scope="col" className="text-right font-normal">
              {t('account.free')}
            </th>
            <th scope="col" className="pr-3 text-right font-normal">
              {t('account.locked')}
            </th>
          </tr>
        </thead>
        <tbody>
          {account.balances.map(({ asset, free, locked }) => (
            <tr key={asset}>
              <th scope="row" className="pl-3 text-left font-medium">
                {asset}
              </th>
              <td className="text-right" title={format.exact(free)}>
                {format.short(free, BALANCE_DIGITS)}
              </td>
              <td className="pr-3 text-right" title={format.exact(locked)}>
                {format.short(locked, BALANCE_DIGITS)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** Whose money it is. */
function KindLabel({ kind, origin }: Pick<Known, 'kind' | 'origin'>): ReactNode {
  const t = useTranslate();
  const money = kind === 'live' && origin === 'real';
  const text = kind === 'paper' ? t('account.paper') : t(money ? 'account.live.real' : 'account.live.testnet');
  return (
    <span
      data-testid="account-kind"
      title={kind === 'paper' ? t('account.paper.text') : undefined}
      className={`rounded-sm border px-1.5 text-[0.7rem] font-bold tracking-wide ${money ? 'border-transparent bg-[#c8102e] text-white' : 'border-strong'}`}
    >
      {text}
    </span>
  );
}

/** What the account is worth, and whether it is paper. */
export function AccountPanel(): ReactNode {
  const t = useTranslate();
  const { data, error, refetch } = useAccount();
  return (
    <Panel
      title={t('account.title')}
      aside={data === undefined || data.absence !== null ? null : <KindLabel kind={data.kind} origin={data.origin} />}
    >
      {error === null ? null : <FaultNote fault={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        <p className="p-3 text-xs text-muted">{t('app.loading')}</p>
      ) : data.absence === null ? (
        <KnownAccount account={data} />
      ) : (
        <p className="p-3 text-xs text-muted">
          {t('account.none')}{' '}
          <span lang="en" className="block">
            {data.absence.reason}
          </span>
        </p>
      )}
    </Panel>
  );
}
