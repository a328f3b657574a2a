import { addAmounts, AMOUNT_SCALE, divide, pow10, price, RATE_UNIT } from '@monsta/core';
import type { Amount, Instrument, Order, Price } from '@monsta/core';
import { isProtectiveOrderId } from './order-ids.ts';
import { averagePrice, type Position } from './position.ts';

/** Where the stop of a position stands. Rates are parts per million. */
export interface ProtectiveStopConfig {
  /** How far below the average price paid the stop triggers. */
  readonly distancePpm: number;
  /** How far below its trigger the order may sell. */
  readonly limitOffsetPpm: number;
}

/**
 * What protects a position. `resting`: a stop order waits at the venue. `limit`: the price of the stop had been reached already, and what the stop would have become rests at the venue.
 * `watched`: (a part of) the position has no stop at the venue; the kernel watches the trades itself. `exiting`: its price was reached, and it is being sold. `paused`: trading is halted and nothing is sent.
 */
export interface Protection {
  readonly mode: 'resting' | 'limit' | 'watched' | 'exiting' | 'paused';
  /** Decimal text. */
  readonly stopPrice: string;
  /** Why it is not a resting stop; null for one. */
  readonly reason: string | null;
}

export interface StopPrices {
  readonly stop: Price;
  readonly limit: Price;
}

const atLeastOneTick = (ticks: bigint): Price => price(ticks < 1n ? 1 : Number(ticks));

/** Both rounded up to the tick: never further from the average price than configured. Null while nothing is held. */
export function stopPricesOf(
  position: Position,
  instrument: Instrument,
  { distancePpm, limitOffsetPpm }: ProtectiveStopConfig,
): StopPrices | null {
  const average = averagePrice(position);
  if (average === null) return null;
  const { units, scale } = instrument.tick;
  const left = average * (RATE_UNIT - BigInt(distancePpm));
  const tick = BigInt(units) * pow10(AMOUNT_SCALE - scale);
  const stop = atLeastOneTick(divide(left, RATE_UNIT * tick, 'ceil'));
  const limit = divide(BigInt(stop) * (RATE_UNIT - BigInt(limitOffsetPpm)), RATE_UNIT, 'ceil');
  return { stop, limit: atLeastOneTick(limit) };
}

/** True for an order that was placed to protect a position, whatever has become of it. */
export const isProtective = ({ clientOrderId }: Order): boolean => isProtectiveOrderId(clientOrderId);

/** True for a stop nothing of which has been sold yet: it can be replaced. */
export const isUntouchedStop = (order: Order): boolean =>
  isProtective(order) && order.type === 'stop_loss_limit' && order.filledQuantity === 0;

/** True while the venue has not said what became of a request. */
export const isPending = ({ status }: Order): boolean => status === 'pending_submit' || status === 'pending_cancel';

export const sumOf = (amounts: readonly Amount[]): Amount =>
  amounts.reduce((sum, each) => addAmounts(sum, each), 0n as Amount);
