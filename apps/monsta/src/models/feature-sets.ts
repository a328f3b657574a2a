import { err, ok, type InstrumentId, type Result } from '@monsta/core';
import type { DeclaredSets } from '@monsta/model-server';
import type { ModelServerConfig } from '@monsta/model-server/config';
import { loadFeatureSet } from '../features/load.ts';

/**
 * The sets that the configuration's executors learn from, by the text that it names them by. `collected`: the instruments that there are bars of; null: not known yet.
 * Faults: those of `loadFeatureSet`; `feature_set_others`: a set reads an instrument that is not collected, or all that could be forecast.
 */
export function modelFeatureSets(
  { executors, instruments }: Pick<ModelServerConfig, 'executors' | 'instruments'>,
  collected: readonly InstrumentId[] | null,
): Result<DeclaredSets> {
  const sets: Record<string, DeclaredSets[string]> = {};
  for (const [index, { name, featureSet }] of executors.entries()) {
    if (featureSet === null) continue;
    const where = `models.executors.${index} (${name})`;
    const loaded = loadFeatureSet(featureSet);
    if (!loaded.ok) return err(loaded.fault.code, `${where}: ${loaded.fault.message}`);
    const { id, declaration, others } = loaded.value;
    sets[featureSet] = declaration;
    if (collected === null) continue;
    const collects: readonly string[] = collected;
    const lacking = others.filter((other) => !collects.includes(other));
    if (lacking.length > 0)
      return err(
        'feature_set_others',
        `${where}: the feature set ${id} reads bars of ${lacking.join(' and ')}, which is not collected; add it to venue.instruments, or read another: ${collects.join(', ')}`,
      );
    const left = (instruments ?? collects).filter((each) => collects.includes(each) && !others.includes(each));
    if (others.length > 0 && left.length === 0)
      return err(
        'feature_set_others',
        `${where}: the feature set ${id} reads ${others.join(' and ')} beside what is forecast, and no other instrument is left to forecast; collect one more, or name it in models.instruments`,
      );
  }
  return ok(sets);
}
