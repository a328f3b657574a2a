/**
 * What has been tried of one strategy on one set of data, however it was tried: by a fingerprint of parameters and terms, the Sharpe ratio of the trial's daily returns, not
 * annualised (`sharpePerDay` of its statistics); null where these had no variance. The same thing run again is the same trial.
 */
export type TrialMemory = Readonly<Record<string, number | null>>;

/** What the deflated Sharpe ratio needs of the trials. */
export interface TrialSpread {
  /** All, also those without a Sharpe ratio. */
  readonly count: number;
  /** Sample variance, divisor n − 1, of the Sharpe ratios that are known; null with fewer than two. */
  readonly sharpeVariance: number | null;
}

export function spreadOfTrials(memory: TrialMemory): TrialSpread {
  const all = Object.values(memory);
  const known = all.filter((sharpe) => sharpe !== null);
  if (known.length < 2) return { count: all.length, sharpeVariance: null };
  const mean = known.reduce((sum, sharpe) => sum + sharpe, 0) / known.length;
  const squares = known.reduce((sum, sharpe) => sum + (sharpe - mean) ** 2, 0);
  return { count: all.length, sharpeVariance: squares / (known.length - 1) };
}
