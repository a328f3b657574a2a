import {
  err,
  ok,
  US_PER_MS,
  type AssetId,
  type Amount,
  type Balance,
  type ClientOrderId,
  type ForeignFill,
  type InstrumentId,
  type Result,
  type TimestampUs,
} from '@monsta/core';
import type { Clock } from '@monsta/ports';
import type { AccountBook } from './account-book.ts';
import type { AccountQueries } from './account-queries.ts';
import type { AccountView } from './account-replies.ts';
import type { OrderRecords, ReportSource } from './order-records.ts';
import type { TradeReport } from './order-reports.ts';
import { foreignFillOf, type OrderTracker } from './order-tracker.ts';
import type { RequestOutcomes } from './request-outcomes.ts';
import type { SeenTrades } from './seen-trades.ts';
import { Stillness, type Told } from './stillness.ts';
import type { Transfer, Transfers } from './transfers.ts';
import type { Turns } from './turns.ts';

export interface AccountComparisonOptions {
  readonly queries: AccountQueries;
  readonly records: OrderRecords;
  readonly outcomes: RequestOutcomes;
  readonly seen: SeenTrades;
  readonly book: AccountBook;
  readonly transfers: Transfers;
  readonly turns: Turns;
  readonly symbols: readonly InstrumentId[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How long what is told elsewhere may take to be reported too. */
  readonly reportTimeoutMs: number;
  readonly isOurs: (id: ClientOrderId) => boolean;
  readonly nowUs: () => TimestampUs;
  readonly tellForeign: (fill: ForeignFill) => void;
  readonly tellBalances: (balances: readonly Balance[], tsUs: TimestampUs) => void;
}

type Source = Exclude<ReportSource, 'stream'>;

/**
 * `agrees`: the balances are those that were told, and follow from fills and transfers; `suspects`: they don't follow, which the next comparison will confirm or not;
 * `contradicts`: they are not those that were told.
 */
export type Finding = 'agrees' | 'suspects' | 'contradicts';

/** Trades younger than this may have older ones behind them that the venue does not list yet. */
const SETTLE_AFTER_US = 30_000 * US_PER_MS;
const priorityOf = (source: Source): 'trading' | 'data' => (source === 'recovery' ? 'trading' : 'data');

/** Times that a quiet moment of the account is waited for at the start. */
const QUIET_ATTEMPTS = 20;

/**
 * Compares what is known of the account with what the venue answers: open orders, each known order that is not among them, the trades since those that are settled, balances,
 * and whether the balances follow from the fills and transfers that were told. What was missed is told.
 */
export class AccountComparison {
  readonly #options: AccountComparisonOptions;
  /** What did not follow from what was told, at the last comparison, and how much had moved until then. */
  #suspected: { readonly moves: number; readonly changes: ReadonlyMap<AssetId, Amount> } | null = null;
  readonly #stillness = new Stillness(SETTLE_AFTER_US);

  constructor(options: AccountComparisonOptions) {
    this.#options = options;
  }

  /**
   * The beginning: orders of earlier runs are taken over as they stand, trades and transfers until now belong to the past. Answers the transfers since a time. Faults are the REST
   * client's.
   */
  async open(sinceUs: TimestampUs | null): Promise<Result<readonly Transfer[]>> {
    const { queries, records, symbols, isOurs, transfers, nowUs } = this.#options;
    for (const symbol of symbols) {
      for (const ask of [queries.recentOrders(symbol), queries.openOrders(symbol, 'trading')]) {
        const orders = await ask;
        if (!orders.ok) return orders;
        for (const report of orders.value) if (isOurs(report.clientOrderId)) records.adopt(report);
      }
    }
    const opened = await this.#openBook();
    return opened.ok ? transfers.open(nowUs(), sinceUs ?? nowUs()) : opened;
  }

  /** Trades and balances must be of one moment: it is one when the account did not change while the trades were asked for. */
  async #openBook(): Promise<Result<null>> {
    const { queries, seen, book, symbols } = this.#options;
    book.begin();
    let before = await queries.account('trading');
    for (let attempt = 0; attempt < QUIET_ATTEMPTS; attempt += 1) {
      if (!before.ok) return before;
      for (const symbol of symbols) {
        const newest = await queries.newestTradeId(symbol);
        if (!newest.ok) return newest;
        seen.begin(symbol, newest.value);
      }
      const after = await queries.account('trading');
      if (!after.ok) return after;
      if (after.value.changedUs === before.value.changedUs) {
        book.open(after.value, ({ instrument, fillId }) => seen.isNew(instrument, Number(fillId)));
        return ok(null);
      }
      before = after;
    }
    return err('venue_unreachable', 'the account never stood still long enough to be read', { retry: 'retryable' });
  }

  /**
   * One comparison. `recovery` tells what was missed while the user stream was not listened to; with `answer` the stream must report the same soon, and while the account stands still
   * only that is asked which moves no money. Faults are the REST client's.
   */
  async run(source: Source): Promise<Result<Finding>> {
    const { queries, nowUs } = this.#options;
    const priority = priorityOf(source);
    const [told, askedUs] = [this.#told(), nowUs()];
    const before = await queries.account(priority);
    if (!before.ok) return before;
    const short = source === 'answer' && this.#stillness.allowsShort(before.value, told);
    const compared = short ? await this.#compareTriggers(source) : await this.#compareAll(source);
    if (!compared.ok) return compared;
    const after = short ? before : await queries.account(priority);
    if (!after.ok) return after;
    const finding = this.#weigh(after.value, source);
    if (finding !== 'agrees') this.#stillness.lost();
    else if (!short) this.#stillness.found(before.value, after.value, askedUs, { before: told, after: this.#told() });
    return ok(finding);
  }

  #told(): Told {
    const { records, turns } = this.#options;
    return { news: records.news, unsettled: turns.size > 0 || records.open().some(({ over }) => over) };
  }

  async #compareAll(source: Source): Promise<Result<null>> {
    for (const symbol of this.#symbolsNow()) {
      const orders = await this.#compareOrders(symbol, source);
      if (!orders.ok) return orders;
      const trades = await this.#compareTrades(symbol, source);
      if (!trades.ok) return trades;
    }
    return ok(null);
  }

  /** That a stop was triggered shows in no balance. */
  async #compareTriggers(source: Source): Promise<Result<null>> {
    const waiting = this.#options.records.open().filter(({ waitsForTrigger }) => waitsForTrigger);
    for (const symbol of new Set(waiting.map((tracker) => tracker.symbol))) {
      const orders = await this.#compareOrders(symbol, source);
      if (!orders.ok) return orders;
    }
    return ok(null);
  }

  #weigh(view: AccountView, source: Source): Finding {
    const { book, tellBalances } = this.#options;
    if (source === 'answer' && book.contradicts(view)) return 'contradicts';
    const changed = book.takeAll(view);
    if (changed.length > 0) tellBalances(changed, view.changedUs);
    return this.#audit(view) ? 'suspects' : 'agrees';
  }

  /** True where the balances say again, a while later, something else than was told. */
  async stillContradicts(): Promise<boolean> {
    const { clock, reportTimeoutMs, signal, queries, book } = this.#options;
    await clock.sleep(reportTimeoutMs, signal);
    const view = await queries.account('data');
    return view.ok && !signal.aborted && book.contradicts(view.value);
  }

  #symbolsNow(): ReadonlySet<InstrumentId> {
    const { symbols, records } = this.#options;
    return new Set([...symbols, ...records.open().map(({ symbol }) => symbol)]);
  }

  async #compareOrders(symbol: InstrumentId, source: Source): Promise<Result<null>> {
    const { queries, records, outcomes } = this.#options;
    // Orders that are entered while the venue answers are not in its answer.
    const before = records.open().filter((tracker) => tracker.symbol === symbol && tracker.venueOrderId !== null);
    const open = await queries.openOrders(symbol, priorityOf(source));
    if (!open.ok) return open;
    const listed = new Set(open.value.map(({ venueOrderId }) => venueOrderId));
    for (const report of open.value) records.take(report, source);
    for (const tracker of before) {
      const { venueOrderId, over } = tracker;
      if (venueOrderId !== null && !over && !listed.has(venueOrderId)) {
        const found = await outcomes.look(tracker, source);
        if (found === 'unknown') return UNANSWERED;
      } else if (source === 'recovery' && !(await outcomes.fetchTrades(tracker))) return UNANSWERED;
    }
    return ok(null);
  }

  async #compareTrades(symbol: InstrumentId, source: Source): Promise<Result<null>> {
    const { queries, records, outcomes, seen, nowUs } = this.#options;
    const askedUs = nowUs();
    const trades = await queries.tradesFrom(symbol, seen.nextId(symbol), priorityOf(source));
    if (!trades.ok) return trades;
    for (const trade of trades.value) {
      const tracker = records.named(symbol, trade.venueOrderId);
      if (tracker === null) {
        const told = await this.#tellForeign(symbol, trade);
        if (!told.ok) return told;
      } else if (!tracker.ended && !tracker.knows(trade.tradeId)) {
        const found = await outcomes.look(tracker, source);
        if (found === 'unknown') return UNANSWERED;
      }
    }
    const settled = trades.value.findLast(({ tsUs }) => tsUs < askedUs - SETTLE_AFTER_US);
    if (settled !== undefined) seen.settle(symbol, settled.tradeId);
    return ok(null);
  }

  /** A trade of an order that is not known: somebody else's, or of an earlier run of ours. */
  async #tellForeign(symbol: InstrumentId, trade: TradeReport): Promise<Result<null>> {
    const { queries, records, outcomes, seen, tellForeign, isOurs } = this.#options;
    if (seen.has(symbol, trade.tradeId)) return ok(null);
    const order = await queries.order(symbol, { venueOrderId: trade.venueOrderId });
    if (!order.ok) return order;
    if (order.value === null)
      return err('venue_protocol', `the order of trade ${trade.tradeId} on ${symbol} is unknown`);
    const { clientOrderId } = order.value;
    const tracker: OrderTracker | null = isOurs(clientOrderId) ? records.take(order.value, 'recovery') : null;
    if (tracker !== null) return (await outcomes.fetchTrades(tracker)) ? ok(null) : UNANSWERED;
    // It may have been reported while the order was asked for.
    if (seen.add(symbol, trade.tradeId)) tellForeign(foreignFillOf(trade, clientOrderId, symbol));
    return ok(null);
  }

  /**
   * Whether the balances follow from what was told. What does not, in two comparisons between which nothing moved, is a transfer that nobody told of. Answers whether something is
   * still to be confirmed.
   */
  #audit(view: AccountView): boolean {
    const { book, turns, transfers, nowUs } = this.#options;
    const changes = book.unexplained(view);
    const before = this.#suspected;
    this.#suspected = null;
    if (changes.size === 0) return false;
    const { moves } = book;
    // What is under way explains itself yet.
    if (turns.size > 0 || transfers.busy) return true;
    if (before === null || before.moves !== moves) {
      this.#suspected = { moves, changes };
      return true;
    }
    for (const [asset, change] of changes)
      if (before.changes.get(asset) === change) this.#notice(asset, change, nowUs());
    return [...changes].some(([asset, change]) => before.changes.get(asset) !== change);
  }

  #notice(asset: AssetId, change: Amount, tsUs: TimestampUs): void {
    const { book, transfers } = this.#options;
    book.transferred(asset, change, tsUs);
    transfers.notice({ asset, change, tsUs });
  }
}

const UNANSWERED = err('venue_unreachable', 'an order could not be asked for', { retry: 'retryable' });
