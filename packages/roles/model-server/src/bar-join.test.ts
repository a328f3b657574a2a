import { expectOk, instrumentId, seededRandom } from '@monsta/core';
import {
  emptyBarColumns,
  featureMatrixSteps,
  featureSet,
  FeatureStream,
  runSteps,
  writeBar,
  type BarColumns,
  type BarValues,
} from '@monsta/features';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BarJoin } from './bar-join.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 1);
const [ETH, SOL] = [instrumentId('ETHUSDT'), instrumentId('SOLUSDT')];
const SET = expectOk(
  featureSet({
    id: 'beside',
    version: 1,
    features: [
      { feature: 'log_return' },
      { feature: 'body_share' },
      { feature: 'other_return', of: ETH },
      { feature: 'other_beta', bars: 4, of: SOL },
    ],
  }),
);
const WAIT_MS = 5_000;

function walk(seed: number, length: number, without: ReadonlySet<number> = new Set()): readonly BarValues[] {
  const random = seededRandom(seed);
  let close = 100;
  return Array.from({ length }, (_, index) => {
    const open = close;
    close *= Math.exp(0.01 * random.gaussian());
    const [high, low] = [Math.max(open, close), Math.min(open, close)];
    return { openTimeMs: START + index * HOUR, open, high, low, close, volume: 1 };
  }).filter((_, index) => !without.has(index));
}

const joinOf = (): BarJoin =>
  new BarJoin(new FeatureStream('1h', { set: SET, missing: 'keep' }), {
    ...{ others: [ETH, SOL], lookbackBars: SET.warmUpBars, waitMs: WAIT_MS },
  });

function columnsOf(bars: readonly BarValues[]): BarColumns {
  const columns = emptyBarColumns('1h', bars.length);
  for (const [index, bar] of bars.entries()) writeBar(columns, index, bar);
  return columns;
}

/** The last row, reckoned in batch; NaN for what is not known. */
function lastRow(own: readonly BarValues[], eth: readonly BarValues[], sol: readonly BarValues[]): readonly number[] {
  const others = new Map([[ETH, columnsOf(eth)] as const, [SOL, columnsOf(sol)] as const]);
  const { values, width } = expectOk(runSteps(featureMatrixSteps(columnsOf(own), SET, others)));
  return [...values.slice(-width)];
}

const rowOf = (join: BarJoin): readonly number[] => {
  const outcome = join.current();
  return outcome.kind === 'row' ? [...outcome.values] : [];
};

describe('bars of an instrument joined with those of others', () => {
  it('make the same rows as a history of them does, in whatever order the instruments’ bars come', () => {
    const length = 14;
    const holes = fc.uniqueArray(fc.nat(length - 2), { maxLength: 3 });
    fc.assert(
      fc.property(holes, holes, fc.array(fc.nat(2), { minLength: 200, maxLength: 200 }), (inEth, inSol, turns) => {
        const [own, eth, sol] = [walk(1, length), walk(2, length, new Set(inEth)), walk(3, length, new Set(inSol))];
        const join = joinOf();
        // Each instrument's own bars come one after the other; whose turn it is is chance, and at the end all have come.
        const left = [[...own], [...eth], [...sol]];
        for (const turn of [...turns, ...own.map(() => 0), ...eth.map(() => 1), ...sol.map(() => 2)]) {
          const bar = left[turn]?.shift();
          if (bar === undefined) continue;
          const how = turn === 0 ? join.push(bar) : join.pushOther(turn === 1 ? ETH : SOL, bar);
          expect(how).toBe('next');
        }
        expect(join.newestCloseMs).toBe(START + length * HOUR);
        expect(rowOf(join)).toEqual(lastRow(own, eth, sol));
        expect(join.waitsUntilMs).toBeNull();
      }),
      { numRuns: 60 },
    );
  });

  it('wait for what is still to come until their time is up, and no longer than it takes for a later one to come', () => {
    const [own, eth, sol] = [walk(1, 8), walk(2, 8), walk(3, 8)];
    const join = joinOf();
    for (let index = 0; index < 6; index += 1) {
      join.pushOther(ETH, eth[index] as BarValues);
      join.pushOther(SOL, sol[index] as BarValues);
      join.push(own[index] as BarValues);
    }
    const before = rowOf(join);
    expect(join.push(own[6] as BarValues)).toBe('next');
    expect([join.waitsUntilMs, rowOf(join)]).toEqual([START + 7 * HOUR + WAIT_MS, before]);
    join.pushOther(ETH, eth[6] as BarValues);
    join.settle(START + 7 * HOUR + WAIT_MS - 1);
    expect([join.newestCloseMs, join.hole]).toEqual([START + 6 * HOUR, null]);
    join.settle(START + 7 * HOUR + WAIT_MS);
    expect([join.newestCloseMs, join.hole]).toEqual([START + 7 * HOUR, { openTimeMs: START + 6 * HOUR, of: [SOL] }]);
    expect([join.pushOther(SOL, sol[6] as BarValues), join.pushOther(ETH, eth[6] as BarValues)]).toEqual([
      'late',
      'known',
    ]);
    expect(join.lacksBars).toBe(true);

    const skipped = joinOf();
    for (const bar of own.slice(0, 3)) skipped.push(bar);
    for (const bar of eth.slice(0, 3)) skipped.pushOther(ETH, bar);
    expect(skipped.newestCloseMs).toBeNull();
    for (const bar of [sol[0], sol[2]]) skipped.pushOther(SOL, bar as BarValues);
    expect([skipped.newestCloseMs, skipped.hole?.openTimeMs]).toEqual([START + 3 * HOUR, START + HOUR]);
  });

  it('forget what they lacked once no row looks back so far, and refuse what is no bar', () => {
    const [own, eth, sol] = [walk(1, 20), walk(2, 20), walk(3, 20, new Set([6]))];
    const join = joinOf();
    const lacked = own.map((bar, index) => {
      join.push(bar);
      join.pushOther(ETH, eth[index] as BarValues);
      for (const each of sol) if (each.openTimeMs === bar.openTimeMs) join.pushOther(SOL, each);
      join.settle(bar.openTimeMs + HOUR + WAIT_MS);
      return join.hole !== null;
    });
    // The bar itself and those whose four returns need its close.
    expect(lacked.flatMap((is, index) => (is ? [index] : []))).toEqual([6, 7, 8, 9, 10]);
    const unsound = { ...(own[19] as BarValues), low: -1, openTimeMs: START + 20 * HOUR };
    expect([join.push(unsound), join.pushOther(ETH, unsound)]).toEqual(['invalid', 'invalid']);
    expect(join.pushOther(instrumentId('XRPUSDT'), own[19] as BarValues)).toBe('invalid');
    expect([
      join.push(own[3] as BarValues),
      join.push({ ...(own[19] as BarValues), openTimeMs: START + 30 * HOUR }),
    ]).toEqual(['known', 'after_gap']);
  });

  it('wait for others a thousand at most: the oldest goes without them then', () => {
    const join = joinOf();
    const own = walk(5, 1_002);
    for (const bar of own.slice(0, 1_000)) join.push(bar);
    expect(join.newestCloseMs).toBeNull();
    for (const bar of own.slice(1_000)) join.push(bar);
    expect(join.newestCloseMs).toBe(START + 2 * HOUR);
    expect(join.lacksBars).toBe(true);
  });

  it('keep no more of an instrument than is needed, however far ahead it is', () => {
    const join = joinOf();
    const [own, eth, sol] = [walk(1, 1_300), walk(2, 1_300), walk(3, 1_300)];
    for (const bar of eth) join.pushOther(ETH, bar);
    for (const bar of sol) join.pushOther(SOL, bar);
    for (const bar of own) join.push(bar);
    expect([join.waitsUntilMs, join.hole]).toEqual([null, null]);
    expect(rowOf(join)).toEqual(lastRow(own, eth, sol));
  });
});
