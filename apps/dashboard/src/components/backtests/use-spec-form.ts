'use client';
import type { QueryKey } from '@tanstack/react-query';
import { useState } from 'react';
import { useAdminChange, type AdminChange, type Asking } from '../../data/admin-change.ts';
import { termFaults } from '../../data/fault.ts';

/** Faults of the server's by what they are about. */
export type Refused = Readonly<Record<string, string>>;
const NOT_REFUSED: Refused = {};

export interface SpecForm {
  readonly change: AdminChange;
  readonly typed: string;
  readonly setTyped: (token: string) => void;
  /** It was sent once, or tried to be: what is not filled in is reproached from then on. */
  readonly tried: boolean;
  readonly refused: Refused;
  /** What was refused may be right now. */
  readonly forget: () => void;
  /** Sends, where nothing is wrong; `asking` null: something is. */
  readonly send: (asking: Asking | null, onDone: (reply: unknown) => void) => void;
}

/** A form whose faults the server tells by their places. `placeOf`: under which key the fault of a place is kept; null: none of the form's. */
export function useSpecForm(touched: readonly QueryKey[], placeOf: (where: string) => string | null): SpecForm {
  const change = useAdminChange(touched);
  const [refused, setRefused] = useState(NOT_REFUSED);
  const [tried, setTried] = useState(false);
  const [typed, setTyped] = useState('');
  const { token, mutation } = change;
  return {
    ...{ change, typed, setTyped, tried, refused },
    forget: () => setRefused(NOT_REFUSED),
    send(asking, onDone) {
      setTried(true);
      if (asking === null || mutation.isPending) return;
      mutation.mutate(
        { ask: asking, token: token.held ? null : typed.trim() },
        {
          onSuccess: onDone,
          onError: (thrown) => setRefused(refusedBy(thrown, placeOf)),
          onSettled: () => setTyped(''),
        },
      );
    },
  };
}

function refusedBy(thrown: unknown, placeOf: (where: string) => string | null): Refused {
  const found: Record<string, string> = {};
  for (const { where, message } of termFaults(thrown)) {
    const place = placeOf(where);
    if (place !== null) found[place] = found[place] === undefined ? message : `${found[place]}; ${message}`;
  }
  return found;
}
