/**
 * The state of the plainly written exchange and what can be read from it: one list of orders, sorted whenever it is read; totals in `bigint` at 18 digits; what is locked is
 * worked out anew from the open orders each time.
 */
import type { Refused } from './naive-checks.test-support.ts';
import type { More, NaiveList, NaiveOrder, NaiveSetting } from './naive-order.test-support.ts';
import { GeneratedNames } from './generated-names.ts';
import type { ExchangeRules, SymbolRules } from './symbol-rules.ts';
import type { OrderTerms } from './vocabulary.ts';

const UNIT = 10n ** 18n;
const FEE_STEP = 10n ** 10n;
const up = (dividend: bigint, divisor: bigint): bigint => (dividend + divisor - 1n) / divisor;
export const least = (left: number, right: number): number => (left < right ? left : right);

export class NaiveState {
  readonly rules: SymbolRules;
  readonly exchangeRules: ExchangeRules;
  readonly lotAmount: bigint;
  readonly tickLotAmount: bigint;
  readonly log: string[] = [];
  readonly lists: NaiveList[] = [];
  readonly fees = new Map<string, bigint>();
  protected readonly setting: NaiveSetting;
  protected readonly totals = new Map<string, bigint>();
  protected readonly orders: NaiveOrder[] = [];
  protected readonly trades: { readonly price: number; readonly quantity: number; readonly us: number }[] = [];
  protected last: number | null;
  protected us = 0;
  protected ids = 0;
  protected names = 0;
  protected executions = 0;
  protected turns = 0;
  protected matches = 0;
  protected preventions = 0;
  protected due: (NaiveOrder | NaiveList)[] = [];

  constructor(setting: NaiveSetting) {
    this.setting = setting;
    this.rules = setting.rules;
    this.exchangeRules = setting.exchangeRules;
    const { tick, lot } = setting.rules;
    this.lotAmount = (BigInt(lot.units) * UNIT) / 10n ** BigInt(lot.scale);
    this.tickLotAmount = (BigInt(tick.units * lot.units) * UNIT) / 10n ** BigInt(tick.scale + lot.scale);
    this.last = setting.openingPrice;
  }

  deposit(account: string, asset: string, amount: bigint): void {
    this.add(account, asset, amount);
  }

  totalOf(account: string, asset: string): bigint {
    return this.totals.get(`${account} ${asset}`) ?? 0n;
  }

  /** Worked out from the open orders; the legs of a pair share the dearer one's. */
  lockedOf(account: string, asset: string): bigint {
    let sum = 0n;
    for (const order of this.open()) {
      if (order.account !== account || order.place === 'held') continue;
      if ((order.terms.side === 'buy' ? this.rules.quote : this.rules.base) !== asset) continue;
      const sibling = this.sibling(order);
      if (sibling === null) sum += this.need(order);
      else if (sibling.id > order.id)
        sum += this.need(order) > this.need(sibling) ? this.need(order) : this.need(sibling);
    }
    return sum;
  }

  open(): readonly NaiveOrder[] {
    return this.orders.filter((order) => order.place !== 'gone' && order.id > 0);
  }

  remaining(order: NaiveOrder): number {
    return order.quantity - order.executed - order.prevented;
  }

  /** Rounded down to the tick; the last price where nothing was traded in the window. */
  average(minutes: number): bigint | null {
    const second = Math.floor(this.us / 1e6);
    const recent = this.trades.filter(({ us }) => Math.floor(us / 1e6) > second - minutes * 60);
    if (recent.length === 0) return this.last === null ? null : BigInt(this.last);
    const value = recent.reduce((sum, { price, quantity }) => sum + BigInt(price) * BigInt(quantity), 0n);
    return value / recent.reduce((sum, { quantity }) => sum + BigInt(quantity), 0n);
  }

  /** Levels of a side, best first. */
  depth(side: 'buy' | 'sell'): readonly (readonly [number, number])[] {
    const levels = new Map<number, number>();
    for (const order of this.queue(side)) {
      const price = order.terms.price ?? 0;
      levels.set(price, (levels.get(price) ?? 0) + order.shown);
    }
    return [...levels];
  }

  protected add(account: string, asset: string, amount: bigint): void {
    this.totals.set(`${account} ${asset}`, this.totalOf(account, asset) + amount);
  }

  protected free(account: string, asset: string): bigint {
    return this.totalOf(account, asset) - this.lockedOf(account, asset);
  }

  /** What an open order's rest needs, in the asset that it pays in. A market buy is paid from what it was checked to afford. */
  protected need(order: NaiveOrder): bigint {
    const rest = BigInt(this.remaining(order));
    if (order.terms.side === 'sell') return rest * this.lotAmount;
    return rest * BigInt(this.lockPrice(order)) * this.tickLotAmount;
  }

  protected lockPrice(order: NaiveOrder): number {
    if (order.terms.price !== null) return order.terms.price;
    if (order.terms.type === 'MARKET' || order.place === 'taking') return 0;
    return order.terms.stopPrice ?? order.fundedAt;
  }

  protected sibling(order: NaiveOrder): NaiveOrder | null {
    const { list } = order;
    if (list === null || !list.paired || order === list.working) return null;
    return list.legs.find((leg) => leg !== order) ?? null;
  }

  protected queue(side: 'buy' | 'sell'): readonly NaiveOrder[] {
    const better = side === 'buy' ? -1 : 1;
    return this.orders
      .filter((order) => order.place === 'book' && order.terms.side === side)
      .sort((left, right) => better * ((left.terms.price ?? 0) - (right.terms.price ?? 0)) || left.rank - right.rank);
  }

  protected named(account: string, name: string): boolean {
    return this.open().some((order) => order.account === account && order.name === name);
  }

  protected newName(account: string): string {
    const taken = (name: string): boolean =>
      this.named(account, name) ||
      this.lists.some((list) => !list.done && list.account === account && list.name === name);
    let name: string;
    do {
      this.names += 1;
      name = new GeneratedNames(this.rules.symbol).at(this.names);
    } while (taken(name));
    return name;
  }

  protected newOrder(account: string, terms: OrderTerms): NaiveOrder {
    return {
      account,
      terms,
      createdUs: this.us,
      id: 0,
      name: '',
      quantity: terms.quantity ?? 0,
      executed: 0,
      prevented: 0,
      quote: 0n,
      status: 'NEW',
      place: 'taking',
      rank: 0,
      shown: 0,
      armed: 0,
      followed: null,
      list: null,
      amends: 0,
      fundedAt: 0,
    };
  }

  protected number(order: NaiveOrder): void {
    this.ids += 1;
    order.id = this.ids;
    order.name = order.terms.clientOrderId ?? this.newName(order.account);
    this.orders.push(order);
  }

  protected report(order: NaiveOrder, kind: string, more: More = {}): void {
    this.executions += 1;
    const { id, status, quantity, executed, prevented, quote } = order;
    const counts = `${quantity} ${executed} ${prevented} ${quote}`;
    const names = `${more.name ?? order.name}<${more.original ?? ''}`;
    const said = `${more.reason ?? 'NONE'} ${more.about ?? ''}`;
    this.log.push(`report ${this.executions} #${id} ${kind}/${status} ${counts} ${names} ${said}`);
  }

  /** What a taker would meet, part by part: a copy of the queue in which icebergs come round again. `own`: all that is left of an order it may not trade with. */
  protected walk(
    account: string,
    terms: OrderTerms,
    against: 'buy' | 'sell',
  ): readonly { readonly price: number; readonly quantity: number; readonly own: boolean }[] {
    const parts: { price: number; quantity: number; own: boolean }[] = [];
    const mode = terms.selfTradeMode ?? this.rules.selfTradeModeDefault;
    const levels = Map.groupBy(this.queue(against), (order) => order.terms.price ?? 0);
    for (const [price, orders] of levels) {
      const line = orders.map((order) => ({ order, shown: order.shown, rest: this.remaining(order) }));
      for (let next = line.shift(); next !== undefined; next = line.shift()) {
        const own = mode !== 'NONE' && this.related(account, next.order.account);
        if (own) {
          parts.push({ price, quantity: next.rest, own });
          continue;
        }
        parts.push({ price, quantity: next.shown, own });
        const rest = next.rest - next.shown;
        if (rest > 0) line.push({ ...next, rest, shown: least(next.order.terms.icebergQuantity ?? rest, rest) });
      }
    }
    return parts;
  }

  protected related(one: string, other: string): boolean {
    const group = this.setting.accounts.get(one)?.group ?? null;
    return one === other || (group !== null && group === (this.setting.accounts.get(other)?.group ?? null));
  }

  /** Lots and value that a taker would get from the book as it stands. */
  protected foresee(order: NaiveOrder): { readonly lots: number; readonly value: bigint } {
    const { terms, account } = order;
    const buys = terms.side === 'buy';
    const mode = terms.selfTradeMode ?? this.rules.selfTradeModeDefault;
    let wanted = this.remaining(order);
    let lots = 0;
    let value = 0n;
    for (const part of this.walk(account, terms, buys ? 'sell' : 'buy')) {
      if (wanted === 0) break;
      if (terms.price !== null && (buys ? part.price > terms.price : part.price < terms.price)) break;
      if (part.own) {
        if (mode === 'EXPIRE_TAKER' || mode === 'EXPIRE_BOTH') break;
        if (mode === 'DECREMENT') wanted -= least(wanted, part.quantity);
        continue;
      }
      const take = least(wanted, part.quantity);
      lots += take;
      wanted -= take;
      value += BigInt(take) * BigInt(part.price) * this.tickLotAmount;
    }
    return { lots, value };
  }

  protected startFault(order: NaiveOrder): Refused | null {
    const { type, price, side, trailingDelta } = order.terms;
    if (type === 'LIMIT_MAKER') {
      const best = this.queue(side === 'buy' ? 'sell' : 'buy')[0]?.terms.price ?? null;
      const crosses = best !== null && price !== null && (side === 'buy' ? price >= best : price <= best);
      return crosses ? [-2010, 'Order would immediately match and take.'] : null;
    }
    if (type === 'LIMIT' || type === 'MARKET' || trailingDelta !== null || this.last === null) return null;
    return this.stopMet(order, this.last) ? [-2010, 'Order would trigger immediately.'] : null;
  }

  protected stopMet({ terms }: NaiveOrder, price: number): boolean {
    const rises = terms.type.startsWith('STOP') === (terms.side === 'buy');
    const stop = terms.stopPrice ?? 0;
    return rises ? price >= stop : price <= stop;
  }

  /** Whether the account can pay for these orders (of a pair: for the dearer), beside all that is locked already. */
  protected fundFault(orders: readonly NaiveOrder[]): Refused | null {
    const poor: Refused = [-2010, 'Account has insufficient balance for requested action.'];
    let need = 0n;
    for (const order of orders) {
      const { terms } = order;
      const buys = terms.side === 'buy';
      order.fundedAt = this.last ?? 0;
      if (buys && terms.price === null && terms.type !== 'MARKET' && (terms.stopPrice ?? this.last) === null) {
        return [-1112, 'No orders on book for symbol.'];
      }
      const place = order.place;
      order.place = 'waiting';
      const own = buys && terms.type === 'MARKET' ? this.foresee(order).value : this.need(order);
      order.place = place;
      if (own > need) need = own;
    }
    const [first] = orders;
    if (first === undefined) return null;
    const asset = first.terms.side === 'buy' ? this.rules.quote : this.rules.base;
    return need > this.free(first.account, asset) ? poor : null;
  }

  protected requeue(order: NaiveOrder): void {
    this.turns += 1;
    order.rank = this.turns;
    order.shown = least(order.terms.icebergQuantity ?? this.remaining(order), this.remaining(order));
  }

  /** Moves what one side pays and gets, and takes its fee; returns the fee in words. */
  protected settle(order: NaiveOrder, price: number, quantity: number, isMaker: boolean): string {
    const { account, terms } = order;
    const base = BigInt(quantity) * this.lotAmount;
    const value = BigInt(quantity) * BigInt(price) * this.tickLotAmount;
    const buys = terms.side === 'buy';
    const received = buys ? this.rules.base : this.rules.quote;
    order.executed += quantity;
    order.quote += value;
    this.add(account, this.rules.base, buys ? base : -base);
    this.add(account, this.rules.quote, buys ? -value : value);
    const rate = isMaker ? this.setting.makerPpm : this.setting.takerPpm;
    const amount = buys ? base : value;
    let asset: string = received;
    let fee = up(amount * rate, 1_000_000n * FEE_STEP) * FEE_STEP;
    const { discount } = this.setting;
    if (rate > 0n && this.setting.accounts.get(account)?.discount === true) {
      const cost = received === discount.asset ? UNIT : buys ? discount.inBase : discount.inQuote;
      const cheaper = up(amount * rate * discount.payPpm * UNIT, cost * 10n ** 12n * FEE_STEP) * FEE_STEP;
      if (this.free(account, discount.asset) >= cheaper) {
        asset = discount.asset;
        fee = cheaper;
      }
    }
    this.add(account, asset, -fee);
    this.fees.set(asset, (this.fees.get(asset) ?? 0n) + fee);
    return `${fee} ${asset}`;
  }
}
