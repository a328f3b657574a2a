import {
  AMOUNT_SCALE,
  baseAmount,
  divide,
  formatAmount,
  formatQuantity,
  notional,
  PLAIN_TERMS,
  pow10,
  sameSteps,
  US_PER_MS,
} from '@monsta/core';
import type {
  Amount,
  Fill,
  Instrument,
  InstrumentId,
  Order,
  Price,
  Quantity,
  StrategyId,
  TimestampUs,
} from '@monsta/core';
import type { Emit, KernelConfig, KernelOutput } from './kernel-types.ts';
import type { DecisionRecord } from './records.ts';
import type { Markets } from './markets.ts';
import { isProtectiveOrderId } from './order-ids.ts';
import type { OrderDesk, OrderWish } from './order-desk.ts';
import type { Portfolio } from './portfolio.ts';
import { sellableLots } from './position.ts';
import { isPending, isProtective, isUntouchedGuard } from './protection.ts';
import type { ProtectiveDesk } from './protective-desk.ts';
import type { OrderDenied } from './risk.ts';
import { basisPointsOf } from './slippage.ts';
import { stoppedForGood, type StrategyGates } from './strategy-gates.ts';
import type { TradingGate } from './trading-gate.ts';
import {
  CHILDREN_MAX,
  planSlices,
  quantityUntil,
  sliceAt,
  sliceBeginsUs,
  termsOf,
  type AlgoDeskState,
  type TwapState,
  type TwapWish,
} from './twap.ts';

/** How many algorithms run at once on an account. */
const ALGORITHMS_MAX = 50;
/** A market order is at most so many times its slice: what was missed in an outage is not made up for at one blow. */
const CATCH_UP_SLICES = 2;
/** How often a refused cancel is asked for again. */
const CANCEL_AGAIN_US = 1_000_000;
/** How long after its time an order that waits behind a protective one is waited for. */
const GRACE_US = 60_000_000;
const TAG = 'twap:';

export type AlgoBegun =
  /** In how many slices it was cut; `said` tells why they are fewer than asked for. */
  { readonly algoId: string; readonly slices: number; readonly said: string | null } | { readonly denied: OrderDenied };

interface AlgoParts {
  readonly config: KernelConfig;
  readonly markets: Markets;
  readonly portfolio: Portfolio;
  readonly gate: TradingGate;
  readonly gates: StrategyGates;
  readonly desk: OrderDesk;
  readonly protective: ProtectiveDesk;
  readonly emit: Emit;
}

const tagOf = ({ algoId }: Pick<TwapState, 'algoId'>): string => `${TAG}${algoId}`;
const deny = (rule: string, limit: string, actual: string, message: string): { readonly denied: OrderDenied } => ({
  denied: { rule, limit, actual, message },
});

/**
 * Works large orders off in slices (TWAP: equal parts at equal distances in time). Each slice is an order of its own that risk is asked about; what a slice did not get is owed by the
 * next. What was placed and filled is recorded together with the orders and fills themselves, so that a restart neither doubles nor loses a slice.
 */
export class AlgoDesk {
  readonly #parts: AlgoParts;
  readonly #running = new Map<string, TwapState>();
  /** Slices whose order waits at the protective desk: forgotten by a restart, which asks anew. */
  readonly #queued = new Map<string, number>();
  #next = 1;
  #moved = false;
  #touched = true;
  #dueUs = 0;

  constructor(parts: AlgoParts) {
    this.#parts = parts;
  }

  /** What survives a restart. */
  get durable(): AlgoDeskState {
    return { next: this.#next, running: [...this.#running.values()] };
  }

  get state() {
    return { ...this.durable, queued: [...this.#queued], touched: this.#touched, dueUs: this.#dueUs };
  }

  restore(state: AlgoDeskState & Partial<AlgoDesk['state']>): void {
    this.#next = state.next;
    for (const algo of state.running) this.#running.set(algo.algoId, algo);
    for (const [id, slice] of state.queued ?? []) this.#queued.set(id, slice);
    this.#touched = state.touched ?? true;
    this.#dueUs = state.dueUs ?? 0;
  }

  /** True while one is buying: a position comes, whatever is held and open now. */
  readonly enters = (strategyId: StrategyId, instrument: InstrumentId): boolean =>
    this.running.some(
      (each) => each.side === 'buy' && each.strategyId === strategyId && each.instrument === instrument,
    );

  /** Those that have not ended, oldest first. */
  get running(): readonly TwapState[] {
    return [...this.#running.values()];
  }

  get idle(): boolean {
    return this.#running.size === 0;
  }

  takeMoved(): boolean {
    const moved = this.#moved;
    this.#moved = false;
    return moved;
  }

  /** Orders, positions or a gate may have moved. */
  touch(): void {
    this.#touched = true;
  }

  /** Begins to work an order off; its first slice is placed when this input is settled. */
  begin(wish: TwapWish, nowUs: TimestampUs): AlgoBegun {
    const planned = this.#plan(wish, nowUs);
    if ('denied' in planned) return planned;
    const { instrument, slices } = planned;
    const { kind, strategyId, side, quantity, durationUs, limitPrice, tag } = wish;
    const algo: TwapState = {
      ...{ kind, strategyId, instrument: instrument.id, side, quantity, durationUs, limitPrice, tag },
      reduceOnly: side === 'sell' || wish.reduceOnly,
      algoId: this.#next.toString(36),
      slices,
      steps: { tick: instrument.tick, lot: instrument.lot },
      decisionPrice: this.#parts.markets.state(instrument.id).lastTrade,
      beganUs: nowUs,
      slice: -1,
      children: [],
      filled: 0 as Quantity,
      filledNotional: 0n as Amount,
      hindrance: null,
      ending: null,
      noCancelBeforeUs: 0,
    };
    this.#next += 1;
    this.#put(algo);
    const said =
      slices === wish.slices
        ? null
        : `${slices} slices instead of ${wish.slices}: each has to be worth what the venue and risk take at least, and one second apart`;
    const wanted = {
      ...termsOf(algo, instrument),
      slices,
      slicesAsked: wish.slices,
      durationMs: durationUs / US_PER_MS,
      reason: said ?? `${slices} slices over ${durationUs / US_PER_MS} ms`,
    };
    this.#decide(algo, 'begin', side === 'buy' ? 'enter' : 'exit', wanted, { result: 'approved' }, nowUs);
    return { algoId: algo.algoId, slices, said };
  }

  #plan(
    wish: TwapWish,
    nowUs: TimestampUs,
  ): { readonly instrument: Instrument; readonly slices: number } | { readonly denied: OrderDenied } {
    const { markets } = this.#parts;
    const { strategyId, side, quantity } = wish;
    const instrument = markets.instrument(wish.instrument);
    if (instrument === null) {
      const message = `instrument ${wish.instrument} is not known`;
      return deny('instrument_unknown', 'a known instrument', wish.instrument, message);
    }
    const stopped = this.#stoppedBy(strategyId, side);
    if (stopped !== null) return deny('trading_state', side === 'buy' ? 'ACTIVE' : 'not HALTED', stopped, stopped);
    const other = this.running.find((algo) => algo.strategyId === strategyId && algo.instrument === instrument.id);
    if (other !== undefined) {
      const message = `algorithm ${other.algoId} of ${strategyId} still runs on ${instrument.id}; cancel it first`;
      return deny('algorithm_running', 'one for each strategy and instrument', other.algoId, message);
    }
    if (this.#running.size >= ALGORITHMS_MAX) {
      const message = 'too many algorithms run already';
      return deny('algorithms_max', String(ALGORITHMS_MAX), String(this.#running.size), message);
    }
    if (side === 'sell') {
      const free = this.#parts.protective.sellable(strategyId, instrument.id, nowUs);
      if (quantity > free) {
        const held = formatQuantity(free, instrument);
        const message = `only ${held} ${instrument.base} are held and free to sell`;
        return deny('position_short', held, formatQuantity(quantity, instrument), message);
      }
    }
    const at = wish.limitPrice ?? this.#priceOf(instrument, side);
    if (at === null) return deny('price_unknown', 'a price', 'none', `no price of ${instrument.id} has been seen yet`);
    const planned = planSlices(wish, at, this.#leastOf(instrument), instrument);
    return 'denied' in planned ? planned : { instrument, slices: planned.slices };
  }

  /** Ends all that are meant; false where there is none. What is filled stays filled. */
  cancelAll(isMeant: (algo: TwapState) => boolean, reason: string): boolean {
    const meant = this.running.filter((algo) => algo.ending === null && isMeant(algo));
    for (const algo of meant) this.#put({ ...algo, ending: reason });
    return meant.length > 0;
  }

  /** Hears what the kernel records: its own orders and fills, wherever they come from. */
  heard(output: KernelOutput): void {
    if (this.#running.size === 0) return;
    if (output.kind === 'order') this.#onOrder(output.order);
    else if (output.kind === 'fill') this.#onFill(output.fill, output.instrument);
  }

  #onOrder(order: Order): void {
    if (order.tag === null || !order.tag.startsWith(TAG)) return;
    const algo = this.#running.get(order.tag.slice(TAG.length));
    if (algo === undefined) return;
    this.#touched = true;
    if (!algo.children.includes(order.clientOrderId)) {
      this.#queued.delete(algo.algoId);
      const children = [...algo.children, order.clientOrderId].slice(-CHILDREN_MAX);
      this.#put({ ...algo, children, slice: sliceAt(order.createdUs, algo), hindrance: null });
    } else if (order.status === 'rejected') {
      const code = order.reasonCode ?? 'rejected';
      // One that was never sent, because the program died, is still to be placed in its slice.
      const slice = code === 'never_arrived' ? algo.slice - 1 : algo.slice;
      const message = `a slice was refused (${code}: ${order.reason ?? 'no reason given'})`;
      this.#hinder({ ...algo, slice }, code, message);
    }
  }

  #onFill(fill: Fill, instrument: Instrument): void {
    for (const algo of this.running) {
      const own = algo.children.includes(fill.clientOrderId);
      if (own && sameSteps(algo.steps, instrument)) {
        const filled = (algo.filled + fill.quantity) as Quantity;
        const filledNotional = (algo.filledNotional + notional(fill.price, fill.quantity, instrument)) as Amount;
        this.#put({ ...algo, filled, filledNotional });
      } else if (
        algo.ending === null &&
        algo.side === 'buy' &&
        isProtectiveOrderId(fill.clientOrderId) &&
        fill.strategyId === algo.strategyId &&
        fill.instrument === algo.instrument
      ) {
        this.#put({ ...algo, ending: `protective order ${fill.clientOrderId} is selling what is held` });
      }
    }
  }

  /** Brings each a step further, where there is one to take. */
  settle(nowUs: TimestampUs, flattening: boolean): void {
    if (this.#running.size === 0) return;
    for (const { algoId, ending, strategyId, side } of this.running) {
      if (ending !== null) continue;
      const stopped = flattening ? 'positions are being closed' : this.#stoppedBy(strategyId, side);
      const algo = this.#running.get(algoId);
      if (stopped !== null && algo !== undefined) this.#put({ ...algo, ending: stopped });
    }
    if (!this.#touched && nowUs < this.#dueUs) return;
    // An order that risk allows is heard of at once; two rounds see what came of it.
    for (let round = 0; round < 3 && (this.#touched || nowUs >= this.#dueUs); round += 1) {
      this.#touched = false;
      this.#dueUs = Number.MAX_SAFE_INTEGER;
      for (const algo of this.running) this.#step(algo, nowUs);
    }
  }

  #step(algo: TwapState, nowUs: TimestampUs): void {
    const { markets, portfolio } = this.#parts;
    const working = portfolio.workingOf(algo.strategyId, algo.instrument);
    const children = working.filter(({ tag }) => tag === tagOf(algo));
    const instrument = markets.instrument(algo.instrument);
    const ending = algo.ending ?? this.#endingOf(algo, instrument, working, nowUs);
    if (ending !== null) {
      if (algo.ending === null) this.#put({ ...algo, ending });
      if (children.length === 0) this.#end({ ...algo, ending }, ending, nowUs);
      else this.#takeBack({ ...algo, ending }, children, nowUs);
      return;
    }
    const slice = sliceAt(nowUs, algo);
    if (children.length > 0) {
      if (algo.limitPrice !== null && slice > algo.slice) this.#takeBack(algo, children, nowUs);
      else this.#due(sliceBeginsUs(slice + 1, algo));
      return;
    }
    this.#due(slice < algo.slices ? sliceBeginsUs(slice + 1, algo) : nowUs + GRACE_US);
    if (slice <= algo.slice || this.#queued.get(algo.algoId) === slice || instrument === null) return;
    this.#place(algo, slice, instrument, nowUs);
  }

  /** Why nothing more is to be placed; null while there is. */
  #endingOf(
    algo: TwapState,
    instrument: Instrument | null,
    working: readonly Order[],
    nowUs: TimestampUs,
  ): string | null {
    if (algo.filled >= algo.quantity) return 'all of it is filled';
    if (instrument === null || !sameSteps(algo.steps, instrument))
      return `the exchange has changed the steps of ${algo.instrument}`;
    const selling = working.find((order) => isProtective(order) && !isUntouchedGuard(order));
    if (algo.side === 'buy' && selling !== undefined)
      return `protective order ${selling.clientOrderId} is selling what is held`;
    if (algo.side === 'sell') {
      const position = this.#parts.portfolio.position(algo.strategyId, algo.instrument, nowUs);
      if (sellableLots(position, instrument) === 0) return 'nothing is held any more';
    }
    const slice = sliceAt(nowUs, algo);
    if (slice < algo.slices || working.some(({ tag }) => tag === tagOf(algo))) return null;
    const waits = this.#queued.has(algo.algoId) && nowUs < algo.beganUs + algo.durationUs + GRACE_US;
    // At the market, what is still owed is tried once more when the time is over.
    const tried = algo.limitPrice !== null || algo.slice >= algo.slices || this.#queued.has(algo.algoId);
    return tried && !waits ? `its time is over${algo.hindrance === null ? '' : `; last: ${algo.hindrance}`}` : null;
  }

  #place(algo: TwapState, slice: number, instrument: Instrument, nowUs: TimestampUs): void {
    const { desk, protective } = this.#parts;
    const { strategyId, side, limitPrice } = algo;
    this.#forgetWaiting(algo);
    let owed = this.#owed(algo, slice, instrument);
    if (side === 'sell' && owed > 0) {
      const free = protective.sellable(strategyId, algo.instrument, nowUs);
      if (free === 0) {
        this.#hinder({ ...algo, slice }, 'position_short', 'other orders are selling what is held');
        return;
      }
      owed = Math.min(owed, free);
    }
    if (owed <= 0) {
      this.#put({ ...algo, slice });
      return;
    }
    const wish: OrderWish = {
      strategyId,
      instrument: algo.instrument,
      side,
      type: limitPrice === null ? 'market' : 'limit',
      timeInForce: 'gtc',
      quantity: owed as Quantity,
      ...PLAIN_TERMS,
      limitPrice,
      tag: tagOf(algo),
      decisionPrice: algo.decisionPrice,
      reduceOnly: algo.reduceOnly,
    };
    const placed = side === 'sell' ? protective.exit(wish, nowUs) : desk.place(wish, nowUs);
    if ('queuedBehind' in placed) {
      this.#queued.set(algo.algoId, slice);
      return;
    }
    if ('order' in placed) return;
    const { rule, message } = placed.denied;
    if (!this.#hinder({ ...algo, slice }, rule, message)) return;
    const wanted = { ...termsOf(algo, instrument), slice, reason: 'a slice, which the next one is owed' };
    const risk = { result: 'denied', ...placed.denied };
    this.#decide(algo, `denied:${slice}`, 'hold', wanted, risk, nowUs);
  }

  /** Lots of the order of a slice; 0 where there are too few for one, which the next slice is owed. */
  #owed(algo: TwapState, slice: number, instrument: Instrument): number {
    const { quantity, filled, slices, limitPrice, side } = algo;
    const left = quantity - filled;
    const most = Math.min(
      limitPrice === null ? CATCH_UP_SLICES * Math.ceil(quantity / slices) : left,
      limitPrice === null ? (instrument.marketQuantityMax ?? instrument.quantityMax) : instrument.quantityMax,
    );
    const owed = Math.min(quantityUntil(slice, algo) - filled, most);
    const at = limitPrice ?? this.#priceOf(instrument, side);
    const least = this.#leastOf(instrument);
    const tooLittle = (lots: number): boolean =>
      lots < Math.max(1, instrument.quantityMin) || (at !== null && notional(at, lots as Quantity, instrument) < least);
    // A rest that no order could be made of goes with this one.
    const whole = owed > 0 && left > owed && tooLittle(left - owed) ? left : owed;
    return tooLittle(whole) ? 0 : whole;
  }

  /** Remembers what hindered a slice, and says it where it is something new. */
  #hinder(algo: TwapState, rule: string, message: string): boolean {
    const isNew = algo.hindrance !== rule;
    this.#put({ ...algo, hindrance: rule });
    if (!isNew) return false;
    const words = `algorithm ${algo.algoId} of ${algo.strategyId} on ${algo.instrument}: ${message}; it is still owed`;
    this.#parts.emit({ kind: 'note', level: 'warn', code: 'algorithm_hindered', message: words });
    return true;
  }

  #takeBack(algo: TwapState, children: readonly Order[], nowUs: TimestampUs): void {
    if (children.every(({ status, type }) => status === 'pending_cancel' || type === 'market')) return;
    if (nowUs < algo.noCancelBeforeUs) {
      this.#due(algo.noCancelBeforeUs);
      return;
    }
    this.#put({ ...algo, noCancelBeforeUs: nowUs + CANCEL_AGAIN_US });
    for (const child of children)
      if (child.type !== 'market' || !isPending(child)) this.#parts.desk.cancel(child, nowUs);
  }

  /** A slice that waits at the protective desk is owed by the next one. */
  #forgetWaiting(algo: TwapState): void {
    this.#queued.delete(algo.algoId);
    this.#parts.protective.waiting.drop(algo.strategyId, algo.instrument, (tag) => tag === tagOf(algo));
  }

  #end(algo: TwapState, reason: string, nowUs: TimestampUs): void {
    this.#forgetWaiting(algo);
    this.#running.delete(algo.algoId);
    this.#moved = true;
    const { filled, quantity, filledNotional, decisionPrice, side } = algo;
    const steps = algo.steps;
    const coins = baseAmount(filled, steps);
    const average = filled === 0 ? null : (divide(filledNotional * pow10(AMOUNT_SCALE), coins, 'half-even') as Amount);
    const decided = decisionPrice === null ? null : notional(decisionPrice, filled, steps);
    const lost =
      decided === null ? null : ((side === 'buy' ? filledNotional - decided : decided - filledNotional) as Amount);
    const wanted = {
      ...termsOf(algo, steps),
      filled: formatQuantity(filled, steps),
      left: formatQuantity(Math.max(0, quantity - filled) as Quantity, steps),
      averagePrice: average === null ? null : formatAmount(average),
      slippage: lost === null ? null : formatAmount(lost),
      slippageBps: lost === null || decided === null ? null : basisPointsOf(lost, decided),
      reason,
    };
    const action = filled === 0 ? 'hold' : side === 'buy' ? 'enter' : 'exit';
    this.#decide(algo, 'end', action, wanted, null, nowUs);
    if (filled >= quantity) return;
    const message = `algorithm ${algo.algoId} of ${algo.strategyId} on ${algo.instrument} ended with ${wanted.filled} of ${formatQuantity(quantity, steps)} filled: ${reason}`;
    this.#parts.emit({ kind: 'note', level: 'warn', code: 'algorithm_unfinished', message });
  }

  #stoppedBy(strategyId: StrategyId, side: TwapWish['side']): string | null {
    const { gate, gates } = this.#parts;
    return stoppedForGood([...gate.causes(), ...gates.of(strategyId).causes()], side);
  }

  #priceOf({ id }: Instrument, side: TwapWish['side']): Price | null {
    const { ask, bid, mark } = this.#parts.markets.state(id);
    return (side === 'buy' ? ask : bid) ?? mark;
  }

  #leastOf({ notionalMin }: Instrument): Amount {
    const own = this.#parts.config.limits.orderNotionalMin;
    return notionalMin !== null && notionalMin > own ? notionalMin : own;
  }

  #decide(
    algo: TwapState,
    what: string,
    action: DecisionRecord['action'],
    wanted: unknown,
    risk: unknown,
    nowUs: TimestampUs,
  ): void {
    const { strategyId, instrument, algoId, children } = algo;
    const decision: DecisionRecord = {
      id: `${strategyId}:${instrument}:${TAG}${algoId}:${what}`,
      accountId: this.#parts.config.accountId,
      strategyId,
      instrument,
      tsEventUs: nowUs,
      action,
      wanted,
      prediction: null,
      risk,
      orders: what === 'end' ? children : [],
    };
    this.#parts.emit({ kind: 'decision', decision });
  }

  #put(algo: TwapState): void {
    this.#running.set(algo.algoId, algo);
    this.#moved = true;
    this.#touched = true;
  }

  #due(us: number): void {
    if (us < this.#dueUs) this.#dueUs = us;
  }
}
