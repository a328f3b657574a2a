import { mix32, SIZE_BITS, SIZE_TABLE } from '../random-tables.ts';
import { AGENTS, type AgentDesk, type SizedOrder } from './agent-desk.ts';

const SIZE_MASK = 2 ** SIZE_BITS - 1;
/** An order that nothing happens to is renewed, with another size, after this many steps and up to four times as many. */
const LIFE_STEPS = 15;

interface Quoted {
  /** The number of its order. */
  readonly order: number;
  readonly ticks: number;
  readonly renewStep: number;
}

/** The market maker at the best prices: one order on each side, moved as the fair price moves and renewed when it is used up. */
export class TouchMaker {
  readonly #desk: AgentDesk;
  readonly #lots: number;
  readonly #seed: number;
  readonly #sized: SizedOrder;
  #bid: Quoted | null = null;
  #ask: Quoted | null = null;
  #placed = 0;

  constructor(desk: AgentDesk, lots: number, seed: number, sized: SizedOrder) {
    this.#desk = desk;
    this.#lots = lots;
    this.#seed = seed;
    this.#sized = sized;
  }

  /** Takes back what does not stand at this bid and ask. */
  withdraw(bid: number, ask: number, timeUs: number): void {
    if (this.#bid !== null && this.#bid.ticks !== bid) {
      this.#desk.cancel(AGENTS.touch, this.#bid.order, timeUs);
      this.#bid = null;
    }
    if (this.#ask !== null && this.#ask.ticks !== ask) {
      this.#desk.cancel(AGENTS.touch, this.#ask.order, timeUs);
      this.#ask = null;
    }
  }

  keep(bid: number, ask: number, step: number, timeUs: number): void {
    this.#bid = this.#quoted(this.#bid, true, bid, step, timeUs);
    this.#ask = this.#quoted(this.#ask, false, ask, step, timeUs);
  }

  #quoted(quoted: Quoted | null, isBuy: boolean, ticks: number, step: number, timeUs: number): Quoted | null {
    if (quoted !== null && this.#desk.isOpen(AGENTS.touch, quoted.order) && quoted.renewStep > step) return quoted;
    if (quoted !== null) this.#desk.cancel(AGENTS.touch, quoted.order, timeUs);
    if (ticks < 1) return null;
    this.#placed += 1;
    const draw = mix32(this.#seed ^ Math.imul(this.#placed, 0x85ebca6b));
    const lots = this.#sized((SIZE_TABLE[draw & SIZE_MASK] ?? 1) * this.#lots, ticks);
    const order = this.#desk.rest(AGENTS.touch, isBuy ? 'buy' : 'sell', ticks, lots, timeUs);
    if (order === null) return null;
    return { order, ticks, renewStep: step + LIFE_STEPS * (1 + ((draw >>> 20) % 4)) };
  }
}
