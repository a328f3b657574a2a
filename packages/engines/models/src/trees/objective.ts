import { invariant } from '@monsta/core';
import type { TreeEnsemble, TreeTask } from './tree-ensemble.ts';

/** What is made of the margins of a row: the identity, `1 / (1 + e^(−scale · margin))` of each, the softmax over all, `e^margin`, `ln(1 + e^margin)`, or the square that keeps its sign. */
export type TreeLink =
  | { readonly kind: 'identity' | 'softmax' | 'exp' | 'softplus' | 'signed-square' }
  | { readonly kind: 'sigmoid'; readonly scale: number };

type Objective = Pick<TreeEnsemble, 'family' | 'task' | 'objective'>;

const IDENTITY: TreeLink = { kind: 'identity' };
const EXP: TreeLink = { kind: 'exp' };
const SOFTMAX: TreeLink = { kind: 'softmax' };
const SIGMOID: TreeLink = { kind: 'sigmoid', scale: 1 };

/** XGBoost's objectives, by their `PredTransform`. */
const XGBOOST_LINKS: Readonly<Record<string, TreeLink>> = {
  'binary:logistic': SIGMOID,
  'binary:logitraw': IDENTITY,
  'reg:logistic': SIGMOID,
  'multi:softmax': SOFTMAX,
  'multi:softprob': SOFTMAX,
  'reg:squarederror': IDENTITY,
  'reg:linear': IDENTITY,
  'reg:squaredlogerror': IDENTITY,
  'reg:pseudohubererror': IDENTITY,
  'reg:absoluteerror': IDENTITY,
  'reg:quantileerror': IDENTITY,
  'rank:pairwise': IDENTITY,
  'rank:ndcg': IDENTITY,
  'rank:map': IDENTITY,
  'count:poisson': EXP,
  'reg:gamma': EXP,
  'reg:tweedie': EXP,
  'survival:cox': EXP,
  'survival:aft': EXP,
};

/** LightGBM's objectives, by their `ConvertOutput`; those with a `sigmoid:` apart. */
const LIGHTGBM_LINKS: Readonly<Record<string, TreeLink>> = {
  regression: IDENTITY,
  regression_l1: IDENTITY,
  huber: IDENTITY,
  fair: IDENTITY,
  quantile: IDENTITY,
  mape: IDENTITY,
  lambdarank: IDENTITY,
  rank_xendcg: IDENTITY,
  custom: IDENTITY,
  poisson: EXP,
  gamma: EXP,
  tweedie: EXP,
  cross_entropy: SIGMOID,
  cross_entropy_lambda: { kind: 'softplus' },
  multiclass: SOFTMAX,
};

/** The words of LightGBM's objective line: `binary sigmoid:1` → name `binary`, parameter `sigmoid` 1. Null where a number isn't one. */
function lightgbmSigmoid(words: readonly string[]): number | null {
  const word = words.find((candidate) => candidate.startsWith('sigmoid:'));
  if (word === undefined) return 1;
  const scale = Number(word.slice('sigmoid:'.length));
  return Number.isFinite(scale) && scale > 0 ? scale : null;
}

/** The link of an objective that the family's library writes; null for one that isn't known here. */
export function linkOfName(family: TreeEnsemble['family'], objective: string): TreeLink | null {
  if (family === 'random-forest') return null;
  if (family === 'xgboost') return Object.hasOwn(XGBOOST_LINKS, objective) ? (XGBOOST_LINKS[objective] ?? null) : null;
  const words = objective.split(' ');
  const name = words[0] ?? '';
  if (name === 'binary' || name === 'multiclassova') {
    const scale = lightgbmSigmoid(words);
    return scale === null ? null : { kind: 'sigmoid', scale };
  }
  if (name.startsWith('regression') && words.includes('sqrt')) return { kind: 'signed-square' };
  return Object.hasOwn(LIGHTGBM_LINKS, name) ? (LIGHTGBM_LINKS[name] ?? null) : null;
}

function usualXgboost(task: TreeTask): string {
  switch (task.kind) {
    case 'binary':
      return 'binary:logistic';
    case 'multiclass':
      return 'multi:softprob';
    case 'quantile':
      return 'reg:quantileerror';
    case 'regression':
      return 'reg:squarederror';
  }
}

function usualLightgbm(task: TreeTask): string {
  switch (task.kind) {
    case 'binary':
      return 'binary sigmoid:1';
    case 'multiclass':
      return `multiclass num_class:${task.classes}`;
    case 'quantile':
      return 'quantile';
    case 'regression':
      return 'regression';
  }
}

/** The objective as the family's library writes it; null for a random forest, which has none. */
export function objectiveOf(model: Objective): string | null {
  if (model.objective !== null) return model.objective;
  if (model.family === 'random-forest') return null;
  return model.family === 'xgboost' ? usualXgboost(model.task) : usualLightgbm(model.task);
}

/** What the ensemble makes of its margins. An objective that isn't known is a broken invariant: readers refuse it. */
export function linkOf(model: Objective): TreeLink {
  const objective = objectiveOf(model);
  if (objective === null) return IDENTITY;
  const link = linkOfName(model.family, objective);
  invariant(link !== null, `no link is known for the objective '${objective}' of ${model.family}`);
  return link;
}

/** Applies the link in place to the `outputs` margins that begin at `offset`. */
export function applyLink(link: TreeLink, values: Float64Array, offset: number, outputs: number): void {
  if (link.kind === 'softmax') return softmax(values, offset, outputs);
  for (let at = offset; at < offset + outputs; at += 1) {
    const margin = values[at] as number;
    if (link.kind === 'sigmoid') values[at] = 1 / (1 + Math.exp(-link.scale * margin));
    else if (link.kind === 'exp') values[at] = Math.exp(margin);
    else if (link.kind === 'softplus') values[at] = Math.log1p(Math.exp(margin));
    else if (link.kind === 'signed-square') values[at] = Math.sign(margin) * margin * margin;
  }
}

function softmax(values: Float64Array, offset: number, outputs: number): void {
  let greatest = -Infinity;
  for (let at = offset; at < offset + outputs; at += 1) greatest = Math.max(greatest, values[at] as number);
  let sum = 0;
  for (let at = offset; at < offset + outputs; at += 1) {
    const power = Math.exp((values[at] as number) - greatest);
    values[at] = power;
    sum += power;
  }
  for (let at = offset; at < offset + outputs; at += 1) values[at] = (values[at] as number) / sum;
}
