import { MS_PER_DAY, MS_PER_SECOND, type AccountId } from '@monsta/core';
import { BinanceError } from '../parameters.ts';
import type { RequestLimits } from '../request-limits.ts';

const TEN_SECONDS_MS = 10 * MS_PER_SECOND;
/** What a first fill takes off the count: an order that waited in the book is worth more than one that took. */
const TAKER_CREDIT = 1;
const MAKER_CREDIT = 5;

/** Unfilled orders of an account in the current ten seconds and the current day (UTC). */
export interface OrderCounts {
  readonly tenSeconds: number;
  readonly day: number;
}

interface Window {
  readonly lengthMs: number;
  readonly limit: number;
  readonly words: string;
  index: number;
  count: number;
}

/** An order limit that is reached. Over REST it goes without `Retry-After`, which is for limits of addresses. */
export class OrderLimitError extends BinanceError {
  readonly retryAtMs: number;

  constructor(limit: string, retryAtMs: number) {
    super(-1015, `Too many new orders; current limit is ${limit}.`, 429);
    this.retryAtMs = retryAtMs;
  }
}

/** Counts the unfilled orders of accounts in windows aligned to the clock. An order's first fill takes it off the count again. */
export class OrderCounter {
  readonly #limits: RequestLimits;
  readonly #accounts = new Map<AccountId, readonly [Window, Window]>();

  constructor(limits: RequestLimits) {
    this.#limits = limits;
  }

  counts(account: AccountId, nowMs: number): OrderCounts {
    const [tenSeconds, day] = this.#windows(account, nowMs);
    return { tenSeconds: tenSeconds.count, day: day.count };
  }

  /** Counts `orders` new orders. Throws `OrderLimitError`, and counts nothing, where a limit would be exceeded. */
  admit(account: AccountId, orders: number, nowMs: number): OrderCounts {
    const windows = this.#windows(account, nowMs);
    const full = windows.find(({ count, limit }) => count + orders > limit);
    if (full !== undefined) {
      throw new OrderLimitError(`${full.limit} orders per ${full.words}`, (full.index + 1) * full.lengthMs);
    }
    for (const window of windows) window.count += orders;
    return this.counts(account, nowMs);
  }

  /** Takes back what `admit` counted for orders that were not accepted. */
  withdraw(account: AccountId, orders: number, nowMs: number): void {
    for (const window of this.#windows(account, nowMs)) window.count = Math.max(0, window.count - orders);
  }

  /** Notes an order's first fill. */
  filled(account: AccountId, isMaker: boolean, nowMs: number): void {
    this.withdraw(account, isMaker ? MAKER_CREDIT : TAKER_CREDIT, nowMs);
  }

  #windows(account: AccountId, nowMs: number): readonly [Window, Window] {
    let windows = this.#accounts.get(account);
    if (windows === undefined) {
      const { ordersPerTenSeconds, ordersPerDay } = this.#limits;
      windows = [
        { lengthMs: TEN_SECONDS_MS, limit: ordersPerTenSeconds, words: '10 SECOND', index: -1, count: 0 },
        { lengthMs: MS_PER_DAY, limit: ordersPerDay, words: '1 DAY', index: -1, count: 0 },
      ];
      this.#accounts.set(account, windows);
    }
    for (const window of windows) {
      const index = Math.floor(nowMs / window.lengthMs);
      if (window.index === index) continue;
      window.index = index;
      window.count = 0;
    }
    return windows;
  }
}

/** What one request adds to its account's count. */
export class OrderTally {
  readonly #counter: OrderCounter;
  readonly #account: AccountId;
  readonly #nowMs: number;
  #counts: OrderCounts | null = null;
  #orders = 0;

  constructor(counter: OrderCounter, account: AccountId, nowMs: number) {
    this.#counter = counter;
    this.#account = account;
    this.#nowMs = nowMs;
  }

  /** The counts right after the request's orders were counted, before any of them was filled; null where it placed none. */
  get counts(): OrderCounts | null {
    return this.#counts;
  }

  /** Counts orders that are about to be placed. Throws `OrderLimitError`. */
  admit(orders: number): void {
    this.#counts = this.#counter.admit(this.#account, orders, this.#nowMs);
    this.#orders = orders;
  }

  /** Takes back what was counted: the orders were refused. */
  withdraw(): void {
    if (this.#counts === null) return;
    this.#counter.withdraw(this.#account, this.#orders, this.#nowMs);
    this.#counts = null;
  }
}
