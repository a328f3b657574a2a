import type { TreeEnsemble } from './tree-ensemble.ts';

/**
 * The trees in rounds, one an output and round, as both libraries' files want them: tree numbers, round by round and output by output. Null when some output has more trees than another.
 */
export function treesInRounds(model: TreeEnsemble): Int32Array | null {
  const { outputs } = model;
  const trees = model.treeOutput.length;
  if (outputs === 0 || trees % outputs !== 0) return null;
  const rounds = trees / outputs;
  const order = new Int32Array(trees);
  const next = new Int32Array(outputs);
  for (const [tree, output] of model.treeOutput.entries()) {
    const round = next[output] as number;
    if (round >= rounds) return null;
    order[round * outputs + output] = tree;
    next[output] = round + 1;
  }
  return order;
}

/** First node of a tree, and one past its last. */
export function treeRange(model: TreeEnsemble, tree: number): readonly [number, number] {
  const end = tree + 1 < model.roots.length ? model.roots[tree + 1] : model.feature.length;
  return [model.roots[tree] as number, end as number];
}
