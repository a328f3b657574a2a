import type { StatusMessage } from '@monsta/contracts';
import type { DataOrigin } from '@monsta/ports';

/** What only the program as a whole knows of itself. */
export interface ProgramStatus {
  readonly version: string;
  readonly venue: string;
  readonly origin: DataOrigin;
  readonly startedAtMs: number;
  /** What simulated or replayed data is; null for real data. */
  readonly disclosure: string | null;
  /** Of which bars are collected. */
  readonly intervals: StatusMessage['intervals'];
  readonly tradingMode: 'off' | 'paper' | 'live';
  readonly roles: StatusMessage['roles'];
}
