import type { Moments } from './moments.ts';
import { normalCdf, normalQuantile } from '@monsta/core';
import type { TrialSpread } from './trials.ts';

const EULER_MASCHERONI = 0.5772156649015329;

type SharpeFigures = Pick<Moments, 'count' | 'sharpe' | 'skew' | 'kurtosis'>;

/** Variance of the estimate of a Sharpe ratio, times n − 1; null where it is not above zero, as it can be for a few returns of strange shape. (Mertens 2002; Bailey and López de Prado 2012.) */
function estimateVariance({ sharpe, skew, kurtosis }: SharpeFigures): number | null {
  if (sharpe === null || skew === null || kurtosis === null) return null;
  const variance = 1 - skew * sharpe + ((kurtosis - 1) / 4) * sharpe * sharpe;
  return variance > 0 ? variance : null;
}

/**
 * Probability, 0–1, that the true Sharpe ratio is above `benchmark` (both over one return, not annualised), given how many returns there are and their skew and kurtosis.
 * Null without variance. (Bailey and López de Prado 2012, "The Sharpe ratio efficient frontier", equation 9.)
 */
export function probabilisticSharpe(figures: SharpeFigures, benchmark = 0): number | null {
  const variance = estimateVariance(figures);
  if (variance === null || figures.sharpe === null) return null;
  return normalCdf(((figures.sharpe - benchmark) * Math.sqrt(figures.count - 1)) / Math.sqrt(variance));
}

/**
 * The Sharpe ratio that the best of so many trials without any skill is expected to show, in the unit of the trials' own: 0 for a single one, null where several are not known to
 * spread. (Bailey and López de Prado 2014, "The deflated Sharpe ratio", equation 1.)
 */
export function expectedMaximumSharpe({ count, sharpeVariance }: TrialSpread): number | null {
  if (count <= 1) return 0;
  if (sharpeVariance === null) return null;
  const expected =
    (1 - EULER_MASCHERONI) * normalQuantile(1 - 1 / count) +
    EULER_MASCHERONI * normalQuantile(1 - 1 / (count * Math.E));
  return Math.sqrt(sharpeVariance) * expected;
}

/**
 * Probability, 0–1, that the true Sharpe ratio is above zero once it is known that it is the best of `trials`: the probabilistic Sharpe ratio against what luck alone would have
 * found. Every trial counts as independent of the others, so that it errs to the strict side. (Bailey and López de Prado 2014, equation 2.)
 */
export function deflatedSharpe(figures: SharpeFigures, trials: TrialSpread): number | null {
  const benchmark = expectedMaximumSharpe(trials);
  return benchmark === null ? null : probabilisticSharpe(figures, benchmark);
}

/**
 * How many returns a track record needs before its Sharpe ratio is above `benchmark` with probability `confidence`; null where it is not above it at all, so that no length will do.
 * (Bailey and López de Prado 2012, equation 11.)
 */
export function minimumTrackRecord(figures: SharpeFigures, benchmark = 0, confidence = 0.95): number | null {
  const variance = estimateVariance(figures);
  if (variance === null || figures.sharpe === null || figures.sharpe <= benchmark) return null;
  return 1 + variance * (normalQuantile(confidence) / (figures.sharpe - benchmark)) ** 2;
}
