import type { PredictionMessage } from '@monsta/contracts';

/**
 * Why a model has a vote or not: `skilled` has one; `unscored` was never measured; `unskilled`: the interval of its skill reaches zero; `untraded`: too few of its forecasts pay for their
 * costs to tell what it brings; `costly`: the interval of what it brings after costs reaches zero; `silent`: it has earned a vote but has nothing to say now; `withheld`: its figures would
 * earn a vote, but none is won between two looks at new bars.
 */
export type VoteReason = 'skilled' | 'unscored' | 'unskilled' | 'untraded' | 'costly' | 'silent' | 'withheld';

/** A model that is judged. `silent`: it has nothing to say now. */
export interface Judged extends Pick<PredictionMessage, 'hasVote' | 'score'> {
  readonly silent: boolean;
}

export function voteReason({ hasVote, score, silent }: Judged): VoteReason {
  if (hasVote) return 'skilled';
  if (score === null) return 'unscored';
  if (score.skill.low <= 0) return 'unskilled';
  if (score.net === null) return 'untraded';
  if (score.net.perBarBps.low <= 0) return 'costly';
  return silent ? 'silent' : 'withheld';
}
