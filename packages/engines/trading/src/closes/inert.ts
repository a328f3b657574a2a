import { NEAR } from './equity-limits.ts';
import type { Lane } from './lane.ts';
import type { Seat } from './seat.ts';
import type { BarOutcome } from '../strategy/bar-outcome.ts';
import type { TargetWish } from '../strategy/wish.ts';

/** Money of less than a lot's rounding. */
const DUST = 1e-6;

export type HeldLane = Pick<Lane, 'instrument' | 'coins' | 'tickUnits' | 'tickPower'>;
export type HeldSeat = Pick<
  Seat,
  'idle' | 'coins' | 'lots' | 'allocation' | 'amountMax' | 'heldFraction' | 'heldFrom' | 'heldTo'
>;

type Asked = Pick<BarOutcome, 'target' | 'others' | 'failure'>;

/** What an account is worth, in binary numbers. */
interface Worth {
  readonly equity: number;
  readonly cash: number;
  /** It moves with the price of this one market alone. */
  readonly isLone: boolean;
}

/** True where nothing is known to come of what a strategy asked for at the price `mark`, in ticks. */
export function isKnownNothing(
  seat: HeldSeat,
  lane: HeldLane,
  { target, others, failure }: Asked,
  mark: number | null,
): boolean {
  if (failure !== null || others.length > 0) return false;
  return target === null || (mark !== null && isKnownHeld(seat, lane, target, mark));
}

/** True where a target is known to be what is held already at the price `mark`, in ticks: what `isHeld` finds is remembered. */
function isKnownHeld(seat: HeldSeat, lane: HeldLane, { fraction, instrument }: TargetWish, mark: number): boolean {
  if (!seat.idle || instrument !== lane.instrument) return false;
  if (fraction === 0) return seat.lots === 0;
  return fraction === seat.heldFraction && mark >= seat.heldFrom && mark <= seat.heldTo;
}

/** True where a target is surely what is held already, so that no order would come of it. */
export function isHeld(
  seat: HeldSeat,
  lane: HeldLane,
  { fraction, instrument }: TargetWish,
  mark: number,
  worth: Worth,
  bandPpm: number,
): boolean {
  if (!seat.idle || instrument !== lane.instrument) return false;
  if (fraction === 0) return seat.lots === 0;
  if (!holds(seat, lane, fraction, mark, worth, worth.equity, bandPpm)) return false;
  if (worth.isLone && seat.amountMax === Infinity) remember(seat, lane, fraction, mark, worth, bandPpm);
  return true;
}

/** The same of a fraction above 0, at another equity. */
function holds(
  { coins, lots, allocation, amountMax }: HeldSeat,
  { tickUnits, tickPower }: HeldLane,
  fraction: number,
  mark: number,
  { cash }: Worth,
  equity: number,
  bandPpm: number,
): boolean {
  if (lots === 0 || coins <= 0 || allocation === null || equity <= 0) return false;
  const whole = Math.min(amountMax, equity * allocation);
  const value = coins * ((mark * tickUnits) / tickPower);
  const off = whole * (Math.round(fraction * 1_000_000) / 1e6) - value;
  const near = (Math.abs(cash) + equity) * NEAR + DUST;
  return Math.abs(off) <= (whole * bandPpm) / 1e6 - near;
}

/** Prices that are looked at beside one that a target holds at: so far from it, as a share. Near prices come next. */
const BESIDE = 1 / 256;

/** Everything above moves in proportion to the one price: what holds at two prices holds between them. */
function remember(seat: HeldSeat, lane: HeldLane, fraction: number, mark: number, worth: Worth, bandPpm: number): void {
  if (fraction !== seat.heldFraction) {
    seat.heldFraction = fraction;
    seat.heldFrom = mark;
    seat.heldTo = mark;
  } else if (mark < seat.heldFrom) seat.heldFrom = mark;
  else if (mark > seat.heldTo) seat.heldTo = mark;
  const step = Math.ceil(mark * BESIDE);
  for (const beside of [mark - step, mark + step]) {
    if (beside <= 0 || (beside >= seat.heldFrom && beside <= seat.heldTo)) continue;
    const equity = worth.equity + lane.coins * (((beside - mark) * lane.tickUnits) / lane.tickPower);
    if (!holds(seat, lane, fraction, beside, worth, equity, bandPpm)) continue;
    seat.heldFrom = Math.min(seat.heldFrom, beside);
    seat.heldTo = Math.max(seat.heldTo, beside);
  }
}
