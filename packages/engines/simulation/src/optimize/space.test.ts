import { expectOk } from '@monsta/core';
import type { ParameterSpecs } from '@monsta/trading';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gridPoint, pointKey, searchSpace, snapped, spaceSize, valuesAt, type SearchSpace } from './space.ts';

const SPECS = {
  fast: { kind: 'integer', default: 10, min: 1, max: 500 },
  band: { kind: 'number', default: 2, min: 0.1, max: 10 },
  interval: { kind: 'choice', default: '1m', options: ['1m', '1h', '1d'] },
  exits: { kind: 'boolean', default: false },
} as const satisfies ParameterSpecs;

const spaceOf = (given: unknown): SearchSpace => expectOk(searchSpace(SPECS, given));
const faultOf = (given: unknown): string => {
  const made = searchSpace(SPECS, given);
  return made.ok ? 'fine' : made.fault.message;
};
const all = (space: SearchSpace) =>
  Array.from({ length: spaceSize(space) }, (_, index) => valuesAt(space, gridPoint(space, index)));

describe('a search space', () => {
  it('has of each parameter the values that are named', () => {
    expect(all(spaceOf({ fast: [5, 7], exits: null }))).toEqual([
      { fast: 5, exits: false },
      { fast: 5, exits: true },
      { fast: 6, exits: false },
      { fast: 6, exits: true },
      { fast: 7, exits: false },
      { fast: 7, exits: true },
    ]);
    expect(all(spaceOf({ fast: { from: 20, to: 99, step: 25 } }))).toEqual([20, 45, 70, 95].map((fast) => ({ fast })));
    expect(all(spaceOf({ band: { from: 0.1, to: 0.4, step: 0.1 } }))).toEqual(
      [0.1, 0.2, 0.3, 0.4].map((band) => ({ band })),
    );
    expect(all(spaceOf({ band: { values: [3, 1, 2, 1] } }))).toEqual([1, 2, 3].map((band) => ({ band })));
    expect(all(spaceOf({ interval: ['1h', '1d'] }))).toEqual([{ interval: '1h' }, { interval: '1d' }]);
    expect(all(spaceOf({ exits: [true], fast: { values: [9] } }))).toEqual([{ exits: true, fast: 9 }]);
  });

  it('is all that the strategy allows where nothing is said, choices left as they are', () => {
    expect(spaceOf(null).dimensions).toEqual([
      { kind: 'steps', name: 'fast', from: 1, step: 1, count: 500 },
      { kind: 'range', name: 'band', from: 0.1, to: 10, log: false },
      { kind: 'choice', name: 'exits', values: [false, true] },
    ]);
  });

  it('may be even in the logarithm', () => {
    const space = spaceOf({ band: { from: 0.1, to: 10, log: true } });
    expect([0, 0.5, 1].map((at) => valuesAt(space, [at])['band'])).toEqual([0.1, 1, 10]);
  });

  it.each([
    [{ fats: [1, 2] }, /'fats' is unknown; there are fast, band, interval, exits/],
    [
      { fast: [0, 5], band: [1, 11] },
      /'fast': 0 is no whole number from 1 to 500; 'band': 11 is no number from 0.1 to 10/,
    ],
    [{ fast: [1.5, 5] }, /1.5 is no whole number/],
    [{ fast: [9, 5] }, /begins at 9, above its end 5/],
    [{ fast: [1, 2, 3] }, /needs \[from, to\]/],
    [{ fast: { from: 1, to: 9, step: 0 } }, /the step must be a whole number above 0, not 0/],
    [{ fast: { from: 1, too: 9 } }, /'too' is unknown/],
    [{ fast: { from: 1, to: 9, log: true } }, /"log" is for numbers without a step/],
    [{ fast: { values: [] } }, /must not be empty/],
    [{ interval: ['2h'] }, /must be of 1m, 1h, 1d, not "2h"/],
    [{ exits: 'yes' }, /needs a list of some of false, true/],
    [{}, /no parameter/],
    [[1], /must be a JSON object/],
  ])('refuses %j', (given, message) => {
    expect(faultOf(given)).toMatch(message);
  });

  it('snaps every place to one that stands for values, and counts each once', () => {
    const space = spaceOf({ fast: { from: 3, to: 50, step: 4 }, interval: null, exits: null });
    const keys = Array.from({ length: spaceSize(space) }, (_, index) => pointKey(space, gridPoint(space, index)));
    expect(new Set(keys).size).toBe(12 * 3 * 2);
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 }), (place) => {
        const point = snapped(space, place);
        expect(snapped(space, point)).toEqual(point);
        expect(keys).toContain(pointKey(space, point));
      }),
    );
  });
});
