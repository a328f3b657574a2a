'use client';
import { topics } from '@monsta/contracts';
import type {
  AccountReply,
  AlertRecordMessage,
  BarMessage,
  BookReply,
  DecisionMessage,
  FillMessage,
  ListReply,
  OrderMessage,
  PositionsReply,
  PredictionMessage,
  RiskReply,
  StatusMessage,
  StrategiesReply,
  TopicData,
  TradeMessage,
} from '@monsta/contracts';
import { instrumentId } from '@monsta/core';
import { useQueryClient, type QueryClient, type QueryKey } from '@tanstack/react-query';
import { useEffect } from 'react';
import { keys } from './keys.ts';
import { mergeAlerts, mergeDecisions, mergeFills, mergeOrders, mergePredictions, mergeTrades } from './merge.ts';
import { useServer, type Server } from './server.ts';

/** One live topic: what a message changes, and what is fetched anew when messages were lost. */
interface LiveTopic {
  readonly topic: string;
  readonly refetch: readonly QueryKey[];
  readonly subscribe: (server: Server) => () => void;
}

function live<T extends string>(
  topic: T,
  refetch: readonly QueryKey[],
  apply: (data: TopicData<T>) => void,
): LiveTopic {
  return { topic, refetch, subscribe: ({ socket }) => socket.subscribe(topic, apply) };
}

function accountTopics(cache: QueryClient): readonly LiveTopic[] {
  return [
    live('status', [keys.status], (data) => cache.setQueryData<StatusMessage>(keys.status, data)),
    live('trading.state', [keys.tradingState], (data) => cache.setQueryData(keys.tradingState, data)),
    live('account', [keys.account], (data) =>
      cache.setQueryData<AccountReply>(keys.account, { ...data, absence: null }),
    ),
    live('positions', [keys.positions], (data) =>
      cache.setQueryData<PositionsReply>(keys.positions, { items: data, nextCursor: null, absence: null }),
    ),
    live('orders', [keys.orders], (data) =>
      cache.setQueryData<ListReply<OrderMessage>>(keys.orders, (held) => mergeOrders.onTop(held, data)),
    ),
    live('fills', [keys.fills], (data) => {
      cache.setQueryData<ListReply<FillMessage>>(keys.fills, (held) => mergeFills.onTop(held, data));
      cache.setQueryData<ListReply<FillMessage>>(keys.instrumentFills(data.instrument), (held) =>
        mergeFills.onTop(held, data),
      );
      // Only a sale can end a round trip; what it came to is the server's to say.
      if (data.side === 'sell') void cache.invalidateQueries({ queryKey: keys.roundTrips });
    }),
    live('strategies', [keys.strategies], (data) =>
      cache.setQueryData<StrategiesReply>(keys.strategies, { items: data, nextCursor: null, absence: null }),
    ),
    live('risk', [keys.risk], (data) => cache.setQueryData<RiskReply>(keys.risk, { risk: data, absence: null })),
    live('alerts', [keys.alerts], (data) =>
      cache.setQueryData<ListReply<AlertRecordMessage>>(keys.alerts, (held) =>
        mergeAlerts.onTop(held, { ...data, deliveries: [] }),
      ),
    ),
    live('decisions', [keys.decisions], (data) =>
      cache.setQueryData<ListReply<DecisionMessage>>(keys.decisions, (held) => mergeDecisions.onTop(held, data)),
    ),
  ];
}

function marketTopics(cache: QueryClient, instrument: string): readonly LiveTopic[] {
  const id = instrumentId(instrument);
  const of = {
    book: topics.book(id) as `book.${string}`,
    trades: topics.trades(id) as `trades.${string}`,
    feed: topics.feed(id) as `feed.${string}`,
    predictions: topics.predictions(id) as `predictions.${string}`,
    dayBars: topics.bars(id, '1d') as `bars.${string}`,
  };
  return [
    live(of.book, [keys.book(instrument)], (data) =>
      cache.setQueryData<BookReply>(keys.book(instrument), { ...data, absence: null }),
    ),
    live(of.trades, [keys.trades(instrument)], (data) =>
      cache.setQueryData<readonly TradeMessage[]>(keys.trades(instrument), (held) => mergeTrades(held ?? [], [data])),
    ),
    live(of.feed, [keys.status], (data) =>
      cache.setQueryData<StatusMessage>(keys.status, (held) =>
        held === undefined
          ? undefined
          : { ...held, feeds: [...held.feeds.filter((feed) => feed.instrument !== data.instrument), data] },
      ),
    ),
    live(of.predictions, [keys.predictions(instrument)], (data) =>
      cache.setQueryData<readonly PredictionMessage[]>(keys.predictions(instrument), (held) =>
        mergePredictions(held ?? [], [data]),
      ),
    ),
    live(of.dayBars, [keys.dayBar(instrument)], (data) =>
      cache.setQueryData<BarMessage | null>(keys.dayBar(instrument), (held) =>
        held === undefined || held === null || data.openTimeMs >= held.openTimeMs ? data : held,
      ),
    ),
  ];
}

function useLive(make: (cache: QueryClient) => readonly LiveTopic[], subject: string): void {
  const server = useServer();
  const cache = useQueryClient();
  useEffect(() => {
    const list = make(cache);
    const ends = list.map((each) => each.subscribe(server));
    const endGaps = server.socket.onGap(({ topic }) => {
      for (const each of list) {
        if (each.topic === topic) for (const queryKey of each.refetch) void cache.invalidateQueries({ queryKey });
      }
    });
    return () => {
      endGaps();
      for (const end of ends) end();
    };
    // `make` is one of two functions of this module and depends on `subject` alone.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [server, cache, subject]);
}

/** Keeps what the page knows of the account up to date. Mount it once. */
export function useLiveAccount(): void {
  useLive(accountTopics, '');
}

/** Keeps what the page knows of one instrument up to date. Mount it once. */
export function useLiveMarket(instrument: string): void {
  useLive((cache) => marketTopics(cache, instrument), instrument);
}
