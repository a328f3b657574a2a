import { amount, msFromUs, type AccountId, type Amount, type AssetId } from '@monsta/core';
import type { Exchange, ExecutionReport, NewAccount, OrderListStatus, Outcome } from '@monsta/matching';
import type { Clock } from '@monsta/ports';
import type { ExchangeModel, TradingModel } from '../exchange-model.ts';
import type { RequestLimits } from '../request-limits.ts';
import type { ApiKeys } from './api-keys.ts';
import { OrderArchive } from './order-archive.ts';
import { OrderCounter } from './order-counter.ts';
import { WalletArchive } from './wallet-archive.ts';

/** Money that came into an account from outside, or left it (then `change` is below zero). */
export interface Transfer {
  readonly account: AccountId;
  readonly asset: AssetId;
  readonly change: Amount;
  readonly timeUs: number;
}

/** What clients' accounts heard during one command, in the order in which it happened. */
export interface Heard {
  readonly reports: readonly ExecutionReport[];
  readonly lists: readonly OrderListStatus[];
}

export interface TradingDeskOptions {
  readonly model: ExchangeModel;
  readonly trading: TradingModel;
  readonly keys: ApiKeys;
  readonly clock: Clock;
  readonly limits: RequestLimits;
}

/** What the methods of accounts work on: the exchange, its clients' accounts and keys, and how many orders they may place. */
export class TradingDesk {
  readonly exchange: Exchange;
  readonly keys: ApiKeys;
  readonly orderCounter: OrderCounter;
  readonly archive = new OrderArchive();
  readonly wallet = new WalletArchive();
  readonly #trading: TradingModel;
  readonly #model: ExchangeModel;
  readonly #clock: Clock;
  readonly #transferListeners = new Set<(transfer: Transfer) => void>();
  /** When each client's account was opened. */
  readonly #accounts = new Map<AccountId, number>();
  /** When each account last changed. */
  readonly #changedUs = new Map<AccountId, number>();
  readonly #stopListening: () => void;
  #closed = false;
  #heard: { readonly reports: ExecutionReport[]; readonly lists: OrderListStatus[] } | null = null;

  constructor({ model, trading, keys, clock, limits }: TradingDeskOptions) {
    this.exchange = trading.exchange;
    this.keys = keys;
    this.orderCounter = new OrderCounter(limits);
    this.#model = model;
    this.#trading = trading;
    this.#clock = clock;
    this.#stopListening = trading.listen({
      onReport: (report) => this.#onReport(report),
      onTrade: () => undefined,
      onBest: () => undefined,
      onListStatus: (status) => this.#onListStatus(status),
      onAccount: (account, _holdings, timeUs) => {
        if (this.#accounts.has(account)) this.#changedUs.set(account, timeUs);
      },
    });
  }

  /** The clients' accounts, in the order in which they were opened. */
  get accounts(): readonly AccountId[] {
    return [...this.#accounts.keys()];
  }

  /** True for a client's account. */
  has(account: AccountId): boolean {
    return this.#accounts.has(account);
  }

  openedUs(account: AccountId): number {
    return this.#accounts.get(account) ?? 0;
  }

  /** Opens an account at the exchange and keeps its orders and trades from now on. Throws `InvariantError` where there is one of that name. */
  openAccount(id: AccountId, options: NewAccount): void {
    this.exchange.addAccount(id, options);
    this.#accounts.set(id, this.nowUs());
    const [first] = options.balances;
    // The exchange tells what an account begins with after the next command, whosever that is: with a deposit of nothing it does so now.
    if (first !== undefined) this.exchange.deposit(id, first.asset, amount(0n), this.nowUs());
    this.#changedUs.set(id, this.nowUs());
  }

  /** The exchange's own time. */
  nowUs(): number {
    return this.#model.nowUs();
  }

  /** When an account's balances last changed. */
  changedUs(account: AccountId): number {
    return this.#changedUs.get(account) ?? 0;
  }

  /** Gives the exchange a command and tells what the clients' accounts heard of it. */
  command<T>(act: (timeUs: number) => T): { readonly result: T; readonly heard: Heard } {
    const heard = { reports: [], lists: [] };
    this.#heard = heard;
    try {
      return { result: act(this.nowUs()), heard };
    } finally {
      this.#heard = null;
    }
  }

  /** Adds money to an account; throws `InvariantError` for an unknown one or an amount below zero. `recorded` false: its wallet knows nothing of it, as where it came from another wallet. */
  deposit(account: AccountId, asset: AssetId, value: Amount, recorded = true): void {
    this.advance();
    const timeUs = this.nowUs();
    this.exchange.deposit(account, asset, value, timeUs);
    if (recorded) this.wallet.deposited(account, asset, value, timeUs);
    this.#tellTransfer({ account, asset, change: amount(value), timeUs });
  }

  /** Takes money out of an account; refused where less is free. `recorded` as in `deposit`. */
  withdraw(account: AccountId, asset: AssetId, value: Amount, recorded = true): Outcome<null> {
    this.advance();
    const timeUs = this.nowUs();
    const done = this.exchange.withdraw(account, asset, value, timeUs);
    if (!done.ok) return done;
    if (recorded) this.wallet.withdrew(account, asset, value, timeUs);
    this.#tellTransfer({ account, asset, change: amount(-value), timeUs });
    return done;
  }

  /** Changes a rest of an asset into another, of which it brings so much; refused where less is free. */
  convert(account: AccountId, from: AssetId, value: Amount, into: AssetId, brought: Amount): Outcome<null> {
    const done = this.withdraw(account, from, value, false);
    if (!done.ok) return done;
    this.wallet.converted(account, { fromAsset: from, amount: value, brought, timeUs: this.nowUs() });
    this.deposit(account, into, brought, false);
    return done;
  }

  /** Hears of deposits and withdrawals, after they are done. The function returned ends it. */
  listenToTransfers(listener: (transfer: Transfer) => void): () => void {
    this.#transferListeners.add(listener);
    return () => this.#transferListeners.delete(listener);
  }

  #tellTransfer(transfer: Transfer): void {
    for (const listener of this.#transferListeners) listener(transfer);
  }

  /** Lets everything happen that was due until now; before every command and every question. */
  advance(): void {
    this.#trading.advance();
  }

  /** True once nothing is told any more of what a command brings: none is to be given. */
  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
    this.#stopListening();
  }

  #onReport(report: ExecutionReport): void {
    const { account, execution } = report;
    if (!this.#accounts.has(account)) return;
    this.archive.onReport(report);
    this.#heard?.reports.push(report);
    if (execution !== null && execution.quantity === report.cumulativeQuantity) {
      this.orderCounter.filled(account, execution.isMaker, msFromUs(this.#clock.nowUs()));
    }
  }

  #onListStatus(status: OrderListStatus): void {
    if (!this.#accounts.has(status.account)) return;
    this.archive.onListStatus(status);
    this.#heard?.lists.push(status);
  }
}
