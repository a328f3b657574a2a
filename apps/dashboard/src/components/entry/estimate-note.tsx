'use client';
import type { InstrumentMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import type { Estimate } from '../../lib/order-draft.ts';

interface EstimateNoteProps {
  readonly estimate: Estimate | null;
  readonly instrument: InstrumentMessage;
}

const MONEY_DIGITS = 2;

/** About what an order comes to, and from which price that is reckoned. */
export function EstimateNote({ estimate, instrument }: EstimateNoteProps): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  if (estimate === null) return <p className="text-xs text-muted">{t('entry.noEstimate')}</p>;
  const { quantity, price, source, value } = estimate;
  return (
    <p data-testid="estimate" className="figures text-xs">
      <span title={format.exact(value)}>
        ≈ {format.rounded(value, MONEY_DIGITS)} {instrument.quote}
      </span>
      <span className="text-muted">
        {' = '}
        {format.short(quantity, 8)} {instrument.base} × {format.exact(price)} ({t(`entry.source.${source}`)}).{' '}
        {t('entry.estimate')}
      </span>
    </p>
  );
}
