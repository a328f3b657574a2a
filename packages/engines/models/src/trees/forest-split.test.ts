import { seededRandom } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindForestKernels } from './forest-kernels.ts';
import { referenceScore, referenceSplit, type NodeRows, type SplitRules } from './forest-split.reference.ts';
import { TreeMemory } from './tree-memory.ts';

const memory = new TreeMemory();
const kernels = bindForestKernels(memory.memory);

interface Found {
  readonly status: number;
  readonly score: number;
  readonly bin: number;
  readonly missingLeft: boolean;
  readonly hasMissing: boolean;
  /** Nothing is left in the histogram. */
  readonly clean: boolean;
}

const blocks = {
  rows: memory.words(600),
  column: memory.bytes(600),
  stats: memory.bytes(600 * 16),
  histogram: memory.bytes(256 * 64),
  totals: memory.doubles(8),
  left: memory.doubles(8),
  marks: memory.doubles(4),
  out: memory.doubles(4),
};

/** Lays the node out as the kernel of its kind wants it, and asks for its best split. */
function kernelSplit(node: NodeRows, rules: SplitRules, bins: number, kind: 'counts' | 'values' | 'classes'): Found {
  const count = node.bins.length;
  const { rows, column, stats, histogram, totals, left, marks, out } = blocks;
  const doubles = new Float64Array(stats.view.buffer, stats.pointer, count * 2);
  const words = new Uint32Array(stats.view.buffer, stats.pointer, count * 4);
  const long = new BigUint64Array(stats.view.buffer, stats.pointer, count);
  totals.view.fill(0);
  for (let row = 0; row < count; row += 1) {
    // Rows of a node lie anywhere in the table.
    rows.view[row] = count - 1 - row;
    column.view[count - 1 - row] = node.bins[row] ?? 0;
    const [weight, label] = [node.weights[row] ?? 0, node.labels[row] ?? 0];
    if (kind === 'counts') long[row] = 1n | (BigInt(weight) << 21n) | (BigInt(weight * label) << 42n);
    else {
      doubles[row * 2] = weight;
      if (kind === 'values') doubles[row * 2 + 1] = weight * label;
      else words[row * 4 + 2] = label;
    }
  }
  const head = [count, rows.pointer, stats.pointer, column.pointer, bins, rules.missing ?? -1] as const;
  const entropy = rules.criterion === 'entropy' ? 1 : 0;
  const least = [rules.rowsMin, rules.weightMin, histogram.pointer] as const;
  const tail = [marks.pointer, out.pointer] as const;
  let status: number;
  if (kind === 'counts')
    status = kernels.splitCounts(...head, entropy, kernels.sumCounts(count, stats.pointer), ...least, ...tail);
  else if (kind === 'values') {
    kernels.sumValues(count, stats.pointer, totals.pointer);
    status = kernels.splitValues(...head, totals.pointer, ...least, ...tail);
  } else {
    kernels.sumClasses(count, stats.pointer, rules.classes, totals.pointer);
    status = kernels.splitClasses(...head, rules.classes, entropy, totals.pointer, ...least, left.pointer, ...tail);
  }
  const [bin = 0, missingLeft = 0, hasMissing = 0] = new Int32Array(out.view.buffer, out.pointer + 8, 3);
  return {
    ...{ status, score: out.view[0] ?? Number.NaN, bin, missingLeft: missingLeft === 1, hasMissing: hasMissing === 1 },
    clean: histogram.view.every((byte) => byte === 0),
  };
}

/** Nodes of few rows and many, of few bins and many, with and without missing values, with little allowed on a side. */
const nodes = fc
  .record({
    seed: fc.integer(),
    count: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 400 })),
    bins: fc.oneof(fc.integer({ min: 2, max: 5 }), fc.constantFrom(64, 65, 200, 255)),
    missing: fc.constantFrom(0, 0, 0.3, 0.95),
    rowsMin: fc.constantFrom(1, 1, 3, 40),
    weightMin: fc.constantFrom(Number.MIN_VALUE, 2.5),
    classes: fc.integer({ min: 2, max: 5 }),
  })
  .map(({ seed, count, bins, missing, rowsMin, weightMin, classes }) => {
    const random = seededRandom(seed);
    const draw = <T>(make: () => T): T[] => Array.from({ length: count }, make);
    return {
      ...{ bins, classes, random, draw, rowsMin, weightMin },
      missing: missing > 0 ? bins : null,
      columns: draw(() => (random.next() < missing ? bins : random.integer(bins))),
    };
  });

function expectSame(node: NodeRows, rules: SplitRules, found: Found): void {
  expect(found.clean).toBe(true);
  const best = referenceSplit(node, rules);
  if (best === null) {
    expect(found.status).toBe(new Set(node.bins).size < 2 ? 0 : 1);
    return;
  }
  expect(found.status).toBe(2);
  expect(found.hasMissing).toBe(rules.missing !== null && node.bins.includes(rules.missing));
  // Of splits that are as good, either may be found: what it says must be so, and nothing better may exist.
  const slack = 1e-9 * Math.max(1, Math.abs(best.score));
  expect(Math.abs(found.score - best.score)).toBeLessThan(slack);
  expect(Math.abs((referenceScore(node, found, rules) ?? Number.NaN) - found.score)).toBeLessThan(slack);
}

describe('the split kernels of the forest', () => {
  it.each(['gini', 'entropy'] as const)('count two classes, and find the best split by %s', (criterion) => {
    fc.assert(
      fc.property(nodes, ({ bins, random, draw, missing, rowsMin, weightMin, columns }) => {
        const node = {
          bins: columns,
          weights: draw(() => 1 + random.integer(4)),
          labels: draw(() => random.integer(2)),
        };
        const rules = { criterion, classes: 2, missing, rowsMin, weightMin };
        expectSame(node, rules, kernelSplit(node, rules, bins, 'counts'));
      }),
      { numRuns: 120 },
    );
  });

  it.each(['gini', 'entropy'] as const)('weigh any classes, and find the best split by %s', (criterion) => {
    fc.assert(
      fc.property(nodes, ({ bins, classes, random, draw, missing, rowsMin, weightMin, columns }) => {
        const labels = draw(() => random.integer(classes));
        const node = { bins: columns, weights: draw(() => 0.25 + random.next()), labels };
        const rules = { criterion, classes, missing, rowsMin, weightMin };
        expectSame(node, rules, kernelSplit(node, rules, bins, 'classes'));
      }),
      { numRuns: 120 },
    );
  });

  it('sum values, and find the split of the least squared error', () => {
    fc.assert(
      fc.property(nodes, ({ bins, random, draw, missing, rowsMin, weightMin, columns }) => {
        const node = {
          bins: columns,
          weights: draw(() => 0.25 + random.next()),
          labels: draw(() => random.gaussian()),
        };
        const rules = { criterion: 'squared_error', classes: 0, missing, rowsMin, weightMin } as const;
        expectSame(node, rules, kernelSplit(node, rules, bins, 'values'));
      }),
      { numRuns: 120 },
    );
  });

  it.each([0, 1])('part the rows by their bins and keep their order (wide stats: %i)', (wide) => {
    const spareRows = memory.words(601).pointer;
    const spareStats = memory.bytes(601 * 16).pointer;
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 0, max: 8 }),
        fc.boolean(),
        (bins, bin, missingLeft) => {
          const { rows, column, stats } = blocks;
          const lane = new Float64Array(stats.view.buffer, stats.pointer, bins.length * (wide + 1));
          bins.forEach((value, row) => {
            rows.view[row] = row;
            column.view[row] = value;
            lane[row * (wide + 1)] = row;
            if (wide === 1) lane[row * 2 + 1] = -row;
          });
          const left = kernels.partition(
            ...([bins.length, rows.pointer, stats.pointer, wide, column.pointer] as const),
            ...([bin, 9, missingLeft ? 1 : 0, spareRows, spareStats] as const),
          );
          const goesLeft = (value: number): boolean => (value === 9 ? missingLeft : value <= bin);
          const order = [...bins.keys()];
          const wanted = [
            ...order.filter((row) => goesLeft(bins[row] ?? 0)),
            ...order.filter((row) => !goesLeft(bins[row] ?? 0)),
          ];
          expect(left).toBe(bins.filter(goesLeft).length);
          expect([...rows.view.subarray(0, bins.length)]).toEqual(wanted);
          expect([...lane]).toEqual(wide === 1 ? wanted.flatMap((row) => [row, -row]) : wanted);
        },
      ),
      { numRuns: 200 },
    );
  });
});
