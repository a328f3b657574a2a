'use client';
import { unwrap, type PageOptions } from '@monsta/client';
import type { ListReply } from '@monsta/contracts';
import type { Result } from '@monsta/core';
import { useMutation, useQueryClient, type QueryKey } from '@tanstack/react-query';
import type { ListMerge } from './merge.ts';

export interface OlderPages {
  readonly load: () => void;
  readonly loading: boolean;
  readonly fault: Error | null;
}

/** Fetches the page after the one that is held under `queryKey`. */
export function useOlderPages<T>(
  queryKey: QueryKey,
  merge: ListMerge<T>,
  fetch: (page: PageOptions) => Promise<Result<ListReply<T>>>,
): OlderPages {
  const cache = useQueryClient();
  const { mutate, isPending, error } = useMutation<void, Error, void>({
    mutationFn: async () => {
      const cursor = cache.getQueryData<ListReply<T>>(queryKey)?.nextCursor ?? null;
      if (cursor === null) return;
      const older = unwrap(await fetch({ limit: 100, cursor }));
      cache.setQueryData<ListReply<T>>(queryKey, (held) => (held === undefined ? undefined : merge.below(held, older)));
    },
  });
  return { load: () => mutate(), loading: isPending, fault: error };
}
