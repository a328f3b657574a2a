'use client';
import { unwrap } from '@monsta/client';
import type { CatalogueEntryMessage, DataDescription, ListReply } from '@monsta/contracts';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { Route } from '../lib/route.ts';
import { keys } from './keys.ts';
import { useServer } from './server.ts';

/** The command line fills the catalogues, and tells nobody. */
const LOOK_FOR_NEW_EVERY_MS = 15_000;

/** What the catalogues hold. */
export function useStoredData(): UseQueryResult<ListReply<CatalogueEntryMessage>> {
  const { client } = useServer();
  return useQuery({
    queryKey: keys.storedData,
    queryFn: async ({ signal }) => unwrap(await client.data({ signal })),
    refetchInterval: LOOK_FOR_NEW_EVERY_MS,
  });
}

export type SeriesRoute = Extract<Route, { readonly kind: 'series' }>;

/** What bars are like; asked for anew with each visit: the server keeps it until the bars change. */
export function useDescription({ market, instrument, interval }: SeriesRoute): UseQueryResult<DataDescription> {
  const { client } = useServer();
  return useQuery({
    queryKey: keys.description(market, instrument, interval),
    queryFn: async ({ signal }) => unwrap(await client.dataDescription({ market, instrument, interval, signal })),
    staleTime: 0,
  });
}
