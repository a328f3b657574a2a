import type { CommandSpec, FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { printableConfig } from '../config/load.ts';
import { configurationFlags, configurationFrom } from './configuration-flags.ts';

export const configCheckSpec: CommandSpec = {
  words: ['config', 'check'],
  summary: 'checks a configuration and prints what would be used; all faults together, nothing is opened',
  flags: configurationFlags,
};

export function configCheck(flags: FlagValues, output: Output): number {
  const config = configurationFrom(flags, process.env);
  if (!config.ok) {
    output.fault(config.fault);
    return 1;
  }
  const printable = printableConfig(config.value);
  output.document(
    { ok: true, config: printable },
    `${JSON.stringify(printable, null, 2)}\nThe configuration is valid.`,
  );
  return 0;
}
