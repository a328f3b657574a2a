'use client';
import { unwrap } from '@monsta/client';
import type {
  AccountReply,
  AlertRecordMessage,
  BarMessage,
  BookReply,
  DecisionMessage,
  FillMessage,
  InstrumentMessage,
  ListReply,
  OrderMessage,
  PerformanceReply,
  PositionsReply,
  PredictionMessage,
  RiskReply,
  RoundTripMessage,
  StatusMessage,
  StrategiesReply,
  TradeMessage,
  TradingStateMessage,
} from '@monsta/contracts';
import { keepPreviousData, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { keys } from './keys.ts';
import {
  arrivedMeanwhile,
  laterAccount,
  laterBook,
  mergeAlerts,
  mergeDecisions,
  mergeFills,
  mergeOrders,
  mergePredictions,
  mergeRoundTrips,
  mergeTrades,
  TRADES_SHOWN,
} from './merge.ts';
import { useServer } from './server.ts';

/** Rows of a table's first page. */
const PAGE_ROWS = 50;
/** The newest fills that a chart marks. */
const MARKED_FILLS = 500;
/** Points of a curve: about as many as it is wide. */
const CURVE_POINTS = 600;
/** The whole state is asked for again at this pace, whatever the live topics say. */
const STATUS_EVERY_MS = 5_000;

export function useStatus(): UseQueryResult<StatusMessage> {
  const { client } = useServer();
  return useQuery({
    queryKey: keys.status,
    queryFn: async ({ signal }) => unwrap(await client.status({ signal })),
    refetchInterval: STATUS_EVERY_MS,
  });
}

export function useInstruments(): UseQueryResult<readonly InstrumentMessage[]> {
  const { client } = useServer();
  return useQuery({
    queryKey: keys.instruments,
    queryFn: async ({ signal }) => unwrap(await client.instruments({ signal })).items,
    // At first start the catalogue takes a moment to come.
    refetchInterval: ({ state }) => (state.data === undefined || state.data.length === 0 ? 2_000 : 60_000),
  });
}

export function useBook(instrument: string): UseQueryResult<BookReply> {
  const { client } = useServer();
  const cache = useQueryClient();
  const queryKey = keys.book(instrument);
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) =>
      laterBook(unwrap(await client.book({ instrument, depth: 20, signal })), cache.getQueryData<BookReply>(queryKey)),
    refetchInterval: ({ state }) => (state.data === undefined || state.data.absence !== null ? 2_000 : false),
  });
}

export function useTrades(instrument: string): UseQueryResult<readonly TradeMessage[]> {
  const { client } = useServer();
  const cache = useQueryClient();
  const queryKey = keys.trades(instrument);
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) =>
      mergeTrades(
        cache.getQueryData<readonly TradeMessage[]>(queryKey) ?? [],
        unwrap(await client.trades({ instrument, limit: TRADES_SHOWN, signal })).items,
      ),
  });
}

/** The forming bar of the UTC day; null while there is none. */
export function useDayBar(instrument: string): UseQueryResult<BarMessage | null> {
  const { client } = useServer();
  return useQuery({
    queryKey: keys.dayBar(instrument),
    queryFn: async ({ signal }) => {
      const { items } = unwrap(await client.bars({ instrument, interval: '1d', limit: 1, signal }));
      return items.at(-1) ?? null;
    },
    refetchInterval: ({ state }) => (state.data === undefined || state.data === null ? 5_000 : 60_000),
  });
}

export function usePredictions(instrument: string): UseQueryResult<readonly PredictionMessage[]> {
  const { client } = useServer();
  const cache = useQueryClient();
  const queryKey = keys.predictions(instrument);
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const held = () => cache.getQueryData<readonly PredictionMessage[]>(queryKey);
      const before = held();
      const { items } = unwrap(await client.predictions({ instrument, signal }));
      return mergePredictions(items, arrivedMeanwhile(before, held()));
    },
    // A client that falls behind gets the newest message of the topic only, and several models share it.
    refetchInterval: 10_000,
  });
}

export function useAccount(): UseQueryResult<AccountReply> {
  const { client } = useServer();
  const cache = useQueryClient();
  return useQuery({
    queryKey: keys.account,
    queryFn: async ({ signal }) =>
      laterAccount(unwrap(await client.account({ signal })), cache.getQueryData<AccountReply>(keys.account)),
    refetchInterval: ({ state }) => (state.data === undefined || state.data.absence !== null ? 2_000 : 15_000),
  });
}

export function usePositions(): UseQueryResult<PositionsReply> {
  const { client } = useServer();
  return useQuery({
    queryKey: keys.positions,
    queryFn: async ({ signal }) => unwrap(await client.positions({ signal })),
    refetchInterval: ({ state }) => (state.data === undefined || state.data.absence !== null ? 2_000 : 15_000),
  });
}

export function useTradingState(): UseQueryResult<TradingStateMessage> {
  const { client } = useServer();
  return useQuery({
    queryKey: keys.tradingState,
    queryFn: async ({ signal }) => unwrap(await client.tradingState({ signal })),
    refetchInterval: STATUS_EVERY_MS,
  });
}

export function useOrders(): UseQueryResult<ListReply<OrderMessage>> {
  const { client } = useServer();
  const cache = useQueryClient();
  return useQuery({
    queryKey: keys.orders,
    queryFn: async ({ signal }) =>
      mergeOrders.underneath(
        unwrap(await client.orders({ limit: PAGE_ROWS, signal })),
        cache.getQueryData<ListReply<OrderMessage>>(keys.orders),
      ),
  });
}

export function useFills(): UseQueryResult<ListReply<FillMessage>> {
  const { client } = useServer();
  const cache = useQueryClient();
  return useQuery({
    queryKey: keys.fills,
    queryFn: async ({ signal }) =>
      mergeFills.underneath(
        unwrap(await client.fills({ limit: PAGE_ROWS, signal })),
        cache.getQueryData<ListReply<FillMessage>>(keys.fills),
      ),
  });
}

/** The fills that a chart marks. */
export function useInstrumentFills(instrument: string): UseQueryResult<ListReply<FillMessage>> {
  const { client } = useServer();
  const cache = useQueryClient();
  const queryKey = keys.instrumentFills(instrument);
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) =>
      mergeFills.underneath(
        unwrap(await client.fills({ instrument, limit: MARKED_FILLS, signal })),
        cache.getQueryData<ListReply<FillMessage>>(queryKey),
      ),
  });
}

export function useDecisions(): UseQueryResult<ListReply<DecisionMessage>> {
  const { client } = useServer();
  const cache = useQueryClient();
  return useQuery({
    queryKey: keys.decisions,
    queryFn: async ({ signal }) =>
      mergeDecisions.underneath(
        unwrap(await client.decisions({ limit: PAGE_ROWS, signal })),
        cache.getQueryData<ListReply<DecisionMessage>>(keys.decisions),
      ),
  });
}

export function useStrategies(): UseQueryResult<StrategiesReply> {
  const { client } = useServer();
  return useQuery({
    queryKey: keys.strategies,
    queryFn: async ({ signal }) => unwrap(await client.strategies({ signal })),
    refetchInterval: ({ state }) => (state.data === undefined || state.data.absence !== null ? 2_000 : 15_000),
  });
}

export function useRisk(): UseQueryResult<RiskReply> {
  const { client } = useServer();
  return useQuery({
    queryKey: keys.risk,
    queryFn: async ({ signal }) => unwrap(await client.risk({ signal })),
    refetchInterval: ({ state }) => (state.data === undefined || state.data.absence !== null ? 2_000 : 15_000),
  });
}

/** How often what no topic tells is asked for again. */
const UNTOLD_EVERY_MS = 10_000;

export function useRoundTrips(): UseQueryResult<ListReply<RoundTripMessage>> {
  const { client } = useServer();
  const cache = useQueryClient();
  return useQuery({
    queryKey: keys.roundTrips,
    queryFn: async ({ signal }) =>
      mergeRoundTrips.underneath(
        unwrap(await client.roundTrips({ limit: PAGE_ROWS, signal })),
        cache.getQueryData<ListReply<RoundTripMessage>>(keys.roundTrips),
      ),
    refetchInterval: UNTOLD_EVERY_MS,
  });
}

/** Alerts come live; what became of them on their channels does not. */
export function useAlerts(): UseQueryResult<ListReply<AlertRecordMessage>> {
  const { client } = useServer();
  const cache = useQueryClient();
  return useQuery({
    queryKey: keys.alerts,
    queryFn: async ({ signal }) =>
      mergeAlerts.underneath(
        unwrap(await client.alerts({ limit: PAGE_ROWS, signal })),
        cache.getQueryData<ListReply<AlertRecordMessage>>(keys.alerts),
      ),
    refetchInterval: UNTOLD_EVERY_MS,
  });
}

/** The equity over the last `spanMs` before `nowMs` (null: since ever), of the account or (with an id) a strategy's profit. */
export function usePerformance(
  strategy: string | null,
  spanMs: number | null,
  nowMs: number,
): UseQueryResult<PerformanceReply> {
  const { client } = useServer();
  return useQuery({
    queryKey: keys.performance(strategy, spanMs),
    queryFn: async ({ signal }) =>
      unwrap(
        await client.performance({
          ...(strategy === null ? {} : { strategy }),
          ...(spanMs === null ? {} : { fromMs: Math.max(0, nowMs - spanMs) }),
          points: CURVE_POINTS,
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: UNTOLD_EVERY_MS,
  });
}
