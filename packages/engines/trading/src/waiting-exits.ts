import { formatQuantity, sameSteps } from '@monsta/core';
import type { Instrument, InstrumentId, Order, Quantity, StrategyId, TimestampUs } from '@monsta/core';
import type { Emit, KernelConfig } from './kernel-types.ts';
import type { ListWish, OrderDesk, OrderWish } from './order-desk.ts';
import type { Portfolio } from './portfolio.ts';
import { positionKey, sellableLots, type Position } from './position.ts';
import { isPending, isProtective, replaceable, type Guard } from './protection.ts';
import { protectionDecision } from './protection-view.ts';
import type { OrderDenied } from './risk.ts';

/** How many sells of one position wait at most; one more is denied (`exits_waiting_max`). */
export const WAITING_MAX = 32;

/** A sell whose coins are in an order that protects them: it is placed when they are free. */
export interface WaitingExit {
  /** Tells it from all others, across restarts. */
  readonly number: number;
  readonly strategyId: StrategyId;
  readonly instrument: InstrumentId;
  readonly sells: OrderWish | ListWish;
  /** A person closes the position: it passes while trading is halted. */
  readonly flattening: boolean;
  /** The steps that its prices and quantities are counted in. */
  readonly steps: Pick<Instrument, 'tick' | 'lot'>;
}

export interface WaitingState {
  readonly next: number;
  readonly waiting: readonly WaitingExit[];
}

interface WaitingParts {
  readonly config: KernelConfig;
  readonly portfolio: Portfolio;
  readonly desk: OrderDesk;
  readonly emit: Emit;
}

/** What sells a position now. */
interface Sales {
  readonly guard: Guard | null;
  readonly protecting: readonly Order[];
}

const NONE: readonly WaitingExit[] = [];

const leadOf = ({ sells }: WaitingExit): OrderWish => ('legs' in sells ? sells.legs[0] : sells);
const denialOf = (rule: string, limit: string, actual: string, message: string): OrderDenied => ({
  rule,
  limit,
  actual,
  message,
});

/**
 * Sells that wait until what protects their coins is off, by position, in the order in which they were asked for. Together they are never for more than is held. Each is placed, or denied
 * with its reason, or forgotten by who asked for it. All of it is durable.
 */
export class WaitingExits {
  readonly #parts: WaitingParts;
  readonly #waiting = new Map<string, readonly WaitingExit[]>();
  #next = 1;
  #moved = false;

  constructor(parts: WaitingParts) {
    this.#parts = parts;
  }

  get state(): WaitingState {
    return { next: this.#next, waiting: [...this.#waiting.values()].flat() };
  }

  restore({ next, waiting }: WaitingState): void {
    this.#next = next;
    for (const exit of waiting) this.#put(exit.strategyId, exit.instrument, [...this.#of(exit), exit]);
    this.#moved = false;
  }

  takeMoved(): boolean {
    const moved = this.#moved;
    this.#moved = false;
    return moved;
  }

  /** True while nothing waits. */
  get none(): boolean {
    return this.#waiting.size === 0;
  }

  any(strategyId: StrategyId, instrument: InstrumentId): boolean {
    return this.#waiting.size > 0 && this.#waiting.has(positionKey(strategyId, instrument));
  }

  /** True while the one of a person who closes the position waits. */
  closes(strategyId: StrategyId, instrument: InstrumentId): boolean {
    return this.#of({ strategyId, instrument }).some(({ flattening }) => flattening);
  }

  /** The tags of those that wait; the two of a pair have one. */
  tags(strategyId: StrategyId, instrument: InstrumentId): readonly (string | null)[] {
    return this.#of({ strategyId, instrument }).map((exit) => leadOf(exit).tag);
  }

  /** How much waits to be sold. */
  lots(strategyId: StrategyId, instrument: InstrumentId): Quantity {
    let lots = 0;
    for (const exit of this.#of({ strategyId, instrument })) lots += leadOf(exit).quantity;
    return lots as Quantity;
  }

  /** Lets a sell wait behind those that do already; what keeps it from that, null: nothing does. `free`: how much of the position is in no sell, open or waiting. */
  add(sells: OrderWish | ListWish, flattening: boolean, free: Quantity, instrument: Instrument): OrderDenied | null {
    const { strategyId } = sells;
    const before = this.#of({ strategyId, instrument: instrument.id });
    if (before.length >= WAITING_MAX) {
      const message = `${before.length} sells of ${strategyId} in ${instrument.id} wait already until what protects the position is off`;
      return denialOf('exits_waiting_max', String(WAITING_MAX), String(before.length), message);
    }
    const { tick, lot } = instrument;
    const exit = { number: this.#next, strategyId, instrument: instrument.id, sells, flattening, steps: { tick, lot } };
    const { quantity } = leadOf(exit);
    if (quantity > free) {
      const held = formatQuantity(free, instrument);
      const message = `only ${held} ${instrument.base} are held and in no other sell`;
      return denialOf('position_short', held, formatQuantity(quantity, instrument), message);
    }
    this.#next += 1;
    this.#put(strategyId, instrument.id, [...before, exit]);
    return null;
  }

  /** Forgets those that are meant, which who asked for them tells of; how many there were. */
  drop(strategyId: StrategyId, instrument: InstrumentId, isMeant: (tag: string | null) => boolean): number {
    const before = this.#of({ strategyId, instrument });
    if (before.length === 0) return 0;
    const left = before.filter((exit) => !isMeant(leadOf(exit).tag));
    if (left.length < before.length) this.#put(strategyId, instrument, left);
    return before.length - left.length;
  }

  /** Denies all that are meant, and says why. */
  denyAll(isMeant: (exit: WaitingExit) => boolean, rule: string, message: string, nowUs: TimestampUs): void {
    for (const exit of this.state.waiting) {
      if (!isMeant(exit)) continue;
      this.#put(
        exit.strategyId,
        exit.instrument,
        this.#of(exit).filter((each) => each !== exit),
      );
      this.#deny(exit, denialOf(rule, 'none', 'one that waited', message), nowUs);
    }
  }

  /** Places what can be placed now, in order. Gives what has to be taken off before the next one. */
  goOn(position: Position, instrument: Instrument, sales: () => Sales, nowUs: TimestampUs): readonly Order[] {
    for (;;) {
      const [first, ...others] = this.#of(position);
      if (first === undefined) return [];
      const { guard, protecting } = sales();
      if (protecting.some(isPending)) return [];
      // Only one order can take another's place in one request.
      const insteadOf = 'legs' in first.sells || protecting.length > 1 ? null : replaceable(guard);
      const isHeld = sellableLots(position, instrument) > 0;
      if (isHeld && protecting.length > 0 && insteadOf === null) return protecting;
      this.#put(position.strategyId, position.instrument, others);
      this.#place(first, isHeld, insteadOf, instrument, nowUs);
    }
  }

  #place(
    exit: WaitingExit,
    isHeld: boolean,
    insteadOf: Order | null,
    instrument: Instrument,
    nowUs: TimestampUs,
  ): void {
    const { desk, portfolio } = this.#parts;
    const { sells, flattening, strategyId } = exit;
    const asked = leadOf(exit).quantity;
    if (!sameSteps(exit.steps, instrument)) {
      const message = `the exchange has changed the steps of ${instrument.id} while it waited`;
      this.#deny(exit, denialOf('order_steps', 'steps of when it was asked for', 'others', message), nowUs);
      return;
    }
    const free = isHeld ? portfolio.freeToSell(strategyId, instrument.id, nowUs, isProtective) : 0;
    if (free === 0) {
      const message = isHeld ? 'other orders are selling what is held' : 'nothing is held any more';
      const denied = denialOf('position_short', '0', formatQuantity(asked, instrument), message);
      this.#deny(exit, denied, nowUs);
      return;
    }
    const quantity = Math.min(free, asked) as Quantity;
    if ('legs' in sells) {
      const [above, below] = sells.legs;
      const placed = desk.placeList(
        {
          ...sells,
          legs: [
            { ...above, quantity },
            { ...below, quantity },
          ],
        },
        nowUs,
      );
      if ('denied' in placed) this.#deny(exit, placed.denied, nowUs);
      else this.#say(exit, placed.orders, nowUs);
      return;
    }
    const placed = desk.place({ ...sells, quantity }, nowUs, { flattening, insteadOf });
    if ('denied' in placed) this.#deny(exit, placed.denied, nowUs);
    else this.#say(exit, [placed.order], nowUs);
  }

  #say(exit: WaitingExit, orders: readonly Order[], nowUs: TimestampUs): void {
    const wanted = { tag: leadOf(exit).tag, reason: 'the exit that waited for the protective order to be off' };
    const ids = orders.map(({ clientOrderId }) => clientOrderId);
    this.#decide(exit, { action: 'exit', wanted, risk: { result: 'approved' }, orders: ids }, nowUs);
  }

  #deny(exit: WaitingExit, denied: OrderDenied, nowUs: TimestampUs): void {
    const wanted = { tag: leadOf(exit).tag, reason: denied.message };
    this.#decide(exit, { action: 'hold', wanted, risk: { result: 'denied', ...denied }, orders: [] }, nowUs);
  }

  #decide(exit: WaitingExit, said: Parameters<typeof protectionDecision>[3], nowUs: TimestampUs): void {
    const { config, emit } = this.#parts;
    const decision = protectionDecision(config.accountId, leadOf(exit), `exit:${exit.number}`, said, nowUs);
    emit({ kind: 'decision', decision });
  }

  #of({ strategyId, instrument }: Pick<Position, 'strategyId' | 'instrument'>): readonly WaitingExit[] {
    return this.#waiting.size === 0 ? NONE : (this.#waiting.get(positionKey(strategyId, instrument)) ?? NONE);
  }

  #put(strategyId: StrategyId, instrument: InstrumentId, exits: readonly WaitingExit[]): void {
    if (exits.length === 0) this.#waiting.delete(positionKey(strategyId, instrument));
    else this.#waiting.set(positionKey(strategyId, instrument), exits);
    this.#moved = true;
  }
}
