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
  /** The strategy is called once more. */
  called(): void;
  /** Closes and calls since it began. */
  readonly signs: number;
}

const [CLOSES, CALLS] = [0, 1];

export const sharedPulse = (): SharedArrayBuffer => new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT);

export function pulseOf(buffer: SharedArrayBuffer): Pulse {
  const cells = new Float64Array(buffer);
  return {
    beat(closes) {
      cells[CLOSES] = (cells[CLOSES] ?? 0) + closes;
    },
    called() {
      cells[CALLS] = (cells[CALLS] ?? 0) + 1;
    },
    get signs() {
      return (cells[CLOSES] ?? 0) + (cells[CALLS] ?? 0);
    },
  };
}
