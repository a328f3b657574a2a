import { boostingMetric, isGain, usualMetric } from './boosting-metrics.ts';
import type { ObjectiveRows } from './boosting-objective.ts';
import type { BoostingMetric, BoostingParams } from './boosting-params.ts';
import type { GrownTrees } from './grown-trees.ts';
import { leafOf } from './tree-walk.ts';
import type { TreeTable } from './training-table.ts';

/** Watches a training by rows it does not learn from, and says when it should stop. */
export class TrainingWatch {
  readonly #table: TreeTable;
  readonly #params: BoostingParams;
  readonly #metrics: readonly BoostingMetric[];
  readonly #data: ObjectiveRows;
  readonly #best = new Map<BoostingMetric, { readonly value: number; readonly rounds: number }>();
  #trees = 0;
  #stalled: { readonly rounds: number } | null = null;
  readonly history: Readonly<Record<string, number>>[] = [];

  constructor(table: TreeTable, params: BoostingParams, start: Float64Array) {
    this.#table = table;
    this.#params = params;
    this.#metrics = params.metrics.length > 0 ? params.metrics : [usualMetric(params.task)];
    const { rows } = table;
    const outputs = start.length;
    this.#data = {
      rows,
      outputs,
      labels: Float64Array.from(table.labels),
      weights: table.weights === null ? new Float64Array(rows).fill(1) : Float64Array.from(table.weights),
      margins: Float64Array.from({ length: rows * outputs }, (_, at) =>
        params.family === 'lightgbm' ? 0 : (start[at % outputs] as number),
      ),
    };
  }

  get hasStalled(): boolean {
    return this.#stalled !== null;
  }

  /** The round that the deciding metric was best after. */
  get bestRounds(): number | null {
    return this.#stalled?.rounds ?? this.#best.get(this.#deciding()[0] as BoostingMetric)?.rounds ?? null;
  }

  /** Adds the trees that are new, and looks at the metrics. */
  look(grown: GrownTrees): Readonly<Record<string, number>> {
    const { rows, outputs, margins } = this.#data;
    const { values, columns } = this.#table;
    const single = this.#params.family === 'xgboost';
    const baseMargins = new Float64Array(outputs);
    const trees = grown.build(this.#trees, {
      featureNames: columns,
      outputs,
      baseMargins,
      bestRounds: null,
      objective: null,
    });
    for (const [tree, root] of trees.roots.entries()) {
      const output = trees.treeOutput[tree] as number;
      for (let row = 0; row < rows; row += 1) {
        const leaf = leafOf(trees, root, values, row * columns.length);
        const at = row * outputs + output;
        const sum = (margins[at] as number) + (trees.values[leaf] as number);
        margins[at] = single ? Math.fround(sum) : sum;
      }
    }
    this.#trees = grown.trees;
    const seen: Record<string, number> = {};
    for (const metric of this.#metrics) seen[metric] = boostingMetric(metric, this.#data, this.#params.task);
    this.history.push(seen);
    this.#judge(seen);
    return seen;
  }

  #deciding(): readonly BoostingMetric[] {
    const metric = this.#params.earlyStopping?.metric ?? 'last';
    if (metric === 'any') return this.#metrics;
    return metric === 'first' ? this.#metrics.slice(0, 1) : this.#metrics.slice(-1);
  }

  #judge(seen: Readonly<Record<string, number>>): void {
    const { earlyStopping } = this.#params;
    const round = this.history.length;
    for (const metric of this.#deciding()) {
      const value = seen[metric] ?? Number.NaN;
      const best = this.#best.get(metric);
      const delta = earlyStopping?.deltaMin ?? 0;
      const better = best === undefined || (isGain(metric) ? value > best.value + delta : value < best.value - delta);
      if (better) this.#best.set(metric, { value, rounds: round });
      else if (earlyStopping !== null && round - best.rounds >= earlyStopping.rounds)
        this.#stalled ??= { rounds: best.rounds };
    }
  }
}
