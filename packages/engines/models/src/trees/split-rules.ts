/** Where each of the rules of a split lies among the `RULES` numbers that kernels read. */
export const RULE = {
  lambda: 0,
  alpha: 1,
  /** Greatest size of a weight; 0: any. */
  weightMax: 2,
  hessianMin: 3,
  countMin: 4,
  /** 1: gains are 32-bit floats, as XGBoost has them. */
  single: 5,
  /** 1: gains follow from the weights, because those are bounded. */
  byWeights: 6,
  /** 1: such gains take the gradient after `alpha` (LightGBM). */
  thresholded: 7,
} as const;

export const RULES = 8;

/** Where each figure of a node lies among the numbers that kernels read. */
export const NODE = { gradient: 0, hessian: 1, count: 2, lower: 3, upper: 4, rootGain: 5 } as const;

export type Rules = Float64Array;

const rule = (rules: Rules, at: number): number => rules[at] as number;

const softThreshold = (gradient: number, alpha: number): number =>
  gradient > alpha ? gradient - alpha : gradient < -alpha ? gradient + alpha : 0;

/** What a leaf of these sums would say, before the learning rate: `−soft(G, α) / (H + λ)`, kept within ± `weightMax` and the bounds of monotone columns. */
export function leafWeight(
  gradient: number,
  hessian: number,
  rules: Rules,
  lower: number,
  upper: number,
  lambdaMore = 0,
): number {
  if (hessian <= 0) return 0;
  let weight = -softThreshold(gradient, rule(rules, RULE.alpha)) / (hessian + rule(rules, RULE.lambda) + lambdaMore);
  const most = rule(rules, RULE.weightMax);
  if (most > 0 && Math.abs(weight) > most) weight = Math.sign(weight) * most;
  weight = Math.max(lower, Math.min(upper, weight));
  return rule(rules, RULE.single) === 0 ? weight : Math.fround(weight);
}

/** What a node of these sums gains as a leaf of that weight: `soft(G, α)² / (H + λ)`, or `−(2 G w + (H + λ) w²)` where weights are bounded. */
export function sideGain(gradient: number, hessian: number, weight: number, rules: Rules, lambdaMore = 0): number {
  if (hessian <= 0) return 0;
  const lambda = rule(rules, RULE.lambda) + lambdaMore;
  const soft = softThreshold(gradient, rule(rules, RULE.alpha));
  const single = rule(rules, RULE.single) === 1;
  if (rule(rules, RULE.byWeights) === 0) {
    const gain = (soft * soft) / (hessian + lambda);
    return single ? Math.fround(gain) : gain;
  }
  const taken = rule(rules, RULE.thresholded) === 0 ? gradient : soft;
  if (!single) return -(2 * taken * weight + (hessian + lambda) * weight * weight);
  // XGBoost reckons this in 32-bit floats, step by step.
  const first = Math.fround(Math.fround(2 * Math.fround(taken)) * Math.fround(weight));
  const second = Math.fround(
    Math.fround(Math.fround(hessian) + Math.fround(lambda)) * Math.fround(Math.fround(weight) * Math.fround(weight)),
  );
  return -Math.fround(first + second);
}

/** What a node of these sums gains as a leaf. */
export function leafGain(gradient: number, hessian: number, rules: Rules, lower: number, upper: number): number {
  return sideGain(gradient, hessian, leafWeight(gradient, hessian, rules, lower, upper), rules);
}

/** Gain of two sides over their node. */
export function splitGain(left: number, right: number, rootGain: number, rules: Rules): number {
  if (rule(rules, RULE.single) === 0) return left + right - rootGain;
  return Math.fround(Math.fround(left + right) - Math.fround(rootGain));
}
