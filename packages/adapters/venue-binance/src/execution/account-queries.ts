import {
  err,
  MS_PER_DAY,
  msFromUs,
  ok,
  US_PER_MS,
  type AccountFees,
  type ClientOrderId,
  type InstrumentId,
  type Result,
  type TimestampUs,
  type VenueOrderId,
} from '@monsta/core';
import type { Logger } from '@monsta/ports';
import { decodeBody } from '../replies.ts';
import { Malformed, readArray } from '../json-reader.ts';
import type { RestCall, RestReply } from '../rest-client.ts';
import {
  readAccount,
  readCommission,
  readConversions,
  readDeposits,
  readWithdrawals,
  type AccountView,
  type WalletRecord,
} from './account-replies.ts';
import { readAnswer, readTrade, type OrderReport, type RulesOf, type TradeReport } from './order-reports.ts';
import { venueErrorOf } from './refusals.ts';

/** Signed calls to the venue; see `RestClient.call`. */
export interface Caller {
  readonly call: (call: RestCall) => Promise<Result<RestReply>>;
}

type Query = Readonly<Record<string, string | number | boolean>>;

/** No such order, and no such symbol. */
const ABSENT: ReadonlySet<number | undefined> = new Set([-2013, -1121]);
const PAGE = 1_000;
/** Pages of trades read for one question; more is a question that should have been asked in parts. */
const PAGES_MAX = 200;
/** Days of an account's trades that are looked through for the first one. */
const DAYS_MAX = 400;

/** What an account can be asked. All questions only read, and are repeated by the REST client while that may help. */
export class AccountQueries {
  readonly #caller: Caller;
  readonly #rulesOf: RulesOf;
  readonly #logger: Logger;
  readonly #signal: AbortSignal;
  #hasWallet = true;

  constructor(caller: Caller, rulesOf: RulesOf, logger: Logger, signal: AbortSignal) {
    this.#caller = caller;
    this.#logger = logger;
    this.#rulesOf = rulesOf;
    this.#signal = signal;
  }

  /** Null where the venue has no such order. */
  async order(
    symbol: InstrumentId,
    name: { readonly clientOrderId: ClientOrderId } | { readonly venueOrderId: VenueOrderId },
  ): Promise<Result<OrderReport | null>> {
    const named = 'clientOrderId' in name ? { origClientOrderId: name.clientOrderId } : { orderId: name.venueOrderId };
    const asked = await this.#get('/api/v3/order', { symbol, ...named }, 4, 'trading', (json) =>
      readAnswer(json, this.#rulesOf),
    );
    if (asked.ok || !ABSENT.has(venueErrorOf(asked.fault)?.code)) return asked;
    return ok(null);
  }

  openOrders(symbol: InstrumentId, priority: RestCall['priority']): Promise<Result<readonly OrderReport[]>> {
    return this.#get('/api/v3/openOrders', { symbol }, 6, priority, (json) => this.#orders(json));
  }

  /** The newest orders, open or ended, oldest first. */
  recentOrders(symbol: InstrumentId): Promise<Result<readonly OrderReport[]>> {
    return this.#get('/api/v3/allOrders', { symbol, limit: PAGE }, 20, 'trading', (json) => this.#orders(json));
  }

  /** Orders with the venue's ids from this one on, oldest first; at most a page. */
  ordersFrom(symbol: InstrumentId, orderId: VenueOrderId): Promise<Result<readonly OrderReport[]>> {
    return this.#get('/api/v3/allOrders', { symbol, orderId, limit: PAGE }, 20, 'trading', (json) =>
      this.#orders(json),
    );
  }

  /** All trades of one order, oldest first. */
  tradesOf(symbol: InstrumentId, orderId: VenueOrderId): Promise<Result<readonly TradeReport[]>> {
    return this.#pages({ symbol, orderId }, 5, 0, 'trading');
  }

  /** Trades with ids from `fromId`, oldest first. */
  tradesFrom(
    symbol: InstrumentId,
    fromId: number,
    priority: RestCall['priority'],
  ): Promise<Result<readonly TradeReport[]>> {
    return this.#pages({ symbol }, 20, fromId, priority);
  }

  /** Trades from a time on until now, oldest first. */
  async tradesSince(
    symbol: InstrumentId,
    fromUs: TimestampUs,
    nowUs: TimestampUs,
  ): Promise<Result<readonly TradeReport[]>> {
    const endMs = msFromUs(nowUs);
    // The venue answers at most a day of a range of times: days are looked through until there is a trade to go on from.
    let fromMs = Math.ceil(fromUs / US_PER_MS);
    for (let day = 0; day < DAYS_MAX && fromMs <= endMs; day += 1) {
      const toMs = Math.min(fromMs + MS_PER_DAY, endMs);
      const page = await this.#trades({ symbol, startTime: fromMs, endTime: toMs, limit: 1 }, 20, 'trading');
      if (!page.ok) return page;
      const [first] = page.value;
      if (first !== undefined) return this.#pages({ symbol }, 20, first.tradeId, 'trading');
      fromMs = toMs + 1;
    }
    return fromMs <= endMs
      ? err(
          'venue_protocol',
          `myTrades: ${symbol} has no trade in the ${DAYS_MAX} days from ${fromUs} µs on; ask from later on`,
        )
      : ok([]);
  }

  /** The id of the newest trade; -1 where there is none. */
  async newestTradeId(symbol: InstrumentId): Promise<Result<number>> {
    const page = await this.#trades({ symbol, limit: 1 }, 20, 'trading');
    return page.ok ? ok(page.value[0]?.tradeId ?? -1) : page;
  }

  account(priority: RestCall['priority']): Promise<Result<AccountView>> {
    return this.#get('/api/v3/account', { omitZeroBalances: true }, 20, priority, readAccount);
  }

  fees(symbol: InstrumentId): Promise<Result<AccountFees>> {
    return this.#get('/api/v3/account/commission', { symbol }, 20, 'trading', readCommission);
  }

  /** What the wallet remembers from a time on; null where it has none (its testnet), or none that this key may read. */
  async walletRecords(fromUs: TimestampUs): Promise<Result<readonly WalletRecord[] | null>> {
    if (!this.#hasWallet) return ok(null);
    const range = { startTime: msFromUs(fromUs) };
    const paths = [
      ['/sapi/v1/capital/deposit/hisrec', { ...range, limit: PAGE }, readDeposits],
      ['/sapi/v1/capital/withdraw/history', { ...range, limit: PAGE }, readWithdrawals],
      ['/sapi/v1/asset/dribblet', range, readConversions],
    ] as const;
    const records: WalletRecord[] = [];
    for (const [path, query, read] of paths) {
      const page = await this.#get(path, query, 1, 'data', read);
      if (!page.ok && page.fault.retry !== 'retryable') {
        const { code, message } = page.fault;
        this.#logger.warn('the wallet can not be read: what moves money is told without its cause', {
          code,
          reason: message,
        });
        this.#hasWallet = false;
        return ok(null);
      }
      if (!page.ok) return page;
      records.push(...page.value);
    }
    return ok(records);
  }

  /** One that can't be read is left out: of a kind of tomorrow, or from before the symbol's steps were changed. */
  #orders(json: unknown): readonly OrderReport[] {
    return readArray(json, 'orders').flatMap((each): readonly OrderReport[] => {
      try {
        return [readAnswer(each, this.#rulesOf)];
      } catch (thrown) {
        if (!(thrown instanceof Malformed)) throw thrown;
        this.#logger.warn('an order of the account can not be read', { reason: thrown.fault.message });
        return [];
      }
    });
  }

  #trades(query: Query, weight: number, priority: RestCall['priority']): Promise<Result<readonly TradeReport[]>> {
    return this.#get('/api/v3/myTrades', query, weight, priority, (json) =>
      readArray(json, 'trades').map((each) => readTrade(each, this.#rulesOf)),
    );
  }

  async #pages(
    query: Query,
    weight: number,
    fromId: number,
    priority: RestCall['priority'],
  ): Promise<Result<readonly TradeReport[]>> {
    const trades: TradeReport[] = [];
    let next = fromId;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const answer = await this.#trades({ ...query, fromId: next, limit: PAGE }, weight, priority);
      if (!answer.ok) return answer;
      trades.push(...answer.value);
      const last = answer.value.at(-1);
      if (last === undefined || answer.value.length < PAGE) return ok(trades);
      next = last.tradeId + 1;
    }
    return err('venue_protocol', `myTrades: more than ${PAGE * PAGES_MAX} trades; ask from later on`);
  }

  async #get<T>(
    path: string,
    parameters: Query,
    weight: number,
    priority: RestCall['priority'],
    read: (json: unknown) => T,
  ): Promise<Result<T>> {
    const reply = await this.#caller.call({
      method: 'GET',
      path,
      parameters,
      security: 'signed',
      weight,
      priority,
      signal: this.#signal,
    });
    return reply.ok ? decodeBody(reply.value.body, path, read) : reply;
  }
}
