import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainCounts, plainHistogram, plainLogisticPair, plainPartition } from './histograms.reference.ts';
import { TreeMemory } from './tree-memory.ts';

const ROWS = 200;
const memory = new TreeMemory();
const { kernels } = memory;
const columns = Array.from({ length: 4 }, () => memory.bytes(ROWS));
const wideColumns = Array.from({ length: 4 }, () => memory.bytes(2 * ROWS));
const histograms = Array.from({ length: 4 }, () => memory.doubles(514));
const counts = memory.words(257);
const list = memory.words(ROWS);
const spare = memory.words(ROWS);
const pairs = memory.floats(2 * ROWS);
const goesLeft = memory.bytes(257);
const margins = memory.doubles(ROWS);
const labels = memory.doubles(ROWS);
const weights = memory.doubles(ROWS);

const rowsOf = fc.uniqueArray(fc.integer({ min: 0, max: ROWS - 1 }), { maxLength: ROWS });
/** Codes of a column; the last bins often. */
const codes = (bins: number): fc.Arbitrary<number[]> =>
  fc.array(fc.oneof(fc.integer({ min: 0, max: bins - 1 }), fc.integer({ min: bins - 3, max: bins - 1 })), {
    minLength: ROWS,
    maxLength: ROWS,
  });
const floats = fc.float32Array({
  minLength: 2 * ROWS,
  maxLength: 2 * ROWS,
  noNaN: true,
  noDefaultInfinity: true,
  min: -100,
  max: 100,
});

/** Puts a column where kernels read it. */
function place(index: number, column: readonly number[], bins: number): number {
  const { pointer, view } = (bins > 256 ? wideColumns : columns)[index] ?? { pointer: 0, view: new Uint8Array() };
  if (bins > 256) new Uint16Array(view.buffer, pointer, ROWS).set(column);
  else view.set(column);
  return pointer;
}

describe('the kernels of histograms', () => {
  it.each([
    ['a byte a row', codes(256), 256, 'histogram1', 'histogram4', 'countBins'],
    ['two bytes a row', codes(257), 257, 'histogram1Wide', 'histogram4Wide', 'countBinsWide'],
  ] as const)('add up gradient pairs and rows as the plain references do: %s', (_, own, bins, one, four, count) => {
    fc.assert(
      fc.property(rowsOf, fc.array(own, { minLength: 4, maxLength: 4 }), floats, (rows, all, values) => {
        const [a = 0, b = 0, c = 0, d = 0] = all.map((column, index) => place(index, column, bins));
        list.view.set(rows);
        pairs.view.set(values);
        const [toA = 0, toB = 0, toC = 0, toD = 0] = histograms.map(({ pointer }) => pointer);
        for (const [pointer, order] of [
          [list.pointer, rows],
          [0, Array.from({ length: ROWS }, (_each, row) => row)],
        ] as const) {
          const expected = all.map((column) => plainHistogram(order, values, column, bins));
          kernels[four](order.length, pointer, pairs.pointer, a, b, c, d, toA, toB, toC, toD);
          expect(histograms.map(({ view }) => view.subarray(0, 2 * bins))).toEqual(expected);
          kernels[one](order.length, pointer, pairs.pointer, b, toA);
          expect(histograms[0]?.view.subarray(0, 2 * bins)).toEqual(expected[1]);
          kernels[count](order.length, pointer, c, counts.pointer);
          expect(counts.view.subarray(0, bins)).toEqual(plainCounts(order, all[2] ?? [], bins));
        }
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ['a byte a row', codes(256), 256, 'partition'],
    ['two bytes a row', codes(257), 257, 'partitionWide'],
  ] as const)('part rows as the plain reference does: %s', (_, own, bins, partition) => {
    fc.assert(
      fc.property(rowsOf, own, fc.array(fc.boolean(), { minLength: bins, maxLength: bins }), (rows, column, left) => {
        const pointer = place(0, column, bins);
        list.view.set(rows);
        goesLeft.view.set(left.map(Number));
        const expected = plainPartition(rows, column, goesLeft.view);
        const found = kernels[partition](rows.length, list.pointer, pointer, goesLeft.pointer, spare.pointer);
        expect(found).toBe(expected.left);
        expect(Array.from(list.view.subarray(0, rows.length))).toEqual(expected.rows);
      }),
      { numRuns: 100 },
    );
  });

  it('make the gradients of the log loss within a step of a 32-bit float, at any margin', () => {
    const margin = fc.oneof(fc.double({ min: -40, max: 40, noNaN: true }), fc.constantFrom(-1e4, 1e4, 0));
    fc.assert(
      fc.property(
        margin,
        fc.constantFrom(0, 1),
        fc.double({ min: 0, max: 8, noNaN: true }),
        fc.boolean(),
        (at, label, weight, single) => {
          margins.view.fill(at);
          labels.view.fill(label);
          weights.view.fill(weight);
          kernels.logisticPairs(
            3,
            margins.pointer,
            labels.pointer,
            weights.pointer,
            1e-16,
            single ? 1 : 0,
            pairs.pointer,
          );
          const expected = plainLogisticPair(at, label, weight, single);
          for (let value = 0; value < 6; value += 1) {
            const wanted = expected[value % 2] ?? 0;
            expect(Math.abs((pairs.view[value] ?? 0) - wanted)).toBeLessThanOrEqual(
              3e-7 * Math.abs(wanted) + 1.3e-7 * weight,
            );
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
