'use client';
import type { StatusMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { useStatus } from '../../data/queries.ts';

type Marked = Exclude<StatusMessage['origin'], 'real'> | 'unknown' | 'money' | 'testnetLive';

const COLOURS = {
  simulated: 'bg-[#f6b73c] text-[#1f1500]',
  replay: 'bg-[#b9a3ff] text-[#160a3a]',
  testnet: 'bg-[#6fd3e0] text-[#03242a]',
  testnetLive: 'bg-[#6fd3e0] text-[#03242a]',
  unknown: 'bg-[#c9ced6] text-[#14181f]',
  money: 'bg-[#c8102e] text-white',
} as const satisfies Record<Marked, string>;

/** Null where nothing has to be said: real prices, and no money at stake. */
function markOf(status: StatusMessage | undefined): Marked | null {
  if (status === undefined) return 'unknown';
  const { origin, trading } = status;
  const live = trading.mode === 'live';
  if (origin === 'real') return live ? 'money' : null;
  return origin === 'testnet' && live ? 'testnetLive' : origin;
}

/** Says that the data is not the real market, or that the money is real. It stays in sight and can't be closed. */
export function OriginBanner(): ReactNode {
  const t = useTranslate();
  const { data } = useStatus();
  const mark = markOf(data);
  if (mark === null) return null;
  return (
    <>
      <output
        data-origin={mark}
        className={`stripes sticky top-0 z-[60] flex items-baseline gap-x-3 px-3 py-1.5 ${COLOURS[mark]}`}
      >
        <strong className="text-sm font-extrabold tracking-wide whitespace-nowrap">{t(`origin.${mark}`)}</strong>
        <span className="min-w-0 text-xs font-medium">{t(`origin.${mark}.text`)}</span>
      </output>
      {data === undefined || data.disclosure === null ? null : (
        <p lang="en" data-testid="disclosure" className="border-b border-line bg-panel px-3 py-1.5 text-xs text-muted">
          {data.disclosure}
        </p>
      )}
    </>
  );
}
