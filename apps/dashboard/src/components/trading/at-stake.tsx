'use client';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { useStatus } from '../../data/queries.ts';

/** Whose money an order would move: said where it is about to be moved. `liveOnly`: silent while that is paper. */
export function AtStake({ liveOnly = false }: { readonly liveOnly?: boolean }): ReactNode {
  const t = useTranslate();
  const { data } = useStatus();
  const kind =
    data === undefined
      ? 'unknown'
      : data.trading.mode !== 'live'
        ? 'paper'
        : data.origin === 'real'
          ? 'money'
          : 'testnet';
  const money = kind === 'money';
  if (liveOnly && !money && kind !== 'testnet') return null;
  return (
    <p
      data-at-stake={kind}
      className={`rounded px-2 py-1.5 text-xs ${money ? 'bg-[#c8102e] text-sm font-bold text-white' : 'border border-line text-muted'}`}
    >
      {t(`stake.${kind}`)}
    </p>
  );
}
