import { fromJsonValue, invariant, toJsonValue, type ClientOrderId } from '@monsta/core';
import type { ExchangeSnapshot } from '../exchange/exchange-snapshot.ts';
import type { SymbolRules } from '../exchange/symbol-rules.ts';
import type { FeedAccountState } from './feed-account.ts';
import type { FeedSnapshot, SavedPlace } from './feed-exchange-state.ts';
import type { HeldOrder } from './held-orders.ts';

type SavedSymbol = ExchangeSnapshot['symbols'][number];

const SEPARATOR = ':';
const key = (...parts: readonly (string | number)[]): string => parts.join(SEPARATOR);

/** The part of an account's state that tells of one of its orders. */
export const orderPart = (id: ClientOrderId): string => key('order', id);

/** An order as such a part holds it. */
export const orderToPart = (order: HeldOrder): unknown => toJsonValue(order);

/**
 * What an exchange remembers, cut into parts that change apart from each other: JSON values by name. Whoever writes down the parts that have changed after each command, and
 * those that are gone, can put the whole together again.
 */
export function partsOf({ symbols, exchange, places }: FeedSnapshot): ReadonlyMap<string, unknown> {
  const parts = new Map<string, unknown>();
  const { accounts, symbols: markets, ...shared } = exchange;
  parts.set('shared', shared);
  for (const rules of symbols) parts.set(key('rules', rules.symbol), toJsonValue(rules));
  for (const { symbol, orderId, ahead } of places) parts.set(key('place', symbol, orderId), { symbol, orderId, ahead });
  for (const account of accounts) parts.set(key('account', account.id), account);
  for (const { orders, lists, ...market } of markets) {
    parts.set(key('market', market.symbol), market);
    for (const order of orders) parts.set(key('open', market.symbol, order.orderId), order);
    for (const list of lists) parts.set(key('list', market.symbol, list.orderListId), list);
  }
  return parts;
}

/** The state whose parts these are. Throws `InvariantError` where one is missing; what a part holds is taken as it is. */
export function stateOfParts(parts: ReadonlyMap<string, unknown>): FeedAccountState {
  const shared = parts.get('shared');
  invariant(shared !== undefined, 'the state has no part that all symbols share');
  const of = <T>(...prefix: readonly string[]): T[] =>
    [...parts].filter(([name]) => name.startsWith(key(...prefix, ''))).map(([, part]) => part as T);
  const symbols = of<unknown>('rules').map((part) => fromJsonValue(part) as SymbolRules);
  const markets = of<Omit<SavedSymbol, 'orders' | 'lists'>>('market').map((market): SavedSymbol => {
    const { symbol } = market;
    invariant(
      symbols.some((rules) => rules.symbol === symbol),
      `the state has no rules of ${symbol}`,
    );
    return {
      ...market,
      orders: of<SavedSymbol['orders'][number]>('open', symbol).sort((left, right) => left.orderId - right.orderId),
      lists: of<SavedSymbol['lists'][number]>('list', symbol),
    };
  });
  const exchange = {
    ...(shared as Omit<ExchangeSnapshot, 'accounts' | 'symbols'>),
    accounts: of<ExchangeSnapshot['accounts'][number]>('account'),
    symbols: markets,
  };
  const orders = of<unknown>('order').map((part) => fromJsonValue(part) as HeldOrder);
  return { feed: { symbols, exchange, places: of<SavedPlace>('place') }, orders };
}
