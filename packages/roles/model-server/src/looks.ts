import { canonicalJson } from '@monsta/core';
import type { ModelServerConfig } from './config.ts';
import type { ModelLine } from './model-line.ts';

/** The newest look at a line's bars by which a vote could be won. */
export interface LineLook {
  /** How many there have been. */
  readonly count: number;
  /** What was judged: executor, features, horizon and costs, as one text. */
  readonly of: string;
  /** Open of the oldest bar, close of the newest, and how many there were. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly bars: number;
}

/** How a training is judged. */
export interface Judgement {
  /** The look that its intervals are at the level of. */
  readonly look: LineLook;
  /** False: no new look is due and there is no vote to keep, so that none is given whatever comes out. */
  readonly open: boolean;
}

/** So much of what was judged last must have come anew, at either end, before the next look. */
const NEW_BARS_SHARE = 0.1;

/** Everything that makes another question of the same bars. */
function questionOf({ executor, features }: ModelLine, { horizonMs, feeBps, slippageBps }: ModelServerConfig): string {
  const { name, parameters } = executor;
  return canonicalJson({ name, parameters, features: features.hash, horizonMs, feeBps, slippageBps });
}

/**
 * Whether a training on bars that open at these times (oldest first, not empty) and end at `toMs` is a new look at the line's bars: the first is, one with another question is, and one with new bars enough.
 * Between two looks a vote can be kept but not won: who looks every day finds something by chance.
 */
export function judgementOf(
  line: ModelLine,
  config: ModelServerConfig,
  last: LineLook | null,
  openTimeMs: Float64Array,
  toMs: number,
): Judgement {
  const of = questionOf(line, config);
  const fromMs = openTimeMs[0] ?? toMs;
  const fresh = last === null ? 0 : openTimeMs.filter((time) => time < last.fromMs || time >= last.toMs).length;
  if (last !== null && last.of === of && fresh < NEW_BARS_SHARE * last.bars)
    return { look: last, open: line.serving?.trained.hasVote ?? false };
  const count = (last?.count ?? 0) + 1;
  return { look: { count, of, fromMs, toMs, bars: openTimeMs.length }, open: true };
}
