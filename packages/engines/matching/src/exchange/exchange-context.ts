import type { AccountId, AssetId } from '@monsta/core';
import type { Account, Holding } from './account.ts';
import type { ExecutionReport } from './execution-report.ts';
import type { FeeDesk } from './fees.ts';
import type { OrderList } from './order.ts';
import type { AssetPosition, BestBidAsk, ExchangeTrade, OrderListStatus } from './vocabulary.ts';

/** A holding as it is read: `position()` answers what it is now. */
export interface HoldingView {
  position(): AssetPosition;
}

/**
 * Who hears what the exchange does, in the order in which it happens, within the command that caused it. A listener must not call the exchange.
 */
export interface ExchangeListener {
  onReport(report: ExecutionReport): void;
  onTrade(trade: ExchangeTrade): void;
  /** After a command that changed the best bid or ask. */
  onBest(best: BestBidAsk): void;
  onListStatus(status: OrderListStatus): void;
  /** After a command: the holdings of an account that it may have changed. The array is used again: read it within the call. */
  onAccount(account: AccountId, holdings: readonly HoldingView[], timeUs: number): void;
}

/** The last number given of each kind that all symbols share; the next is one more. */
export interface ExchangeCounters {
  executionId: number;
  orderListId: number;
}

/** What the markets of one exchange share: the listener, the fees, and what is counted over all symbols. */
export class ExchangeContext {
  readonly listener: ExchangeListener;
  readonly fees: FeeDesk;
  readonly counters: ExchangeCounters;
  /** Accounts with touched holdings; the first `#touchedCount` are meant, so that nothing is allocated for each command. */
  readonly #touched: Account[] = [];
  #touchedCount = 0;

  readonly #tellsLists: boolean;

  /** `tellsLists`: whether the listener hears of lists. */
  constructor(
    listener: ExchangeListener,
    fees: FeeDesk,
    tellsLists: boolean,
    counters: Partial<Readonly<ExchangeCounters>> = {},
  ) {
    this.listener = listener;
    this.fees = fees;
    this.#tellsLists = tellsLists;
    this.counters = { executionId: 0, orderListId: 0, ...counters };
  }

  nextExecutionId(): number {
    return (this.counters.executionId += 1);
  }

  nextOrderListId(): number {
    return (this.counters.orderListId += 1);
  }

  /** Tells what has become of a list. */
  tellList(list: OrderList, type: OrderListStatus['listStatusType'], timeUs: number): void {
    if (this.#tellsLists) this.listener.onListStatus(list.status(type, timeUs));
  }

  /** Notes that a holding may have changed. */
  touch(account: Account, holding: Holding): void {
    if (holding.touched) return;
    holding.touched = true;
    holding.everHeld = true;
    if (account.touchedCount === 0) {
      this.#touched[this.#touchedCount] = account;
      this.#touchedCount += 1;
    }
    account.touched[account.touchedCount] = holding;
    account.touchedCount += 1;
  }

  /** The holdings that wait to be told, in the order in which they will be. */
  untold(): readonly { readonly account: AccountId; readonly assets: readonly AssetId[] }[] {
    return this.#touched.slice(0, this.#touchedCount).map(({ id, touched, touchedCount }) => ({
      account: id,
      assets: touched.slice(0, touchedCount).map(({ asset }) => asset),
    }));
  }

  /** Tells the accounts' changes of a command. */
  flush(timeUs: number): void {
    const count = this.#touchedCount;
    this.#touchedCount = 0;
    for (let index = 0; index < count; index += 1) {
      const account = this.#touched[index] as Account;
      const { touched, touchedCount } = account;
      account.touchedCount = 0;
      if (touched.length > touchedCount) touched.length = touchedCount;
      for (let at = 0; at < touchedCount; at += 1) (touched[at] as Holding).touched = false;
      this.listener.onAccount(account.id, touched, timeUs);
    }
  }
}
