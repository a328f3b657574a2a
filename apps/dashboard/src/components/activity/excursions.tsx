'use client';
import type { RoundTripMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat } from '../../data/display.ts';

/** The deepest loss and the highest profit while it was held, each with its share of the entry price. */
export function Excursions({ excursions }: Pick<RoundTripMessage, 'excursions'>): ReactNode {
  const format = useFormat();
  const { adverse, adverseShare, favourable, favourableShare } = excursions;
  return (
    <>
      <span className="block" title={format.exact(adverse)}>
        −{format.rounded(adverse, 2)} <span className="text-muted">{format.share(adverseShare, 2)}</span>
      </span>
      <span className="block" title={format.exact(favourable)}>
        +{format.rounded(favourable, 2)} <span className="text-muted">{format.share(favourableShare, 2)}</span>
      </span>
    </>
  );
}
