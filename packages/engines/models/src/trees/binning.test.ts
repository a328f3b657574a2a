import { expectOk, seededRandom } from '@monsta/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BINS_MAX, pruneQuantiles } from './bin-cuts.ts';
import { binTableSteps, DEFAULT_BINNING, type BinnedTable, type BinningOptions } from './binning.ts';
import { TreeMemory } from './tree-memory.ts';
import type { TreeTable } from './training-table.ts';

const memory = new TreeMemory();

function table(columns: readonly (readonly number[])[], more: Partial<TreeTable> = {}): TreeTable {
  const rows = columns[0]?.length ?? 0;
  const values = new Float64Array(rows * columns.length);
  columns.forEach((column, index) => column.forEach((value, row) => (values[row * columns.length + index] = value)));
  const names = columns.map((_, index) => `c${index}`);
  return { rows, columns: names, values, labels: new Float64Array(rows), weights: null, categorical: [], ...more };
}

function bin(of: TreeTable, options: Partial<BinningOptions> = {}): BinnedTable {
  memory.reset();
  const steps = binTableSteps(of, { ...DEFAULT_BINNING, ...options }, memory);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return expectOk(step.value);
}

const binsOf = (binned: BinnedTable, column: number): number[] =>
  Array.from(binned.bins.subarray(column * binned.stride, column * binned.stride + binned.rows));

const numbers = fc.array(
  fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.constant(Number.NaN),
    fc.constant(-0),
  ),
  { minLength: 1, maxLength: 400 },
);

describe('binning', () => {
  it('puts a value into the bin whose cuts enclose it, and a missing one into a bin of its own', () => {
    fc.assert(
      fc.property(numbers, fc.integer({ min: 2, max: 256 }), (values, binsMax) => {
        const binned = bin(table([values, values.toReversed()]), { binsMax });
        for (const [index, column] of [values, values.toReversed()].entries()) {
          const cut = binned.columns[index];
          if (cut === undefined) throw new Error('a column is lost');
          const present = column.filter((value) => !Number.isNaN(value)).map((value) => Math.fround(value) + 0);
          expect(cut.missingBin).toBe(present.length < column.length ? cut.bins : null);
          expect(cut.bins).toBeLessThanOrEqual(Math.min(binsMax, BINS_MAX - (cut.missingBin === null ? 0 : 1)));
          const expected = column.map((value) =>
            Number.isNaN(value) ? cut.missingBin : cut.cuts.filter((at) => at <= Math.fround(value)).length,
          );
          expect(binsOf(binned, index)).toEqual(expected);
          cut.cuts.forEach((at, position) => {
            const lower = Math.max(...present.filter((value) => value < at));
            expect(cut.below[position]).toBe(lower);
          });
          if (present.length > 0) expect([cut.min, cut.max]).toEqual([Math.min(...present), Math.max(...present)]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('keeps each of few distinct values in a bin of its own', () => {
    const binned = bin(
      table([[3, 1, 2, 2, 1, 3, 3], new Array<number>(7).fill(5), new Array<number>(7).fill(Number.NaN)]),
    );
    expect(binsOf(binned, 0)).toEqual([2, 0, 1, 1, 0, 2, 2]);
    expect(binned.columns.map(({ bins, missingBin }) => [bins, missingBin])).toEqual([
      [3, null],
      [1, null],
      [0, 0],
    ]);
  });

  it('makes bins of equal weight, by rows or by their weights', () => {
    const random = seededRandom(4);
    const rows = 20_000;
    const values = Array.from({ length: rows }, () => random.gaussian());
    const weights = Float64Array.from(values, (value) => (value > 0 ? 9 : 1));
    const heaviest = (weighted: boolean): { readonly most: number; readonly bins: number } => {
      const binned = bin(table([values], { weights }), { weighted, binsMax: 64 });
      const sums = new Float64Array(64);
      binsOf(binned, 0).forEach((at, row) => {
        sums[at] = (sums[at] ?? 0) + (weighted ? (weights[row] ?? 0) : 1);
      });
      return {
        most: Math.max(...sums) / sums.reduce((sum, value) => sum + value, 0),
        bins: binned.columns[0]?.bins ?? 0,
      };
    };
    for (const weighted of [true, false]) {
      expect(heaviest(weighted).bins).toBe(64);
      expect(heaviest(weighted).most).toBeLessThan(1.1 / 64);
    }
  });

  it('cuts by XGBoost’s sketch within its error of the quantiles, and keeps few values apart', () => {
    const random = seededRandom(6);
    const rows = 30_000;
    const values = Array.from({ length: rows }, () => random.gaussian());
    const few = values.map((value) => Math.round(3 * value));
    for (const binsMax of [16, 64, 256]) {
      const binned = bin(table([values, few]), { method: 'sketch', binsMax });
      const counts = new Float64Array(binsMax);
      for (const at of binsOf(binned, 0)) counts[at] = (counts[at] ?? 0) + 1;
      expect(binned.columns[0]?.bins).toBe(binsMax);
      expect(Math.max(...counts)).toBeLessThan((1.5 * rows) / binsMax);
      expect(Math.min(...counts)).toBeGreaterThan((0.5 * rows) / binsMax);
      if (binsMax > 16) expect(binned.columns[1]?.bins).toBe(new Set(few).size);
    }
  });

  it('keeps all 256 bins of a sketched column beside missing values, in codes of two bytes', () => {
    const random = seededRandom(7);
    const values = Array.from({ length: 5_000 }, () => random.gaussian());
    const some = values.map((value, row) => (row % 9 === 0 ? Number.NaN : value));
    const few = some.map((value) => Math.round(3 * value));
    const binned = bin(table([values, some, few]), { method: 'sketch' });
    expect(binned.columns.map(({ bins, missingBin, wide }) => [bins, missingBin, wide])).toEqual([
      [256, null, false],
      [256, 256, true],
      [expect.any(Number), expect.any(Number), false],
    ]);
    const { cuts, pointer } = binned.columns[1] ?? { cuts: new Float32Array(), pointer: 0 };
    const codes = Array.from(new Uint16Array(memory.memory.buffer, pointer, some.length));
    expect(codes).toEqual(
      some.map((value) => (Number.isNaN(value) ? 256 : cuts.filter((at) => at <= Math.fround(value)).length)),
    );
    // Where missing values have a code of their own, the cuts of what is there are the same without them.
    const present = bin(table([some.filter((value) => !Number.isNaN(value))]), { method: 'sketch' });
    expect(present.columns[0]?.cuts).toEqual(cuts);
  });

  it('cuts as LightGBM: zero alone, and no bin of few values with fewer rows than asked for, but the last of either sign', () => {
    const few = fc.array(fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constant(0), fc.constant(Number.NaN)), {
      minLength: 1,
      maxLength: 100,
      size: 'max',
    });
    fc.assert(
      fc.property(few, fc.integer({ min: 1, max: 30 }), (values, binRowsMin) => {
        const binned = bin(table([values]), { binRowsMin, weighted: false, method: 'greedy' });
        const inBin = (at: number): number[] => values.filter((_, row) => binsOf(binned, 0)[row] === at);
        const bins = Array.from({ length: binned.columns[0]?.bins ?? 0 }, (_, at) => inBin(at));
        bins.forEach((own, at) => {
          expect(new Set(own.map(Math.sign)).size).toBe(1);
          const isLast = at === bins.length - 1 || Math.sign(own[0] ?? 0) !== Math.sign(bins[at + 1]?.[0] ?? 0);
          if (!isLast) expect(own.length).toBeGreaterThanOrEqual(binRowsMin);
        });
      }),
    );
  });

  it('cuts as LightGBM into no more bins than asked for, missing values in one of them', () => {
    fc.assert(
      fc.property(
        numbers,
        fc.integer({ min: 2, max: 30 }),
        fc.integer({ min: 1, max: 9 }),
        (values, binsMax, least) => {
          const options = { binsMax, binRowsMin: least, weighted: false, method: 'greedy' } as const;
          const {
            bins = 0,
            missingBin = null,
            cuts = new Float32Array(),
          } = bin(table([values]), options).columns[0] ?? {};
          expect(bins + (missingBin === null ? 0 : 1)).toBeLessThanOrEqual(Math.max(2, binsMax));
          expect(Array.from(cuts)).toEqual([...new Set(cuts)].toSorted((a, b) => a - b));
        },
      ),
    );
  });

  it('takes LightGBM’s rare categories for missing, but for the two that come most often', () => {
    const column = [7, 7, 7, 7, 3, 3, 3, 5, 5, 1, 1];
    const options = { binRowsMin: 3, weighted: false, method: 'greedy' } as const;
    const binned = bin(table([column], { categorical: [0] }), options);
    expect(binsOf(binned, 0)).toEqual([1, 1, 1, 1, 0, 0, 0, 2, 2, 2, 2]);
    expect(binned.columns[0]).toMatchObject({ bins: 2, missingBin: 2, min: 3, max: 7 });
    const rare = bin(table([[4, 8, 2, 2, 9]], { categorical: [0] }), options);
    expect(binsOf(rare, 0)).toEqual([1, 2, 0, 0, 2]);
  });

  it('gives categories a bin each and refuses more than a byte can tell apart', () => {
    const binned = bin(table([[7, 300, 0, 7, Number.NaN]], { categorical: [0] }), { binsMax: 2 });
    expect(binsOf(binned, 0)).toEqual([1, 2, 0, 1, 3]);
    const many = table([Array.from({ length: BINS_MAX }, (_, index) => index)], { categorical: [0] });
    expect(() => bin(many)).toThrow('categories_too_many: c0 has more than 255 categories');
  });

  it('prunes quantiles to the values whose middle rank is nearest', () => {
    // Ten values of weight 1, four wanted: the ends, and those nearest to ranks 1 + 8/3 and 1 + 16/3.
    const before = Float64Array.from({ length: 11 }, (_, index) => index);
    const picked = new Uint32Array(8);
    expect(pruneQuantiles(10, before, 4, picked)).toBe(4);
    expect(Array.from(picked.subarray(0, 4))).toEqual([0, 3, 6, 9]);
    expect(pruneQuantiles(4, before, 4, picked)).toBe(4);
  });
});
