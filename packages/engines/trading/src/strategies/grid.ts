import { INTERVALS } from '@monsta/core';
import { defineStrategy } from '../strategy.ts';
import type { StrategyContext } from '../strategy/vocabulary.ts';
import type { ParameterSpecs } from '../parameters.ts';

interface GridState {
  /** The price that the levels are counted from; null before the first bar and after the grid was given up. */
  anchor: number | null;
  /** What was bought at each level and not sold again yet, in the base asset; the first level is the highest. */
  held: number[];
}

type GridContext = Pick<
  StrategyContext<ParameterSpecs, Readonly<Record<string, never>>, GridState>,
  'state' | 'orders' | 'order'
> & { readonly parameters: { readonly levels: number; readonly spacing: number } };

const levelPrice = (anchor: number, level: number, spacing: number): number => anchor * (1 - level * spacing);
const buyTag = (level: number): string => `buy-${level}`;
const sellTag = (level: number): string => `sell-${level}`;

/** The level that a tag is of; null for another order's. */
function levelOf(tag: string | null, side: 'buy' | 'sell'): number | null {
  const found = new RegExp(`^${side}-(\\d+)$`).exec(tag ?? '');
  return found === null ? null : Number(found[1]);
}

/** What each level needs to have: an order that buys there or one that sells what was bought there, one level higher. */
function fillGaps({ state, orders, order, parameters: { levels, spacing } }: GridContext, last: number): void {
  const { anchor, held } = state;
  if (anchor === null) return;
  const open = new Set(orders.map(({ tag }) => tag));
  for (let level = 1; level <= levels; level += 1) {
    const bought = held[level - 1] ?? 0;
    const [buyAt, sellAt] = [levelPrice(anchor, level, spacing), levelPrice(anchor, level - 1, spacing)];
    if (bought > 0 && !open.has(sellTag(level)) && !open.has(buyTag(level)))
      order({ side: 'sell', type: 'limit', quantity: bought, limitPrice: sellAt, tag: sellTag(level) });
    // Above the market it would be filled at once, at no better price than now.
    else if (bought <= 0 && !open.has(buyTag(level)) && buyAt < last)
      order({ side: 'buy', type: 'limit', fraction: 1 / levels, limitPrice: buyAt, tag: buyTag(level) });
  }
}

/**
 * Rests a limit order to buy at each of `levels` prices below the anchor, and for what was bought at one a limit order to sell one level higher: it lives on a market that goes up
 * and down within the grid. A close below the grid sells everything (or, with `exitBelow` off, waits); a new grid begins at the next bar. One that has nothing left to sell follows the
 * market up.
 */
export const grid = defineStrategy({
  name: 'grid',
  description:
    'Buys at fixed distances below an anchor price and sells each purchase one distance higher. Loses where the market falls through the grid.',
  parameters: {
    levels: { kind: 'integer', default: 5, min: 1, max: 20 },
    spacing: { kind: 'number', default: 0.005, min: 0.0005, max: 0.2 },
    exitBelow: { kind: 'boolean', default: true },
    interval: { kind: 'choice', default: '1m', options: INTERVALS },
  },
  validate: ({ levels, spacing }) =>
    (levels + 1) * spacing < 1 ? null : `levels (${levels}) at a spacing of ${spacing} would reach below zero`,
  intervals: ({ interval }) => [interval],
  state: (): GridState => ({ anchor: null, held: [] }),
  onBar(context) {
    const { bar, position, state, parameters, orders, close, cancelAll } = context;
    const { levels, spacing, exitBelow } = parameters;
    if (position.quantity <= 0) state.held = [];
    if (state.anchor !== null && exitBelow && bar.close < levelPrice(state.anchor, levels + 1, spacing)) {
      state.anchor = null;
      close({ reason: `close ${bar.close} is below the grid` });
      return;
    }
    if (position.quantity <= 0 && (state.anchor === null || bar.close > levelPrice(state.anchor, -1, spacing))) {
      state.anchor = bar.close;
      // Its orders are of another grid; the new ones follow at the next bar, when they are gone.
      if (orders.length > 0) {
        cancelAll();
        return;
      }
    }
    fillGaps(context, bar.close);
  },
  onFill(context, { tag, side, quantity }) {
    const { state, quote, bar } = context;
    const level = levelOf(tag, side);
    if (level === null) return;
    const before = state.held[level - 1] ?? 0;
    while (state.held.length < level) state.held.push(0);
    state.held[level - 1] = side === 'buy' ? before + quantity : Math.max(0, before - quantity);
    fillGaps(context, quote.last ?? bar.close);
  },
});
