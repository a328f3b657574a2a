'use client';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { useStatus } from '../../data/queries.ts';
import { Unknown } from '../parts/unknown.tsx';

/** What this page is connected to, and how to read its times. */
export function Footer(): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { data } = useStatus();
  return (
    <footer className="flex flex-wrap gap-x-5 gap-y-1 border-t border-line px-3 py-2 text-xs text-muted">
      {data === undefined ? (
        <Unknown why={t('app.unknown')} />
      ) : (
        <>
          <span>{t('footer.version', { version: data.version })}</span>
          <span>{t('footer.venue', { venue: data.venue })}</span>
          {data.venueTimeMs === null ? null : (
            <span className="figures">{t('footer.venueTime', { time: format.dateTime(data.venueTimeMs) })}</span>
          )}
        </>
      )}
      <span>{t('footer.times', { zone: format.zone })}</span>
      <a href="/docs" target="_blank" rel="noreferrer" className="underline">
        {t('footer.api')}
      </a>
      <span>{t('footer.notAdvice')}</span>
    </footer>
  );
}
