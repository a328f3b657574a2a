import { instrumentId, ok } from '@monsta/core';
import type { FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { configExitCode, configFault, printableConfig } from '../config/load.ts';
import { configurationFrom } from './configuration-flags.ts';

export async function configCheck(flags: FlagValues, output: Output): Promise<number> {
  const config = await configurationFrom(flags, process.env);
  if (!config.ok) {
    output.fault(config.fault);
    return configExitCode(config.fault);
  }
  const { configureStrategies } = await import('../strategies/configured.ts');
  const collected = config.value.venue.instruments?.map((symbol) => instrumentId(symbol)) ?? null;
  const { faults } = await configureStrategies(
    config.value.trading.strategies,
    collected,
    config.value.collector.intervals,
  );
  if (faults.length > 0) {
    const fault = configFault(
      faults.map(({ index, strategy, fault: { code, message } }) => ({
        where: `trading.strategies.${index} (${strategy})`,
        message: `${code}: ${message}`,
      })),
    );
    output.fault(fault);
    return 1;
  }
  const { modelFeatureSets } = await import('../models/feature-sets.ts');
  const featureSets = config.value.roles.includes('model-server')
    ? modelFeatureSets(config.value.models, collected)
    : ok({});
  if (!featureSets.ok) {
    output.fault(featureSets.fault);
    return 1;
  }
  const printable = printableConfig(config.value);
  output.document(
    { ok: true, config: printable },
    `${JSON.stringify(printable, null, 2)}\nThe configuration is valid.`,
  );
  return 0;
}
