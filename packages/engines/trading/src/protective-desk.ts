import {
  baseAmount,
  formatPrice,
  formatQuantity,
  isFinal,
  lotsWithin,
  PLAIN_TERMS,
  sameSteps,
  subtractAmounts,
  timestampUs,
} from '@monsta/core';
import type { Amount, Instrument, InstrumentId, Order, Price, Quantity, StrategyId, TimestampUs } from '@monsta/core';
import type { ExitPlan } from './exit-plan.ts';
import { ExitPlans } from './exit-plans.ts';
import type { DecisionRecord, KernelConfig } from './kernel-types.ts';
import type { Markets } from './markets.ts';
import type { Emit, OrderDesk, OrderWish, Placed } from './order-desk.ts';
import type { Portfolio } from './portfolio.ts';
import { sellableLots, type Position } from './position.ts';
import {
  isPending,
  isProtective,
  isUntouchedStop,
  stopPricesOf,
  sumOf,
  type Protection,
  type StopPrices,
} from './protection.ts';
import { leftOf } from './reservations.ts';
import type { TradingGate } from './trading-gate.ts';

/** What may be over soon: a request that never arrived, an order that was replaced too late, a stop that somebody took off. */
const SOON_US = 1_000_000;
/** What will probably be refused again; the trades are watched meanwhile. */
const LATER_US = 60_000_000;
/** What hinders every order, and passes. */
const WHILE_US = 5_000_000;
/** How long after a refusal the same is asked again; `LATER_US` after any other. */
const WAITS_US: ReadonlyMap<string, number> = new Map([
  ['never_arrived', SOON_US],
  ['not_replaced', SOON_US],
  ['venue_unreachable', WHILE_US],
  ['venue_limited', WHILE_US],
  ['venue_clock', WHILE_US],
  ['no_quote', WHILE_US],
  ['quote_stale', WHILE_US],
]);

interface Refusal {
  readonly code: string;
  readonly reason: string;
}

/** An exit that waits until what protects its coins is off. */
interface QueuedExit {
  readonly wish: OrderWish;
  readonly flattening: boolean;
}

/** How one position is covered. All of it can be found again after a restart, from the orders and by asking the venue. */
interface Cover {
  /** What is placed for coins that nothing covers: the stop; what it would have become, when its price was reached before; or the exit of a stop that the kernel itself watched. */
  readonly next: 'stop' | 'limit' | 'market';
  readonly refused: Refusal | null;
  readonly notBeforeUs: number;
  /** What was held at the refusal: for more of it a stop is tried at once. */
  readonly heldThen: Amount;
  /** Market exits that were refused, one after another. */
  readonly attempts: number;
  /** An exit of the strategy that waits until what protects its coins is off. */
  readonly exit: QueuedExit | null;
  /** No cancel before: one that was refused is asked for again, not at once. */
  readonly noCancelBeforeUs: number;
  /** A trade at this price or below is acted upon; null: the venue does that. */
  readonly watch: Price | null;
  readonly protection: Protection | null;
}

const UNCOVERED: Cover = {
  next: 'stop',
  refused: null,
  notBeforeUs: 0,
  heldThen: 0n as Amount,
  attempts: 0,
  exit: null,
  noCancelBeforeUs: 0,
  watch: null,
  protection: null,
};

/** A position with everything that its protection follows from. */
interface Case {
  readonly key: string;
  readonly position: Position;
  readonly instrument: Instrument;
  readonly prices: StopPrices;
  readonly sells: readonly Order[];
  readonly nowUs: TimestampUs;
}

interface ProtectiveParts {
  readonly config: KernelConfig;
  readonly markets: Markets;
  readonly portfolio: Portfolio;
  readonly desk: OrderDesk;
  readonly emit: Emit;
  readonly gate: TradingGate;
}

const keyOf = (strategyId: StrategyId, instrument: InstrumentId): string => `${strategyId}:${instrument}`;

/**
 * Keeps one stop order at the venue below each position, of its size, at its distance. One request at a time for each position: while the venue has not said what became of one,
 * nothing else is asked, so that no coin is ever in two orders. Where the venue takes no stop, what comes closest is done, and said.
 */
export class ProtectiveDesk {
  readonly #parts: ProtectiveParts;
  readonly #covers = new Map<string, Cover>();
  /** The plans of positions; what is kept of them outlives the program. */
  readonly plans = new ExitPlans();
  #touched = true;
  #dueUs: number | null = null;

  constructor(parts: ProtectiveParts) {
    this.#parts = parts;
  }

  get state() {
    return { covers: [...this.#covers], plans: this.plans.state, touched: this.#touched, dueUs: this.#dueUs };
  }

  restore({ covers, plans, touched, dueUs }: ProtectiveDesk['state']): void {
    this.plans.restore(plans);
    for (const [key, cover] of covers) this.#covers.set(key, cover);
    this.#touched = touched;
    this.#dueUs = dueUs;
  }

  /** How a position, held or about to be, is to be left; null: as it is configured. False where the instrument is not known. */
  setPlan(strategyId: StrategyId, instrument: InstrumentId, plan: ExitPlan | null): boolean {
    const known = this.#parts.markets.instrument(instrument);
    if (known === null) return false;
    this.plans.set(strategyId, known, plan);
    this.#touched = true;
    return true;
  }

  /** Orders, positions or the gate may have moved. */
  touch(): void {
    this.#touched = true;
  }

  protectionOf({ strategyId, instrument }: Position): Protection | null {
    return this.#covers.get(keyOf(strategyId, instrument))?.protection ?? null;
  }

  /** Watches for the venue where it takes no stop. */
  onTrade(instrument: InstrumentId, at: Price): void {
    for (const [key, cover] of this.#covers) {
      if (cover.watch === null || at > cover.watch || !key.endsWith(`:${instrument}`)) continue;
      this.#covers.set(key, { ...cover, next: 'market', watch: null, notBeforeUs: 0 });
      this.#touched = true;
    }
  }

  /** An exit of the strategy, or (`flattening`) of a person, that no halt holds up: placed at once, in the stead of the stop where its coins are in one, or after what protects them is off. */
  exit(
    wish: OrderWish,
    nowUs: TimestampUs,
    { flattening = false }: { readonly flattening?: boolean } = {},
  ): Placed | { readonly queuedBehind: readonly string[] } {
    const { desk, portfolio } = this.#parts;
    const protecting = portfolio.workingOf(wish.strategyId, wish.instrument).filter(isProtective);
    const [first] = protecting;
    if (first === undefined) return desk.place(wish, nowUs, { flattening });
    if (protecting.length === 1 && isUntouchedStop(first) && !isPending(first))
      return desk.place(wish, nowUs, { flattening, insteadOf: first });
    const key = keyOf(wish.strategyId, wish.instrument);
    this.#put(key, { exit: { wish, flattening } });
    this.#touched = true;
    return { queuedBehind: protecting.map(({ clientOrderId }) => clientOrderId) };
  }

  /** The strategy has decided anew. */
  forgetExit(strategyId: StrategyId, instrument: InstrumentId): void {
    const key = keyOf(strategyId, instrument);
    if (this.#covers.has(key)) this.#put(key, { exit: null });
  }

  /** Hears what became of an order. */
  stepped(before: Order, after: Order, nowUs: TimestampUs): void {
    this.#touched = true;
    if (!isProtective(after) || !isFinal(after.status)) return;
    const key = keyOf(after.strategyId, after.instrument);
    if (after.filledQuantity > 0) this.#sold(after, nowUs);
    if (after.status === 'filled') this.#put(key, { next: 'stop', refused: null, attempts: 0, notBeforeUs: 0 });
    else if (after.status === 'rejected')
      this.#refuse(after, { code: after.reasonCode ?? 'rejected', reason: after.reason ?? 'no reason given' }, nowUs);
    else if (before.status !== 'pending_cancel') {
      const { quantity } = this.#parts.portfolio.position(after.strategyId, after.instrument, nowUs);
      this.#put(key, { notBeforeUs: nowUs + SOON_US, heldThen: quantity });
      const message = `protective order ${after.clientOrderId} is ${after.status} (${after.reason ?? 'no reason given'}); what is left of the position gets another`;
      this.#parts.emit({ kind: 'note', level: 'warn', code: 'protective_order_ended', message });
    }
  }

  /** Brings each position's cover a step further, where there is one to take. */
  settle(nowUs: TimestampUs): void {
    if (!this.#touched && (this.#dueUs === null || nowUs < this.#dueUs)) return;
    // A refusal of risk's own is answered at once; what follows it is at most a stop, a limit order and a market order.
    for (let round = 0; round < 4; round += 1) {
      this.#touched = false;
      this.#dueUs = null;
      for (const position of this.#parts.portfolio.positions()) this.#settleOne(position, nowUs);
      if (!this.#touched) return;
    }
  }

  #settleOne(position: Position, nowUs: TimestampUs): void {
    const { config, markets, portfolio } = this.#parts;
    const instrument = markets.instrument(position.instrument);
    if (instrument === null) return;
    const key = keyOf(position.strategyId, position.instrument);
    const sells = portfolio.workingOf(position.strategyId, position.instrument).filter(({ side }) => side === 'sell');
    const held = sellableLots(position, instrument) > 0;
    const prices =
      held && config.protectiveStop !== null ? stopPricesOf(position, instrument, config.protectiveStop) : null;
    if (sells.some(isPending)) return;
    const cover = this.#covers.get(key);
    if (held && cover !== undefined && cover.exit !== null) {
      this.#exitNow(key, cover.exit, sells, nowUs);
      return;
    }
    if (prices === null) {
      // Nothing is held, or nothing is to be protected any more.
      const protecting = sells.filter(isProtective);
      if (protecting.length > 0) this.#takeOff(key, protecting, nowUs);
      else this.#covers.delete(key);
      return;
    }
    this.#cover({ key, position, instrument, prices, sells, nowUs });
  }

  #takeOff(key: string, orders: readonly Order[], nowUs: TimestampUs): void {
    const { noCancelBeforeUs } = this.#coverOf(key);
    if (nowUs < noCancelBeforeUs) {
      this.#due(noCancelBeforeUs);
      return;
    }
    for (const order of orders) this.#parts.desk.cancel(order, nowUs);
    this.#put(key, { noCancelBeforeUs: nowUs + SOON_US });
  }

  #exitNow(key: string, { wish, flattening }: QueuedExit, sells: readonly Order[], nowUs: TimestampUs): void {
    const { desk, portfolio } = this.#parts;
    const protecting = sells.filter(isProtective);
    const stop = protecting.length === 1 ? (protecting.find(isUntouchedStop) ?? null) : null;
    if (protecting.length > 0 && stop === null) {
      this.#takeOff(key, protecting, nowUs);
      return;
    }
    this.#put(key, { exit: null });
    this.#touched = true;
    const free = portfolio.freeToSell(wish.strategyId, wish.instrument, nowUs, isProtective);
    if (free === 0) return;
    const quantity = Math.min(free, wish.quantity) as Quantity;
    const placed = desk.place({ ...wish, quantity }, nowUs, { flattening, insteadOf: stop });
    if ('denied' in placed) {
      const { rule, message } = placed.denied;
      this.#decide(wish, 'hold', `exit:${nowUs}`, { reason: message }, { result: 'denied', rule, message }, [], nowUs);
      return;
    }
    const { clientOrderId } = placed.order;
    const wanted = { reason: 'the exit that waited for the protective order to be off' };
    this.#decide(wish, 'exit', clientOrderId, wanted, { result: 'approved' }, [placed.order], nowUs);
  }

  #cover(each: Case): void {
    const { key, position, instrument, prices, sells, nowUs } = each;
    const { portfolio } = this.#parts;
    const stop = sells.find(isUntouchedStop) ?? null;
    const others = sells.filter((order) => order !== stop);
    const inCoins = (order: Order): Amount => baseAmount(leftOf(order), portfolio.stepsOf(order));
    const rest = subtractAmounts(position.quantity, sumOf(others.map(inCoins)));
    const wanted = rest > 0n ? lotsWithin(rest, instrument) : (0 as Quantity);
    const cover = this.#coverOf(key);
    const fired = cover.next === 'market';
    const own = others.filter((order) => !isProtective(order) && order.type !== 'market');
    if (fired && own.length > 0) {
      this.#takeOff(key, own, nowUs);
      return;
    }
    const covered = stop === null ? wanted === 0 : !fired && this.#fits(stop, wanted, each);
    if (covered) {
      this.#show(key, this.#protectionOf(each, others), own.length > 0 ? prices.stop : null);
      return;
    }
    if (this.#parts.gate.current().state === 'HALTED') {
      this.#show(key, shown('paused', each, 'trading is halted; nothing is sent'), null);
      return;
    }
    if (wanted === 0) {
      if (stop !== null) this.#takeOff(key, [stop], nowUs);
      return;
    }
    if (nowUs < cover.notBeforeUs && position.quantity <= cover.heldThen) {
      this.#due(cover.notBeforeUs);
      // More than is held is never left in an order.
      if (stop !== null && inCoins(stop) > baseAmount(wanted, instrument)) this.#takeOff(key, [stop], nowUs);
      const reason = cover.refused === null ? 'it is placed anew soon' : cover.refused.reason;
      if (fired) this.#show(key, shown('exiting', each, reason), null);
      else this.#show(key, shown('watched', each, reason), prices.stop);
      return;
    }
    this.#place(each, wanted, stop, position.quantity > cover.heldThen && !fired ? 'stop' : cover.next);
  }

  /** True for a stop of the right size at the right price; one in older steps keeps its price. */
  #fits(stop: Order, wanted: Quantity, { instrument, prices }: Case): boolean {
    const steps = this.#parts.portfolio.stepsOf(stop);
    const size = baseAmount(leftOf(stop), steps) === baseAmount(wanted, instrument);
    return size && (stop.stopPrice === prices.stop || !sameSteps(steps, instrument));
  }

  #protectionOf(each: Case, others: readonly Order[]): Protection {
    const own = others.find((order) => !isProtective(order));
    const selling = others.find(isProtective);
    if (own !== undefined) {
      const reason = `its coins are in the strategy's own order ${own.clientOrderId}`;
      return shown(own.type === 'market' ? 'exiting' : 'watched', each, reason);
    }
    if (selling === undefined) return shown('resting', each, null);
    const mode = selling.type === 'limit' ? 'limit' : 'exiting';
    return shown(mode, each, `its price was reached; order ${selling.clientOrderId} is selling`);
  }

  #place(each: Case, quantity: Quantity, insteadOf: Order | null, next: Cover['next']): void {
    const { key, position, instrument, prices, nowUs } = each;
    const { strategyId } = position;
    const types = { stop: 'stop_loss_limit', limit: 'limit', market: 'market' } as const;
    const wish: OrderWish = {
      strategyId,
      instrument: position.instrument,
      side: 'sell',
      type: types[next],
      timeInForce: 'gtc',
      quantity,
      ...PLAIN_TERMS,
      tag: 'stop',
      limitPrice: next === 'market' ? null : prices.limit,
      stopPrice: next === 'stop' ? prices.stop : null,
      reduceOnly: true,
    };
    this.#put(key, { next, watch: null });
    const placed = this.#parts.desk.place(wish, nowUs, { protective: true, insteadOf });
    if ('denied' in placed) {
      const { rule, message } = placed.denied;
      this.#refuse(wish, { code: rule, reason: message }, nowUs);
      return;
    }
    const wanted = {
      reason: REASONS[next],
      stopPrice: formatPrice(prices.stop, instrument),
      limitPrice: next === 'market' ? null : formatPrice(prices.limit, instrument),
      quantity: formatQuantity(quantity, instrument),
    };
    const action = next === 'stop' ? 'protect' : 'exit';
    this.#decide(wish, action, placed.order.clientOrderId, wanted, { result: 'approved' }, [placed.order], nowUs);
  }

  /** Takes a refusal, of the venue's or of risk's; the next rung of the ladder follows from it. */
  #refuse(about: OrderWish, refused: Refusal, nowUs: TimestampUs): void {
    const { portfolio, emit } = this.#parts;
    const key = keyOf(about.strategyId, about.instrument);
    const before = this.#coverOf(key);
    const { quantity } = portfolio.position(about.strategyId, about.instrument, nowUs);
    const reached = this.#isReached(about, nowUs);
    const step = nextAfter(before, refused, reached, nowUs);
    this.#put(key, { ...step, refused, heldThen: quantity });
    this.#touched = true;
    if (before.refused?.code === refused.code) return;
    const words = `the position of ${about.strategyId} in ${about.instrument} got no ${about.type} order (${refused.code}: ${refused.reason}); ${WHAT_NEXT[step.next]}`;
    emit({ kind: 'note', level: 'warn', code: 'protection_refused', message: words });
    const wanted = { reason: WHAT_NEXT[step.next] };
    const said = { result: 'refused', rule: refused.code, message: refused.reason };
    this.#decide(about, 'protect', `refused:${nowUs}:${refused.code}`, wanted, said, [], nowUs);
  }

  #isReached({ strategyId, instrument: id }: OrderWish, nowUs: TimestampUs): boolean {
    const { config, markets, portfolio } = this.#parts;
    const instrument = markets.instrument(id);
    const { lastTrade } = markets.state(id);
    if (instrument === null || lastTrade === null || config.protectiveStop === null) return false;
    const prices = stopPricesOf(portfolio.position(strategyId, id, nowUs), instrument, config.protectiveStop);
    return prices !== null && lastTrade <= prices.stop;
  }

  /** A protective order has sold: an exit of the strategy like any other, which it hears of by its position. */
  #sold(order: Order, nowUs: TimestampUs): void {
    const steps = this.#parts.portfolio.stepsOf(order);
    const sold = `${formatQuantity(order.filledQuantity, steps)} of ${formatQuantity(order.quantity, steps)}`;
    const wanted = { target: 0, reason: `protective order ${order.clientOrderId} has sold ${sold} ${steps.base}` };
    this.#decide(order, 'exit', `${order.clientOrderId}:sold`, wanted, null, [order], nowUs);
  }

  #decide(
    { strategyId, instrument }: OrderWish,
    action: DecisionRecord['action'],
    what: string,
    wanted: unknown,
    risk: unknown,
    orders: readonly Order[],
    nowUs: TimestampUs,
  ): void {
    const decision: DecisionRecord = {
      id: `${strategyId}:${instrument}:protection:${what}`,
      accountId: this.#parts.config.accountId,
      strategyId,
      instrument,
      tsEventUs: nowUs,
      action,
      wanted,
      prediction: null,
      risk,
      orders: orders.map(({ clientOrderId }) => clientOrderId),
    };
    this.#parts.emit({ kind: 'decision', decision });
  }

  #coverOf(key: string): Cover {
    return this.#covers.get(key) ?? UNCOVERED;
  }

  #put(key: string, part: Partial<Cover>): void {
    this.#covers.set(key, { ...this.#coverOf(key), ...part });
  }

  #show(key: string, protection: Protection, watch: Price | null): void {
    const resting = protection.mode === 'resting';
    this.#put(key, { protection, watch, ...(resting ? { refused: null, attempts: 0 } : {}) });
  }

  #due(us: number): void {
    if (this.#dueUs === null || us < this.#dueUs) this.#dueUs = timestampUs(us);
  }
}

const REASONS: Readonly<Record<Cover['next'], string>> = {
  stop: 'a stop below the average price protects the position',
  limit: 'the price of the stop had been reached before it could rest; what it would have become is placed',
  market: 'the price of the stop, which the venue does not hold, was reached',
};

const WHAT_NEXT: Readonly<Record<Cover['next'], string>> = {
  stop: 'the trades are watched here, and a stop is tried again',
  limit: 'its price has been reached: what the stop would have become is placed',
  market: 'its price has been reached: it is sold at the market',
};

const shown = (mode: Protection['mode'], { prices, instrument }: Case, reason: string | null): Protection => ({
  mode,
  stopPrice: formatPrice(prices.stop, instrument),
  reason,
});

/** What is tried after a refusal, and when. Pure. */
function nextAfter(
  { next, attempts }: Cover,
  { code }: Refusal,
  reached: boolean,
  nowUs: TimestampUs,
): Pick<Cover, 'next' | 'notBeforeUs' | 'attempts'> {
  if (next === 'market') {
    const waitUs = Math.min(LATER_US, SOON_US * 2 ** attempts);
    return { next, attempts: attempts + 1, notBeforeUs: nowUs + waitUs };
  }
  const passesUs = WAITS_US.get(code);
  if (passesUs !== undefined) return { next, attempts, notBeforeUs: nowUs + passesUs };
  if (next === 'stop' && code === 'would_trigger_immediately') return { next: 'limit', attempts, notBeforeUs: nowUs };
  return reached
    ? { next: 'market', attempts, notBeforeUs: nowUs }
    : { next: 'stop', attempts, notBeforeUs: nowUs + LATER_US };
}
