import { malformed } from './model-faults.ts';
import { linkOfName } from './objective.ts';
import { MISSING, NODE_FLAG, type TreeEnsemble, type TreeTask } from './tree-ensemble.ts';
import { treeRange } from './tree-forms.ts';

const FLAGS_MAX = 31;

function checkTask(model: TreeEnsemble): void {
  const { task, outputs, leafWidth } = model;
  if (outputs < 1) malformed('outputs', 'there must be one at least');
  if (leafWidth !== 1 && leafWidth !== outputs) malformed('leafWidth', 'it must be 1, or the outputs');
  const wanted: Readonly<Record<TreeTask['kind'], boolean>> = {
    binary: outputs === 1 || (outputs === 2 && leafWidth === 2),
    multiclass: task.kind === 'multiclass' && outputs === task.classes,
    regression: outputs === 1,
    quantile: outputs === 1,
  };
  if (!wanted[task.kind]) malformed('outputs', `a model for ${task.kind} has no ${outputs} outputs`);
  if (model.objective !== null && linkOfName(model.family, model.objective) === null)
    malformed('objective', `'${model.objective.slice(0, 60)}' is none of ${model.family}'s that are known here`);
}

function checkLengths(model: TreeEnsemble): void {
  const nodes = model.feature.length;
  const trees = model.roots.length;
  const lengths: readonly (readonly [string, number, number])[] = [
    ['treeOutput', model.treeOutput.length, trees],
    ['threshold', model.threshold.length, nodes],
    ['left', model.left.length, nodes],
    ['right', model.right.length, nodes],
    ['flags', model.flags.length, nodes],
    ['categoryStart', model.categoryStart.length, nodes],
    ['categoryWords', model.categoryWords.length, nodes],
    ['values', model.values.length, nodes * model.leafWidth],
    ['gain', model.gain.length, nodes],
    ['cover', model.cover.length, nodes],
    ['count', model.count.length, nodes],
    ['baseMargins', model.baseMargins.length, model.outputs],
  ];
  for (const [name, length, wanted] of lengths)
    if (length !== wanted) malformed(name, `it holds ${length} numbers instead of ${wanted}`);
  for (const name of ['values', 'gain', 'cover', 'count', 'baseMargins'] as const)
    if (!model[name].every(Number.isFinite)) malformed(name, 'it holds what is no finite number');
}

function checkNode(model: TreeEnsemble, node: number, end: number, parents: Uint8Array): void {
  const where = `node ${node}`;
  const feature = model.feature[node] as number;
  if (feature < -1 || feature >= model.featureNames.length) malformed(where, `it splits by column ${feature}`);
  const flags = model.flags[node] as number;
  if (flags > FLAGS_MAX || ((flags >> NODE_FLAG.missingShift) & 3) > MISSING.nan)
    malformed(where, `its flags are ${flags}`);
  if (feature < 0) return;
  for (const child of [model.left[node] as number, model.right[node] as number]) {
    if (child <= node || child >= end)
      malformed(where, `its child is node ${child}, which isn't behind it in its tree`);
    if (parents[child] === 1) malformed(where, `its child, node ${child}, has another parent`);
    parents[child] = 1;
  }
  if ((flags & NODE_FLAG.categorical) === 0) {
    if (Number.isNaN(model.threshold[node])) malformed(where, 'it splits at NaN');
    return;
  }
  const start = model.categoryStart[node] as number;
  const words = model.categoryWords[node] as number;
  if (start < 0 || words < 0 || start + words > model.categories.length)
    malformed(where, 'its set of categories is not among the categories');
}

/** Throws (`malformed`) where the flat form doesn't hang together: every walk from a root must end in a leaf, and every index must lead somewhere. */
export function checkEnsemble(model: TreeEnsemble): void {
  checkTask(model);
  checkLengths(model);
  const { roots, treeOutput, outputs, leafWidth, bestRounds } = model;
  const nodes = model.feature.length;
  if (roots.length === 0 && nodes > 0) malformed('roots', `there are ${nodes} nodes and no tree`);
  const parents = new Uint8Array(nodes);
  for (let tree = 0; tree < roots.length; tree += 1) {
    const where = `roots[${tree}]`;
    const [from, to] = treeRange(model, tree);
    if ((tree === 0 && from !== 0) || to <= from || to > nodes || from < 0)
      malformed(where, `the tree goes from node ${from} to ${to} of ${nodes}`);
    const output = treeOutput[tree] as number;
    if (output < 0 || output >= outputs || (leafWidth > 1 && output !== 0))
      malformed(`treeOutput[${tree}]`, `there is no output ${output}`);
    for (let node = from; node < to; node += 1) checkNode(model, node, to, parents);
    for (let node = from; node < to; node += 1)
      if (parents[node] !== (node === from ? 0 : 1)) malformed(`node ${node}`, 'no way leads to it');
  }
  if (bestRounds !== null && !(Number.isInteger(bestRounds) && bestRounds >= 0))
    malformed('bestRounds', 'it is no whole number');
}
