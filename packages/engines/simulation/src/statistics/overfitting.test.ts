import { seededRandom } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockMoments, probabilityOfOverfitting, type BlockMoments } from './overfitting.ts';

function cut(returns: readonly number[], blocks?: number): BlockMoments {
  const moments = blockMoments(Float64Array.from(returns), blocks);
  if (moments === null) throw new Error('too few returns for so many blocks');
  return moments;
}

const noise = (seed: number, length: number, drift = 0): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length }, () => random.gaussian() + drift);
};

/** As the paper tells it, row by row: for each half of the blocks the best trial, and its rank in the rows of the other half. */
function byTheBook(matrix: readonly (readonly number[])[], blocks: number): number[] {
  const size = Math.floor((matrix[0]?.length ?? 0) / blocks);
  const logits: number[] = [];
  for (let mask = 0; mask < 1 << blocks; mask += 1) {
    const chosen = Array.from({ length: blocks }, (_, block) => (mask >> block) & 1);
    if (chosen.filter((bit) => bit === 1).length !== blocks / 2) continue;
    const sharpes = (bit: number): number[] =>
      matrix.map((returns) => {
        const rows = returns.slice(-size * blocks).filter((_, row) => chosen[Math.floor(row / size)] === bit);
        const mean = rows.reduce((sum, value) => sum + value, 0) / rows.length;
        return mean / Math.sqrt(rows.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows.length);
      });
    const [inside, outside] = [sharpes(1), sharpes(0)];
    const judged = outside[inside.indexOf(Math.max(...inside))] ?? Number.NaN;
    const rank = outside.filter((value) => value < judged).length + 1;
    const relative = rank / (matrix.length + 1);
    logits.push(Math.log(relative / (1 - relative)));
  }
  return logits;
}

const ascending = (values: Iterable<number>): number[] => [...values].toSorted((left, right) => left - right);

describe('the probability of backtest overfitting', () => {
  it('is that of all splits, one by one, as the paper tells it', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 2, max: 7 }),
        fc.constantFrom(2, 4, 6),
        fc.integer({ min: 0, max: 3 }),
        (seed, trials, blocks, left) => {
          const matrix = Array.from({ length: trials }, (_, trial) => noise(seed + trial, 5 * blocks + left));
          const found = probabilityOfOverfitting(matrix.map((returns) => cut(returns, blocks)));
          const logits = byTheBook(matrix, blocks);
          expect(found?.splits).toBe(logits.length);
          expect(ascending(found?.logits ?? [])).toEqual(
            ascending(logits).map((logit) => expect.closeTo(logit, 12) as number),
          );
          expect(found?.probability).toBe(logits.filter((logit) => logit <= 0).length / logits.length);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('takes 12,870 splits of sixteen blocks', () => {
    expect(probabilityOfOverfitting([cut(noise(1, 64)), cut(noise(2, 64))])?.splits).toBe(12_870);
  });

  it('is nothing where one trial is the best of all at all times, and about a half among trials without skill', () => {
    const idle = Array.from({ length: 60 }, (_, trial) => cut(noise(trial, 480), 10));
    const skilled = [...idle, cut(noise(1_000, 480, 1), 10)];
    expect(probabilityOfOverfitting(skilled)).toMatchObject({ probability: 0, lossProbability: 0, splits: 252 });
    const several = Array.from({ length: 20 }, (_, set) =>
      Array.from({ length: 60 }, (__, trial) => cut(noise(1_000 * set + trial, 480), 10)),
    );
    const mean = several.reduce((sum, trials) => sum + (probabilityOfOverfitting(trials)?.probability ?? NaN), 0) / 20;
    expect(mean).toBeGreaterThan(0.35);
    expect(mean).toBeLessThan(0.65);
  });

  it('is certain where what won in one half lost in the other', () => {
    const [up, down] = [noise(1, 40, 5), noise(2, 40, -5)];
    const found = probabilityOfOverfitting([cut([...up, ...down], 2), cut([...down, ...up], 2)]);
    expect(found).toMatchObject({ probability: 1, lossProbability: 1, splits: 2 });
  });

  it('does not exist without a choice', () => {
    expect(probabilityOfOverfitting([])).toBeNull();
    expect(probabilityOfOverfitting([cut(noise(1, 64))])).toBeNull();
    expect(probabilityOfOverfitting([cut(noise(1, 64)), cut(noise(1, 64))])).toBeNull();
  });

  it('counts a trial that never traded as a Sharpe ratio of 0', () => {
    const idle = cut(new Array<number>(40).fill(0), 4);
    expect(probabilityOfOverfitting([idle, cut(noise(3, 40, -5), 4)])).toMatchObject({
      probability: 0,
      lossProbability: 0,
    });
  });

  it('refuses blocks that do not fit together', () => {
    expect(() => probabilityOfOverfitting([cut(noise(1, 64)), cut(noise(2, 80))])).toThrow('same blocks');
    expect(() => blockMoments(new Float64Array(10), 3)).toThrow(RangeError);
    expect(blockMoments(new Float64Array(31))).toBeNull();
  });
});

describe('blocks of returns', () => {
  it('hold sums and squares, and leave out the oldest returns that fill none', () => {
    expect(cut([9, 1, 2, 3, 4], 2)).toEqual({
      length: 2,
      sums: Float64Array.of(3, 7),
      squares: Float64Array.of(5, 25),
    });
  });
});
