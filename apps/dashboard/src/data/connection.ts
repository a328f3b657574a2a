'use client';
import type { SocketStateEvent } from '@monsta/client';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { isOfOneServerLife } from './keys.ts';
import { useServer } from './server.ts';

/** The live connection's state. */
export function useConnection(): SocketStateEvent {
  const { socket } = useServer();
  const [state, setState] = useState<SocketStateEvent>(socket.stateEvent);
  useEffect(() => socket.onState(setState), [socket]);
  return state;
}

/**
 * Opens the live connection. After every cut what the page holds is asked for anew; when the server began a new life it is forgotten
 * first. Mount it once.
 */
export function useOpenConnection(): void {
  const { socket } = useServer();
  const cache = useQueryClient();
  useEffect(() => {
    let cut = false;
    let forgotten = false;
    const end = socket.onState(({ state }) => {
      if (state === 'waiting') {
        cut = true;
        forgotten = false;
      }
      if (state !== 'open' || !cut) return;
      cut = false;
      void cache.invalidateQueries();
    });
    const endGaps = socket.onGap(({ cause }) => {
      // Each topic tells of the restart; once a connection is enough.
      if (cause !== 'restarted' || forgotten) return;
      forgotten = true;
      void cache.resetQueries({ predicate: ({ queryKey }) => isOfOneServerLife(queryKey) });
    });
    socket.connect();
    return () => {
      end();
      endGaps();
      socket.close();
    };
  }, [socket, cache]);
}
