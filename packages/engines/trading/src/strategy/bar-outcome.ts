import type { InstrumentId } from '@monsta/core';
import { targetDraft, type TargetDraft } from './asks.ts';
import type { StrategyFailure } from './failure.ts';
import type { StrategyWish, TargetWish } from './wish.ts';

/** What came of a call: what it asked for, nothing where it failed; and whether the strategy remembers something else than before. */
export interface StrategyOutcome {
  readonly wishes: readonly StrategyWish[];
  readonly failure: StrategyFailure | null;
  readonly changed: boolean;
}

/** What came of `onBar`, which is called at each close: one for all of them, so that a close at which nothing new is asked for leaves nothing behind. */
export class BarOutcome implements StrategyOutcome {
  #draft: TargetDraft | null = null;
  failure: StrategyFailure | null = null;
  changed = false;
  /** What was asked for first, where that was a target: good until the next call. */
  target: TargetWish | null = null;
  /** What was asked for beside it, or instead. */
  others: StrategyWish[] = [];

  /** Nothing has been asked for. */
  begin(): void {
    this.target = null;
    this.failure = null;
    this.changed = false;
    if (this.others.length > 0) this.others = [];
  }

  /** Where a target that is asked for first is written; null where something was asked for before. */
  draft(instrument: InstrumentId): TargetDraft | null {
    if (this.target !== null || this.others.length > 0) return null;
    return (this.#draft ??= targetDraft(instrument));
  }

  /** All that was asked for, in that order: good for as long as somebody wants it. */
  get wishes(): readonly StrategyWish[] {
    const { target, others } = this;
    if (target === null) return others;
    const { kind, instrument, reason, confidence, fraction, limitPrice } = target;
    const kept: TargetWish = { kind, instrument, reason, confidence, fraction, limitPrice };
    return others.length === 0 ? [kept] : [kept, ...others];
  }
}
