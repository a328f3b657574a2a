import { ok, type Result } from '@monsta/core';
import { FileTrees, type FileTree } from './file-trees.ts';
import { ModelFault, malformed, orFault, unsupported } from './model-faults.ts';
import { linkOfName } from './objective.ts';
import { MISSING, NODE_FLAG, type TreeEnsemble, type TreeTask } from './tree-ensemble.ts';

/** Bits of a node's `decision_type`; bits 2–3 hold one of `MISSING`. */
export const DECISION = { categorical: 1, defaultLeft: 2, missingShift: 2 } as const;

const VERSIONS = new Set(['v2', 'v3', 'v4']);
const INT32_MAX = 2_147_483_647;

type Fields = ReadonlyMap<string, string>;

function fieldAt(fields: Fields, name: string, where: string): string {
  return fields.get(name) ?? malformed(`${where}, ${name}`, 'it is missing');
}

/** A number as the library writes it; NaN and the infinities too. */
function numberOf(word: string, where: string): number {
  if (/^[+-]?(?:inf|infinity)$/iu.test(word)) return word.startsWith('-') ? -Infinity : Infinity;
  if (/^[+-]?nan/iu.test(word)) return NaN;
  const number = word === '' ? NaN : Number(word);
  return Number.isNaN(number) ? malformed(where, `'${word.slice(0, 30)}' is no number`) : number;
}

function wholeAt(fields: Fields, name: string, where: string, min: number, max: number): number {
  const number = numberOf(fieldAt(fields, name, where).trim(), `${where}, ${name}`);
  if (!Number.isInteger(number) || number < min || number > max)
    malformed(`${where}, ${name}`, `it is no whole number from ${min} to ${max}`);
  return number;
}

const wordsOf = (text: string): readonly string[] => (text.trim() === '' ? [] : text.trim().split(/ +/u));

/** A list of numbers of that length, which is what the file holds and not what it claims. */
function numbersAt(fields: Fields, name: string, where: string, length: number): Float64Array {
  const words = wordsOf(fieldAt(fields, name, where));
  if (words.length !== length) malformed(`${where}, ${name}`, `it holds ${words.length} numbers instead of ${length}`);
  return Float64Array.from(words, (word) => numberOf(word, `${where}, ${name}`));
}

function integersAt(
  fields: Fields,
  name: string,
  where: string,
  length: number,
  [min, max]: readonly [number, number],
): Float64Array {
  const numbers = numbersAt(fields, name, where, length);
  const wrong = numbers.find((number) => !Number.isInteger(number) || number < min || number > max);
  if (wrong !== undefined) malformed(`${where}, ${name}`, `${wrong} is no whole number from ${min} to ${max}`);
  return numbers;
}

/** Figures that forecasts don't need, and that older files don't have. */
function optionalAt(fields: Fields, name: string, where: string, length: number): Float64Array {
  return fields.has(name) ? numbersAt(fields, name, where, length) : new Float64Array(length);
}

interface Block {
  readonly fields: Fields;
  /** The line after it. */
  readonly next: number;
}

/** `name=value` lines from `start` to an empty one, or to the next block. */
function blockAt(lines: readonly string[], start: number): Block {
  const fields = new Map<string, string>();
  let next = start;
  for (; next < lines.length; next += 1) {
    const line = (lines[next] ?? '').trimEnd();
    if (line === '' || line.startsWith('Tree=') || line === 'end of trees') break;
    const equals = line.indexOf('=');
    fields.set(equals < 0 ? line : line.slice(0, equals), equals < 0 ? '' : line.slice(equals + 1));
  }
  return { fields, next };
}

/** The number of a line `[name: value]` among the parameters behind the trees; null where there is none. */
function parameterOf(lines: readonly string[], start: number, name: string): number | null {
  const mark = `[${name}: `;
  for (let index = start; index < lines.length; index += 1) {
    const line = (lines[index] ?? '').trimEnd();
    if (!line.startsWith(mark) || !line.endsWith(']')) continue;
    const number = Number(line.slice(mark.length, -1));
    return Number.isFinite(number) ? number : null;
  }
  return null;
}

interface Meaning {
  readonly task: TreeTask;
  readonly objective: string | null;
}

/** What the objective line says. A file without one was trained by an objective of the user's own: its margins are its forecasts. */
function meaningOf(line: string | undefined, outputs: number, alpha: number | null): Meaning {
  const objective = line === undefined || line.trim() === '' ? 'custom' : line.trim();
  if (linkOfName('lightgbm', objective) === null)
    return unsupported(`its objective '${objective.slice(0, 60)}' is not known here`);
  const name = objective.split(' ')[0] ?? '';
  if (name === 'multiclass' || name === 'multiclassova') {
    const usual = name === 'multiclass';
    return { task: { kind: 'multiclass', classes: outputs }, objective: usual ? null : objective };
  }
  if (outputs > 1) return unsupported(`its objective '${name}' has ${outputs} outputs`);
  if (name === 'binary')
    return { task: { kind: 'binary' }, objective: objective === 'binary sigmoid:1' ? null : objective };
  if (name === 'quantile' && alpha !== null && alpha > 0 && alpha < 1)
    return { task: { kind: 'quantile', alpha }, objective: null };
  return { task: { kind: 'regression' }, objective: objective === 'regression' ? null : objective };
}

/** The sets of the tree's categorical nodes: `threshold` of such a node says which of the sets between the `cat_boundaries` is its own. */
function setsOf(
  fields: Fields,
  where: string,
  threshold: Float64Array,
  decisions: Float64Array,
): ReadonlyMap<number, readonly number[]> {
  const sets = new Map<number, readonly number[]>();
  const count = wholeAt(fields, 'num_cat', where, 0, INT32_MAX);
  if (count === 0) {
    const node = decisions.findIndex((decision) => (decision & DECISION.categorical) !== 0);
    return node < 0 ? sets : malformed(`${where}, num_cat`, `it is 0, and node ${node} splits by categories`);
  }
  const boundaries = integersAt(fields, 'cat_boundaries', where, count + 1, [0, INT32_MAX]);
  const total = boundaries[count] ?? 0;
  const words = integersAt(fields, 'cat_threshold', where, total, [0, 2 ** 32 - 1]);
  const used = new Uint8Array(count);
  for (const [node, decision] of decisions.entries()) {
    if ((decision & DECISION.categorical) === 0) continue;
    const index = threshold[node] as number;
    if (!Number.isInteger(index) || index < 0 || index >= count || used[index] === 1)
      malformed(`${where}, threshold`, `node ${node} has the set ${index} of ${count}, or one that another node has`);
    used[index] = 1;
    const from = boundaries[index] as number;
    const to = boundaries[index + 1] as number;
    if (to < from || to > total)
      malformed(`${where}, cat_boundaries`, `set ${index} goes from ${from} to ${to} of ${total}`);
    sets.set(node, [...words.subarray(from, to)]);
  }
  // Sets lie one after the other: else a short file could have the same words read again and again.
  let held = 0;
  for (const set of sets.values()) held += set.length;
  if (held > total) malformed(`${where}, cat_boundaries`, `the sets hold ${held} of ${total} words`);
  return sets;
}

/** In the flat form a node's own number, in the file `~leaf` for a leaf; leaves are put behind the inner nodes here. */
const placeOf = (child: number, inner: number): number => (child >= 0 ? child : inner - 1 - child);

function fileTree(fields: Fields, where: string): FileTree {
  if (fields.has('is_linear') && wholeAt(fields, 'is_linear', where, 0, 1) === 1)
    unsupported('its leaves hold linear models (linear_tree); train with linear_tree=false');
  const leaves = wholeAt(fields, 'num_leaves', where, 1, INT32_MAX);
  const says = numbersAt(fields, 'leaf_value', where, leaves);
  if (leaves === 1) {
    const none = new Float64Array(1);
    return {
      feature: Float64Array.of(-1),
      left: none,
      right: none,
      threshold: none,
      flags: none,
      values: says,
      gain: none,
      cover: none,
      count: none,
      sets: new Map(),
    };
  }
  const inner = leaves - 1;
  const child: readonly [number, number] = [-leaves, inner - 1];
  const left = integersAt(fields, 'left_child', where, inner, child);
  const right = integersAt(fields, 'right_child', where, inner, child);
  const feature = integersAt(fields, 'split_feature', where, inner, [0, INT32_MAX]);
  const threshold = numbersAt(fields, 'threshold', where, inner);
  const decisions = fields.has('decision_type')
    ? integersAt(fields, 'decision_type', where, inner, [0, 11])
    : new Float64Array(inner);
  const wrong = decisions.findIndex((decision) => decision >> DECISION.missingShift > MISSING.nan);
  if (wrong >= 0) malformed(`${where}, decision_type`, `node ${wrong} reads missing values in no known way`);
  const both = (ofInner: ArrayLike<number>, ofLeaves: ArrayLike<number>): Float64Array => {
    const all = new Float64Array(inner + leaves);
    all.set(ofInner);
    all.set(ofLeaves, inner);
    return all;
  };
  const nothing = new Float64Array(leaves);
  return {
    feature: both(
      feature,
      nothing.map(() => -1),
    ),
    left: both(
      left.map((node) => placeOf(node, inner)),
      nothing,
    ),
    right: both(
      right.map((node) => placeOf(node, inner)),
      nothing,
    ),
    threshold: both(threshold, nothing),
    flags: both(decisions.map(flagsOf), nothing),
    values: both(optionalAt(fields, 'internal_value', where, inner), says),
    gain: both(optionalAt(fields, 'split_gain', where, inner), nothing),
    cover: both(optionalAt(fields, 'internal_weight', where, inner), optionalAt(fields, 'leaf_weight', where, leaves)),
    count: both(optionalAt(fields, 'internal_count', where, inner), optionalAt(fields, 'leaf_count', where, leaves)),
    sets: setsOf(fields, where, threshold, decisions),
  };
}

/** A missing category goes right, whatever else the node says. */
function flagsOf(decision: number): number {
  if ((decision & DECISION.categorical) !== 0) return NODE_FLAG.categorical | (MISSING.nan << NODE_FLAG.missingShift);
  const missing = decision >> DECISION.missingShift;
  return ((decision & DECISION.defaultLeft) !== 0 ? NODE_FLAG.defaultLeft : 0) | (missing << NODE_FLAG.missingShift);
}

/**
 * A model that LightGBM (2 to 4) has saved as text. Margins equal the library's bit for bit: the same 64-bit floats are added up in the same order.
 * Faults: `model_malformed` with the place in the file, `model_unsupported` (linear trees, unknown objectives), `model_version_unknown`.
 */
export function readLightgbmText(text: string): Result<TreeEnsemble> {
  return orFault('LightGBM model', () => {
    const lines = text.split('\n');
    if ((lines[0] ?? '').trim() !== 'tree') malformed('the file', "its first line is not 'tree'");
    let at = 1;
    const head = new Map<string, string>();
    while (at < lines.length) {
      const { fields, next } = blockAt(lines, at);
      for (const [name, value] of fields) head.set(name, value);
      const stop = lines[next] ?? '';
      at = next;
      if (stop.trim() !== '') break;
      at = next + 1;
    }
    const version = fieldAt(head, 'version', 'the head').trim();
    if (!VERSIONS.has(version))
      throw new ModelFault(
        'model_version_unknown',
        `its version is '${version.slice(0, 20)}', and v2, v3 and v4 are read`,
      );
    const names = wordsOf(fieldAt(head, 'feature_names', 'the head'));
    const columns = wholeAt(head, 'max_feature_idx', 'the head', 0, INT32_MAX) + 1;
    if (columns !== names.length)
      malformed('the head, max_feature_idx', `it says ${columns} columns, and there are ${names.length} feature_names`);
    // A tree is of 20 characters and more, so this bounds what is made for the outputs, too.
    const classes = wholeAt(head, 'num_class', 'the head', 1, text.length);
    const outputs = head.has('num_tree_per_iteration')
      ? wholeAt(head, 'num_tree_per_iteration', 'the head', 1, text.length)
      : classes;
    const trees = new FileTrees(columns);
    while (at < lines.length && (lines[at] ?? '').startsWith('Tree=')) {
      const where = `tree ${trees.trees}`;
      const { fields, next } = blockAt(lines, at + 1);
      trees.add(fileTree(fields, where), trees.trees % outputs, where);
      at = next;
      while (at < lines.length && (lines[at] ?? '').trim() === '') at += 1;
    }
    if (version !== 'v2' && (lines[at] ?? '').trim() !== 'end of trees')
      malformed(`line ${at + 1}`, "neither a tree nor 'end of trees': the file is cut off or damaged");
    const sizes = head.has('tree_sizes') ? wordsOf(fieldAt(head, 'tree_sizes', 'the head')).length : trees.trees;
    if (sizes !== trees.trees)
      malformed('the head, tree_sizes', `it names ${sizes} trees, and there are ${trees.trees}`);
    const meaning = meaningOf(head.get('objective'), outputs, parameterOf(lines, at, 'alpha'));
    if (trees.trees % outputs !== 0)
      malformed('the head, num_tree_per_iteration', `${trees.trees} trees are no whole rounds of ${outputs}`);
    return ok({
      kind: 'trees',
      family: 'lightgbm',
      ...meaning,
      featureNames: names,
      outputs,
      leafWidth: 1,
      ...trees.arrays(),
      baseMargins: new Float64Array(outputs),
      averaged: head.has('average_output'),
      inputPrecision: 'float64',
      bestRounds: null,
    });
  });
}
