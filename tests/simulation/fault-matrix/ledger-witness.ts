import {
  addAmounts,
  baseAmount,
  clientOrderId,
  expectOk,
  formatPrice,
  lotsWithin,
  subtractAmounts,
  US_PER_MS,
  type Amount,
  type Balance,
  type Fill,
  type Order,
} from '@monsta/core';
import type { AssetPosition, OrderView } from '@monsta/matching';
import { isProtectiveOrderId } from '@monsta/trading';
import { ACCOUNT, BTC } from '../../integration/trading/world.ts';
import { fillLine, type ArchivedOrder, type ArchivedTrade } from './crowd-exchange.ts';
import type { TradingWorld } from './trading-world.ts';

const ALL = { limit: 1_000, cursor: null };
/** While reports are said to come, nothing that happened longer ago is unknown: the interval at which the account is compared, and some time to ask. */
const UNNOTICED_MS = 120_000;

/** Fewer lots than this can't be sold, at the least value of an order and a price of 60,000. */
const SELLABLE_MIN = 10;

const STATUS: Readonly<Record<string, readonly Order['status'][]>> = {
  NEW: ['accepted', 'pending_cancel'],
  PARTIALLY_FILLED: ['partially_filled', 'pending_cancel'],
  FILLED: ['filled'],
  CANCELED: ['canceled'],
  EXPIRED: ['expired'],
  EXPIRED_IN_MATCH: ['expired'],
  REJECTED: ['rejected'],
};

const isByHand = (clientOrderId: string): boolean => clientOrderId.startsWith('web_');

const leftOf = ({ quantity: all, executed }: OrderView): number => all - executed;
const isStop = ({ clientOrderId: id, type }: OrderView): boolean =>
  isProtectiveOrderId(clientOrderId(id)) && type === 'STOP_LOSS_LIMIT';

const nameOf = (order: OrderView): string => `${order.type} ${order.clientOrderId} of ${leftOf(order)}`;

const balanceLines = (list: readonly (Balance | AssetPosition)[]): readonly string[] =>
  list
    .filter(({ free, locked }) => free + locked !== 0n)
    .map(({ asset, free, locked }) => `${asset} ${free + locked}`)
    .toSorted();

interface Books {
  readonly orders: readonly Order[];
  readonly fills: readonly Fill[];
  readonly balances: readonly Balance[];
}

async function readBooks({ ledger }: TradingWorld): Promise<Books> {
  return {
    orders: expectOk(await ledger.orders(ACCOUNT, ALL)).items.map(({ value }) => value),
    fills: expectOk(await ledger.fills(ACCOUNT, ALL)).items.map(({ value }) => value),
    balances: expectOk(await ledger.balances(ACCOUNT)),
  };
}

/** What differs between the two lists, as lines. */
function differing(what: string, ours: readonly string[], theirs: readonly string[]): readonly string[] {
  return [
    ...ours.filter((line) => !theirs.includes(line)).map((line) => `${what} only in the ledger: ${line}`),
    ...theirs.filter((line) => !ours.includes(line)).map((line) => `${what} only at the venue: ${line}`),
  ];
}

/** Compares the ledger with what really happened at the exchange; no client is between. */
export class LedgerWitness {
  readonly #world: TradingWorld;

  constructor(world: TradingWorld) {
    this.#world = world;
  }

  /** What of ledger and exchange differs; empty where they are equal and no outcome is awaited. */
  async differences(): Promise<readonly string[]> {
    const { model, venueAccount } = this.#world;
    const { orders, fills, balances } = await readBooks(this.#world);
    const found = expectOk(await this.#world.ledger.transfers(ACCOUNT, ALL)).items;
    const transfers = found.map(({ asset, amount }) => `${asset} ${amount}`);
    return [
      ...this.#ordersDiffer(orders),
      ...differing(
        'fill',
        fills.map(fillLine),
        this.#ourTrades().map(({ line }) => line),
      ),
      ...differing('deposit', transfers, this.#world.deposits),
      ...differing('balance', balanceLines(balances), balanceLines(model.exchange.positions(venueAccount))),
    ];
  }

  #ordersDiffer(orders: readonly Order[]): readonly string[] {
    const { model, venueAccount } = this.#world;
    const there = new Map<string, ArchivedOrder>(
      model.ordersOf(venueAccount).map((order) => [order.clientOrderId, order]),
    );
    const wrong: string[] = [];
    for (const { clientOrderId, status, filledQuantity } of orders) {
      const real = there.get(clientOrderId);
      if (status === 'pending_submit' || status === 'pending_cancel') wrong.push(`order ${clientOrderId} is ${status}`);
      else if (real === undefined) {
        if (status !== 'denied' && status !== 'rejected')
          wrong.push(`order ${clientOrderId} is ${status}, and the exchange never had it`);
      } else {
        if (!(STATUS[real.status] ?? []).includes(status))
          wrong.push(`order ${clientOrderId} is ${status}, at the exchange ${real.status}`);
        if (real.filled !== filledQuantity)
          wrong.push(`of order ${clientOrderId} ${filledQuantity} are filled, at the exchange ${real.filled}`);
      }
    }
    return wrong;
  }

  /** What must never be, however far things are: an order that was sent twice, or that the ledger does not know. */
  async broken(): Promise<readonly string[]> {
    const { model, venueAccount } = this.#world;
    const known = new Set<string>((await readBooks(this.#world)).orders.map(({ clientOrderId }) => clientOrderId));
    const names = model
      .ordersOf(venueAccount)
      .flatMap(({ clientOrderId }) => (isByHand(clientOrderId) ? [] : clientOrderId));
    const twice = names.filter((name, index) => names.indexOf(name) !== index);
    return [
      ...twice.map((name) => `order ${name} is at the exchange twice`),
      ...this.#coinsSoldTwice(),
      ...names.filter((name) => !known.has(name)).map((name) => `order ${name} was sent and is not in the ledger`),
    ];
  }

  /** What our orders hold of coins, by the exchange's own trades: what was bought, without fees and what was sold. */
  #held(): number {
    const held = this.#ourTrades().reduce((sum, { side, quantity: lots, feeInBase }) => {
      const size = baseAmount(lots, BTC);
      return subtractAmounts(side === 'buy' ? addAmounts(sum, size) : subtractAmounts(sum, size), feeInBase);
    }, 0n as Amount);
    return held < 0n ? -1 : lotsWithin(held, BTC);
  }

  #openSells(): readonly OrderView[] {
    const { model, venueAccount } = this.#world;
    const open = model.exchange.openOrders(venueAccount, BTC.id);
    return open.filter(({ side, clientOrderId: id }) => side === 'sell' && !isByHand(id));
  }

  #coinsSoldTwice(): readonly string[] {
    const held = this.#held();
    const sells = this.#openSells();
    const selling = sells.reduce((sum, order) => sum + leftOf(order), 0);
    if (held < 0) return ['more was sold than bought'];
    if (selling <= held) return [];
    return [`${selling} lots are in orders to sell (${sells.map(nameOf).join(', ')}), and ${held} are held`];
  }

  /** What of the position no stop at the exchange covers, where one should: what the strategy itself sells needs none, and what can't be sold has none. */
  uncovered(): readonly string[] {
    const sells = this.#openSells();
    const own = sells.filter(({ clientOrderId: id }) => !isProtectiveOrderId(clientOrderId(id)));
    const stops = sells.filter((order) => !own.includes(order));
    const rest = this.#held() - own.reduce((sum, order) => sum + leftOf(order), 0);
    const said = this.#world.positions.find(({ instrument }) => instrument === BTC.id)?.protection ?? null;
    const shown = `the position is shown as ${said === null ? 'unprotected' : `${said.mode} (${said.reason ?? 'no reason'})`}`;
    const [stop] = stops;
    if (stop === undefined) {
      if (rest === 0 && own.length === 0) return [];
      const told = said !== null && said.reason !== null && said.mode === 'watched';
      return rest < SELLABLE_MIN && told ? [] : [`${rest} lots have no stop; ${shown}`];
    }
    if (stops.length > 1 || !isStop(stop) || leftOf(stop) !== rest)
      return [`${rest} lots are covered by ${stops.map(nameOf).join(', ')}; ${shown}`];
    if (own.length > 0) return [];
    const text = formatPrice(stop.stopPrice, BTC);
    return said?.mode === 'resting' && said.stopPrice === text ? [] : [`a stop rests at ${text}; ${shown}`];
  }

  #ourTrades(): readonly ArchivedTrade[] {
    const { model, venueAccount } = this.#world;
    return model.tradesOf(venueAccount).filter(({ clientOrderId }) => !isByHand(clientOrderId));
  }

  /** What is unknown although reports are said to come since long. */
  async unnoticed(liveSinceUs: number | null): Promise<readonly string[]> {
    const { tape } = this.#world;
    const beforeUs = tape.clock.nowUs() - UNNOTICED_MS * US_PER_MS;
    if (liveSinceUs === null || liveSinceUs > beforeUs) return [];
    const ids = new Set<string>((await readBooks(this.#world)).fills.map(({ fillId }) => fillId));
    return this.#ourTrades()
      .filter(({ timeUs, tradeId }) => timeUs < beforeUs && !ids.has(String(tradeId)))
      .map(({ line }) => `for ${UNNOTICED_MS} ms reports come, and this trade is unknown: ${line}`);
  }

  /** Everything that was found to differ by the program itself, and should not have. */
  async divergences(): Promise<readonly string[]> {
    const { items } = expectOk(await this.#world.ledger.divergences(ACCOUNT, ALL));
    // That somebody traded by hand is recorded as one.
    return items.flatMap(({ code, message }) => (code === 'foreign_trade' ? [] : `divergence ${code}: ${message}`));
  }

  /** How much the ledger has. */
  async counts(): Promise<{ readonly orders: number; readonly fills: number }> {
    const { orders, fills } = await readBooks(this.#world);
    return { orders: orders.length, fills: fills.length };
  }
}
