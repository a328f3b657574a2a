'use client';
import { MonstaError, unwrap } from '@monsta/client';
import type { TradingStateChange, TradingStateMessage } from '@monsta/contracts';
import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { forgetToken, heldToken, holdToken } from '../lib/admin-token.ts';
import { keys } from './keys.ts';
import { useServer } from './server.ts';

export interface StateChangeRequest extends TradingStateChange {
  /** The admin token as typed; null when the one held in this tab is to be used. */
  readonly token: string | null;
}

export interface TokenHolding {
  readonly held: boolean;
  readonly forget: () => void;
}

export interface TradingChange {
  readonly token: TokenHolding;
  readonly mutation: UseMutationResult<TradingStateMessage, Error, StateChangeRequest>;
}

const REFUSED_TOKEN = new Set(['token_missing', 'token_invalid']);

/** Asks for another trading state. A token that was accepted is held in this tab, one that was refused is forgotten. */
export function useTradingChange(): TradingChange {
  const { client } = useServer();
  const cache = useQueryClient();
  const [held, setHeld] = useState(client.hasToken);

  const forget = useCallback(() => {
    forgetToken(window.sessionStorage);
    client.setToken(null);
    setHeld(false);
  }, [client]);

  const mutation = useMutation<TradingStateMessage, Error, StateChangeRequest>({
    mutationFn: async ({ token, ...change }) => {
      client.setToken(token ?? heldToken(window.sessionStorage));
      return unwrap(await client.setTradingState(change));
    },
    onSuccess: (state, { token }) => {
      if (token !== null) holdToken(window.sessionStorage, token);
      setHeld(true);
      cache.setQueryData(keys.tradingState, state);
    },
    onError: (thrown) => {
      if (thrown instanceof MonstaError && REFUSED_TOKEN.has(thrown.code)) forget();
      // Whatever was refused or lost: what holds now is what the server says.
      void cache.invalidateQueries({ queryKey: keys.tradingState });
    },
  });
  return { token: { held, forget }, mutation };
}
