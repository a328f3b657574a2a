import type {
  AccountReply,
  AlertRecordMessage,
  BacktestSummary,
  BacktestTradeMessage,
  BookReply,
  DecisionMessage,
  FillMessage,
  ListReply,
  OptimizationSummary,
  OrderMessage,
  PredictionMessage,
  RoundTripMessage,
  TradeMessage,
} from '@monsta/contracts';

/** The most rows that one list of the page holds; older ones are dropped from view, not from the ledger. */
export const ROWS_MAX = 500;
export const TRADES_SHOWN = 40;

interface Rule<T> {
  readonly id: (row: T) => string;
  /** Larger is newer: the state of a row, when both sides have it. */
  readonly version: (row: T) => number;
  readonly timeMs: (row: T) => number;
}

const orders: Rule<OrderMessage> = {
  id: (row) => row.clientOrderId,
  version: (row) => row.updatedMs,
  timeMs: (row) => row.createdMs,
};
const fills: Rule<FillMessage> = {
  id: (row) => `${row.instrument} ${row.fillId}`,
  version: () => 0,
  timeMs: (row) => row.timeMs,
};
const roundTrips: Rule<RoundTripMessage> = {
  id: (row) => row.id,
  version: () => 0,
  timeMs: (row) => row.closedMs,
};
const alerts: Rule<AlertRecordMessage> = {
  id: (row) => row.id,
  // A live alert comes before its deliveries; each change of theirs has a later time.
  version: (row) => row.deliveries.reduce((latest, { timeMs }) => Math.max(latest, timeMs), 0),
  timeMs: (row) => row.timeMs,
};
const decisions: Rule<DecisionMessage> = { id: (row) => row.id, version: () => 0, timeMs: (row) => row.timeMs };

const STEPS = { queued: 0, running: 1, done: 3, failed: 3, canceled: 3 } as const;
const backtests: Rule<BacktestSummary> = {
  id: (row) => row.id,
  // It goes one way; a run that was interrupted and waits again is told by the next whole list.
  version: (row) => STEPS[row.state] + (row.state === 'running' ? row.progress : 0),
  timeMs: (row) => row.createdMs,
};
const backtestTrades: Rule<BacktestTradeMessage> = {
  id: (row) => row.id,
  version: () => 0,
  timeMs: (row) => row.closedMs ?? Number.POSITIVE_INFINITY,
};

/** Two that have no end yet are equal. */
const later = (one: number, other: number): number => (one === other ? 0 : other - one);

/** Joins two lists, newest first: each row once, in its newest state. Of equal states the one in `arriving` stands. */
function join<T>(rule: Rule<T>, held: readonly T[], arriving: readonly T[]): readonly T[] {
  const rows = new Map<string, T>();
  for (const row of held) rows.set(rule.id(row), row);
  for (const row of arriving) {
    const known = rows.get(rule.id(row));
    if (known === undefined || rule.version(row) >= rule.version(known)) rows.set(rule.id(row), row);
  }
  return [...rows.values()].toSorted((a, b) => later(rule.timeMs(a), rule.timeMs(b))).slice(0, ROWS_MAX);
}

type Rows<T> = ListReply<T>;

/** Live rows on top of a fetched page; null where no page is held yet, since then the page itself will bring them. */
const onTop =
  <T>(rule: Rule<T>) =>
  (page: Rows<T> | undefined, arriving: T): Rows<T> | undefined =>
    page === undefined ? undefined : { ...page, items: join(rule, page.items, [arriving]) };

/** A newly fetched first page under what came live meanwhile: its cursor stands. */
const underneath =
  <T>(rule: Rule<T>) =>
  (page: Rows<T>, held: Rows<T> | undefined): Rows<T> => {
    const oldestMs = page.items.reduce((least, row) => Math.min(least, rule.timeMs(row)), Number.POSITIVE_INFINITY);
    // Held rows older than the page would hide a hole between the two.
    const newer = held?.items.filter((row) => rule.timeMs(row) >= oldestMs) ?? [];
    return { items: join(rule, page.items, newer), nextCursor: page.nextCursor };
  };

/** An older page after what is held. */
const below =
  <T>(rule: Rule<T>) =>
  (held: Rows<T>, older: Rows<T>): Rows<T> => {
    const items = join(rule, older.items, held.items);
    return { items, nextCursor: items.length >= ROWS_MAX ? null : older.nextCursor };
  };

export interface ListMerge<T> {
  readonly onTop: (page: Rows<T> | undefined, arriving: T) => Rows<T> | undefined;
  readonly underneath: (page: Rows<T>, held: Rows<T> | undefined) => Rows<T>;
  readonly below: (held: Rows<T>, older: Rows<T>) => Rows<T>;
}

const listMerge = <T>(rule: Rule<T>): ListMerge<T> => ({
  onTop: onTop(rule),
  underneath: underneath(rule),
  below: below(rule),
});

export const mergeOrders = listMerge(orders);
export const mergeFills = listMerge(fills);
export const mergeDecisions = listMerge(decisions);
export const mergeRoundTrips = listMerge(roundTrips);
export const mergeAlerts = listMerge(alerts);
export const mergeBacktests = listMerge(backtests);
export const mergeOptimizations = listMerge<OptimizationSummary>(backtests);
export const mergeBacktestTrades = listMerge(backtestTrades);

/** The newest trades by id, newest first, at most `TRADES_SHOWN`. */
export function mergeTrades(held: readonly TradeMessage[], arriving: readonly TradeMessage[]): readonly TradeMessage[] {
  const [newest] = held;
  const [only] = arriving;
  // Nearly always one trade comes after all that are held.
  if (arriving.length === 1 && only !== undefined && newest !== undefined && only.tradeId > newest.tradeId) {
    return [only, ...held.slice(0, TRADES_SHOWN - 1)];
  }
  const rows = new Map<number, TradeMessage>();
  for (const row of [...held, ...arriving]) rows.set(row.tradeId, row);
  return [...rows.values()].toSorted((a, b) => b.tradeId - a.tradeId).slice(0, TRADES_SHOWN);
}

const predictionKey = (row: PredictionMessage): string => `${row.model} ${row.interval} ${row.horizonMs}`;

/**
 * One prediction a model, interval and horizon: that of `arriving` where both have it. Their times don't order them: an absence may be
 * of now, and the prediction that ends it of the last bar's close.
 */
export function mergePredictions(
  held: readonly PredictionMessage[],
  arriving: readonly PredictionMessage[],
): readonly PredictionMessage[] {
  const rows = new Map(held.map((row) => [predictionKey(row), row]));
  for (const row of arriving) rows.set(predictionKey(row), row);
  return [...rows.values()];
}

/** What came live while a reply was on its way: it is newer than the reply. */
export function arrivedMeanwhile<T>(before: readonly T[] | undefined, now: readonly T[] | undefined): readonly T[] {
  const known = new Set(before);
  return now?.filter((row) => !known.has(row)) ?? [];
}

/** The later of two books or accounts; what is known beats a stated absence only while it is not older than the asking. */
export function laterBook(fetched: BookReply, held: BookReply | undefined): BookReply {
  if (held?.absence !== null || fetched.absence !== null) return fetched;
  return held.lastUpdateId > fetched.lastUpdateId && held.timeMs >= fetched.timeMs ? held : fetched;
}

export function laterAccount(fetched: AccountReply, held: AccountReply | undefined): AccountReply {
  if (held?.absence !== null || fetched.absence !== null) return fetched;
  return held.timeMs > fetched.timeMs ? held : fetched;
}
