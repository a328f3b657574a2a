import type { OrderSide, StrategyId } from '@monsta/core';
import { SEVERITY, TradingGate, type GateCause, type GateState } from './trading-gate.ts';

/** The stricter of two; the first where they are equally strict. */
export const stricterOf = (one: GateState, other: GateState): GateState =>
  SEVERITY[other.state] > SEVERITY[one.state] ? other : one;

/** What stops orders of a side until a person says otherwise, in words; null: nothing does. What the surroundings found and lift again by themselves (`system`) is waited for. */
export function stoppedForGood(causes: readonly GateCause[], side: OrderSide): string | null {
  for (const { by, lasting, state, reason } of causes) {
    if (by === 'system' && !lasting) continue;
    if (state === 'HALTED' || side === 'buy') return `trading is ${state}: ${reason}`;
  }
  return null;
}

/**
 * A gate for each strategy, beside the account's. `HALTED` by `user` is a strategy that a person paused, `failed` one that threw or looped; both last until a person starts it
 * again. What a strategy's gate refuses are its own orders: the stops that protect its positions stay, and are placed all the same.
 */
export class StrategyGates {
  readonly #gates = new Map<StrategyId, TradingGate>();

  of(id: StrategyId): TradingGate {
    let gate = this.#gates.get(id);
    if (gate === undefined) {
      gate = new TradingGate();
      this.#gates.set(id, gate);
    }
    return gate;
  }

  get state(): readonly (readonly [StrategyId, readonly GateCause[], GateState])[] {
    return [...this.#gates].map(([id, gate]) => [id, gate.causes(), gate.lifted] as const);
  }

  restore(state: StrategyGates['state']): void {
    for (const [id, causes, lifted] of state) this.of(id).restore(causes, lifted);
  }
}
