import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainHistogram, plainLogisticPair, plainPartition } from './histograms.reference.ts';
import { TreeMemory } from './tree-memory.ts';

const ROWS = 200;
const memory = new TreeMemory();
const { kernels } = memory;
const columns = Array.from({ length: 4 }, () => memory.bytes(ROWS));
const histograms = Array.from({ length: 4 }, () => memory.doubles(512));
const counts = memory.words(256);
const list = memory.words(ROWS);
const spare = memory.words(ROWS);
const pairs = memory.floats(2 * ROWS);
const goesLeft = memory.bytes(256);
const margins = memory.doubles(ROWS);
const labels = memory.doubles(ROWS);
const weights = memory.doubles(ROWS);

const rowsOf = fc.uniqueArray(fc.integer({ min: 0, max: ROWS - 1 }), { maxLength: ROWS });
const bytes = fc.uint8Array({ minLength: ROWS, maxLength: ROWS });
const floats = fc.float32Array({
  minLength: 2 * ROWS,
  maxLength: 2 * ROWS,
  noNaN: true,
  noDefaultInfinity: true,
  min: -100,
  max: 100,
});

describe('the kernels of histograms', () => {
  it('add up gradient pairs as the plain reference does, bit for bit, one column or four at once', () => {
    fc.assert(
      fc.property(rowsOf, fc.array(bytes, { minLength: 4, maxLength: 4 }), floats, (rows, bins, values) => {
        bins.forEach((own, index) => columns[index]?.view.set(own));
        list.view.set(rows);
        pairs.view.set(values);
        const [a = 0, b = 0, c = 0, d = 0] = columns.map(({ pointer }) => pointer);
        const [toA = 0, toB = 0, toC = 0, toD = 0] = histograms.map(({ pointer }) => pointer);
        const all = Array.from({ length: ROWS }, (_, row) => row);
        for (const [pointer, order] of [
          [list.pointer, rows],
          [0, all],
        ] as const) {
          const expected = bins.map((own) => plainHistogram(order, values, own));
          kernels.histogram4(order.length, pointer, pairs.pointer, a, b, c, d, toA, toB, toC, toD);
          expect(histograms.map(({ view }) => view)).toEqual(expected);
          kernels.histogram1(order.length, pointer, pairs.pointer, b, toA);
          expect(histograms[0]?.view).toEqual(expected[1]);
          kernels.countBins(order.length, pointer, c, counts.pointer);
          const counted = Array.from({ length: 256 }, (_, bin) => order.filter((row) => bins[2]?.[row] === bin).length);
          expect(Array.from(counts.view)).toEqual(counted);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('part rows as the plain reference does', () => {
    fc.assert(
      fc.property(rowsOf, bytes, fc.array(fc.boolean(), { minLength: 256, maxLength: 256 }), (rows, bins, left) => {
        columns[0]?.view.set(bins);
        list.view.set(rows);
        goesLeft.view.set(left.map(Number));
        const expected = plainPartition(rows, bins, goesLeft.view);
        const found = kernels.partition(
          rows.length,
          list.pointer,
          columns[0]?.pointer ?? 0,
          goesLeft.pointer,
          spare.pointer,
        );
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
