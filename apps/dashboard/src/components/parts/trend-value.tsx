'use client';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import type { Trend } from '../../lib/decimal-text.ts';

const ARROWS = { up: '▲', down: '▼', flat: '•' } as const satisfies Record<Trend, string>;
const COLOURS = { up: 'text-rise', down: 'text-fall', flat: 'text-muted' } as const satisfies Record<Trend, string>;

interface TrendValueProps {
  readonly trend: Trend;
  readonly children: ReactNode;
  readonly className?: string;
}

/** A figure that rose or fell: an arrow and a spoken word beside its colour. */
export function TrendValue({ trend, children, className = '' }: TrendValueProps): ReactNode {
  const t = useTranslate();
  return (
    <span className={`whitespace-nowrap ${COLOURS[trend]} ${className}`}>
      <span aria-hidden="true" className="mr-1 text-[0.75em]">
        {ARROWS[trend]}
      </span>
      <span className="sr-only">{t(`market.${trend}`)} </span>
      {children}
    </span>
  );
}
