import { baseAmount, formatQuantity, invariant, isFinal, lotsWithin, subtractAmounts, timestampUs } from '@monsta/core';
import type { Instrument, InstrumentId, Order, Price, Quantity, StrategyId, TimestampUs } from '@monsta/core';
import {
  afterRefusal,
  reached,
  reachOf,
  refusalOf,
  LATER_US,
  SOON_US,
  whatFollows,
  type Cover,
  type Reach,
  type Refusal,
} from './cover.ts';
import { Covers } from './covers.ts';
import { exitOrder, profitOrder, wordsOf } from './exit-orders.ts';
import type { ExitPlan } from './exit-plan.ts';
import { ExitPlans } from './exit-plans.ts';
import { KnownExitPrices, type ExitPrices } from './exit-prices.ts';
import { fits } from './guard-fit.ts';
import type { DecisionRecord } from './records.ts';
import { listFault, type ListWish, type OrderWish, type Placed, type PlacedList } from './order-desk.ts';
import type { Case, ProtectiveParts } from './protective-case.ts';
import { exitSideOf, positionKey, sellableLots, sizeOf, type Position } from './position.ts';
import {
  isPending,
  isProfit,
  isProtective,
  replaceable,
  salesAmong,
  type Guard,
  type Protection,
} from './protection.ts';
import { protectionDecision, protectionOf, shown } from './protection-view.ts';
import { coinsInSales, coinsOf } from './reservations.ts';
import { strandedness } from './stranded.ts';
import { WaitingExits, type WaitingExit } from './waiting-exits.ts';

const NO_ORDERS: readonly Order[] = [];

/**
 * Keeps at the venue what each position is to be left by: a stop, or a stop and a take profit that cancel each other, of its size, at its prices. One request at a time for each position: while the venue has
 * not said what became of one, nothing else is asked, so that no coin is ever in two orders. Where the venue does not take it, what comes closest is done, and said.
 */
export class ProtectiveDesk {
  readonly #parts: ProtectiveParts;
  readonly #covers = new Covers();
  /** The plans of positions; what is kept of them outlives the program. */
  readonly plans: ExitPlans;
  /** Sells that wait for what protects their coins; they outlive the program too. */
  readonly waiting: WaitingExits;
  readonly #prices = new KnownExitPrices();
  #touched = true;
  #dueUs: number | null = null;

  constructor(parts: ProtectiveParts) {
    this.#parts = parts;
    this.plans = new ExitPlans(parts.config.exitPlan);
    this.waiting = new WaitingExits(parts);
  }

  get state() {
    const [covers, plans, waiting] = [this.#covers.state, this.plans.state, this.waiting.state];
    return { covers, plans, waiting, touched: this.#touched, dueUs: this.#dueUs };
  }

  restore({ covers, plans, waiting, touched, dueUs }: ProtectiveDesk['state']): void {
    this.plans.restore(plans);
    this.waiting.restore(waiting);
    this.#covers.restore(covers);
    this.#touched = touched;
    this.#dueUs = dueUs;
  }

  /** How a position, held or about to be, is to be left; null: as it is configured. False where the instrument is not known. Its entry is placed before, or nothing would keep the plan. */
  setPlan(strategyId: StrategyId, instrument: InstrumentId, plan: ExitPlan | null): boolean {
    const known = this.#parts.markets.instrument(instrument);
    if (known === null) return false;
    this.plans.set(strategyId, known, plan);
    const key = positionKey(strategyId, instrument);
    if (this.#covers.has(key)) this.#covers.put(key, { alone: null, fixed: null });
    this.#touched = true;
    return true;
  }

  /** Orders, positions or the gate may have moved. */
  touch(): void {
    this.#touched = true;
  }

  protectionOf({ strategyId, instrument }: Position): Protection | null {
    return this.#covers.of(positionKey(strategyId, instrument)).protection;
  }

  /** Watches for the venue where it doesn't, and notes the highest prices that stops trail. */
  onTrade(id: InstrumentId, at: Price): void {
    for (const [key, { short, watchStop, watchTake }] of this.#covers.all) {
      const lost = watchStop !== null && reached(at, watchStop, short);
      const won = watchTake !== null && reached(at, watchTake, !short);
      if ((!lost && !won) || !key.endsWith(`:${id}`)) continue;
      const next = lost ? 'market' : 'take';
      this.#covers.put(key, { next, watchStop: null, watchTake: null, notBeforeUs: 0 });
      this.#touched = true;
    }
    if (this.plans.seeTrade(id, at)) this.#touched = true;
  }

  /** When it has to act next though nothing happens: at once while something has moved, Infinity where there is nothing. */
  get dueUs(): number {
    return this.#touched ? 0 : (this.#dueUs ?? Infinity);
  }

  /** Trades strictly between these prices, in ticks, mean nothing to it. */
  reachIn(id: InstrumentId): Reach {
    return reachOf(this.#covers.all, id, this.plans.reachIn(id));
  }

  /** Lots of a position that neither an order of its strategy is about to sell nor one that waits: what protects them makes room. */
  sellable(strategyId: StrategyId, instrument: InstrumentId, nowUs: TimestampUs): Quantity {
    const free = this.#parts.portfolio.freeToSell(strategyId, instrument, nowUs, isProtective);
    return Math.max(0, free - this.waiting.lots(strategyId, instrument)) as Quantity;
  }

  /**
   * An exit of the strategy, or (`flattening`) of a person, that no halt holds up and before which those that wait are denied: placed at once, in the stead of the order where its coins are in one, or, behind
   * those that were asked for before, after what protects its coins is off.
   */
  exit(
    wish: OrderWish,
    nowUs: TimestampUs,
    { flattening = false }: { readonly flattening?: boolean } = {},
  ): Placed | { readonly queuedBehind: readonly string[] } {
    const { desk } = this.#parts;
    const { strategyId, instrument } = wish;
    if (flattening && this.waiting.closes(strategyId, instrument)) return { queuedBehind: [] };
    if (flattening) this.denyWaiting(strategyId, instrument, nowUs);
    const { guard, protecting } = this.#sales(strategyId, instrument);
    const isNext = !this.waiting.any(strategyId, instrument);
    if (isNext && protecting.length === 0) return desk.place(wish, nowUs, { flattening });
    const insteadOf = isNext && protecting.length === 1 ? replaceable(guard) : null;
    if (insteadOf !== null && !isPending(insteadOf)) return desk.place(wish, nowUs, { flattening, insteadOf });
    return this.#wait(wish, flattening, protecting, nowUs);
  }

  /** A person closes the position: nothing else of it is to be sold. */
  denyWaiting(strategyId: StrategyId, instrument: InstrumentId, nowUs: TimestampUs): void {
    const isOurs = (each: WaitingExit): boolean => each.strategyId === strategyId && each.instrument === instrument;
    this.waiting.denyAll(isOurs, 'position_closing', 'a person closes the position', nowUs);
  }

  /** A pair of the strategy's own likewise: what protects its coins is off before. */
  exitPair(list: ListWish, nowUs: TimestampUs): PlacedList | { readonly queuedBehind: readonly string[] } {
    const { strategyId, instrument } = list;
    const { protecting } = this.#sales(strategyId, instrument);
    if (protecting.length === 0 && !this.waiting.any(strategyId, instrument))
      return this.#parts.desk.placeList(list, nowUs);
    const fault = listFault(list);
    return fault === null ? this.#wait(list, false, protecting, nowUs) : { denied: fault };
  }

  #wait(sells: OrderWish | ListWish, flattening: boolean, protecting: readonly Order[], nowUs: TimestampUs) {
    const { strategyId, instrument: id } = sells;
    const instrument = this.#parts.markets.instrument(id);
    invariant(instrument !== null, `what is held of ${id} is not known`);
    const denied = this.waiting.add(sells, flattening, this.sellable(strategyId, id, nowUs), instrument);
    if (denied !== null) return { denied };
    this.#touched = true;
    return { queuedBehind: protecting.map(({ clientOrderId }) => clientOrderId) };
  }

  /** Hears what became of an order. Of a list that sells nothing the order that ends last tells. */
  stepped(before: Order, after: Order, nowUs: TimestampUs): void {
    this.#touched = true;
    if (!isProtective(after)) return;
    const { listId, status } = after;
    const key = positionKey(after.strategyId, after.instrument);
    if (listId !== null && after.filledQuantity > 0) this.#covers.put(key, { soldList: listId });
    if (!isFinal(status)) return;
    if (after.filledQuantity > 0) this.#sold(after, nowUs);
    if (status === 'filled') {
      this.#covers.put(key, { next: 'guard', refused: null, attempts: 0, notBeforeUs: 0 });
      return;
    }
    if (listId !== null && this.#parts.portfolio.ofList(listId).length > 0) return;
    if (status === 'rejected') this.#refuse(after, listId !== null, refusalOf(after), nowUs);
    else if (before.status !== 'pending_cancel' && (listId === null || this.#covers.of(key).soldList !== listId)) {
      const { quantity } = this.#parts.portfolio.position(after.strategyId, after.instrument, nowUs);
      this.#covers.put(key, { notBeforeUs: nowUs + SOON_US, heldThen: sizeOf(quantity) });
      const message = `protective order ${after.clientOrderId} is ${status} (${after.reason ?? 'no reason given'}); what is left of the position gets another`;
      this.#parts.emit({ kind: 'note', level: 'warn', code: 'protective_order_ended', message });
    }
  }

  /** Brings each position's cover a step further, where there is one to take. */
  settle(nowUs: TimestampUs): void {
    if (!this.#touched && (this.#dueUs === null || nowUs < this.#dueUs)) return;
    if (this.protectsNothing) {
      this.#touched = false;
      this.#dueUs = null;
      return;
    }
    this.plans.follow(this.#parts, nowUs);
    // A refusal of risk's own is answered at once; what follows it is at most a list, a stop, a limit order and a market order.
    for (let round = 0; round < 5; round += 1) {
      this.#touched = false;
      this.#dueUs = null;
      for (const position of this.#parts.portfolio.positions()) this.#settleOne(position, nowUs);
      if (!this.#touched) return;
    }
  }

  /** Nothing that it is told now can make it do anything. */
  get protectsNothing(): boolean {
    if (!this.plans.none || !this.waiting.none || this.#covers.size > 0) return false;
    return !this.#parts.portfolio.workingOrders().some(isProtective);
  }

  get #halted(): boolean {
    return this.#parts.gate.current().state === 'HALTED';
  }

  readonly #marketOf = (id: InstrumentId): Price | null => this.#parts.markets.state(id).lastTrade;

  #sales(strategyId: StrategyId, instrument: InstrumentId) {
    return salesAmong(this.#parts.portfolio.salesOf(strategyId, instrument));
  }

  #pricesOf(position: Position, instrument: Instrument): ExitPrices | null {
    if (sellableLots(position, instrument) === 0) return null;
    const planned = this.plans.of(position.strategyId, instrument);
    if (planned === null) return null;
    return this.#prices.of(position, instrument, planned, this.#marketOf(instrument.id));
  }

  #settleOne(position: Position, nowUs: TimestampUs): void {
    const instrument = this.#parts.markets.instrument(position.instrument);
    if (instrument === null) return;
    const key = positionKey(position.strategyId, position.instrument);
    const waits = this.waiting.any(position.strategyId, position.instrument);
    // After a start the first trade is waited for: without one an order with a price is denied.
    if (waits && this.#marketOf(instrument.id) === null) this.#due(nowUs + SOON_US);
    else if (waits) {
      this.#exitNow(key, position, instrument, nowUs);
      return;
    }
    const { guard, others, orders, protecting } = this.#sales(position.strategyId, position.instrument);
    if (orders.some(isPending)) return;
    const cover = this.#covers.of(key);
    const prices = this.#pricesOf(position, instrument);
    if (prices === null) {
      // Nothing is held, or nothing is to be protected any more. What belongs to a pair that has sold ends by itself.
      const left = protecting.filter(
        ({ listId, filledQuantity }) => filledQuantity > 0 || listId === null || listId !== cover.soldList,
      );
      if (left.length > 0) this.#takeOff(key, left, nowUs);
      else if (protecting.length === 0) this.#covers.delete(key);
      return;
    }
    // What protected a position that has turned would enlarge this one.
    const wrong = protecting.filter(({ side }) => side !== exitSideOf(position));
    if (wrong.length > 0) this.#takeOff(key, wrong, nowUs);
    else this.#cover({ key, position, instrument, prices, guard, others, last: this.#marketOf(instrument.id), nowUs });
  }

  #takeOff(key: string, orders: readonly Order[], nowUs: TimestampUs): void {
    const { noCancelBeforeUs } = this.#covers.of(key);
    if (nowUs < noCancelBeforeUs) {
      this.#due(noCancelBeforeUs);
      return;
    }
    for (const order of orders)
      this.#parts.desk.cancel(this.#parts.portfolio.order(order.clientOrderId) ?? order, nowUs);
    this.#covers.put(key, { noCancelBeforeUs: nowUs + SOON_US });
  }

  /** Takes off what something else has to follow: until that is there, the trades are watched here. */
  #makeRoom(each: Case, orders: readonly Order[]): void {
    this.#takeOff(each.key, orders, each.nowUs);
    const { stop, takeProfit } = each.prices;
    if (this.#covers.of(each.key).next !== 'market')
      this.#covers.put(each.key, {
        short: each.position.quantity < 0n,
        watchStop: stop?.trigger ?? null,
        watchTake: takeProfit,
      });
  }

  /** Brings those that wait a step further. Until the rest is protected again the trades are watched here. */
  #exitNow(key: string, position: Position, instrument: Instrument, nowUs: TimestampUs): void {
    const { strategyId } = position;
    const off = this.waiting.goOn(position, instrument, () => this.#sales(strategyId, instrument.id), nowUs);
    if (off.length > 0) this.#takeOff(key, off, nowUs);
    if (!this.waiting.any(strategyId, instrument.id)) this.#touched = true;
    const prices = this.#pricesOf(position, instrument);
    if (prices !== null && this.#covers.of(key).next !== 'market')
      this.#covers.put(key, { short: position.quantity < 0n, watchStop: prices.stop?.trigger ?? null });
  }

  #cover(each: Case): void {
    const { key, position, instrument, prices, guard, others, nowUs } = each;
    const rest = subtractAmounts(
      sizeOf(position.quantity),
      coinsInSales(others, () => true),
    );
    const wanted = rest > 0n ? lotsWithin(rest, instrument) : (0 as Quantity);
    const cover = this.#covers.of(key);
    const fired = cover.next === 'market';
    const inWay = this.#inWay(each, fired);
    if (inWay.length > 0) {
      this.#makeRoom(each, inWay);
      return;
    }
    const acts = fired || (cover.next === 'take' && prices.takeProfit !== null);
    const covered = guard === null ? wanted === 0 : !acts && this.#fits(guard, wanted, each);
    if (covered) {
      this.#watch(each, protectionOf(each, this.#covers.of(key)));
      return;
    }
    if (this.#halted) {
      this.#show(each, shown('paused', each, 'trading is halted; nothing is sent'), null, null);
      return;
    }
    if (wanted === 0) {
      if (guard !== null) this.#takeOff(key, guard.sale.orders, nowUs);
      return;
    }
    const grown = sizeOf(position.quantity) > cover.heldThen;
    if (nowUs < cover.notBeforeUs && !grown) {
      this.#due(cover.notBeforeUs);
      // More than is held is never left in an order.
      if (guard !== null && coinsOf(guard.sale) > baseAmount(wanted, instrument))
        this.#takeOff(key, guard.sale.orders, nowUs);
      const reason = cover.refused === null ? 'it is placed anew soon' : cover.refused.reason;
      if (fired) this.#show(each, shown('exiting', each, reason), null, null);
      else this.#show(each, shown('watched', each, reason), prices.stop?.trigger ?? null, this.#above(each));
      return;
    }
    this.#place(each, wanted, grown && !acts ? 'guard' : cover.next);
  }

  /**
   * What has to be off before anything else: the strategy's own resting orders once the stop's price was reached; and what is left of a take profit that sells alone, when that price is reached or when the market
   * has left the profit's for a while.
   */
  #inWay(each: Case, fired: boolean): readonly Order[] {
    if (each.others.length === 0) return NO_ORDERS;
    const resting = each.others.flatMap(({ orders }) => orders).filter(({ type }) => type !== 'market');
    if (fired) return resting.filter((order) => !isProtective(order) || isProfit(order));
    if (each.prices.stop === null || this.#halted) return [];
    return resting.filter((order) => isProfit(order) && this.#isStranded(order, each));
  }

  #isStranded(order: Order, { last, instrument, nowUs }: Case): boolean {
    const { config, portfolio } = this.#parts;
    const market = { instrument, last, notionalMin: config.limits.orderNotionalMin, nowUs };
    const { stranded, againUs } = strandedness(order, portfolio.stepsOf(order), market);
    if (againUs !== null) this.#due(againUs);
    return stranded;
  }

  #fits(guard: Guard, wanted: Quantity, { instrument, prices, key, nowUs }: Case): boolean {
    const { alone, fixed } = this.#covers.of(key);
    const standing = { alone: alone !== null, fixed: fixed !== null };
    const fit = fits(guard, { wanted, instrument, prices }, standing, nowUs);
    if (fit.againUs !== null) this.#due(fit.againUs);
    return fit.fits;
  }

  /** What the kernel watches for the venue beside a covered position. */
  #watch(each: Case, protection: Protection): void {
    const { guard, others, prices } = each;
    const trigger = prices.stop?.trigger ?? null;
    const alone = others.some(({ orders }) =>
      orders.some((order) => order.type !== 'market' && (!isProtective(order) || isProfit(order))),
    );
    const standsStill = guard !== null && this.#covers.of(each.key).fixed !== null;
    const above = guard?.kind === 'stop' ? this.#above(each) : null;
    this.#show(each, protection, alone || standsStill ? trigger : null, above);
  }

  /** The take profit's price, where it may be acted upon. */
  #above({ key, prices, nowUs }: Case): Price | null {
    const { noTakeBeforeUs } = this.#covers.of(key);
    if (prices.takeProfit === null || nowUs >= noTakeBeforeUs) return prices.takeProfit;
    this.#due(noTakeBeforeUs);
    return null;
  }

  #place(each: Case, quantity: Quantity, asked: Cover['next']): void {
    const { key, prices, guard } = each;
    const { stop, takeProfit } = prices;
    const { alone, fixed } = this.#covers.of(key);
    const next = (asked === 'take' && takeProfit === null) || (asked === 'limit' && stop === null) ? 'guard' : asked;
    const both = next === 'guard' && stop !== null && takeProfit !== null;
    const pair = both && (alone === null || (guard === null && each.nowUs >= alone.sinceUs + LATER_US));
    if (guard !== null && (guard.kind === 'list' || pair)) {
      this.#covers.put(key, { next });
      this.#makeRoom(each, guard.sale.orders);
      return;
    }
    // The sale at the take profit's price is tried once; what follows is what is planned.
    this.#covers.put(key, { next: next === 'take' ? 'guard' : next, watchStop: null, watchTake: null });
    const wish = exitOrder(each.position, prices, quantity, next, fixed !== null);
    const placed = pair ? this.#placePair(each, quantity, wish) : this.#placeOne(wish, guard, each.nowUs);
    if ('denied' in placed) {
      const { rule, message } = placed.denied;
      this.#refuse(wish, pair, { code: rule, reason: message }, each.nowUs);
      return;
    }
    if (pair) this.#covers.put(key, { alone: null });
    if (this.#parts.keeps.decisions !== 'all') return;
    const wanted = wordsOf(wish, prices, next, pair, each.instrument);
    const [first] = placed.orders;
    const action = next === 'guard' ? 'protect' : 'exit';
    this.#decide(wish, action, first.clientOrderId, wanted, { result: 'approved' }, placed.orders, each.nowUs);
  }

  #placeOne(wish: OrderWish, guard: Guard | null, nowUs: TimestampUs) {
    const placed = this.#parts.desk.place(wish, nowUs, { protective: true, insteadOf: replaceable(guard) });
    return 'denied' in placed ? placed : { orders: [placed.order] as const };
  }

  #placePair({ position, prices, nowUs }: Case, quantity: Quantity, stop: OrderWish) {
    const { strategyId, instrument } = position;
    const profit = profitOrder(position, prices, quantity);
    const legs = position.quantity < 0n ? ([stop, profit] as const) : ([profit, stop] as const);
    return this.#parts.desk.placeList({ kind: 'oco', strategyId, instrument, legs }, nowUs, { protective: true });
  }

  /** Takes a refusal, of the venue's or of risk's; the next rung of the ladder follows from it. */
  #refuse(about: OrderWish, pair: boolean, refused: Refusal, nowUs: TimestampUs): void {
    const { portfolio, emit } = this.#parts;
    const key = positionKey(about.strategyId, about.instrument);
    const before = this.#covers.of(key);
    const saidBefore = before.refused?.code;
    const { quantity } = portfolio.position(about.strategyId, about.instrument, nowUs);
    const step = afterRefusal(before, { ...about, pair }, refused, this.#reached(about, nowUs), nowUs);
    this.#covers.put(key, { ...step, refused, heldThen: sizeOf(quantity) });
    this.#touched = true;
    if (saidBefore === refused.code) return;
    const what = pair ? 'pair of stop and take profit' : `${about.type} order`;
    const follows = whatFollows(step);
    const words = `the position of ${about.strategyId} in ${about.instrument} got no ${what} (${refused.code}: ${refused.reason}); ${follows}`;
    emit({ kind: 'note', level: 'warn', code: 'protection_refused', message: words });
    const said = { result: 'refused', rule: refused.code, message: refused.reason };
    this.#decide(about, 'protect', `refused:${nowUs}:${refused.code}`, { reason: follows }, said, [], nowUs);
  }

  #reached(about: OrderWish, nowUs: TimestampUs): 'stop' | 'take-profit' | null {
    const { strategyId, instrument: id } = about;
    const { markets, portfolio } = this.#parts;
    const instrument = markets.instrument(id);
    const last = this.#marketOf(id);
    if (instrument === null || last === null) return null;
    const prices = this.#pricesOf(portfolio.position(strategyId, id, nowUs), instrument);
    if (prices === null) return null;
    const short = about.side === 'buy';
    if (prices.stop !== null && reached(last, prices.stop.trigger, short)) return 'stop';
    return prices.takeProfit !== null && reached(last, prices.takeProfit, !short) ? 'take-profit' : null;
  }

  /** A protective order has sold: an exit of the strategy like any other, which it hears of by its position. */
  #sold(order: Order, nowUs: TimestampUs): void {
    if (this.#parts.keeps.decisions !== 'all') return;
    const steps = this.#parts.portfolio.stepsOf(order);
    const sold = `${formatQuantity(order.filledQuantity, steps)} of ${formatQuantity(order.quantity, steps)}`;
    const wanted = { target: 0, reason: `protective order ${order.clientOrderId} has sold ${sold} ${steps.base}` };
    this.#decide(order, 'exit', `${order.clientOrderId}:sold`, wanted, null, [order], nowUs);
  }

  #decide(
    about: OrderWish,
    action: DecisionRecord['action'],
    what: string,
    wanted: unknown,
    risk: unknown,
    orders: readonly Order[],
    nowUs: TimestampUs,
  ): void {
    const said = { action, wanted, risk, orders: orders.map(({ clientOrderId }) => clientOrderId) };
    const decision = protectionDecision(this.#parts.config.accountId, about, what, said, nowUs);
    this.#parts.emit({ kind: 'decision', decision });
  }

  #show({ key, position }: Case, protection: Protection, watchStop: Price | null, watchTake: Price | null): void {
    const rests = protection.mode === 'resting' ? { refused: null, attempts: 0 } : {};
    this.#covers.put(key, { protection, short: position.quantity < 0n, watchStop, watchTake, ...rests });
  }

  #due(us: number): void {
    if (this.#dueUs === null || us < this.#dueUs) this.#dueUs = timestampUs(us);
  }
}
