import { err, type Result } from '@monsta/core';
import { SHIPPED_STRATEGIES, validateStrategy, type StrategyDefinition } from '@monsta/trading';
import { strategyFile } from './source.ts';
import { importUserFile } from './user-file.ts';

/** Strategies that come with MONSTA, by name. */
const SHIPPED: ReadonlyMap<string, StrategyDefinition> = new Map(SHIPPED_STRATEGIES.map((each) => [each.name, each]));

/**
 * A strategy by shipped name or by file. Faults: `strategy_unknown` (lists the shipped ones), `strategy_missing`, `strategy_not_loadable` (does not
 * compile or throws when it is loaded; file and line where known), `strategy_invalid`.
 *
 * With an `instance` the file is run again, apart from every other: what it keeps beside its state begins anew.
 */
export async function loadStrategy(nameOrFile: string, instance?: number): Promise<Result<StrategyDefinition>> {
  const path = strategyFile(nameOrFile);
  if (path === null) {
    const shipped = SHIPPED.get(nameOrFile);
    if (shipped !== undefined) return { ok: true, value: shipped };
    return err(
      'strategy_unknown',
      `no strategy is called '${nameOrFile}'; there are: ${[...SHIPPED.keys()].join(', ')}. A file needs a path such as ./${nameOrFile}.ts`,
    );
  }
  const exported = await importUserFile(path, 'strategy', instance);
  if (!exported.ok) return exported;
  const valid = validateStrategy(exported.value);
  return valid.ok ? valid : err(valid.fault.code, `${path}: ${valid.fault.message}`);
}
