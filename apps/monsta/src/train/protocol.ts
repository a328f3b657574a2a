import type { Fault } from '@monsta/core';
import type { OutOfBagScore, TableScores, TreeEnsemble, TreeTable } from '@monsta/models';
import type { BoostingParams, ForestParams } from '@monsta/models/parameters';

export const TABLE_MODELS = ['xgboost', 'lightgbm', 'random-forest'] as const;
export type TableModel = (typeof TABLE_MODELS)[number];

export type TableParams =
  | { readonly model: 'xgboost' | 'lightgbm'; readonly params: BoostingParams }
  | { readonly model: 'random-forest'; readonly params: ForestParams };

/** What the thread of a training begins with. */
export type TrainingJob = TableParams & {
  readonly table: TreeTable;
  readonly validation: TreeTable | null;
  /** Threads in all. */
  readonly threads: number;
};

/** What a training gave. */
export interface Trained {
  readonly model: TreeEnsemble;
  /** Binning and training, reading and judging not. */
  readonly trainSeconds: number;
  /** Trees an output. */
  readonly rounds: number;
  readonly bestRound: number | null;
  readonly scores: { readonly train: TableScores; readonly valid: TableScores | null };
  readonly outOfBag: OutOfBagScore | null;
  /** Metrics on the validation table by round; empty without one. */
  readonly history: readonly Readonly<Record<string, number>>[];
}

export type FromTraining =
  | {
      readonly kind: 'progress';
      readonly round: number;
      readonly rounds: number;
      readonly metrics: Readonly<Record<string, number>>;
    }
  | { readonly kind: 'trained'; readonly trained: Trained }
  | { readonly kind: 'failed'; readonly fault: Fault };
