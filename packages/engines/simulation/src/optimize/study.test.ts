import { expectOk, seededRandom } from '@monsta/core';
import type { AnyParameterValues, ParameterSpecs } from '@monsta/trading';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { searchSpace, type SearchSpace } from './space.ts';
import { numberOf, search, type StudyOf } from './study.test-support.ts';
import { SAMPLERS, type SamplerKind } from './study.ts';

const number = { kind: 'number', default: 0, min: -5, max: 5 } as const;
const spaceOf = (specs: ParameterSpecs, given: unknown = null): SearchSpace => expectOk(searchSpace(specs, given));

const PLANE = spaceOf({ x: number, y: number });
const sphere = (values: AnyParameterValues): number =>
  (numberOf(values, 'x') - 1.3) ** 2 + (numberOf(values, 'y') + 2.1) ** 2;
const rosenbrock = (values: AnyParameterValues): number => {
  const [x, y] = [numberOf(values, 'x'), numberOf(values, 'y')];
  return (1 - x) ** 2 + 100 * (y - x * x) ** 2;
};

const MIXED = spaceOf(
  {
    period: { kind: 'integer', default: 10, min: 1, max: 200 },
    share: { kind: 'number', default: 0.5, min: 0, max: 1 },
    kind: { kind: 'choice', default: 'plain', options: ['plain', 'weighted', 'exponential', 'none'] },
    both: { kind: 'boolean', default: false },
  },
  { period: null, share: null, kind: null, both: null },
);
/** Least, 0, at period 40, share 0.25, exponential, both. */
const mixed = ({ period, share, kind, both }: AnyParameterValues): number =>
  Math.abs(Number(period) - 40) / 50 +
  Math.abs(Number(share) - 0.25) +
  (kind === 'exponential' ? 0 : kind === 'weighted' ? 0.5 : 1) +
  (both === true ? 0 : 0.3);

const best = (options: StudyOf, worth: (values: AnyParameterValues) => number): number =>
  search(options, worth).study.best?.value ?? Infinity;
const SEEDS = Array.from({ length: 30 }, (_, index) => index + 1);
/** In how many of 30 searches the one finds less than the other does with the same seed and as many trials. */
const wins = (
  sampler: SamplerKind,
  space: SearchSpace,
  trials: number,
  worth: (values: AnyParameterValues) => number,
): number =>
  SEEDS.filter(
    (seed) => best({ space, trials, seed, sampler }, worth) < best({ space, trials, seed, sampler: 'random' }, worth),
  ).length;

describe('a search', () => {
  // Of 30 fair games 24 are won once in 1,400 times.
  it.each([
    ['tpe', 'a sphere', PLANE, 60, sphere],
    ['tpe', 'a curved valley', PLANE, 120, rosenbrock],
    ['tpe', 'a mixed space', MIXED, 80, mixed],
    ['cma-es', 'a sphere', PLANE, 80, sphere],
    ['cma-es', 'a curved valley', PLANE, 300, rosenbrock],
  ] as const)('by %s beats chance on %s', (sampler, _name, space, trials, worth) => {
    expect(wins(sampler, space, trials, worth)).toBeGreaterThanOrEqual(24);
  });

  it('by cma-es comes to the lowest point of a curved valley', () => {
    const found = SEEDS.map((seed) => best({ space: PLANE, trials: 600, seed, sampler: 'cma-es' }, rosenbrock));
    expect(found.toSorted((left, right) => left - right)[15]).toBeLessThan(1e-6);
  });

  it('by cma-es finds whole numbers', () => {
    const integer = { kind: 'integer', default: 5, min: 1, max: 300 } as const;
    const space = spaceOf({ fast: integer, slow: integer });
    const worth = ({ fast, slow }: AnyParameterValues): number => (Number(fast) - 37) ** 2 + (Number(slow) - 211) ** 2;
    const found = SEEDS.filter((seed) => best({ space, trials: 200, seed, sampler: 'cma-es' }, worth) <= 1);
    expect(found.length).toBeGreaterThanOrEqual(27);
  });

  it('by grid tries every accepted point once, in order', () => {
    const integer = { kind: 'integer', default: 1, min: 1, max: 4 } as const;
    const space = spaceOf({ fast: integer, slow: integer });
    const accepts = ({ fast, slow }: AnyParameterValues): boolean => Number(fast) < Number(slow);
    const { tried, study } = search({ space, sampler: 'grid', trials: 1_000, accepts }, () => 1);
    expect(tried.map(({ fast, slow }) => `${String(fast)}${String(slow)}`)).toEqual([
      '12',
      '13',
      '14',
      '23',
      '24',
      '34',
    ]);
    expect(study.counts).toMatchObject({ asked: 6, told: 6, finished: 6, refused: 10 });
    expect(study.done).toBe(true);
  });

  it.each(SAMPLERS)(
    'by %s tries no point twice and none that the strategy refuses, to the last one there is',
    (sampler) => {
      const integer = { kind: 'integer', default: 1, min: 1, max: 7 } as const;
      const space = spaceOf({ fast: integer, slow: integer });
      const accepts = ({ fast, slow }: AnyParameterValues): boolean => Number(fast) < Number(slow);
      const worth = ({ fast, slow }: AnyParameterValues): number => 2 * Math.abs(Number(fast) - 2) + Number(slow);
      const { tried, study } = search({ space, sampler, trials: 1_000, accepts }, worth, { workers: 3 });
      expect(tried.every(accepts)).toBe(true);
      expect(new Set(tried.map((values) => JSON.stringify(values))).size).toBe(21);
      expect(tried.length).toBe(21);
      expect(study.best?.values).toEqual({ fast: 2, slow: 3 });
    },
  );

  it.each(SAMPLERS)(
    'by %s is the same by its seed, however many workers there are and whichever is the fastest',
    (sampler) => {
      const integer = { kind: 'integer', default: 1, min: 1, max: 60 } as const;
      const space = spaceOf({ fast: integer, slow: integer, ...(sampler === 'grid' ? {} : { share: number }) });
      const worth = (values: AnyParameterValues): number | null =>
        Number(values['fast']) % 7 === 0 ? null : (Number(values['fast']) - 20) ** 2 + Number(values['slow']);
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 8 }),
          fc.integer(),
          fc.integer({ min: 0, max: 99 }),
          (workers, order, seed) => {
            const random = seededRandom(order);
            const options = { space, sampler, trials: 60, seed, ahead: 8, direction: 'max' } as const;
            const one = search(options, worth);
            const other = search(options, worth, { workers, pick: (count) => random.integer(Math.max(1, count)) });
            expect(other.tried).toEqual(one.tried);
            expect(other.study.best).toEqual(one.study.best);
          },
        ),
        { numRuns: 15 },
      );
    },
  );

  it.each(SAMPLERS)('by %s that is told again what it was told goes on where it was', (sampler) => {
    const space = sampler === 'grid' ? spaceOf({ fast: { kind: 'integer', default: 1, min: 1, max: 99 } }) : PLANE;
    const worth = (values: AnyParameterValues): number =>
      sampler === 'grid' ? numberOf(values, 'fast') : rosenbrock(values);
    const whole = search({ space, sampler, trials: 70 }, worth);
    const part = search({ space, sampler, trials: 33 }, worth);
    expect(part.tried).toEqual(whole.tried.slice(0, 33));
  });

  it('takes a trial that failed, or whose objective is unknown, for no result', () => {
    const { study } = search({ space: PLANE, sampler: 'tpe', trials: 40 }, () => null);
    expect(study.best).toBeNull();
    expect(study.values).toEqual([]);
    expect(study.counts).toMatchObject({ told: 40, finished: 40 });
  });

  it('takes no result twice, and none of a trial that is not running', () => {
    const { study } = search({ space: PLANE, sampler: 'random', trials: 3 }, sphere);
    expect(() => study.tell(1, { kind: 'failed' })).toThrow(RangeError);
    expect(() => study.tell(3, { kind: 'failed' })).toThrow(RangeError);
  });

  it('cannot search choices by cma-es, nor any number by a grid', () => {
    expect(() => search({ space: MIXED, sampler: 'cma-es', trials: 1 }, mixed)).toThrow(RangeError);
    expect(() => search({ space: PLANE, sampler: 'grid', trials: 1 }, sphere)).toThrow(RangeError);
  });
});
