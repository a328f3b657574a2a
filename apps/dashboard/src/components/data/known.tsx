'use client';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { Unknown } from '../parts/unknown.tsx';

interface KnownProps {
  readonly value: number | null | undefined;
  readonly digits: number;
}

/** A share in percent; a dash where it can't be known. */
export function KnownShare({ value, digits }: KnownProps): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  return value === null || value === undefined ? (
    <Unknown why={t('data.unknown.short')} />
  ) : (
    format.share(value, digits)
  );
}

/** A number without a unit likewise. */
export function KnownNumber({ value, digits }: KnownProps): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  return value === null || value === undefined ? (
    <Unknown why={t('data.unknown.short')} />
  ) : (
    format.number(value, digits)
  );
}

/** How a probability reads: small ones only as being so. */
export function useProbability(): (p: number) => string {
  const t = useTranslate();
  const format = useFormat();
  return (p) => (p < 0.0001 ? t('data.below', { value: format.number(0.0001, 4) }) : format.number(p, 4));
}
