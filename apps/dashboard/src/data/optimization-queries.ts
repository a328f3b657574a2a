'use client';
import { unwrap } from '@monsta/client';
import type { ListReply, OptimizationDetail, OptimizationSummary } from '@monsta/contracts';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { isUnderWay } from './backtest-queries.ts';
import { keys } from './keys.ts';
import { useServer } from './server.ts';

const LIST_ROWS = 200;
/** The command line runs them, and tells nothing but what it writes down. */
const LOOK_EVERY_MS = 3_000;
const LOOK_FOR_NEW_EVERY_MS = 15_000;

export function useOptimizations(): UseQueryResult<ListReply<OptimizationSummary>> {
  const { client } = useServer();
  return useQuery({
    queryKey: keys.optimizations,
    queryFn: async ({ signal }) => unwrap(await client.optimizations({ limit: LIST_ROWS, signal })),
    refetchInterval: ({ state }) =>
      state.data?.items.some(isUnderWay) === true ? LOOK_EVERY_MS : LOOK_FOR_NEW_EVERY_MS,
  });
}

export function useOptimization(id: string): UseQueryResult<OptimizationDetail> {
  const { client } = useServer();
  return useQuery({
    queryKey: keys.optimization(id),
    queryFn: async ({ signal }) => unwrap(await client.optimization(id, { signal })),
    // One that was stopped or failed may be gone on with.
    refetchInterval: ({ state }) =>
      state.data === undefined || state.data.state === 'done'
        ? false
        : isUnderWay(state.data)
          ? LOOK_EVERY_MS
          : LOOK_FOR_NEW_EVERY_MS,
  });
}
