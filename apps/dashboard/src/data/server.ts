'use client';
import { MonstaClient, MonstaSocket } from '@monsta/client';
import { createContext, useContext } from 'react';
import type { KeyValueStore } from '../lib/settings.ts';
import { TokenKeeper } from './token-keeper.ts';

/** The two doors to MONSTA, opened once a page. */
export interface Server {
  readonly client: MonstaClient;
  readonly socket: MonstaSocket;
  readonly token: TokenKeeper;
}

export const ServerContext = createContext<Server | null>(null);

export function useServer(): Server {
  const server = useContext(ServerContext);
  if (server === null) throw new Error('useServer outside of its provider');
  return server;
}

/** The doors of the origin that served this page. */
export function openServer(location: Pick<Location, 'protocol' | 'host'>, store: KeyValueStore): Server {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const client = new MonstaClient();
  const socket = new MonstaSocket({ url: `${scheme}://${location.host}/ws` });
  return { client, socket, token: new TokenKeeper(client, store) };
}
