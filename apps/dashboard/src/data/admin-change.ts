'use client';
import { MonstaError, unwrap, type MonstaClient } from '@monsta/client';
import type { Result } from '@monsta/core';
import { useMutation, useQueryClient, type QueryKey, type UseMutationResult } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { useServer } from './server.ts';

/** What is asked of the server; its answer is its own business. */
export type Asking = (client: MonstaClient) => Promise<Result<unknown>>;

export interface AdminRequest {
  readonly ask: Asking;
  /** The admin token as typed; null when the one held in this tab is to be used. */
  readonly token: string | null;
}

export interface TokenHolding {
  readonly held: boolean;
  readonly forget: () => void;
}

export interface AdminChange {
  readonly token: TokenHolding;
  readonly mutation: UseMutationResult<unknown, Error, AdminRequest>;
}

const REFUSED_TOKEN = new Set(['token_missing', 'token_invalid']);
/** Refusals of what was asked, which is looked at only with the right token. */
const OF_WHAT_WAS_ASKED = new Set([
  'backtest_spec',
  'backtest_forbidden',
  'backtest_final',
  'backtest_unfinished',
  'optimization_spec',
  'optimization_final',
  'optimization_unfinished',
  'parameter_invalid',
  'queue_full',
  'worker_off',
  'order_denied',
  'order_invalid',
  'order_protective',
  'order_unknown',
  'order_final',
  'position_unknown',
  'strategy_unknown',
  'model_unknown',
  'model_features',
  'model_unreadable',
  'parameters_invalid',
  'request_conflict',
]);

/**
 * A change that needs the admin token. A token that was accepted is held in this tab, one that was refused is forgotten. Whatever was done, refused or lost: what is held under
 * `touched` is asked for again, since what holds now is what the server says.
 */
export function useAdminChange(touched: readonly QueryKey[]): AdminChange {
  const { client, token } = useServer();
  const cache = useQueryClient();
  const held = useSyncExternalStore(token.subscribe, token.held);
  const mutation = useMutation<unknown, Error, AdminRequest>({
    mutationFn: async ({ ask, token: typed }) => {
      token.use(typed);
      return unwrap(await ask(client));
    },
    onSuccess: (_done, { token: typed }) => {
      if (typed !== null) token.accept(typed);
    },
    onError: (thrown, { token: typed }) => {
      if (thrown instanceof MonstaError && REFUSED_TOKEN.has(thrown.code)) token.forget();
      // The server looks at the token first: what it refused for another reason came with a good one.
      else if (typed !== null && thrown instanceof MonstaError && OF_WHAT_WAS_ASKED.has(thrown.code))
        token.accept(typed);
    },
    onSettled: () => {
      for (const queryKey of touched) void cache.invalidateQueries({ queryKey });
    },
  });
  return { token: { held, forget: token.forget }, mutation };
}
