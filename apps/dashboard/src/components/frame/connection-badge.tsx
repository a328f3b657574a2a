'use client';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { useLiveness } from '../../data/liveness.ts';
import type { MessageKey } from '../../i18n/index.ts';
import type { Liveness } from '../../lib/liveness.ts';

export function livenessKey(liveness: Liveness): MessageKey {
  switch (liveness.kind) {
    case 'live':
      return 'connection.live';
    case 'connection':
      return `connection.${liveness.state}`;
    case 'feed':
      return `feed.${liveness.status}`;
    case 'unknown':
      return 'feed.unknown';
  }
}

/** Live or not, in one word. */
export function ConnectionBadge({ instrument }: { readonly instrument: string }): ReactNode {
  const t = useTranslate();
  const liveness = useLiveness(instrument);
  const live = liveness.kind === 'live';
  return (
    <output
      aria-label={t('connection.label')}
      data-liveness={liveness.kind}
      className={`inline-flex items-center gap-1.5 text-xs font-medium whitespace-nowrap ${live ? 'text-good' : 'text-warn'}`}
    >
      <span aria-hidden="true" className={live ? 'breathe text-[0.6rem]' : 'text-[0.7rem]'}>
        {live ? '●' : '▲'}
      </span>
      {t(livenessKey(liveness))}
    </output>
  );
}
