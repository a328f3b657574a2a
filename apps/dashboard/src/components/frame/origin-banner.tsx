'use client';
import type { StatusMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { useStatus } from '../../data/queries.ts';

type Marked = Exclude<StatusMessage['origin'], 'real'> | 'unknown';

const COLOURS = {
  simulated: 'bg-[#f6b73c] text-[#1f1500]',
  replay: 'bg-[#b9a3ff] text-[#160a3a]',
  testnet: 'bg-[#6fd3e0] text-[#03242a]',
  unknown: 'bg-[#c9ced6] text-[#14181f]',
} as const satisfies Record<Marked, string>;

/** Says that the data is not the real market. It stays in sight and can't be closed; for real data there is none. */
export function OriginBanner(): ReactNode {
  const t = useTranslate();
  const { data } = useStatus();
  const origin = data?.origin ?? 'unknown';
  if (origin === 'real') return null;
  return (
    <>
      <output
        data-origin={origin}
        className={`stripes sticky top-0 z-[60] flex items-baseline gap-x-3 px-3 py-1.5 ${COLOURS[origin]}`}
      >
        <strong className="text-sm font-extrabold tracking-wide whitespace-nowrap">{t(`origin.${origin}`)}</strong>
        <span className="min-w-0 text-xs font-medium">{t(`origin.${origin}.text`)}</span>
      </output>
      {data === undefined || data.disclosure === null ? null : (
        <p lang="en" data-testid="disclosure" className="border-b border-line bg-panel px-3 py-1.5 text-xs text-muted">
          {data.disclosure}
        </p>
      )}
    </>
  );
}
