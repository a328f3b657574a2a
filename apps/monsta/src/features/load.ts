import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { err, type Result } from '@monsta/core';
import { FEATURE_SETS, featureSet, type FeatureSet, type FeatureSetDeclaration } from '@monsta/features';
import { validateUserFeatures, type UserFeature } from '@monsta/features/user-feature';
import { z } from 'zod';
import { importUserFile } from '../strategies/user-file.ts';

const declarationSchema = z.strictObject({
  id: z.string(),
  version: z.number(),
  features: z.array(
    z.object({ feature: z.string() }).catchall(z.union([z.string(), z.number()], 'must be a number or a text')),
  ),
});

/**
 * Features of a user's own file: its default export, one made with `defineFeature` or a list of them.
 * Faults: `features_missing`, `features_not_loadable` (file and line where known), `feature_invalid` (says what is wrong with which).
 */
export async function loadFeatures(file: string): Promise<Result<readonly UserFeature[]>> {
  const path = resolve(file);
  const exported = await importUserFile(path, 'features');
  if (!exported.ok) return exported;
  const valid = validateUserFeatures(exported.value);
  return valid.ok ? valid : err(valid.fault.code, `${path}: ${valid.fault.message}`);
}

/**
 * A feature set by the name of a shipped one or by a JSON file that declares it, with a user's own features after it.
 * Faults: `feature_set_unknown` (lists the shipped ones), `feature_set_unreadable`, `feature_set_invalid`, and those of `featureSet`.
 */
export function loadFeatureSet(nameOrFile: string, user: readonly UserFeature[] = []): Result<FeatureSet> {
  const shipped = FEATURE_SETS.get(nameOrFile);
  if (shipped !== undefined) return featureSet(shipped.declaration, user);
  if (!/[\\/]|\.json$/.test(nameOrFile))
    return err(
      'feature_set_unknown',
      `no feature set is called '${nameOrFile.slice(0, 60)}'; there are: ${[...FEATURE_SETS.keys()].join(', ')}. A file needs a path such as ./my-set.json`,
    );
  const path = resolve(nameOrFile);
  const declaration = readDeclaration(path);
  if (!declaration.ok) return declaration;
  const made = featureSet(declaration.value, user);
  return made.ok ? made : err(made.fault.code, `${path}: ${made.fault.message}`);
}

function readDeclaration(path: string): Result<FeatureSetDeclaration> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return err('feature_set_unreadable', `the feature set ${path} can't be read: ${why}`, { cause: thrown });
  }
  const parsed = declarationSchema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  return err(
    'feature_set_invalid',
    `${path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is no feature set'}`,
  );
}
