import type { AccountId, InstrumentId } from '@monsta/core';
import { isFinalAtExchange, type ExecutionReport, type OrderListStatus } from '@monsta/matching';
import {
  recordOf,
  tradeOf,
  type AmendmentRecord,
  type OrderRecord,
  type PreventedMatchRecord,
  type TradeRecord,
} from './order-records.ts';

/** What is kept for each account; beyond it the oldest is forgotten. All but the lists are counted by symbol. */
export interface ArchiveLimits {
  readonly ordersMax: number;
  readonly tradesMax: number;
  readonly preventedMatchesMax: number;
  readonly amendmentsMax: number;
  readonly listsMax: number;
}

const ARCHIVE_LIMITS: ArchiveLimits = {
  ordersMax: 20_000,
  tradesMax: 50_000,
  preventedMatchesMax: 5_000,
  amendmentsMax: 5_000,
  listsMax: 10_000,
};

/** The newest of many, oldest first. Forgets a tenth more than it must, so that adding costs the same however many there are. */
class Newest<T> {
  readonly #max: number;
  readonly #items: T[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  add(item: T): void {
    this.#items.push(item);
    if (this.#items.length > this.#max * 1.1 + 1) this.#items.splice(0, this.#items.length - this.#max);
  }

  replaceLast(item: T): void {
    this.#items[this.#items.length - 1] = item;
  }

  get all(): readonly T[] {
    return this.#items;
  }
}

/** What an account did on one symbol. */
class SymbolArchive {
  /** Orders that have ended, by id, in the order in which they ended. */
  readonly orders = new Map<number, OrderRecord>();
  /** The newest order of a client's id. */
  readonly idByName = new Map<string, number>();
  readonly trades: Newest<TradeRecord>;
  readonly preventedMatches: Newest<PreventedMatchRecord>;
  readonly amendments: Newest<AmendmentRecord>;
  /** Open orders' last prevented match. */
  readonly prevented = new Map<number, number>();
  /** Open orders' quantities, for what an amendment changed. */
  readonly quantities = new Map<number, ExecutionReport['quantity']>();

  constructor(limits: ArchiveLimits) {
    this.trades = new Newest(limits.tradesMax);
    this.preventedMatches = new Newest(limits.preventedMatchesMax);
    this.amendments = new Newest(limits.amendmentsMax);
  }
}

class AccountArchive {
  readonly symbols = new Map<InstrumentId, SymbolArchive>();
  readonly lists = new Map<number, OrderListStatus>();
  readonly listByName = new Map<string, number>();
}

/** Remembers for accounts what the exchange forgets: ended orders, trades, prevented matches, amendments, lists. Fed by the exchange's listener. */
export class OrderArchive {
  readonly #limits: ArchiveLimits;
  readonly #accounts = new Map<AccountId, AccountArchive>();

  constructor(limits: ArchiveLimits = ARCHIVE_LIMITS) {
    this.#limits = limits;
  }

  onReport(report: ExecutionReport): void {
    const archive = this.#symbol(report.account, report.symbol);
    const { orderId, prevention, quantity } = report;
    if (prevention !== null) {
      archive.prevented.set(orderId, prevention.preventedMatchId);
      notePrevention(archive, report, prevention);
    }
    const trade = tradeOf(report);
    if (trade !== null) archive.trades.add(trade);
    if (report.executionType === 'REPLACED') {
      archive.amendments.add({
        symbol: report.symbol,
        orderId,
        executionId: report.executionId,
        origClientOrderId: report.originalClientOrderId,
        newClientOrderId: report.clientOrderId,
        origQuantity: archive.quantities.get(orderId) ?? quantity,
        newQuantity: quantity,
        timeUs: report.timeUs,
      });
    }
    if (!isFinalAtExchange(report.status)) {
      archive.quantities.set(orderId, quantity);
      return;
    }
    const record = recordOf(report, archive.prevented.get(orderId) ?? -1);
    archive.prevented.delete(orderId);
    archive.quantities.delete(orderId);
    archive.orders.set(orderId, record);
    archive.idByName.set(record.clientOrderId, orderId);
    if (archive.orders.size > this.#limits.ordersMax) forgetOldest(archive);
  }

  onListStatus(status: OrderListStatus): void {
    const { lists, listByName } = this.#account(status.account);
    lists.delete(status.orderListId);
    lists.set(status.orderListId, status);
    listByName.set(status.listClientOrderId, status.orderListId);
    if (lists.size <= this.#limits.listsMax) return;
    const [oldest] = lists.values();
    if (oldest === undefined) return;
    lists.delete(oldest.orderListId);
    if (listByName.get(oldest.listClientOrderId) === oldest.orderListId) listByName.delete(oldest.listClientOrderId);
  }

  /** An order that has ended; null where there is none of that number, or it is forgotten. */
  order(account: AccountId, symbol: InstrumentId, orderId: number): OrderRecord | null {
    return this.#find(account, symbol)?.orders.get(orderId) ?? null;
  }

  /** The newest ended order of a client's id. */
  orderNamed(account: AccountId, symbol: InstrumentId, clientOrderId: string): OrderRecord | null {
    const archive = this.#find(account, symbol);
    const orderId = archive?.idByName.get(clientOrderId);
    return orderId === undefined ? null : (archive?.orders.get(orderId) ?? null);
  }

  /** All ended orders, in the order in which they ended. */
  orders(account: AccountId, symbol: InstrumentId): readonly OrderRecord[] {
    return [...(this.#find(account, symbol)?.orders.values() ?? [])];
  }

  /** Oldest first; so are the next three. */
  trades(account: AccountId, symbol: InstrumentId): readonly TradeRecord[] {
    return this.#find(account, symbol)?.trades.all ?? [];
  }

  preventedMatches(account: AccountId, symbol: InstrumentId): readonly PreventedMatchRecord[] {
    return this.#find(account, symbol)?.preventedMatches.all ?? [];
  }

  amendments(account: AccountId, symbol: InstrumentId): readonly AmendmentRecord[] {
    return this.#find(account, symbol)?.amendments.all ?? [];
  }

  /** The lists of an account as they last stood, by number. */
  lists(account: AccountId): readonly OrderListStatus[] {
    const lists = this.#accounts.get(account)?.lists.values() ?? [];
    return [...lists].sort((left, right) => left.orderListId - right.orderListId);
  }

  list(account: AccountId, orderListId: number): OrderListStatus | null {
    return this.#accounts.get(account)?.lists.get(orderListId) ?? null;
  }

  /** The newest list of a client's id. */
  listNamed(account: AccountId, listClientOrderId: string): OrderListStatus | null {
    const orderListId = this.#accounts.get(account)?.listByName.get(listClientOrderId);
    return orderListId === undefined ? null : this.list(account, orderListId);
  }

  #account(id: AccountId): AccountArchive {
    let account = this.#accounts.get(id);
    if (account === undefined) {
      account = new AccountArchive();
      this.#accounts.set(id, account);
    }
    return account;
  }

  #symbol(id: AccountId, symbol: InstrumentId): SymbolArchive {
    const { symbols } = this.#account(id);
    let archive = symbols.get(symbol);
    if (archive === undefined) {
      archive = new SymbolArchive(this.#limits);
      symbols.set(symbol, archive);
    }
    return archive;
  }

  #find(account: AccountId, symbol: InstrumentId): SymbolArchive | undefined {
    return this.#accounts.get(account)?.symbols.get(symbol);
  }
}

/** Notes a prevented match, or adds to it what the second of its orders lost: both report, one after the other. */
function notePrevention(
  archive: SymbolArchive,
  report: ExecutionReport,
  prevention: NonNullable<ExecutionReport['prevention']>,
): void {
  const { preventedMatchId, counterOrderId, isMaker, lastPreventedQuantity } = prevention;
  const known = archive.preventedMatches.all.at(-1);
  const before = known?.preventedMatchId === preventedMatchId ? known : null;
  const record: PreventedMatchRecord = {
    symbol: report.symbol,
    preventedMatchId,
    takerOrderId: isMaker ? counterOrderId : report.orderId,
    makerOrderId: isMaker ? report.orderId : counterOrderId,
    tradeGroupId: prevention.tradeGroupId,
    mode: prevention.mode,
    price: prevention.executionPrice,
    makerPrevented: isMaker ? lastPreventedQuantity : (before?.makerPrevented ?? null),
    takerPrevented: isMaker ? (before?.takerPrevented ?? null) : lastPreventedQuantity,
    timeUs: report.timeUs,
  };
  if (before === null) archive.preventedMatches.add(record);
  else archive.preventedMatches.replaceLast(record);
}

function forgetOldest(archive: SymbolArchive): void {
  const [oldest] = archive.orders.values();
  if (oldest === undefined) return;
  archive.orders.delete(oldest.orderId);
  if (archive.idByName.get(oldest.clientOrderId) === oldest.orderId) archive.idByName.delete(oldest.clientOrderId);
}
