'use client';
import type { ReactNode } from 'react';
import { useFormat } from '../../data/display.ts';
import { trendOf } from '../../lib/decimal-text.ts';
import { TrendValue } from './trend-value.tsx';
import { Unknown } from './unknown.tsx';

const DIGITS = 2;

interface MoneyProps {
  /** Exact decimal text; null while it is not known. */
  readonly text: string | null;
  /** Why it is not known. */
  readonly why: string;
  /** Says why beside the dash, not only on demand. */
  readonly shown?: boolean;
}

/** A profit or loss: rounded for the eye, every digit on demand. */
export function Money({ text, why, shown = false }: MoneyProps): ReactNode {
  const format = useFormat();
  if (text === null) return <Unknown why={why} shown={shown} />;
  return (
    <span title={format.exact(text)}>
      <TrendValue trend={trendOf(text)}>{format.signed(text, DIGITS)}</TrendValue>
    </span>
  );
}
