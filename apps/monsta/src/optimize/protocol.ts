import type { Fault } from '@monsta/core';
import type { OptimizationTask, RunResult, TrialResult } from '@monsta/simulation/optimize';
import type { TrialRules } from './run-trial.ts';
import type { TrialBase } from './trial-base.ts';

/** What a thread of an optimisation begins with. Columns and pulse are memory that it shares with the others. */
export interface TrialThreadData {
  readonly base: TrialBase;
  readonly rules: TrialRules;
  /** Two numbers (`Pulse`). */
  readonly pulse: SharedArrayBuffer;
}

export type ToTrialThread = { readonly kind: 'run'; readonly task: OptimizationTask };

export type FromTrialThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unusable'; readonly fault: Fault }
  | { readonly kind: 'begun'; readonly id: string }
  | { readonly kind: 'trial'; readonly id: string; readonly result: TrialResult; readonly bars: number }
  | { readonly kind: 'run'; readonly id: string; readonly result: RunResult; readonly bars: number };

/** How far a thread has come, for whoever watches it: one of which neither closes nor calls become more runs a strategy that does not return. */
export interface Pulse {
  /** So many closes more have been played. */
  beat(closes: number): void;
  /** What a kernel counts the calls of strategies in. */
  readonly calls: Float64Array;
  /** Closes and calls since it began. */
  readonly signs: number;
}

export const sharedPulse = (): SharedArrayBuffer => new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT);

export function pulseOf(buffer: SharedArrayBuffer): Pulse {
  const closes = new Float64Array(buffer, 0, 1);
  const calls = new Float64Array(buffer, Float64Array.BYTES_PER_ELEMENT, 1);
  return {
    calls,
    beat(more) {
      closes[0] = (closes[0] ?? 0) + more;
    },
    get signs() {
      return (closes[0] ?? 0) + (calls[0] ?? 0);
    },
  };
}
