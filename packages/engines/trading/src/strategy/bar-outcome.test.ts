import { instrumentId } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { writeTarget } from './asks.ts';
import { BarOutcome } from './bar-outcome.ts';

const BTC = instrumentId('BTCUSDT');

function ask(outcome: BarOutcome, fraction: number): void {
  const draft = outcome.draft(BTC);
  if (draft === null) throw new Error('something was asked for before');
  outcome.target = writeTarget(draft, BTC, fraction, {}, 'setTarget');
}

describe('what came of a bar', () => {
  it('is told for good, though the next call writes over it', () => {
    const outcome = new BarOutcome();
    ask(outcome, 1);
    const { target, wishes } = outcome;
    outcome.begin();
    expect(outcome.wishes).toEqual([]);
    ask(outcome, 0.5);
    expect(outcome.target).toBe(target);
    expect(wishes).toEqual([
      { kind: 'target', instrument: BTC, reason: null, confidence: null, fraction: 1, limitPrice: null },
    ]);
  });

  it('keeps the order in which things were asked for', () => {
    const outcome = new BarOutcome();
    outcome.others.push({ kind: 'cancel-all', instrument: BTC });
    expect(outcome.draft(BTC)).toBeNull();
    outcome.begin();
    ask(outcome, 1);
    expect(outcome.draft(BTC)).toBeNull();
    outcome.others.push({ kind: 'cancel-all', instrument: BTC });
    expect(outcome.wishes.map(({ kind }) => kind)).toEqual(['target', 'cancel-all']);
  });

  it('has nothing written into it by a target that is refused', () => {
    const outcome = new BarOutcome();
    ask(outcome, 1);
    outcome.begin();
    const draft = outcome.draft(BTC);
    if (draft === null) throw new Error('there is a draft');
    expect(() => writeTarget(draft, BTC, 0.5, { limitPrice: -1 }, 'setTarget')).toThrow('limitPrice');
    expect(() => writeTarget(draft, BTC, 2, {}, 'setTarget')).toThrow('fraction');
    expect(draft.fraction).toBe(1);
  });
});
