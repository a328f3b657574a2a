import type { Result } from '@monsta/core';

export interface Readiness {
  readonly ready: boolean;
  /** What is missing, in words; empty when ready. */
  readonly waitingFor: readonly string[];
}

/** A long-running part of the program. Started in order; stopped in reverse, each within its share of the ten seconds a stop may take. */
export interface Role {
  readonly name: string;
  start(): Promise<Result<null>>;
  readiness(): Readiness;
  /** Finishes what is under way and stops taking new work. */
  drain(): Promise<void>;
  stop(): Promise<void>;
}
