import type { Balance, ForeignFill, TimestampUs } from '@monsta/core';
import type { Counter, Logger, Metrics } from '@monsta/ports';
import { Malformed, type JsonObject } from '../json-reader.ts';
import { readPosition, type AccountBook } from './account-book.ts';
import type { OrderRecords } from './order-records.ts';
import { readExecutionReport, type RulesOf } from './order-reports.ts';
import { foreignFillOf } from './order-tracker.ts';
import type { SeenTrades } from './seen-trades.ts';
import { readMovement, type Transfers } from './transfers.ts';

export interface UserEventsOptions {
  readonly records: OrderRecords;
  readonly seen: SeenTrades;
  readonly book: AccountBook;
  readonly transfers: Transfers;
  readonly rulesOf: RulesOf;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tellForeign: (fill: ForeignFill) => void;
  readonly tellBalances: (balances: readonly Balance[], tsUs: TimestampUs) => void;
  /** Balances have come. */
  readonly onPosition: () => void;
}

/** Events that say nothing which is not told otherwise: lists by the reports of their orders, locks by the balances. */
const SILENT: ReadonlySet<unknown> = new Set(['listStatus', 'externalLockUpdate']);

/** Brings the events of the user stream to where they belong. What can't be read is counted, and found by the next comparison. */
export class UserEvents {
  readonly #options: UserEventsOptions;
  readonly #events: Counter;

  constructor(options: UserEventsOptions) {
    this.#options = options;
    this.#events = options.metrics.counter({
      name: 'monsta_binance_user_events_total',
      help: 'Events of the user stream by kind',
      labels: ['kind'],
    });
  }

  take(event: JsonObject): void {
    try {
      this.#events.add(1, { kind: this.#dispatch(event) });
    } catch (thrown) {
      if (!(thrown instanceof Malformed)) throw thrown;
      this.#events.add(1, { kind: 'unreadable' });
      this.#options.logger.error('an event of the user stream can not be read', { reason: thrown.fault.message });
    }
  }

  #dispatch(event: JsonObject): string {
    const { book, transfers, tellBalances, onPosition } = this.#options;
    switch (event['e']) {
      case 'executionReport':
        this.#report(event);
        return 'executionReport';
      case 'outboundAccountPosition': {
        const view = readPosition(event);
        const changed = book.take(view);
        if (changed.length > 0) tellBalances(changed, view.changedUs);
        onPosition();
        return 'outboundAccountPosition';
      }
      case 'balanceUpdate': {
        const movement = readMovement(event);
        if (transfers.heard(movement)) book.transferred(movement.asset, movement.change, movement.tsUs);
        return 'balanceUpdate';
      }
      default:
        return SILENT.has(event['e']) ? String(event['e']) : 'unknown';
    }
  }

  #report(event: JsonObject): void {
    const { records, seen, rulesOf, tellForeign } = this.#options;
    const report = readExecutionReport(event, rulesOf);
    if (records.take(report, 'stream') !== null) return;
    for (const { trade } of report.trades) {
      if (seen.add(report.symbol, trade.tradeId))
        tellForeign(foreignFillOf(trade, report.clientOrderId, report.symbol));
    }
  }
}
