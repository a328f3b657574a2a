import type { Interval } from '@monsta/core';
import type { SlippageModel } from './slippage.ts';

/**
 * How a resting limit order fills from quotes and trades.
 *
 * - `through`: a trade strictly beyond its price fills it, up to that trade's size; nothing at its very price does.
 * - `queue`: as `through`, and it has a place in the queue at its price: behind all that was shown there when it came, moved up by trades at that price only. Where nothing is
 *   known of its price (a quote feed shows only the best one), it is never taken for the first: it gets its place when the price is first shown.
 * - `queue-probable`: as `queue`, but what vanishes from the price without a trade is taken to have stood before and behind it in proportion to what stands there, as in
 *   hftbacktest's `IdentityProbQueueModel`.
 * - `touch`: a trade at its price fills it too, as if it were first.
 *
 * In all of them the opposite quote fills it when it crosses its price, up to what that quote shows.
 */
export type RestingRule = 'through' | 'queue' | 'queue-probable' | 'touch';

/** How orders fill from quotes, books and trades. Rates are parts per million. */
export interface TickRules {
  readonly kind: 'ticks';
  /**
   * What takers find: the best bid and ask of `quote` events; the levels of book events; or with `both` the levels of books whose best is kept at the newest quote, and while there is
   * no book younger than `quoteAgeMsMax`, the quote alone. Events of a kind that is not named are not looked at.
   */
  readonly offers: 'quotes' | 'depth' | 'both';
  readonly resting: RestingRule;
  readonly slippage: SlippageModel;
  /** How much further a market order's part fills that nothing is shown for; null: that part expires. */
  readonly beyondPpm: number | null;
  /** An order that meets offers older than this is refused with `quote_stale`. */
  readonly quoteAgeMsMax: number;
}

/** How orders fill from bars. See `BarFills` for what happens inside one. */
export interface BarRules {
  readonly kind: 'bars';
  /** The series that orders fill from, where a feed has several; bars of other intervals are let by. */
  readonly interval: Interval;
  /**
   * `next-open`: what is sent after a bar acts at the open of the next. `next-close`: at its close, which whoever shows the bars says (`showClose`). `this-close`: it meets the close that was just seen, which is a
   * choice to look ahead.
   */
  readonly acts: 'next-open' | 'next-close' | 'this-close';
  /** `through`: a limit fills only when the price goes beyond it; `touch`: when it reaches it. */
  readonly limits: 'through' | 'touch';
  /** How much of a bar's volume may be taken, all orders together; null: as much as is wanted. */
  readonly volumeSharePpm: number | null;
  /** A bar has no spread. */
  readonly slippage: Exclude<SlippageModel, { readonly kind: 'spread' }>;
}

export type FillRules = TickRules | BarRules;

export const DEFAULT_TICK_RULES: TickRules = {
  kind: 'ticks',
  offers: 'quotes',
  resting: 'queue',
  slippage: { kind: 'rate', ppm: 50 },
  beyondPpm: 500,
  quoteAgeMsMax: 10_000,
};

export const DEFAULT_BAR_RULES: BarRules = {
  kind: 'bars',
  interval: '1m',
  acts: 'next-open',
  limits: 'through',
  volumeSharePpm: null,
  slippage: { kind: 'rate', ppm: 50 },
};
