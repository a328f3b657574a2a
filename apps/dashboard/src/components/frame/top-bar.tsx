'use client';
import type { InstrumentMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { PriceStrip } from '../market/price-strip.tsx';
import { ConnectionBadge } from './connection-badge.tsx';
import { Header } from './header.tsx';

interface TopBarProps {
  readonly instrument: InstrumentMessage;
  readonly instruments: readonly InstrumentMessage[];
  readonly onInstrument: (id: string) => void;
}

/** Which instrument, at which price, and whether the figures are live. */
export function TopBar({ instrument, instruments, onInstrument }: TopBarProps): ReactNode {
  const t = useTranslate();
  return (
    <Header tools={<ConnectionBadge instrument={instrument.id} />}>
      <select
        aria-label={t('market.instrument')}
        value={instrument.id}
        onChange={(event) => onInstrument(event.target.value)}
        className="min-h-8 rounded border border-line bg-raised px-2 text-sm font-semibold"
      >
        {instruments.map((each) => (
          <option key={each.id} value={each.id}>
            {`${each.base}/${each.quote}`}
          </option>
        ))}
      </select>
      <div className="order-last w-full min-w-0 lg:order-none lg:w-auto lg:flex-1">
        <PriceStrip instrument={instrument} />
      </div>
    </Header>
  );
}
