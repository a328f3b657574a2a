import { timestampUs, type AccountId, type Amount, type AssetId, type TimestampUs } from '@monsta/core';
import type { ExecutionReport, HoldingView, OrderListStatus } from '@monsta/matching';
import type { TradingModel } from '../exchange-model.ts';
import type { TimeUnit } from '../wire.ts';
import {
  accountPositionJson,
  balanceUpdateJson,
  executionReportJson,
  listStatusJson,
  type EventTime,
} from './user-data-json.ts';

/** Who hears an account's events. */
export interface UserDataListener {
  /** How times are written for it. */
  readonly unit: TimeUnit;
  /** One event, as JSON. */
  deliver(json: string): void;
  /** Events were lost on it: more happened at once than is kept. Nothing more comes. */
  overflowed(): void;
}

class WaitingEvent {
  readonly listeners: readonly UserDataListener[];
  readonly #write: (unit: TimeUnit) => string;
  readonly #written = new Map<TimeUnit, string>();

  constructor(listeners: readonly UserDataListener[], write: (unit: TimeUnit) => string) {
    this.listeners = listeners;
    this.#write = write;
  }

  json(unit: TimeUnit): string {
    const known = this.#written.get(unit);
    if (known !== undefined) return known;
    const text = this.#write(unit);
    this.#written.set(unit, text);
    return text;
  }
}

/**
 * The events of accounts, to those who subscribed to them: in the order in which they happened, each written once a time unit however many listen, and told only when the
 * command that caused them is wholly done and answered. Accounts that nobody listens to cost nothing.
 */
export class UserDataHub {
  readonly #trading: TradingModel;
  readonly #nowUs: () => TimestampUs;
  readonly #waitingMax: number;
  readonly #listeners = new Map<AccountId, Set<UserDataListener>>();
  #stopListening: (() => void) | null = null;
  #waiting: WaitingEvent[] = [];
  #telling = false;
  #closed = false;

  /** `nowUs` is the exchange's time. Beyond `waitingMax` events of one go, those who would have heard the next are told that they missed it. */
  constructor(trading: TradingModel, nowUs: () => TimestampUs, waitingMax: number) {
    this.#trading = trading;
    this.#nowUs = nowUs;
    this.#waitingMax = waitingMax;
  }

  /** Hears everything from now on. The function returned ends it. */
  subscribe(account: AccountId, listener: UserDataListener): () => void {
    const listeners = this.#listeners.get(account) ?? new Set();
    this.#listeners.set(account, listeners);
    listeners.add(listener);
    this.#stopListening ??= this.#trading.listen({
      onReport: (report) => this.#onReport(report),
      onTrade: () => undefined,
      onBest: () => undefined,
      onListStatus: (status) => this.#onListStatus(status),
      onAccount: (id, holdings, timeUs) => this.#onAccount(id, holdings, timeUs),
    });
    return () => this.#unsubscribe(account, listener);
  }

  #unsubscribe(account: AccountId, listener: UserDataListener): void {
    const listeners = this.#listeners.get(account);
    if (listeners === undefined || !listeners.delete(listener) || listeners.size > 0) return;
    this.#listeners.delete(account);
    if (this.#listeners.size > 0) return;
    this.#stopListening?.();
    this.#stopListening = null;
  }

  /** Tells that money came from outside or left; `change` is below zero where it left. To be called after the exchange booked it. */
  transferred(account: AccountId, asset: AssetId, change: Amount, clearedUs: number): void {
    this.#push(account, clearedUs, (time) => balanceUpdateJson(asset, change, clearedUs, time));
  }

  close(): void {
    this.#closed = true;
    this.#stopListening?.();
    this.#stopListening = null;
    this.#listeners.clear();
    this.#waiting = [];
  }

  #onReport(report: ExecutionReport): void {
    if (!this.#listeners.has(report.account)) return;
    const rules = this.#trading.exchange.rules(report.symbol);
    if (rules === null) return;
    this.#push(report.account, report.timeUs, (time) => executionReportJson(report, rules, time));
  }

  #onListStatus(status: OrderListStatus): void {
    this.#push(status.account, status.timeUs, (time) => listStatusJson(status, time));
  }

  #onAccount(account: AccountId, holdings: readonly HoldingView[], timeUs: number): void {
    if (!this.#listeners.has(account)) return;
    const positions = holdings.map((holding) => holding.position());
    this.#push(account, timeUs, (time) => accountPositionJson(positions, timeUs, time));
  }

  #push(account: AccountId, happenedUs: number, write: (time: EventTime) => string): void {
    const listeners = this.#listeners.get(account);
    if (listeners === undefined) return;
    if (this.#waiting.length >= this.#waitingMax) {
      for (const listener of listeners) listener.overflowed();
      return;
    }
    const eventUs = timestampUs(Math.max(happenedUs, this.#nowUs()));
    this.#waiting.push(new WaitingEvent([...listeners], (unit) => write({ eventUs, unit })));
    if (this.#telling) return;
    this.#telling = true;
    // The exchange does a command in one go; what was caused by it is told right after, once whoever gave it has its answer.
    queueMicrotask(() => this.#tell());
  }

  #tell(): void {
    this.#telling = false;
    const events = this.#waiting;
    this.#waiting = [];
    if (this.#closed) return;
    for (const event of events) {
      for (const listener of event.listeners) listener.deliver(event.json(listener.unit));
    }
  }
}
