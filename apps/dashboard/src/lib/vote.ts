import type { PredictionMessage } from '@monsta/contracts';

/**
 * Why a model has a vote or not: `skilled` has one; `unscored` was never measured; `unskilled`: the interval of its skill reaches zero;
 * `silent`: it has skill but nothing to say now; `withheld`: the server says no for a reason that the prediction doesn't carry.
 */
export type VoteReason = 'skilled' | 'unscored' | 'unskilled' | 'silent' | 'withheld';

export function voteReason({
  hasVote,
  score,
  probabilityUp,
}: Pick<PredictionMessage, 'hasVote' | 'score' | 'probabilityUp'>): VoteReason {
  if (hasVote) return 'skilled';
  if (score === null) return 'unscored';
  if (score.skill.low <= 0) return 'unskilled';
  return probabilityUp === null ? 'silent' : 'withheld';
}
