import { formatAmount } from '@monsta/core';
import type { Order, StrategyId } from '@monsta/core';
import type { KernelOutput } from './kernel-types.ts';
import { basisPointsOf, GrowingSlippage, type SlippageTotal } from './slippage.ts';

/** What the fills of one strategy cost against the prices they were decided at, since its first order; for publication. */
export interface SlippageView {
  readonly strategyId: StrategyId;
  readonly fills: number;
  /** In the quote asset, decimal text; below zero: gained. */
  readonly lost: string;
  /** Of what the fills would have been worth at their decision prices; null before the first. */
  readonly bps: number | null;
}

export type SlippageState = readonly (readonly [StrategyId, SlippageTotal])[];

/** Adds up what slippage has cost each strategy. Part of the durable state: the totals go on after a restart. */
export class SlippageBook {
  readonly #totals = new Map<StrategyId, GrowingSlippage>();
  /** The order that was told just now: a fill follows its order at once. Nothing of it reaches further, so that a restored book goes on the same. */
  #last: Order | null = null;
  #moved = false;

  get state(): SlippageState {
    return [...this.#totals].map(([strategyId, { total }]) => [strategyId, total]);
  }

  restore(state: SlippageState): void {
    for (const [strategyId, total] of state) this.#totals.set(strategyId, new GrowingSlippage(total));
  }

  takeMoved(): boolean {
    const moved = this.#moved;
    this.#moved = false;
    return moved;
  }

  /** Hears what the kernel records. A fill of an order that is not known any more is not measured. */
  heard(output: KernelOutput): void {
    const order = this.#last;
    this.#last = output.kind === 'order' ? output.order : null;
    if (output.kind !== 'fill') return;
    const { fill, instrument } = output;
    if (order === null || order.clientOrderId !== fill.clientOrderId || order.decisionPrice === null) return;
    let total = this.#totals.get(fill.strategyId);
    if (total === undefined) this.#totals.set(fill.strategyId, (total = new GrowingSlippage()));
    total.add(fill, order.decisionPrice, instrument);
    this.#moved = true;
  }

  /** Of one strategy; null before its first fill. */
  of(strategyId: StrategyId): { readonly fills: number; readonly bps: number | null } | null {
    const total = this.#totals.get(strategyId)?.total;
    return total === undefined ? null : { fills: total.fills, bps: basisPointsOf(total.lost, total.decided) };
  }

  views(): readonly SlippageView[] {
    return this.state.map(([strategyId, { fills, decided, lost }]) => ({
      strategyId,
      fills,
      lost: formatAmount(lost),
      bps: basisPointsOf(lost, decided),
    }));
  }
}
