import { absAmount, lotsWithin, timestampUs, type BarSeries } from '@monsta/core';
import type { BarWindow } from '../bar-window.ts';
import type { KernelConfig } from '../kernel-types.ts';
import type { Portfolio } from '../portfolio.ts';
import { isProtective } from '../protection.ts';
import type { ProtectiveDesk } from '../protective-desk.ts';
import type { StrategyGates } from '../strategy-gates.ts';
import type { Place } from '../strategy/places.ts';
import type { RunningStrategy } from '../strategy/running.ts';
import type { StrategyContext } from '../strategy/vocabulary.ts';
import { binaryOf } from './approximate-worth.ts';

/** A strategy on an instrument, as one of its series sees it. What follows from orders and positions is good until one of them moves. */
export interface Seat {
  readonly place: Place;
  /** Of its strategy among all, for who watches calls. */
  readonly index: number;
  readonly window: BarWindow;
  /** It is decided at the closes of this series. */
  readonly isMain: boolean;
  /** It looks at no other series. */
  readonly isAlone: boolean;
  readonly context: StrategyContext | undefined;
  /** `callBar` of its run, as a value. */
  readonly callBar: RunningStrategy['callBar'];
  readonly hasOnBar: boolean;
  /** No order of its own works, or waits. */
  idle: boolean;
  /** What it holds, long or short, in whole lots; and in binary numbers, below 0 while short. */
  lots: number;
  coins: number;
  /** What a target of 1 is worth: this share of the equity, at most this amount; null where it follows from something else. */
  readonly allocation: number | null;
  readonly amountMax: number;
  halted: boolean;
  /** A target of this fraction is what it holds at these prices, and at those between them. */
  heldFraction: number;
  heldFrom: number;
  heldTo: number;
}

/** Null where the strategy does not watch the series. */
export function seatOf(place: Place, index: number, { interval }: BarSeries, config: KernelConfig): Seat | null {
  const { run, slot } = place;
  const { strategy } = run;
  const sizing = strategy.sizing ?? config.sizing ?? { kind: 'fraction' };
  const isKnown = sizing.kind === 'fraction' || sizing.kind === 'fixed';
  const { exposureMax } = config.limits;
  const window = slot.windows.get(interval);
  if (window === undefined) return null;
  return {
    place,
    index,
    window,
    isMain: slot.interval === interval,
    isAlone: slot.windows.size === 1,
    context: run.contextIn(slot),
    // oxlint-disable-next-line typescript/unbound-method -- called on the run that it is of
    callBar: run.callBar,
    hasOnBar: run.handles('onBar'),
    idle: false,
    lots: 0,
    coins: 0,
    allocation: isKnown ? (strategy.allocationPpm ?? config.allocationPpm) / 1e6 : null,
    amountMax: Math.min(
      exposureMax === null ? Infinity : binaryOf(exposureMax),
      sizing.kind === 'fixed' ? binaryOf(sizing.amount) : Infinity,
    ),
    halted: false,
    heldFraction: Number.NaN,
    heldFrom: Infinity,
    heldTo: -Infinity,
  };
}

/** True for one that has nothing to do at a close but to be asked. */
export function isPlain({ place: { run, slot }, isMain, isAlone, hasOnBar, halted }: Seat): boolean {
  const asked = isMain && isAlone && hasOnBar && !halted;
  return asked && slot.started && slot.pending === null && run.failure === null;
}

/** Reads anew what follows from orders and positions. */
export function refreshSeat(seat: Seat, { instrument }: BarSeries, parts: SeatParts): void {
  const { gates, portfolio, protective } = parts;
  const { strategy } = seat.place.run;
  const position = portfolio.position(strategy.id, instrument.id, timestampUs(0));
  const working = portfolio.workingOf(strategy.id, instrument.id);
  seat.idle = working.every(isProtective) && !protective.waiting.any(strategy.id, instrument.id);
  seat.lots = lotsWithin(absAmount(position.quantity), instrument);
  seat.coins = binaryOf(position.quantity);
  seat.heldFraction = Number.NaN;
  seat.halted = gates.of(strategy.id).current().state === 'HALTED';
}

interface SeatParts {
  readonly gates: StrategyGates;
  readonly portfolio: Portfolio;
  readonly protective: ProtectiveDesk;
}
