'use client';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { isRetryable } from '../../data/fault.ts';
import { openServer, ServerContext } from '../../data/server.ts';
import { takeTokenFromAddress } from '../../lib/admin-token.ts';
import { DisplayProvider } from './display-provider.tsx';
import { Screen } from './screen.tsx';

const RETRIES = 2;

function createCache(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: (failures, fault) => failures < RETRIES && isRetryable(fault),
        // The live topics keep what is held fresh; a cut or a lost message invalidates it.
        staleTime: Number.POSITIVE_INFINITY,
        gcTime: 60_000,
        refetchOnWindowFocus: false,
        // "Offline" by the browser's guess says nothing of a server on the same machine.
        networkMode: 'always',
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}

function openDoors(): ReturnType<typeof openServer> {
  takeTokenFromAddress(window.location, window.history, window.sessionStorage);
  return openServer(window.location, window.sessionStorage);
}

/** Everything that the page needs around its screen. */
export function Application(): ReactNode {
  const [server] = useState(openDoors);
  const [cache] = useState(createCache);
  return (
    <ServerContext value={server}>
      <QueryClientProvider client={cache}>
        <DisplayProvider>
          <Screen />
        </DisplayProvider>
      </QueryClientProvider>
    </ServerContext>
  );
}
