'use client';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';

/** Buy or sell, with an arrow beside its colour. */
export function Side({ side }: { readonly side: 'buy' | 'sell' }): ReactNode {
  const t = useTranslate();
  return (
    <span className={`font-medium whitespace-nowrap ${side === 'buy' ? 'text-rise' : 'text-fall'}`}>
      <span aria-hidden="true" className="mr-1 text-[0.75em]">
        {side === 'buy' ? '▲' : '▼'}
      </span>
      {t(`side.${side}`)}
    </span>
  );
}
