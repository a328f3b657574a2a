import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanCategories } from './categorical-scan.ts';
import { add, allSplits, plainGain, type PlainRules, type Sums } from './split-scan.reference.ts';
import { RULE, RULES } from './split-rules.ts';
import { TreeMemory } from './tree-memory.ts';

const memory = new TreeMemory();
const histogram = memory.doubles(512);
const counts = memory.words(256);
const node = memory.doubles(8);
const rules = memory.doubles(RULES);
const out = memory.doubles(8);

const sums: fc.Arbitrary<Sums> = fc
  .record({
    count: fc.integer({ min: 0, max: 6 }),
    gradient: fc.integer({ min: -64, max: 64 }),
    hessian: fc.integer({ min: 1, max: 32 }),
  })
  // Eighths are exact, so that sums in any order are equal.
  .map(({ count, gradient, hessian }) => ({
    count,
    gradient: count === 0 ? 0 : gradient / 8,
    hessian: (count * hessian) / 8,
  }));

const plain: fc.Arbitrary<PlainRules> = fc.record({
  lambda: fc.constantFrom(0.125, 1, 4),
  alpha: fc.constantFrom(0, 0.5, 3),
  weightMax: fc.constantFrom(0, 0, 0.75),
  hessianMin: fc.constantFrom(0, 1, 8),
  countMin: fc.constantFrom(1, 1, 5),
  direction: fc.constantFrom(0, 0, 1, -1),
  lower: fc.constantFrom(Number.NEGATIVE_INFINITY, -0.5),
  upper: fc.constantFrom(Number.POSITIVE_INFINITY, 0.75),
});

/** The same with the hessian of each row 1/2, so that rows can be told from hessians. */
const alike = (bin: Sums): Sums => ({ ...bin, hessian: bin.count / 2 });

/** Writes a histogram and the rules into the memory; `thresholded` gains leave out the 2 α |w|, which the soft gradient has in it. */
function write(bins: readonly Sums[], missing: Sums, own: PlainRules): number {
  [...bins, missing].forEach(({ gradient, hessian, count }, bin) => {
    histogram.view[2 * bin] = gradient;
    histogram.view[2 * bin + 1] = hessian;
    counts.view[bin] = count;
  });
  const whole = bins.reduce(add, missing);
  const rootGain = plainGain(whole, own);
  node.view.set([whole.gradient, whole.hessian, whole.count, own.lower, own.upper, rootGain]);
  rules.view.fill(0);
  rules.view[RULE.lambda] = own.lambda;
  rules.view[RULE.alpha] = own.alpha;
  rules.view[RULE.weightMax] = own.weightMax;
  rules.view[RULE.hessianMin] = own.hessianMin;
  rules.view[RULE.countMin] = own.countMin;
  rules.view[RULE.byWeights] = 1;
  rules.view[RULE.thresholded] = 1;
  return rootGain;
}

/** The soft gradient has the penalty of the weight's own sign in it; where a bound turns the sign round, the two differ, and LightGBM's form is what is meant. */
const softFits = (own: PlainRules): boolean => own.alpha === 0 || (own.lower < 0 && own.upper > 0);

describe('the best split of a numeric column', () => {
  it('is the best of all that there are, under every rule, with missing values on either side', () => {
    fc.assert(
      fc.property(
        fc.array(sums, { minLength: 1, maxLength: 8 }),
        sums,
        plain,
        fc.constantFrom('counted', 'counted, from the right', 'estimated'),
        (drawn, drawnMissing, own, way) => {
          fc.pre(softFits(own));
          const [bins, missing] = way === 'estimated' ? [drawn.map(alike), alike(drawnMissing)] : [drawn, drawnMissing];
          write(bins, missing, own);
          const hasMissing = missing.count > 0 ? 1 : 0;
          memory.kernels.scanGeneral(
            histogram.pointer,
            way === 'estimated' ? 0 : counts.pointer,
            bins.length,
            hasMissing,
            node.pointer,
            rules.pointer,
            own.direction,
            way === 'counted' ? 1 : 0,
            out.pointer,
          );
          const [gain = 0, cut = 0, missingLeft = 0, gradient = 0, hessian = 0, count = 0] = out.view;
          // From the right, values are never all on the right: the same rows are parted with all of them on the left.
          const all = allSplits(bins, missing, own).filter(
            (split) => way === 'counted' || split.cut > 0 || !split.missingLeft,
          );
          const best = all.reduce((most, split) => Math.max(most, split.gain), 0);
          expect(gain).toBeCloseTo(best, 9);
          if (gain <= 0) return;
          const chosen = all.find(
            (split) => split.cut === cut && (hasMissing === 0 || split.missingLeft === (missingLeft === 1)),
          );
          expect(chosen?.gain).toBeCloseTo(gain, 9);
          const left = bins
            .slice(0, cut)
            .reduce(add, missingLeft === 1 ? missing : { gradient: 0, hessian: 0, count: 0 });
          expect({ gradient, hessian, count }).toEqual({ ...left, count: way === 'estimated' ? -1 : left.count });
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('is found by the short way, too, where only lambda and the least hessian count', () => {
    fc.assert(
      fc.property(
        fc.array(sums, { minLength: 1, maxLength: 8 }),
        sums,
        fc.constantFrom(0.125, 1, 8),
        (bins, missing, hessianMin) => {
          const own = {
            ...{ lambda: 1, alpha: 0, weightMax: 0, hessianMin, countMin: 1, direction: 0 },
            ...{ lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY },
          };
          const rootGain = write(bins, missing, own);
          const hasMissing = missing.count > 0 ? 1 : 0;
          memory.kernels.scanPlain(
            histogram.pointer,
            bins.length,
            hasMissing,
            node.pointer,
            own.lambda,
            hessianMin,
            rootGain,
            out.pointer,
          );
          const [gain = 0, cut = 0, missingLeft = 0] = out.view;
          const all = allSplits(bins, missing, own);
          const best = all.reduce((most, split) => Math.max(most, split.gain), 0);
          // Gains are 32-bit floats here.
          const near = 1e-5 * (1 + Math.abs(rootGain) + best);
          expect(Math.abs(gain - best)).toBeLessThan(near);
          if (gain <= near) return;
          const chosen = all.find(
            (split) => split.cut === cut && (hasMissing === 0 || split.missingLeft === (missingLeft === 1)),
          );
          expect(Math.abs((chosen?.gain ?? Number.NaN) - gain)).toBeLessThan(near);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('the best split of a categorical column', () => {
  it('is the best of all sets of categories, when no set is too large', () => {
    fc.assert(
      fc.property(
        fc.array(sums, { minLength: 2, maxLength: 7 }),
        fc.constantFrom('xgboost', 'lightgbm'),
        (drawn, family) => {
          const bins = family === 'lightgbm' ? drawn.map(alike) : drawn;
          const none = { gradient: 0, hessian: 0, count: 0 };
          // Without a penalty, the order by gradient over hessian holds the best set (Fisher 1958).
          const own = {
            ...{ lambda: 0, alpha: 0, weightMax: 0, hessianMin: 1e-9, countMin: 1, direction: 0 },
            ...{ lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY },
          };
          fc.pre(bins.filter(({ count }) => count > 0).length > 1);
          write(bins, none, own);
          const split = scanCategories(
            {
              pairs: histogram.view,
              counts: family === 'lightgbm' ? null : counts.view,
              bins: bins.length,
              hasMissing: false,
            },
            node.view,
            rules.view,
            { oneHotMax: 1, setMax: 256, smooth: 0, lambdaMore: 0, groupRowsMin: 1 },
            family,
          );
          let best = 0;
          for (let set = 1; set < 2 ** bins.length - 1; set += 1) {
            const inside = bins.filter((_, bin) => ((set >> bin) & 1) === 1).reduce(add, none);
            const outside = bins.filter((_, bin) => ((set >> bin) & 1) === 0).reduce(add, none);
            if (inside.count === 0 || outside.count === 0) continue;
            best = Math.max(best, plainGain(inside, own) + plainGain(outside, own) - (node.view[5] ?? 0));
          }
          expect(split.gain).toBeCloseTo(best, 6);
        },
      ),
      { numRuns: 500 },
    );
  });
});
