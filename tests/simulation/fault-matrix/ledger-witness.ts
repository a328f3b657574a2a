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
  type Instrument,
  type Fill,
  type Order,
  type Result,
  type Price,
} from '@monsta/core';
import type { PositionMessage } from '@monsta/contracts';
import type { AssetPosition, OrderView } from '@monsta/matching';
import type { Page, PageRequest } from '@monsta/ports';
import { isProtectiveOrderId } from '@monsta/trading';
import { ACCOUNT } from '../../integration/trading/world.ts';
import { fillLine, type ArchivedOrder, type ArchivedTrade } from './crowd-exchange.ts';
import type { TradingWorld } from './trading-world.ts';

/** As many as a page may have. */
const PAGE = 1_000;
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

const isProfit = ({ clientOrderId: id, type }: OrderView): boolean =>
  isProtectiveOrderId(clientOrderId(id)) && type === 'LIMIT_MAKER';

/** One of each pair, since one at most of a pair sells. */
function onePerList(orders: readonly OrderView[]): readonly OrderView[] {
  const seen = new Set<number>();
  return orders.filter(({ orderListId: list }) => list < 0 || seen.size < seen.add(list).size);
}

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

/** Every page of a list. */
async function all<T>(read: (page: PageRequest) => Promise<Result<Page<T>>>): Promise<readonly T[]> {
  const items: T[] = [];
  for (let cursor: string | null = null; ;) {
    const page: Page<T> = expectOk(await read({ limit: PAGE, cursor }));
    items.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === null) return items;
  }
}

async function readBooks({ ledger }: TradingWorld): Promise<Books> {
  return {
    orders: (await all((page) => ledger.orders(ACCOUNT, page))).map(({ value }) => value),
    fills: (await all((page) => ledger.fills(ACCOUNT, page))).map(({ value }) => value),
    balances: expectOk(await ledger.balances(ACCOUNT)),
  };
}

/** What differs between the two lists, as lines. */
function differing(what: string, ours: readonly string[], theirs: readonly string[]): readonly string[] {
  const [here, there] = [new Set(ours), new Set(theirs)];
  return [
    ...ours.filter((line) => !there.has(line)).map((line) => `${what} only in the ledger: ${line}`),
    ...theirs.filter((line) => !here.has(line)).map((line) => `${what} only at the venue: ${line}`),
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
    const found = await all((page) => this.#world.ledger.transfers(ACCOUNT, page));
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
    const seen = new Set<string>();
    const twice = names.filter((name) => seen.size === seen.add(name).size);
    return [
      ...twice.map((name) => `order ${name} is at the exchange twice`),
      ...this.#world.instruments.flatMap((instrument) => this.#coinsSoldTwice(instrument)),
      ...names.filter((name) => !known.has(name)).map((name) => `order ${name} was sent and is not in the ledger`),
    ];
  }

  /** What our orders hold of coins, by the exchange's own trades: what was bought, without fees and what was sold. */
  #held(of: Instrument): number {
    const held = this.#ourTrades().reduce((sum, { instrument, side, quantity: lots, feeInBase }) => {
      if (instrument !== of.id) return sum;
      const size = baseAmount(lots, of);
      return subtractAmounts(side === 'buy' ? addAmounts(sum, size) : subtractAmounts(sum, size), feeInBase);
    }, 0n as Amount);
    return held < 0n ? -1 : lotsWithin(held, of);
  }

  #openSells({ id }: Instrument): readonly OrderView[] {
    const { model, venueAccount } = this.#world;
    const open = model.exchange.openOrders(venueAccount, id);
    return open.filter(({ side, clientOrderId }) => side === 'sell' && !isByHand(clientOrderId));
  }

  #coinsSoldTwice(instrument: Instrument): readonly string[] {
    const held = this.#held(instrument);
    const sells = this.#openSells(instrument);
    const selling = onePerList(sells).reduce((sum, order) => sum + leftOf(order), 0);
    if (held < 0) return [`more ${instrument.id} was sold than bought`];
    if (selling <= held) return [];
    return [`${selling} lots are in orders to sell (${sells.map(nameOf).join(', ')}), and ${held} are held`];
  }

  /** What of the position no stop at the exchange covers, where one should: what the strategy itself sells needs none, and what can't be sold has none. */
  uncovered(): readonly string[] {
    return this.#world.instruments.flatMap((instrument) => this.#uncovered(instrument));
  }

  #uncovered(instrument: Instrument): readonly string[] {
    const sells = this.#openSells(instrument);
    const own = sells.filter(({ clientOrderId: id }) => !isProtectiveOrderId(clientOrderId(id)));
    const stops = sells.filter((order) => !own.includes(order));
    const rest = this.#held(instrument) - own.reduce((sum, order) => sum + leftOf(order), 0);
    const said = this.#world.positions.find((each) => each.instrument === instrument.id)?.protection ?? null;
    const shown = `the position is shown as ${said === null ? 'unprotected' : `${said.mode} (${said.reason ?? 'no reason'})`}`;
    const stop = stops.find(isStop);
    if (stop === undefined) {
      if (rest === 0 && own.length === 0) return [];
      const told = said !== null && said.reason !== null && said.mode === 'watched';
      return rest < SELLABLE_MIN && told ? [] : [`${rest} lots have no stop; ${shown}`];
    }
    const others = stops.filter((order) => order !== stop);
    const paired = others.every(
      (order) => isProfit(order) && order.orderListId === stop.orderListId && leftOf(order) === rest,
    );
    if (others.length > 1 || !paired || leftOf(stop) !== rest)
      return [`${rest} lots are covered by ${stops.map(nameOf).join(', ')}; ${shown}`];
    if (own.length > 0) return [];
    return this.#misshown(stop, others[0] ?? null, said, instrument).map((what) => `${what}; ${shown}`);
  }

  /** What of a stop, and of the take profit beside it, is not as it is shown. */
  #misshown(
    stop: OrderView,
    profit: OrderView | null,
    said: PositionMessage['protection'],
    instrument: Instrument,
  ): readonly string[] {
    const text = (at: Price): string => formatPrice(at, instrument);
    if (said?.mode !== 'resting') return [`a stop rests at ${text(stop.stopPrice)}`];
    // Where a trailing one stands only the exchange knows.
    const wrong =
      stop.trailingDelta === 0 && said.stopPrice !== text(stop.stopPrice)
        ? [`a stop rests at ${text(stop.stopPrice)}`]
        : [];
    if (profit === null)
      return said.takeProfitPrice === null || said.reason !== null ? wrong : [...wrong, 'no take profit rests'];
    return said.takeProfitPrice === text(profit.price)
      ? wrong
      : [...wrong, `a take profit rests at ${text(profit.price)}`];
  }

  #ourTrades(): readonly ArchivedTrade[] {
    const { model, venueAccount } = this.#world;
    return model.tradesOf(venueAccount).filter(({ clientOrderId }) => !isByHand(clientOrderId));
  }

  /** What is unknown although reports are said to come since long. */
  async unnoticed(liveSinceUs: number | null): Promise<readonly string[]> {
    const beforeUs = this.#world.clock.nowUs() - UNNOTICED_MS * US_PER_MS;
    if (liveSinceUs === null || liveSinceUs > beforeUs) return [];
    const ids = new Set<string>((await readBooks(this.#world)).fills.map(({ fillId }) => fillId));
    return this.#ourTrades()
      .filter(({ timeUs, tradeId }) => timeUs < beforeUs && !ids.has(String(tradeId)))
      .map(({ line }) => `for ${UNNOTICED_MS} ms reports come, and this trade is unknown: ${line}`);
  }

  /** Everything that was found to differ by the program itself, and should not have. */
  async divergences(): Promise<readonly string[]> {
    const items = await all((page) => this.#world.ledger.divergences(ACCOUNT, page));
    // That somebody traded by hand is recorded as one.
    return items.flatMap(({ code, message }) => (code === 'foreign_trade' ? [] : `divergence ${code}: ${message}`));
  }

  /** How much the ledger has. */
  async counts(): Promise<{ readonly orders: number; readonly fills: number }> {
    const { orders, fills } = await readBooks(this.#world);
    return { orders: orders.length, fills: fills.length };
  }
}
