import { instrumentId } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { targetDraft } from '../strategy/asks.ts';
import { isHeld, isKnownNothing, type HeldLane, type HeldSeat } from './inert.ts';

const BTC = instrumentId('BTCUSDT');
const LANE: HeldLane = { instrument: BTC, coins: 1, tickUnits: 1, tickPower: 100 };

const seatOf = (coins: number, allocation: number): HeldSeat => ({
  ...{ idle: true, coins, lots: Math.round(coins * 1e8), allocation, amountMax: Infinity },
  ...{ heldFraction: Number.NaN, heldFrom: Infinity, heldTo: -Infinity },
});

const target = (fraction: number) => ({ ...targetDraft(BTC), fraction });
const asked = (fraction: number) => ({ target: target(fraction), others: [], failure: null });

describe('a target that is what is held', () => {
  it('is known at every price between two at which it was found to be, where it is found to be', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 10, noNaN: true }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.integer({ min: 0, max: 200_000 }),
        fc.constantFrom(1, 0.5, 0.25),
        fc.array(fc.integer({ min: 1_000_000, max: 6_000_000 }), { minLength: 2, maxLength: 30 }),
        (coins, allocation, cash, bandPpm, fraction, marks) => {
          const seat = seatOf(coins, allocation);
          const lane = { ...LANE, coins };
          for (const mark of marks) {
            const worth = { equity: cash + coins * (mark / 100), cash, isLone: true };
            const fresh = isHeld(seatOf(coins, allocation), lane, target(fraction), mark, worth, bandPpm);
            if (isKnownNothing(seat, lane, asked(fraction), mark)) expect(fresh).toBe(true);
            else expect(isHeld(seat, lane, target(fraction), mark, worth, bandPpm)).toBe(fresh);
          }
        },
      ),
    );
  });

  it('is known for its own fraction alone, and where it moves with this market alone', () => {
    const seat = seatOf(1, 1);
    const worth = { equity: 30_000, cash: 0, isLone: true };
    expect(isHeld(seat, LANE, target(1), 3_000_000, worth, 50_000)).toBe(true);
    expect(isKnownNothing(seat, LANE, asked(1), 3_000_000)).toBe(true);
    expect(isKnownNothing(seat, LANE, asked(0.99), 3_000_000)).toBe(false);
    expect(isKnownNothing(seat, LANE, asked(0), 3_000_000)).toBe(false);
    const other = seatOf(1, 1);
    expect(isHeld(other, LANE, target(1), 3_000_000, { ...worth, isLone: false }, 50_000)).toBe(true);
    expect(isKnownNothing(other, LANE, asked(1), 3_000_000)).toBe(false);
  });

  it('is known at near prices too, once it was found to be', () => {
    const seat = seatOf(1, 1);
    const worth = { equity: 30_000, cash: 0, isLone: true };
    expect(isHeld(seat, LANE, target(1), 3_000_000, worth, 50_000)).toBe(true);
    for (const mark of [2_990_000, 3_010_000]) expect(isKnownNothing(seat, LANE, asked(1), mark)).toBe(true);
    for (const mark of [2_900_000, 3_100_000]) expect(isKnownNothing(seat, LANE, asked(1), mark)).toBe(false);
  });

  it('is not known where something else was asked for, and is where nothing was', () => {
    const seat = seatOf(1, 1);
    const nothing = { target: null, others: [], failure: null };
    expect(isKnownNothing(seat, LANE, nothing, null)).toBe(true);
    expect(isKnownNothing(seat, LANE, { ...nothing, others: [{ kind: 'cancel-all', instrument: BTC }] }, 1)).toBe(
      false,
    );
    expect(isKnownNothing(seat, LANE, { ...nothing, failure: { message: '', file: null, line: null } }, 1)).toBe(false);
  });
});
