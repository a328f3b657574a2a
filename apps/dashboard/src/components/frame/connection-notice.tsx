'use client';
import type { ReactNode } from 'react';
import { useConnection } from '../../data/connection.ts';
import { useTranslate } from '../../data/display.ts';
import { useLiveness } from '../../data/liveness.ts';
import { livenessKey } from './connection-badge.tsx';

/** When the figures are not live: that they stand still, and why. */
export function ConnectionNotice({ instrument }: { readonly instrument: string }): ReactNode {
  const t = useTranslate();
  const liveness = useLiveness(instrument);
  const { lastClose } = useConnection();
  if (liveness.kind === 'live' || liveness.kind === 'unknown') return null;
  if (liveness.kind === 'connection' && liveness.state === 'connecting') return null;
  const reason =
    liveness.kind === 'feed'
      ? liveness.reason
      : lastClose === null
        ? null
        : [t('connection.closeCode', { code: lastClose.code }), lastClose.reason]
            .filter((part) => part !== '')
            .join(' · ');
  return (
    <p role="alert" className="border-b border-line bg-panel px-3 py-1.5 text-xs text-warn">
      <span aria-hidden="true">▲ </span>
      <strong>{t(livenessKey(liveness))}.</strong> {t('connection.still')}
      {reason === null ? null : (
        <span lang="en" className="ml-1.5 text-muted">
          {reason}
        </span>
      )}
    </p>
  );
}
