import type { Quantity } from '@monsta/core';
import { closing } from './exit-orders.ts';
import type { OrderWish } from './order-desk.ts';
import type { Position } from './position.ts';
import type { OrderDenied } from './risk.ts';

/* What closing one position and closing all of them have in common. */

const RETRY_US = 1_000_000;
const RETRY_MAX_US = 60_000_000;
/** What no second exit would change: too little is left for the venue to take. */
const TOO_SMALL: ReadonlySet<string> = new Set(['order_notional_min', 'order_quantity']);

/** After this many exits that did not close the position a person is told. */
export const TELL_AFTER = 5;

export const isTooSmall = ({ rule }: OrderDenied): boolean => TOO_SMALL.has(rule);

/** How long after an exit the next is sent, with so many before it: after twice the time at each, and at least once a minute. */
export const nextExitAfterUs = (before: number): number => Math.min(RETRY_MAX_US, RETRY_US * 2 ** before);

export const marketExit = (position: Position, quantity: Quantity, tag: string): OrderWish => ({
  ...closing(position, quantity),
  type: 'market',
  tag,
});
