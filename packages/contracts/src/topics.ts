import {
  err,
  INTERVALS,
  instrumentId,
  ok,
  parseInterval,
  type InstrumentId,
  type Interval,
  type Result,
} from '@monsta/core';

/**
 * Topics are subjects of the event stream between roles and, under the same name, what a WebSocket client subscribes to.
 * The message types are those of `schemas.ts`.
 */
export const topics = {
  bars: (instrument: InstrumentId, interval: Interval): string => `bars.${instrument}.${interval}`,
  trades: (instrument: InstrumentId): string => `trades.${instrument}`,
  quotes: (instrument: InstrumentId): string => `quotes.${instrument}`,
  book: (instrument: InstrumentId): string => `book.${instrument}`,
  feed: (instrument: InstrumentId): string => `feed.${instrument}`,
  predictions: (instrument: InstrumentId): string => `predictions.${instrument}`,
  orders: 'orders',
  fills: 'fills',
  /** Every position of the account in one message: an array. */
  positions: 'positions',
  account: 'account',
  decisions: 'decisions',
  /** What is worth a person's attention. */
  alerts: 'alerts',
  /** State and progress of each backtest. */
  backtests: 'backtests',
  /** Every strategy in one message: an array. */
  strategies: 'strategies',
  /** Every limit and how much of it is used, in one message. */
  risk: 'risk',
  tradingState: 'trading.state',
  status: 'status',
} as const;

/** Topics whose older messages are worthless once a newer one is there: a slow client gets the latest only. */
const CONFLATED = new Set([
  'bars',
  'quotes',
  'book',
  'feed',
  'predictions',
  'positions',
  'account',
  'strategies',
  'risk',
  'trading',
  'status',
]);

const PER_INSTRUMENT = new Set(['trades', 'quotes', 'book', 'feed', 'predictions']);
const SINGLE = new Set<string>([
  topics.orders,
  topics.fills,
  topics.positions,
  topics.account,
  topics.decisions,
  topics.alerts,
  topics.backtests,
  topics.strategies,
  topics.risk,
  topics.tradingState,
  topics.status,
]);

export interface Topic {
  readonly name: string;
  readonly family: string;
  readonly instrument: InstrumentId | null;
  readonly interval: Interval | null;
  /** True when only the latest message matters. */
  readonly conflated: boolean;
  /** True for what concerns the account: it leaves at once instead of waiting for a batch. */
  readonly urgent: boolean;
}

const URGENT = new Set<string>([topics.orders, topics.fills, topics.alerts, topics.tradingState]);

/** Says that bars of an interval are nobody's here, and how to mend it. */
export const intervalNotCollected = (interval: Interval, collected: readonly Interval[]): string =>
  `bars of ${interval} are not collected here; there are ${collected.join(', ')}, and collector.intervals of the configuration takes ${interval} too`;

/** Reads a topic name. `intervals`: of which bars are collected. Faults: `topic_unknown` (with the forms there are), `instrument_unknown`, `interval_unknown`. */
export function parseTopic(
  name: string,
  known: ReadonlySet<string>,
  intervals: readonly Interval[] = INTERVALS,
): Result<Topic> {
  const [family = '', symbol, intervalText, ...rest] = name.split('.');
  const conflated = CONFLATED.has(family);
  if (SINGLE.has(name))
    return ok({ name, family, instrument: null, interval: null, conflated, urgent: URGENT.has(name) });
  const wellFormed =
    family === 'bars'
      ? intervalText !== undefined && rest.length === 0
      : PER_INSTRUMENT.has(family) && intervalText === undefined;
  if (symbol === undefined || symbol === '' || !wellFormed) {
    return err(
      'topic_unknown',
      `topic '${name.slice(0, 60)}' is unknown; use bars.SYMBOL.INTERVAL (${intervals.join(', ')}), {trades|quotes|book|feed|predictions}.SYMBOL, or one of ${[...SINGLE].join(', ')}`,
    );
  }
  if (!known.has(symbol))
    return err(
      'instrument_unknown',
      `instrument '${symbol.slice(0, 20)}' is not collected here; GET /api/v1/instruments lists those that are`,
    );
  if (family !== 'bars' || intervalText === undefined)
    return ok({ name, family, instrument: instrumentId(symbol), interval: null, conflated, urgent: false });
  const interval = parseInterval(intervalText);
  if (!interval.ok) return interval;
  if (!intervals.includes(interval.value))
    return err('interval_unknown', intervalNotCollected(interval.value, intervals));
  return ok({ name, family, instrument: instrumentId(symbol), interval: interval.value, conflated, urgent: false });
}

/** Subjects between roles that no client subscribes to. */
export const internalSubjects = {
  /** `TradingCommand`: the gateway asks the trading role. */
  tradingCommands: 'internal.trading.commands',
  /** `TradingReply`, one for each command id. */
  tradingReplies: 'internal.trading.replies',
  /** `InstrumentMessage`: the terms of a collected instrument are these from here on. */
  instruments: 'internal.market.instruments',
  /** `RulesDoubted`: somebody has reason to think that the terms known are old. */
  rulesDoubted: 'internal.market.rules-doubted',
} as const;

export interface RulesDoubted {
  readonly reason: string;
}
