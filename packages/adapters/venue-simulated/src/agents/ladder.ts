import type { AccountId } from '@monsta/core';
import { mix32, SIZE_BITS, SIZE_TABLE } from '../random-tables.ts';
import { type AgentDesk, type SizedOrder } from './agent-desk.ts';

const SIZE_MASK = 2 ** SIZE_BITS - 1;
/** More levels than wanted by so many quarters are kept before the outermost go, so that a price that swings does not churn them. */
const SLACK = 1.25;

/** Levels of a side that a maker looks at in one of its steps, in turn. */
const LOOKS = 2;

/** All levels are looked at in every step of this kind, whatever was heard meanwhile. */
const REVIEW_STEPS = 300;

/** How a maker fills the book behind the best prices. */
export interface LadderShape {
  readonly account: AccountId;
  /** One level in each stretch of so many ticks. */
  readonly spacingTicks: number;
  /** Levels on each side. */
  readonly levels: number;
  /** Median size of a level in lots. */
  readonly lots: number;
  /** Fills up and renews only in every n-th step. */
  readonly everySteps: number;
  /** A level keeps its size until the maker looks at it again, or up to seven times so many steps. */
  readonly lifeSteps: number;
}

interface Slot {
  /** The number of its order. */
  readonly order: number;
  readonly renewStep: number;
}

interface Side {
  readonly isBuy: boolean;
  /** +1 where worse prices are higher: asks. */
  readonly direction: 1 | -1;
  /** Cells are counted outwards: `direction` × the cell's number. */
  first: number;
  /** From the best level on; null where an order is to be placed. */
  readonly slots: (Slot | null)[];
  /** The level whose age is looked at next. */
  turn: number;
  /** True where a level may be without an order. */
  hasGaps: boolean;
}

/** A market maker who keeps one order in each stretch of ticks behind the best prices, at places that only the seed decides. */
export class LadderMaker {
  readonly #desk: AgentDesk;
  readonly #shape: LadderShape;
  readonly #seed: number;
  readonly #sized: SizedOrder;
  readonly #sides: readonly [Side, Side];
  #placed = 0;

  constructor(desk: AgentDesk, shape: LadderShape, seed: number, sized: SizedOrder) {
    this.#desk = desk;
    this.#shape = shape;
    this.#seed = seed;
    this.#sized = sized;
    const side = (isBuy: boolean): Side => ({
      isBuy,
      direction: isBuy ? -1 : 1,
      first: 0,
      slots: [],
      turn: 0,
      hasGaps: true,
    });
    this.#sides = [side(true), side(false)];
  }

  /** The price of a cell, in ticks. */
  #at(side: Side, position: number): number {
    const { spacingTicks } = this.#shape;
    const cell = side.direction * position;
    return cell * spacingTicks + (mix32(this.#seed ^ cell) % spacingTicks);
  }

  /** Hears that something was traded: orders may be gone. */
  onTrade(): void {
    for (const side of this.#sides) side.hasGaps = true;
  }

  /** Takes back what stands in the way of a best bid and ask. */
  withdraw(bid: number, ask: number, timeUs: number): void {
    for (const side of this.#sides) {
      const { direction, slots } = side;
      const limit = side.isBuy ? bid : ask;
      while (slots.length > 0 && (this.#at(side, side.first) - limit) * direction <= 0) this.#drop(side, timeUs);
    }
  }

  /** Drops the best level. */
  #drop(side: Side, timeUs: number): void {
    const slot = side.slots.shift();
    if (slot !== undefined && slot !== null) this.#desk.cancel(this.#shape.account, slot.order, timeUs);
    side.first += 1;
  }

  /** Fills up behind a best bid and ask, where this step is one of the maker's. */
  keep(bid: number, ask: number, step: number, timeUs: number): void {
    if (step % this.#shape.everySteps !== 0) return;
    for (const side of this.#sides) this.#keepSide(side, side.isBuy ? bid : ask, step, timeUs);
  }

  #keepSide(side: Side, limit: number, step: number, timeUs: number): void {
    const { account, levels, spacingTicks } = this.#shape;
    const { direction, slots } = side;
    let wanted = direction * Math.floor(limit / spacingTicks) - 1;
    while ((this.#at(side, wanted) - limit) * direction <= 0) wanted += 1;
    if (Math.abs(wanted - side.first) > levels) {
      while (slots.length > 0) this.#drop(side, timeUs);
      side.first = wanted;
    }
    while (side.first < wanted && slots.length > 0) this.#drop(side, timeUs);
    if (slots.length === 0) side.first = wanted;
    while (side.first > wanted) {
      side.hasGaps = true;
      slots.unshift(null);
      side.first -= 1;
    }
    if (slots.length > levels * SLACK) {
      for (const slot of slots.splice(levels)) if (slot !== null) this.#desk.cancel(account, slot.order, timeUs);
    }
    while (slots.length < levels) {
      side.hasGaps = true;
      slots.push(null);
    }
    if (side.hasGaps || step % REVIEW_STEPS === 0) this.#fill(side, step, timeUs);
    for (let look = 0; look < LOOKS; look += 1) this.#renew(side, step, timeUs);
  }

  #fill(side: Side, step: number, timeUs: number): void {
    const { slots } = side;
    side.hasGaps = false;
    for (let index = 0; index < slots.length; index += 1) {
      const slot = slots[index] ?? null;
      if (slot === null || !this.#desk.isOpen(this.#shape.account, slot.order))
        slots[index] = this.#place(side, side.first + index, step, timeUs);
    }
  }

  /** Looks at the next level, and puts another order in its place where it is old. */
  #renew(side: Side, step: number, timeUs: number): void {
    const { slots } = side;
    side.turn = (side.turn + 1) % slots.length;
    const aged = slots[side.turn] ?? null;
    if (aged === null || aged.renewStep > step) return;
    this.#desk.cancel(this.#shape.account, aged.order, timeUs);
    slots[side.turn] = this.#place(side, side.first + side.turn, step, timeUs);
  }

  #place(side: Side, position: number, step: number, timeUs: number): Slot | null {
    const { account, lots, lifeSteps } = this.#shape;
    const ticks = this.#at(side, position);
    if (ticks < 1) return null;
    this.#placed += 1;
    const draw = mix32(this.#seed ^ Math.imul(this.#placed, 0x85ebca6b));
    const size = this.#sized((SIZE_TABLE[draw & SIZE_MASK] ?? 1) * lots, ticks);
    const order = this.#desk.rest(account, side.isBuy ? 'buy' : 'sell', ticks, size, timeUs);
    // Refused, or taken at once: another try with the maker's next step.
    if (order === null) side.hasGaps = true;
    return order === null ? null : { order, renewStep: step + lifeSteps * ((draw >>> 20) % 8) };
  }
}
