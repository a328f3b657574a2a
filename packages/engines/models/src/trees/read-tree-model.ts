import { err, type Err, type Result } from '@monsta/core';
import { readLightgbmText } from './lightgbm-text.ts';
import { parseLooseJson } from './loose-json.ts';
import { orFault } from './model-faults.ts';
import type { TreeEnsemble } from './tree-ensemble.ts';
import { decodeTreeModel, TREES_FORMAT } from './trees-codec.ts';
import { readXgboostValue } from './xgboost-json.ts';

const FORMS =
  "MONSTA's own JSON, XGBoost's JSON (save_model('NAME.json')) and LightGBM's text (save_model('NAME.txt')) are read";

const foreign = (what: string): Err => err('model_unsupported', `the file is ${what}; ${FORMS}`);
const unknown = (what: string): Err => err('model_malformed', `the file is no model of trees: ${what}; ${FORMS}`);

/** Beginnings of files that hold models in a form that isn't read. */
const SIGNS: readonly (readonly [readonly number[], string])[] = [
  [[0x7b, 0x4c], 'in UBJSON, which XGBoost writes unless the name ends in .json'],
  [[0x62, 0x69, 0x6e, 0x66], 'in the binary form of old versions of XGBoost'],
  [[0x80, 0x02], "a Python pickle, which can't be read safely"],
  [[0x80, 0x03], "a Python pickle, which can't be read safely"],
  [[0x80, 0x04], "a Python pickle, which can't be read safely"],
  [[0x80, 0x05], "a Python pickle, which can't be read safely"],
  [[0x1f, 0x8b], 'compressed by gzip: unpack it first'],
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive: unpack it first'],
];

function textOf(bytes: Uint8Array): Result<string> {
  const sign = SIGNS.find(([start]) => start.every((byte, index) => bytes[index] === byte));
  if (sign !== undefined) return foreign(sign[1]);
  try {
    return { ok: true, value: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    return unknown(
      `it is no UTF-8 text, or too long for one (${error instanceof Error ? error.message : 'unknown reason'})`,
    );
  }
}

/**
 * A model of trees in any of the forms that are read, recognised by what it holds. Faults: `model_malformed` with the place, `model_unsupported`, `model_version_unknown`. A damaged file gives a fault, never
 * a model that can't be walked; reading takes time and memory in proportion to the file's length.
 */
export function readTreeModel(input: string | Uint8Array): Result<TreeEnsemble> {
  const read = typeof input === 'string' ? { ok: true as const, value: input } : textOf(input);
  if (!read.ok) return read;
  const text = read.value.startsWith('\uFEFF') ? read.value.slice(1) : read.value;
  if (/^tree\r?\n/u.test(text)) return readLightgbmText(text);
  if (!/^\s*\{/u.test(text)) return unknown(text.trim() === '' ? 'it is empty' : 'it begins like none');
  return orFault('model', () => {
    const value = parseLooseJson(text);
    const members: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {};
    if (members['format'] === TREES_FORMAT) return decodeTreeModel(value);
    if (Object.hasOwn(members, 'learner')) return readXgboostValue(value, text.length);
    if (Object.hasOwn(members, 'tree_info'))
      return foreign("LightGBM's dump_model, which keeps too little to forecast with");
    const { format } = members;
    return unknown(
      typeof format === 'string' ? `its format is '${format.slice(0, 60)}'` : "it has neither 'format' nor 'learner'",
    );
  });
}
