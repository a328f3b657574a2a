import type { FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { configExitCode, printableConfig } from '../config/load.ts';
import { configurationFrom } from './configuration-flags.ts';

export async function configCheck(flags: FlagValues, output: Output): Promise<number> {
  const config = await configurationFrom(flags, process.env);
  if (!config.ok) {
    output.fault(config.fault);
    return configExitCode(config.fault);
  }
  const printable = printableConfig(config.value);
  output.document(
    { ok: true, config: printable },
    `${JSON.stringify(printable, null, 2)}\nThe configuration is valid.`,
  );
  return 0;
}
