import type { ModelComparison } from '@monsta/ports';
import type { Decision } from './model-library.ts';
import type { TrainingResult } from './training.ts';

const figures = ({ rows, challengerLogLoss, servingLogLoss, difference }: ModelComparison): string =>
  `on the same ${rows} newest rows its log loss is ${challengerLogLoss.toFixed(5)}, that of the model that serves ${servingLogLoss.toFixed(5)}; ` +
  `the difference is ${difference.value.toFixed(5)} (${Math.round(100 * difference.level)} %: ${difference.low.toFixed(5)} to ${difference.high.toFixed(5)})`;

/** What serves a line, or that nothing does, was chosen by a person while a model was being trained: it was not compared with that. */
export const OVERTAKEN: Decision = {
  serves: false,
  code: 'overtaken',
  reason:
    'a person chose meanwhile what serves, and it was not compared with that; it can be promoted, and the next training decides anew',
};

/**
 * Whether a newly trained model takes the place of the one that serves: unless it is worse. It is called worse when the whole interval of the paired difference of
 * log losses lies above zero. Where the two can not be compared the new one serves: the old one reads other features, or too few rows are known of both.
 */
export function decide(
  { comparison, uncompared }: Pick<TrainingResult, 'comparison' | 'uncompared'>,
  serves: boolean,
): Decision {
  if (!serves) return { serves: true, code: 'first', reason: 'no other model served' };
  if (comparison === null)
    return { serves: true, code: 'uncompared', reason: `it could not be compared: ${uncompared ?? 'unknown'}` };
  return comparison.worse
    ? { serves: false, code: 'worse', reason: `it is worse: ${figures(comparison)}` }
    : { serves: true, code: 'not_worse', reason: `it is not worse: ${figures(comparison)}` };
}
