/** Sums of a node or of a side. */
export interface Sums {
  readonly gradient: number;
  readonly hessian: number;
  readonly count: number;
}

/** The rules of a split, in plain words. */
export interface PlainRules {
  readonly lambda: number;
  readonly alpha: number;
  readonly weightMax: number;
  readonly hessianMin: number;
  readonly countMin: number;
  readonly direction: number;
  readonly lower: number;
  readonly upper: number;
}

/** One way to part a node: bins below `cut` go left, missing values as `missingLeft` says. */
export interface PlainSplit {
  readonly cut: number;
  readonly missingLeft: boolean;
  readonly gain: number;
}

const NONE: Sums = { gradient: 0, hessian: 0, count: 0 };

export const add = (a: Sums, b: Sums): Sums => ({
  gradient: a.gradient + b.gradient,
  hessian: a.hessian + b.hessian,
  count: a.count + b.count,
});

/** The weight that lessens `G w + (H + λ) w² / 2 + α |w|` the most within the bounds. */
function plainWeight({ gradient, hessian }: Sums, rules: PlainRules): number {
  const { lambda, alpha, weightMax, lower, upper } = rules;
  const pulled = Math.sign(gradient) * Math.max(0, Math.abs(gradient) - alpha);
  const free = -pulled / (hessian + lambda);
  const stepped = weightMax > 0 ? Math.max(-weightMax, Math.min(weightMax, free)) : free;
  return Math.max(lower, Math.min(upper, stepped));
}

/** Twice what a leaf of that weight lessens the loss by: `−(2 G w + (H + λ) w² + 2 α |w|)`. */
export function plainGain(sums: Sums, rules: PlainRules): number {
  const weight = plainWeight(sums, rules);
  return -(
    2 * sums.gradient * weight +
    (sums.hessian + rules.lambda) * weight * weight +
    2 * rules.alpha * Math.abs(weight)
  );
}

/** Every way to part the bins that the rules allow, with what it gains over the node. */
export function allSplits(bins: readonly Sums[], missing: Sums, rules: PlainRules): readonly PlainSplit[] {
  const node = bins.reduce(add, missing);
  const found: PlainSplit[] = [];
  for (const missingLeft of missing.count > 0 ? [false, true] : [false]) {
    for (let cut = 0; cut <= bins.length; cut += 1) {
      const left = bins.slice(0, cut).reduce(add, missingLeft ? missing : NONE);
      const right = bins.slice(cut).reduce(add, missingLeft ? NONE : missing);
      const small = (side: Sums): boolean => side.hessian < rules.hessianMin || side.count < rules.countMin;
      if (small(left) || small(right)) continue;
      const rise = plainWeight(right, rules) - plainWeight(left, rules);
      if (rules.direction * rise < 0) continue;
      const gain = plainGain(left, rules) + plainGain(right, rules) - plainGain(node, rules);
      found.push({ cut, missingLeft, gain });
    }
  }
  return found;
}
