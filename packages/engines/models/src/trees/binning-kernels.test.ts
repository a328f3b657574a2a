import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindBinningKernels } from './binning-kernels.ts';
import {
  plainBins,
  plainCombine,
  plainDistinct,
  plainMaxima,
  plainOrder,
  plainPrune,
  plainQueueEnd,
  plainSummary,
  type PlainEntry,
} from './binning.reference.ts';
import { TreeMemory } from './tree-memory.ts';

const ROWS = 700;
const memory = new TreeMemory();
const kernels = bindBinningKernels(memory.memory);
const values = memory.floats(ROWS);
const rows = memory.words(ROWS);
const spare = memory.floats(ROWS);
const spareRows = memory.words(ROWS);
const digits = memory.words(3 * 2_048);
const weights = memory.doubles(ROWS);
const distinct = memory.floats(ROWS);
const before = memory.doubles(ROWS + 1);
const cuts = memory.floats(256);
const bins = memory.bytes(ROWS);
const maxima = memory.floats(256);
const summaries = [memory.floats(4 * ROWS), memory.floats(4 * ROWS), memory.floats(8 * ROWS)] as const;

const bits = new DataView(new ArrayBuffer(4));
const floatOf = (word: number): number => {
  bits.setUint32(0, word);
  return bits.getFloat32(0);
};

/** Values that differ in their last bits, or in one digit of the sort only, or in sign; the ends of the range; few and many of a kind. */
const adversarial = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    1,
    -1,
    Math.fround(1e-45),
    -Math.fround(1e-45),
    3.402_823_466_385_288_6e38,
    -3.402_823_466_385_288_6e38,
  ),
  fc.integer({ min: 0, max: 7 }).map((low) => floatOf(0x3f80_0000 + low)),
  fc.integer({ min: 0, max: 7 }).map((middle) => floatOf(0x3f80_0000 + (middle << 11))),
  fc.integer({ min: 0, max: 7 }).map((low) => floatOf(0xbf7f_fffc + low)),
  fc.integer({ min: -3, max: 3 }),
);
const random = fc.float({ noNaN: true, noDefaultInfinity: true });
const columns = fc.oneof(
  fc.array(random, { maxLength: ROWS, size: 'max' }),
  fc.array(adversarial, { maxLength: ROWS, size: 'max' }),
  fc.array(random, { maxLength: ROWS, size: 'max' }).map((all) => all.toSorted((a, b) => a - b)),
  fc.array(random, { maxLength: ROWS, size: 'max' }).map((all) => all.toSorted((a, b) => b - a)),
  fc
    .tuple(adversarial, fc.integer({ min: 0, max: ROWS }))
    .map(([value, count]) => new Array<number>(count).fill(value)),
);
const weightOf = fc.oneof(
  fc.constantFrom(0, 1, 1e-20, 1e7),
  fc.double({ min: 0, max: 100, noNaN: true }),
  fc.integer({ min: 0, max: 9 }),
);
const weightsOfAll = fc.oneof(fc.constant(null), fc.array(weightOf, { minLength: ROWS, maxLength: ROWS }));

/** Sorts a column in memory by the kernel; returns its order. */
function sorted(column: readonly number[]): { readonly view: Float32Array; readonly order: readonly number[] } {
  const view = values.view.subarray(0, column.length);
  view.set(column);
  rows.view.forEach((_, row) => (rows.view[row] = row));
  kernels.sortFloats(column.length, values.pointer, rows.pointer, spare.pointer, spareRows.pointer, digits.pointer);
  return { view, order: Array.from(rows.view.subarray(0, column.length)) };
}

function entriesIn(summary: Float32Array, count: number): PlainEntry[] {
  return Array.from({ length: count }, (_, at) => {
    const [rankMin = 0, rankMax = 0, weight = 0, value = 0] = summary.subarray(4 * at, 4 * at + 4);
    return { rankMin, rankMax, weight, value };
  });
}

function write(entries: readonly PlainEntry[], { view }: { readonly view: Float32Array }): void {
  entries.forEach(({ rankMin, rankMax, weight, value }, at) => view.set([rankMin, rankMax, weight, value], 4 * at));
}

/** A summary as it comes about: of a column, thinned out. −0 stands for 0 by then. */
const summary = fc.tuple(columns, weightsOfAll, fc.integer({ min: 2, max: 60 })).map(([column, all, size]) => {
  const view = Float32Array.from(column, (value) => value + 0).toSorted();
  return plainPrune(
    plainSummary(
      view,
      Array.from(view, (_, index) => all?.[index] ?? 1),
    ),
    size,
  );
});

describe('the kernels of binning', () => {
  it('sort as the plain reference does, with and without the rows', () => {
    fc.assert(
      fc.property(columns, (column) => {
        const { view, order } = sorted(column);
        const expected = plainOrder(Float32Array.from(column));
        expect(order).toEqual(expected);
        expect(Array.from(view)).toEqual(expected.map((row) => column[row]));
        view.set(column);
        kernels.sortFloats(column.length, values.pointer, 0, spare.pointer, 0, digits.pointer);
        expect(Array.from(view)).toEqual(expected.map((row) => column[row]));
      }),
      { numRuns: 200 },
    );
  });

  it('find distinct values and the weight below them as the plain reference does', () => {
    fc.assert(
      fc.property(columns, weightsOfAll, (column, all) => {
        const { view, order } = sorted(column);
        weights.view.set(all ?? []);
        const count = kernels.distinctValues(
          column.length,
          values.pointer,
          rows.pointer,
          all === null ? 0 : weights.pointer,
          distinct.pointer,
          before.pointer,
        );
        const expected = plainDistinct(
          view,
          order.map((row) => all?.[row] ?? 1),
        );
        expect(Array.from(distinct.view.subarray(0, count))).toEqual(expected.distinct);
        expect(Array.from(before.view.subarray(0, count + 1))).toEqual(expected.before);
      }),
      { numRuns: 200 },
    );
  });

  it('assign bins and find the greatest value of each as the plain references do', () => {
    const cutValues = fc.oneof(
      fc.uniqueArray(
        random.filter((value) => !Object.is(value, -0)),
        { maxLength: 255, size: 'max' },
      ),
      fc.uniqueArray(
        adversarial.filter((value) => !Object.is(value, -0)),
        { maxLength: 255, size: 'max' },
      ),
    );
    fc.assert(
      fc.property(columns, cutValues, fc.boolean(), (column, unsorted, holes) => {
        const at = unsorted.toSorted((a, b) => a - b);
        // Values that are cuts themselves, and missing ones.
        const own = [...column, ...at]
          .slice(0, ROWS)
          .map((value, row) => (holes && row % 5 === 3 ? Number.NaN : value));
        cuts.view.fill(Number.POSITIVE_INFINITY);
        cuts.view.set(at);
        const view = values.view.subarray(0, own.length);
        view.set(own);
        kernels.assignBins(own.length, values.pointer, cuts.pointer, 255, bins.pointer);
        const expected = plainBins(view, at, 255);
        expect(Array.from(bins.view.subarray(0, own.length))).toEqual(expected);
        kernels.binMaxima(own.length, values.pointer, bins.pointer, at.length + 1, maxima.pointer);
        expect(Array.from(maxima.view.subarray(0, at.length + 1))).toEqual(plainMaxima(view, expected, at.length + 1));
      }),
      { numRuns: 200 },
    );
  });

  it('end a queue where the plain reference does', () => {
    fc.assert(
      fc.property(columns, fc.nat(), fc.integer({ min: 1, max: 40 }), (column, start, runs) => {
        const from = column.length === 0 ? 0 : start % column.length;
        const view = values.view.subarray(0, column.length);
        view.set(column);
        expect(kernels.queueEnd(from, column.length, values.pointer, runs)).toBe(plainQueueEnd(view, from, runs));
      }),
    );
  });

  it('summarise what is sorted as the plain reference does', () => {
    fc.assert(
      fc.property(columns, weightsOfAll, (column, all) => {
        const { view, order } = sorted(column.map((value) => value + 0));
        weights.view.set(all ?? []);
        const [to] = summaries;
        const pointer = all === null ? 0 : weights.pointer;
        const count = kernels.summarise(column.length, values.pointer, rows.pointer, pointer, to.pointer);
        expect(entriesIn(to.view, count)).toEqual(
          plainSummary(
            view,
            order.map((row) => all?.[row] ?? 1),
          ),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('prune and combine summaries as the plain references do', () => {
    fc.assert(
      fc.property(summary, summary, fc.integer({ min: 2, max: 60 }), (a, b, size) => {
        const [fromA, fromB, to] = summaries;
        write(a, fromA);
        write(b, fromB);
        const pruned = kernels.pruneSummary(a.length, fromA.pointer, size, to.pointer);
        expect(entriesIn(to.view, pruned)).toEqual(plainPrune(a, size));
        const combined = kernels.combineSummaries(a.length, fromA.pointer, b.length, fromB.pointer, to.pointer);
        expect(entriesIn(to.view, combined)).toEqual(plainCombine(a, b));
      }),
      { numRuns: 300 },
    );
  });
});
