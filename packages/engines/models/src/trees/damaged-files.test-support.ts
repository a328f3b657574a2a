import { expectOk, seededRandom, type Random } from '@monsta/core';
import { expect } from 'vitest';
import { checkEnsemble } from './ensemble-check.ts';
import { randomEnsemble, randomRows } from './ensembles.test-support.ts';
import { writeLightgbmText } from './lightgbm-writer.ts';
import { treePredictor } from './predictor.ts';
import { readTreeModel } from './read-tree-model.ts';
import { treeExplainer } from './shap.ts';
import { leafOf } from './tree-walk.ts';
import { encodeTreeModel } from './trees-codec.ts';
import { writeXgboostJson } from './xgboost-writer.ts';

const shape = { columns: 3, rounds: 2, depth: 3, categoricalColumns: 1 };
const three = { kind: 'multiclass', classes: 3 } as const;

/** Small sound files of every form. */
export const SOUND_FILES: Readonly<Record<string, string>> = {
  'XGBoost JSON': expectOk(writeXgboostJson(randomEnsemble({ ...shape, seed: 1, family: 'xgboost' }))),
  'XGBoost JSON of classes': expectOk(
    writeXgboostJson(randomEnsemble({ ...shape, seed: 2, family: 'xgboost', task: three })),
  ),
  'LightGBM text': expectOk(writeLightgbmText(randomEnsemble({ ...shape, seed: 3, family: 'lightgbm' }))),
  'LightGBM text of classes': expectOk(
    writeLightgbmText(randomEnsemble({ ...shape, seed: 4, family: 'lightgbm', task: three })),
  ),
  "MONSTA's JSON": JSON.stringify(
    encodeTreeModel(randomEnsemble({ ...shape, seed: 5, family: 'random-forest', task: three, leafWidth: 3 })),
  ),
};

const CODES = new Set(['model_malformed', 'model_unsupported', 'model_version_unknown']);
const TOKENS = [
  '1000000000',
  '-1',
  '0',
  '1e999',
  'NaN',
  'null',
  '[]',
  '{}',
  '""',
  '16777215',
  '4294967295',
  '1e-320',
  '-0',
  '0.5',
  '9007199254740993',
];

/** One way of damaging a text. */
function damage(text: string, random: Random): string {
  const at = random.integer(text.length);
  const to = Math.min(text.length, at + 1 + random.integer(40));
  switch (random.integer(7)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(to);
    case 2:
      return text.slice(0, to) + text.slice(at);
    case 3: {
      // A flipped bit, which may leave no letter of ASCII.
      const code = text.charCodeAt(at) ^ (1 << random.integer(8));
      return text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
    }
    case 4:
      return text.slice(0, at) + String(random.integer(10)) + text.slice(at + 1);
    case 5: {
      const other = random.integer(text.length);
      return text.slice(0, at) + text.slice(other, other + (to - at)) + text.slice(to);
    }
    default: {
      // A whole number, or what stands for one, by another.
      const numbers = [...text.slice(at, at + 400).matchAll(/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/giu)];
      const found = numbers[random.integer(Math.max(1, numbers.length))];
      if (found === undefined) return text.slice(0, at);
      const start = at + found.index;
      return text.slice(0, start) + (TOKENS[random.integer(TOKENS.length)] ?? '') + text.slice(start + found[0].length);
    }
  }
}

/** What came of reading damaged files. */
export interface Outcome {
  readonly faults: number;
  /** Read all the same: the damage hit what nobody needs, or made another sound model. */
  readonly sound: number;
}

/** Reads `count` damaged copies of a file. Each must give a fault that says where, or a model that can be walked; and none may take long. */
export function readDamaged(text: string, count: number, seed: number): Outcome {
  const random = seededRandom(seed);
  const rows = randomRows(seed, 4, 64);
  let faults = 0;
  for (let index = 0; index < count; index += 1) {
    let damaged = damage(text, random);
    while (random.next() < 0.3 && damaged.length > 0) damaged = damage(damaged, random);
    const result = readTreeModel(random.next() < 0.5 ? damaged : new TextEncoder().encode(damaged));
    if (!result.ok) {
      expect(CODES).toContain(result.fault.code);
      expect(result.fault.message.length).toBeGreaterThan(20);
      faults += 1;
      continue;
    }
    const model = result.value;
    checkEnsemble(model);
    if (model.featureNames.length > 64) continue;
    for (const root of model.roots) expect(model.feature[leafOf(model, root, rows, 0)]).toBe(-1);
    // Memory that kernels work on is dear to make, so not each of thousands is given some.
    if (index % 50 === 0) expect(treePredictor(model).predictRows(rows, 4).length).toBeGreaterThan(0);
    if (index % 10 === 0) treeExplainer(model);
  }
  return { faults, sound: count - faults };
}
