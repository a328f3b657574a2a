'use client';
import { unwrap } from '@monsta/client';
import type {
  BacktestChoices,
  BacktestCurve,
  BacktestDetail,
  BacktestPrices,
  BacktestStatisticList,
  BacktestSummary,
  BacktestTradeMessage,
  ListReply,
} from '@monsta/contracts';
import { useQueries, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useDisplay } from './display.ts';
import { keys } from './keys.ts';
import { mergeBacktests } from './merge.ts';
import { useServer } from './server.ts';

const LIST_ROWS = 200;
const TRADE_ROWS = 100;
/** About as many points as a curve is wide. */
const POINTS = 900;
/** Trades that are marked on the price. */
export const MARKED_TRADES = 1_000;
/** Beside what the live topic tells: one that the command line runs tells nothing. */
const LOOK_EVERY_MS = 5_000;

export const isUnderWay = ({ state }: Pick<BacktestSummary, 'state'>): boolean =>
  state === 'queued' || state === 'running';

export function useBacktests(): UseQueryResult<ListReply<BacktestSummary>> {
  const { client } = useServer();
  return useQuery({
    queryKey: keys.backtests,
    queryFn: async ({ signal }) => unwrap(await client.backtests({ limit: LIST_ROWS, signal })),
    refetchInterval: ({ state }) => (state.data?.items.some(isUnderWay) === true ? LOOK_EVERY_MS : 60_000),
  });
}

const detailOf = (client: ReturnType<typeof useServer>['client'], id: string) => ({
  queryKey: keys.backtest(id),
  queryFn: async ({ signal }: { readonly signal: AbortSignal }) => unwrap(await client.backtest(id, { signal })),
});

export function useBacktest(id: string): UseQueryResult<BacktestDetail> {
  const { client } = useServer();
  return useQuery({
    ...detailOf(client, id),
    refetchInterval: ({ state }) => (state.data !== undefined && isUnderWay(state.data) ? LOOK_EVERY_MS : false),
  });
}

/** Several at once, in the order of their ids. */
export function useBacktestDetails(ids: readonly string[]): readonly UseQueryResult<BacktestDetail>[] {
  const { client } = useServer();
  return useQueries({ queries: ids.map((id) => detailOf(client, id)) });
}

const curveOf = (client: ReturnType<typeof useServer>['client'], id: string) => ({
  queryKey: keys.backtestCurve(id),
  queryFn: async ({ signal }: { readonly signal: AbortSignal }) =>
    unwrap(await client.backtestEquity(id, { points: POINTS, signal })),
});

export function useBacktestCurve(id: string): UseQueryResult<BacktestCurve> {
  const { client } = useServer();
  return useQuery(curveOf(client, id));
}

export function useBacktestCurves(ids: readonly string[]): readonly UseQueryResult<BacktestCurve>[] {
  const { client } = useServer();
  return useQueries({ queries: ids.map((id) => curveOf(client, id)) });
}

export function useBacktestTrades(id: string): UseQueryResult<ListReply<BacktestTradeMessage>> {
  const { client } = useServer();
  return useQuery({
    queryKey: keys.backtestTrades(id),
    queryFn: async ({ signal }) => unwrap(await client.backtestTrades(id, { limit: TRADE_ROWS, signal })),
  });
}

/** The newest trades of one instrument, for marks on its price. */
export function useMarkedTrades(id: string): UseQueryResult<ListReply<BacktestTradeMessage>> {
  const { client } = useServer();
  return useQuery({
    queryKey: keys.backtestMarks(id),
    queryFn: async ({ signal }) => unwrap(await client.backtestTrades(id, { limit: MARKED_TRADES, signal })),
  });
}

export function useBacktestPrices(id: string, instrument: string): UseQueryResult<BacktestPrices> {
  const { client } = useServer();
  return useQuery({
    queryKey: keys.backtestPrices(id, instrument),
    queryFn: async ({ signal }) => unwrap(await client.backtestPrices(id, { instrument, points: POINTS, signal })),
  });
}

export function useBacktestChoices(): UseQueryResult<BacktestChoices> {
  const { client } = useServer();
  return useQuery({
    queryKey: keys.backtestChoices,
    queryFn: async ({ signal }) => unwrap(await client.backtestChoices({ signal })),
    // At first start the collector is still reading its history.
    refetchInterval: ({ state }) => (state.data?.sources.length === 0 ? 2_000 : 60_000),
  });
}

/** What the statistics are called and mean, in the reader's language. */
export function useStatisticList(): UseQueryResult<BacktestStatisticList> {
  const { client } = useServer();
  const { locale } = useDisplay();
  return useQuery({
    queryKey: keys.backtestStatistics(locale),
    queryFn: async ({ signal }) => unwrap(await client.backtestStatistics(locale, { signal })),
  });
}

/** Keeps list and details up to date. Mount it once. */
export function useLiveBacktests(): void {
  const { socket } = useServer();
  const cache = useQueryClient();
  useEffect(() => {
    const end = socket.subscribe('backtests', (summary) => {
      cache.setQueryData<ListReply<BacktestSummary>>(keys.backtests, (held) => mergeBacktests.onTop(held, summary));
      cache.setQueryData<BacktestDetail>(keys.backtest(summary.id), (held) =>
        held === undefined ? undefined : { ...held, ...summary },
      );
      // The long part of what came of it is the server's to say.
      if (!isUnderWay(summary)) void cache.invalidateQueries({ queryKey: keys.backtest(summary.id) });
    });
    const endGaps = socket.onGap(({ topic }) => {
      if (topic === 'backtests') void cache.invalidateQueries({ queryKey: keys.backtests });
    });
    return () => {
      endGaps();
      end();
    };
  }, [socket, cache]);
}
