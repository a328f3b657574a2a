import type { TimestampUs, TradingState } from '@monsta/core';

export type GateOwner = 'user' | 'risk' | 'system';

/** One reason for trading less. The whole is as strict as the strictest of them. */
export interface GateCause {
  /** Stable: `user`, `daily_loss`, `drawdown`, `balance_divergence`, `queue_overflow`, … */
  readonly code: string;
  readonly state: Exclude<TradingState, 'ACTIVE'>;
  readonly reason: string;
  readonly by: GateOwner;
  readonly sinceUs: TimestampUs;
  /** True when it outlives a restart and only a person lifts it. The others are found again at the start if they still hold. */
  readonly lasting: boolean;
}

/** The trading state in force, and why. */
export interface GateState {
  readonly state: TradingState;
  readonly reason: string | null;
  readonly by: GateOwner;
  readonly sinceUs: TimestampUs | null;
}

/** How strict a state is. */
export const SEVERITY: Readonly<Record<TradingState, number>> = { ACTIVE: 0, REDUCING: 1, HALTED: 2 };

const NEVER_LIFTED: GateState = { state: 'ACTIVE', reason: null, by: 'system', sinceUs: null };

/** Collects the causes for trading less and tells what is in force. */
export class TradingGate {
  readonly #causes = new Map<string, GateCause>();
  #lifted: GateState = NEVER_LIFTED;

  restore(causes: readonly GateCause[], lifted: GateState = NEVER_LIFTED): void {
    this.#causes.clear();
    for (const cause of causes) this.#causes.set(cause.code, cause);
    this.#lifted = lifted;
  }

  /** What is in force when there is no cause. */
  get lifted(): GateState {
    return this.#lifted;
  }

  /** In the order in which they came. */
  causes(): readonly GateCause[] {
    return [...this.#causes.values()];
  }

  has(code: string): boolean {
    return this.#causes.has(code);
  }

  /** True when anything changed; a cause keeps the time it began. */
  raise(cause: GateCause): boolean {
    const before = this.#causes.get(cause.code);
    if (before !== undefined && before.state === cause.state && before.reason === cause.reason) return false;
    this.#causes.set(cause.code, cause);
    return true;
  }

  /** True when it was there. */
  lift(code: string, nowUs: TimestampUs): boolean {
    if (!this.#causes.delete(code)) return false;
    this.#lifted = { state: 'ACTIVE', reason: null, by: 'system', sinceUs: nowUs };
    return true;
  }

  /** A person lifts everything that only a person lifts; what a machine found and still finds stays. */
  resume(reason: string, nowUs: TimestampUs): void {
    for (const [code, cause] of this.#causes) if (cause.lasting) this.#causes.delete(code);
    this.#lifted = { state: 'ACTIVE', reason, by: 'user', sinceUs: nowUs };
  }

  /** The strictest cause; among equals the oldest. */
  current(): GateState {
    if (this.#causes.size === 0) return this.#lifted;
    let strictest: GateCause | null = null;
    for (const cause of this.#causes.values()) {
      if (strictest === null || SEVERITY[cause.state] > SEVERITY[strictest.state]) strictest = cause;
    }
    if (strictest === null) return this.#lifted;
    return { state: strictest.state, reason: strictest.reason, by: strictest.by, sinceUs: strictest.sinceUs };
  }
}
