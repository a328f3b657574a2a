import { expectOk } from '@monsta/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDamaged, SOUND_FILES } from './damaged-files.test-support.ts';
import { randomEnsemble, randomRows } from './ensembles.test-support.ts';
import { treePredictor } from './predictor.ts';
import { readTreeModel } from './read-tree-model.ts';
import type { TreeEnsemble } from './tree-ensemble.ts';
import { decodeTreeModel, encodeTreeModel } from './trees-codec.ts';

const faultOf = (input: string | Uint8Array): string => {
  const result = readTreeModel(input);
  return result.ok ? `read: ${result.value.family}` : `${result.fault.code}: ${result.fault.message}`;
};

const families = fc.constantFrom('xgboost' as const, 'lightgbm' as const, 'random-forest' as const);

describe('files of tree models', () => {
  it.each(Object.entries(SOUND_FILES))('are recognised: %s, as text and as bytes', (name, text) => {
    const family = name.startsWith('XGBoost') ? 'xgboost' : name.startsWith('LightGBM') ? 'lightgbm' : 'random-forest';
    expect(faultOf(text)).toBe(`read: ${family}`);
    expect(faultOf(new TextEncoder().encode(`\uFEFF${text}`))).toBe(`read: ${family}`);
  });

  it.each<[string, string | Uint8Array]>([
    ['model_malformed: .*it is empty', ''],
    ['model_malformed: .*begins like none', 'a,b,c\n1,2,3\n'],
    ["model_malformed: .*neither 'format' nor 'learner'", '{}'],
    ["model_malformed: .*its format is 'monsta.logistic-regression'", '{"format":"monsta.logistic-regression"}'],
    ['model_malformed: .*no JSON', '{"learner":'],
    ['model_malformed: .*no JSON', `{"learner":${'['.repeat(300_000)}`],
    ['model_malformed: .*no UTF-8', Uint8Array.of(0xff, 0xfe, 0x41)],
    ['model_unsupported: .*UBJSON', new TextEncoder().encode('{L\0\0\0')],
    ['model_unsupported: .*binary form', new TextEncoder().encode('binf\0')],
    ['model_unsupported: .*pickle', Uint8Array.of(0x80, 0x04, 0x95)],
    ['model_unsupported: .*gzip', Uint8Array.of(0x1f, 0x8b, 8)],
    ['model_unsupported: .*dump_model', '{"name":"tree","tree_info":[]}'],
  ])('answer %s', (expected, input) => {
    expect(faultOf(input)).toMatch(new RegExp(expected, 'u'));
  });

  it.each(Object.entries(SOUND_FILES))(
    'damaged anywhere give a fault, or a model that can be walked: %s',
    (_, text) => {
      const { faults, sound } = readDamaged(text, 600, 20_261_126);
      expect(faults).toBeGreaterThan(100);
      expect(sound).toBeGreaterThan(0);
    },
  );

  it('of any text or bytes at all give a fault', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.uint8Array(), fc.json()), (input) => {
        expect(readTreeModel(input).ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

describe("MONSTA's own JSON of trees", () => {
  it('keeps every bit of every family', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        families,
        fc.integer({ min: 0, max: 4 }),
        fc.boolean(),
        (seed, family, rounds, several) => {
          const leafWidth = several && family === 'random-forest' ? 3 : 1;
          const task = several
            ? ({ kind: 'multiclass', classes: 3 } as const)
            : ({ kind: 'quantile', alpha: 0.1 } as const);
          const drawn = randomEnsemble({
            seed,
            family,
            rounds,
            leafWidth,
            task,
            columns: 3,
            depth: 4,
            categoricalColumns: 1,
            missing: 'mixed',
            bestRounds: several ? 1 : null,
          });
          const model = { ...drawn, threshold: drawn.threshold.map((value) => (value === 0 ? -0 : value)) };
          const text = JSON.stringify(encodeTreeModel(model));
          const again = expectOk(readTreeModel(text));
          expect(again).toEqual(model);
          const rows = randomRows(seed, 5, 3);
          expect(treePredictor(again).marginRows(rows, 5)).toEqual(treePredictor(model).marginRows(rows, 5));
        },
      ),
      { numRuns: 80 },
    );
  });

  it('is written from shared memory, too', () => {
    const model = randomEnsemble({ seed: 6, family: 'xgboost', columns: 2, rounds: 2, depth: 2 });
    const shared = new Float64Array(new SharedArrayBuffer(model.threshold.byteLength));
    shared.set(model.threshold);
    expect(expectOk(decodeTreeModel(encodeTreeModel({ ...model, threshold: shared })))).toEqual(model);
  });

  const sound = randomEnsemble({
    seed: 3,
    family: 'lightgbm',
    columns: 2,
    rounds: 2,
    depth: 2,
    fullness: 1,
    categoricalColumns: 1,
  });
  const edited = (change: Partial<TreeEnsemble>): string => {
    const result = decodeTreeModel(encodeTreeModel({ ...sound, ...change }));
    return result.ok ? 'read' : `${result.fault.code}: ${result.fault.message}`;
  };
  const set = <T extends Int32Array | Float64Array | Uint8Array>(numbers: T, index: number, value: number): T => {
    const copy = numbers.slice() as T;
    copy[index] = value;
    return copy;
  };
  const leaf = sound.feature.indexOf(-1);
  const numeric = sound.feature.indexOf(1);
  const categorical = sound.flags.findIndex((flags) => (flags & 8) !== 0);

  it('is read when nothing is wrong with it', () => {
    expect(edited({})).toBe('read');
    expect(numeric).toBeGreaterThanOrEqual(0);
    expect(categorical).toBeGreaterThanOrEqual(0);
  });

  it.each<[string, Partial<TreeEnsemble>]>([
    ['node 0: its child is node 0', { left: set(sound.left, 0, 0) }],
    ['node 0: its child is node 7', { right: set(sound.right, 0, 7) }],
    ['node 0: its child, node 1, has another parent', { right: set(sound.right, 0, sound.left[0] ?? 0) }],
    ['it splits by column 2', { feature: set(sound.feature, numeric, 2) }],
    ['no way leads to it', { feature: set(sound.feature, 0, -1) }],
    ['it splits at NaN', { threshold: set(sound.threshold, numeric, NaN) }],
    ['values: it holds what is no finite number', { values: set(sound.values, leaf, Infinity) }],
    ['its flags are 255', { flags: set(sound.flags, 0, 255) }],
    ['its set of categories', { categoryWords: set(sound.categoryWords, categorical, 1_000_000_000) }],
    ['treeOutput\\[0\\]: there is no output 1', { treeOutput: set(sound.treeOutput, 0, 1) }],
    ['roots\\[0\\]: the tree goes from node 1', { roots: set(sound.roots, 0, 1) }],
    ['roots\\[0\\]: the tree goes from node 0 to 0 of 14', { roots: set(sound.roots, 1, 0) }],
    ['left: it holds 3 numbers instead of', { left: sound.left.slice(0, 3) }],
    ['outputs: a model for binary has no 1000000000 outputs', { outputs: 1_000_000_000 }],
    ["objective: 'mystery'", { objective: 'mystery' }],
    ['roots: there are 14 nodes and no tree', { roots: new Int32Array(0), treeOutput: new Int32Array(0) }],
    ['bestRounds', { bestRounds: -1 }],
    ['task.alpha', { task: { kind: 'quantile', alpha: 2 } }],
  ])('answers %s', (expected, change) => {
    expect(edited(change)).toMatch(new RegExp(`^model_malformed: .*${expected}`, 'u'));
  });

  it('of another version is refused', () => {
    const result = decodeTreeModel({ ...encodeTreeModel(sound), version: 2 });
    expect(result.ok ? null : result.fault.code).toBe('model_version_unknown');
  });
});
