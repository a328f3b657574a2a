import type { Amount, ClientOrderId, InstrumentId, Order, Price, TimestampUs } from '@monsta/core';
import { PROFIT_TAG, type Protection } from './protection.ts';

/** What may be over soon: a request that never arrived, an order that was replaced too late, a stop that somebody took off. */
export const SOON_US = 1_000_000;
/** What will probably be refused again; the trades are watched meanwhile. */
export const LATER_US = 60_000_000;
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

/** The venue lets no stop trail, or not by so much. */
const NO_TRAILING: ReadonlySet<string> = new Set(['trailing_barred', 'filter_trailing_delta']);

export interface Refusal {
  readonly code: string;
  readonly reason: string;
}

/** True where a price is at another or beyond it: above where that `rises`, else below. */
export const reached = (at: Price, other: Price, rises: boolean): boolean => (rises ? at >= other : at <= other);

/** Why the venue ended an order. */
export const refusalOf = ({ reasonCode, reason }: Order): Refusal => ({
  code: reasonCode ?? 'rejected',
  reason: reason ?? 'no reason given',
});

/**
 * How one position is covered. All of it can be found again after a restart, from the orders and by asking the venue.
 * What is placed for coins that nothing covers, `next`: what is planned (`guard`); what its stop would have become, when its price was reached before (`limit`); the sale at the take
 * profit's price (`take`), or the exit (`market`), at prices that the kernel itself watched.
 */
export interface Cover {
  readonly next: 'guard' | 'limit' | 'take' | 'market';
  readonly refused: Refusal | null;
  readonly notBeforeUs: number;
  /** What was held at the refusal: for more of it a stop is tried at once. */
  readonly heldThen: Amount;
  /** Market exits that were refused, one after another. */
  readonly attempts: number;
  /** No cancel before: one that was refused is asked for again, not at once. */
  readonly noCancelBeforeUs: number;
  /** True of a short position: its stop is above the market. */
  readonly short: boolean;
  /** A trade at the stop's price or beyond is acted upon; null: the venue does that. */
  readonly watchStop: Price | null;
  /** A trade at the take profit's price or beyond likewise. */
  readonly watchTake: Price | null;
  /** Why the stop rests without its take profit, and since when; null: it need not. */
  readonly alone: (Refusal & { readonly sinceUs: number }) | null;
  /** Why the stop does not trail at the venue; null: it may. */
  readonly fixed: Refusal | null;
  /** The sale at the take profit's price was refused: not again before. */
  readonly noTakeBeforeUs: number;
  /** The last list of which an order has sold: that the other one ends is as it should be. */
  readonly soldList: ClientOrderId | null;
  readonly protection: Protection | null;
}

export const UNCOVERED: Cover = {
  next: 'guard',
  refused: null,
  notBeforeUs: 0,
  heldThen: 0n as Amount,
  attempts: 0,
  noCancelBeforeUs: 0,
  short: false,
  watchStop: null,
  watchTake: null,
  alone: null,
  fixed: null,
  noTakeBeforeUs: 0,
  soldList: null,
  protection: null,
};

/** What was refused: a list, or one order. */
export type Refused = Pick<Order, 'type' | 'tag'> & { readonly pair: boolean };

/** What is tried after a refusal, and when. `reached`: of which of the planned prices the market has come, as far as is known. Pure. */
export function afterRefusal(
  { next, attempts }: Cover,
  { pair, type, tag }: Refused,
  refused: Refusal,
  reached: 'stop' | 'take-profit' | null,
  nowUs: TimestampUs,
): Partial<Cover> & Pick<Cover, 'next'> {
  if (next === 'market') {
    const waitUs = Math.min(LATER_US, SOON_US * 2 ** attempts);
    return { next, attempts: attempts + 1, notBeforeUs: nowUs + waitUs };
  }
  const { code } = refused;
  if (NO_TRAILING.has(code)) return { next: 'guard', fixed: refused, notBeforeUs: nowUs };
  const passesUs = WAITS_US.get(code);
  if (tag === PROFIT_TAG && !pair) {
    const againUs = nowUs + (passesUs ?? LATER_US);
    // Nothing but its price stands against one that would take at once.
    if (type === 'limit_maker')
      return code === 'would_match_immediately'
        ? { next: 'take', notBeforeUs: nowUs }
        : { next: 'guard', notBeforeUs: againUs };
    return { next: 'guard', notBeforeUs: nowUs, noTakeBeforeUs: againUs };
  }
  if (passesUs !== undefined) return { next, notBeforeUs: nowUs + passesUs };
  if (next === 'guard' && code === 'would_trigger_immediately') return { next: 'limit', notBeforeUs: nowUs };
  if (pair) {
    const alone = { ...refused, sinceUs: nowUs };
    if (reached === 'take-profit') return { next: 'take', alone, notBeforeUs: nowUs };
    return { next: reached === 'stop' ? 'limit' : 'guard', alone, notBeforeUs: nowUs };
  }
  return reached === 'stop' ? { next: 'market', notBeforeUs: nowUs } : { next: 'guard', notBeforeUs: nowUs + LATER_US };
}

/** Why each thing is placed. */
export const REASONS: Readonly<Record<Cover['next'], string>> = {
  guard: 'what is planned for the position waits at the venue',
  limit: 'the price of the stop had been reached before it could rest; what it would have become is placed',
  take: 'the price of the take profit, which the venue does not hold, was reached',
  market: 'the price of the stop, which the venue does not hold, was reached',
};

/** What follows a refusal, in words. */
export function whatFollows({ next, alone, fixed }: Partial<Cover> & Pick<Cover, 'next'>): string {
  if (next === 'limit') return 'its price has been reached: what the stop would have become is placed';
  if (next === 'take') return 'the price of the take profit has been reached: it is sold there';
  if (next === 'market') return 'its price has been reached: it is sold at the market';
  if (fixed !== undefined && fixed !== null) return 'a stop that stands still is placed and moved here';
  if (alone !== undefined && alone !== null) return 'the stop is placed alone, and the take profit watched here';
  return 'the trades are watched here, and it is tried again';
}

/** Trades strictly between these prices, in ticks, mean nothing to what is watched. */
export interface Reach {
  readonly below: number;
  readonly above: number;
}

/** What of `reach` is left by what the positions in an instrument, keyed as positions are, watch for the venue. */
export function reachOf(covers: ReadonlyMap<string, Cover>, id: InstrumentId, reach: Reach): Reach {
  let { below, above } = reach;
  for (const [key, { short, watchStop, watchTake }] of covers) {
    if (!key.endsWith(`:${id}`)) continue;
    const [falling, rising] = short ? [watchTake, watchStop] : [watchStop, watchTake];
    if (falling !== null) below = Math.max(below, falling);
    if (rising !== null) above = Math.min(above, rising);
  }
  return { below, above };
}
