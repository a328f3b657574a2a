import { err } from '@monsta/core';
import type { Clock, MarketHistory } from '@monsta/ports';
import type { MessagePort } from 'node:worker_threads';
import { callsTo, serveCalls } from './call-bridge.ts';

const METHODS = [
  'instruments',
  'bars',
  'trades',
  'book',
  'feeds',
  'venueTimeUs',
] as const satisfies readonly (keyof MarketHistory)[];

/** Answers a thread's questions to the market history that lives in this one. */
export const serveMarketHistory = (port: MessagePort, history: MarketHistory): void =>
  serveCalls(port, history, METHODS);

/** The market history of another thread. A call unanswered after `timeoutMs` is the fault `call_timeout`. */
export function remoteMarketHistory(port: MessagePort, clock: Clock, timeoutMs: number): MarketHistory {
  const call = callsTo(port, clock, timeoutMs, (method) =>
    err('call_timeout', `market history did not answer '${method}' within ${timeoutMs} ms`, { retry: 'retryable' }),
  );
  return {
    instruments: () => call('instruments'),
    bars: (query) => call('bars', query),
    trades: (instrument, limit) => call('trades', instrument, limit),
    book: (instrument, depth) => call('book', instrument, depth),
    feeds: () => call('feeds'),
    venueTimeUs: () => call('venueTimeUs'),
  };
}
