'use client';
import { unwrap } from '@monsta/client';
import type { ModelsReply } from '@monsta/contracts';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { keys } from './keys.ts';
import { useServer } from './server.ts';

/** A training goes on for minutes; nothing tells the page that one has begun or ended. */
const WHILE_TRAINING_MS = 2_000;
const OTHERWISE_MS = 15_000;

/** The models that are kept, those of a line newest first, and the training under way. */
export function useModels(): UseQueryResult<ModelsReply> {
  const { client } = useServer();
  return useQuery({
    queryKey: keys.models,
    queryFn: async ({ signal }) => unwrap(await client.models({ signal })),
    refetchInterval: ({ state }) => ((state.data?.training ?? null) === null ? OTHERWISE_MS : WHILE_TRAINING_MS),
  });
}
