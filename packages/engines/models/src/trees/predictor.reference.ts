import { MISSING, NODE_FLAG, type TreeEnsemble } from './tree-ensemble.ts';

/** What the predictor must give, in the plainest words: for tests only. */

function setHolds(model: TreeEnsemble, node: number, category: number): boolean {
  const start = model.categoryStart[node] ?? 0;
  const words = [...model.categories.subarray(start, start + (model.categoryWords[node] ?? 0))];
  const members = words.flatMap((word, index) =>
    Array.from({ length: 32 }, (_, bit) => (Math.floor(word / 2 ** bit) % 2 === 1 ? index * 32 + bit : -1)),
  );
  return category >= 0 && members.includes(category);
}

function turnsLeft(model: TreeEnsemble, node: number, raw: number): boolean {
  const flags = model.flags[node] ?? 0;
  const missing = Math.floor(flags / 2) % 4;
  const byDefault = (flags & NODE_FLAG.defaultLeft) > 0;
  const value = model.inputPrecision === 'float32' ? Math.fround(raw) : raw;
  if ((flags & NODE_FLAG.categorical) > 0) {
    if (Number.isNaN(value)) return byDefault;
    const none = model.family === 'xgboost' && value < 0;
    const holds = !none && setHolds(model, node, Math.trunc(value) + 0);
    return (flags & NODE_FLAG.setGoesRight) > 0 ? !holds : holds;
  }
  const threshold = model.threshold[node] ?? 0;
  if (Number.isNaN(value)) return missing === MISSING.none ? threshold >= 0 : byDefault;
  if (missing === MISSING.zero && value >= -Math.fround(1e-35) && value <= Math.fround(1e-35)) return byDefault;
  return value <= threshold;
}

function leaf(model: TreeEnsemble, node: number, row: Float64Array): number {
  const feature = model.feature[node] ?? -1;
  if (feature < 0) return node;
  const child = turnsLeft(model, node, row[feature] ?? NaN) ? model.left[node] : model.right[node];
  return leaf(model, child ?? -1, row);
}

export function referenceMargins(model: TreeEnsemble, row: Float64Array): Float64Array {
  const { outputs, leafWidth, averaged } = model;
  const single = model.family === 'xgboost';
  return Float64Array.from({ length: outputs }, (_, output) => {
    const base = model.baseMargins[output] ?? NaN;
    let trees = [...model.treeOutput.keys()].filter((tree) => leafWidth > 1 || model.treeOutput[tree] === output);
    if (model.bestRounds !== null) trees = trees.slice(0, model.bestRounds);
    const says = trees.map((tree) => {
      const end = leaf(model, model.roots[tree] ?? -1, row);
      return model.values[end * leafWidth + (leafWidth > 1 ? output : 0)] ?? NaN;
    });
    if (!averaged) return says.reduce((sum, value) => (single ? Math.fround(sum + value) : sum + value), base);
    return (says.length === 0 ? 0 : says.reduce((sum, value) => sum + value, 0) / says.length) + base;
  });
}

/** For the usual objectives. */
export function referencePrediction(model: TreeEnsemble, row: Float64Array): Float64Array {
  const margins = referenceMargins(model, row);
  const { kind } = model.task;
  if (model.family === 'random-forest') return kind === 'binary' ? margins.subarray(1) : margins;
  if (kind === 'binary') return margins.map((margin) => 1 / (1 + Math.exp(-margin)));
  if (kind !== 'multiclass') return margins;
  const greatest = Math.max(...margins);
  const powers = margins.map((margin) => Math.exp(margin - greatest));
  const sum = powers.reduce((left, right) => left + right, 0);
  return powers.map((power) => power / sum);
}
