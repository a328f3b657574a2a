'use client';
import type { SocketStateEvent } from '@monsta/client';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useServer } from './server.ts';

/** The live connection's state. */
export function useConnection(): SocketStateEvent {
  const { socket } = useServer();
  const [state, setState] = useState<SocketStateEvent>(socket.stateEvent);
  useEffect(() => socket.onState(setState), [socket]);
  return state;
}

/** Opens the live connection; after every cut what the page holds is asked for anew. Mount it once. */
export function useOpenConnection(): void {
  const { socket } = useServer();
  const cache = useQueryClient();
  useEffect(() => {
    let cut = false;
    const end = socket.onState(({ state }) => {
      if (state === 'waiting') cut = true;
      if (state !== 'open' || !cut) return;
      cut = false;
      void cache.invalidateQueries();
    });
    socket.connect();
    return () => {
      end();
      socket.close();
    };
  }, [socket, cache]);
}
