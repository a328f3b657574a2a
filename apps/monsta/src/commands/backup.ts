import { join } from 'node:path';
import { systemClock } from '@monsta/clock-system';
import { argumentOf, type FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { backUp } from '../backup/back-up.ts';
import { restore } from '../backup/restore.ts';
import { configExitCode } from '../config/load.ts';
import { configurationFrom } from './configuration-flags.ts';

const nowMs = (): number => Math.floor(systemClock().nowUs() / 1_000);

/** `monsta backup FOLDER` */
export async function backup(flags: FlagValues, output: Output): Promise<number> {
  const { config: file, 'data-dir': dataDir } = flags;
  const config = await configurationFrom({ config: file, 'data-dir': dataDir }, process.env);
  if (!config.ok) {
    output.fault(config.fault);
    return configExitCode(config.fault);
  }
  const { dataDir: dataDirectory, secrets } = config.value;
  const withKey = flags['with-key'] === true;
  const to = argumentOf(flags);
  const done = await backUp({
    dataDirectory,
    to,
    configFile: typeof file === 'string' ? file : null,
    keyFile: withKey ? (secrets.keyFile ?? join(dataDirectory, 'secrets.key')) : null,
    nowMs: nowMs(),
  });
  if (!done.ok) {
    output.fault(done.fault);
    return 1;
  }
  const bytes = done.value.files.reduce((sum, each) => sum + each.bytes, 0);
  const key = withKey
    ? 'It holds the master key: whoever has it has the exchange keys.'
    : 'The master key of the exchange keys is not in it: keep that apart, or add it with --with-key.';
  output.document(done.value, `${to}: ${done.value.files.length} files, ${bytes} bytes.\n${key}`);
  return 0;
}

/** `monsta restore FOLDER` */
export async function restoreBackup(flags: FlagValues, output: Output): Promise<number> {
  const { config: file, 'data-dir': dataDir } = flags;
  const config = await configurationFrom({ config: file, 'data-dir': dataDir }, process.env);
  if (!config.ok) {
    output.fault(config.fault);
    return configExitCode(config.fault);
  }
  const { dataDir: dataDirectory } = config.value;
  const done = await restore({
    from: argumentOf(flags),
    dataDirectory,
    force: flags['force'] === true,
    nowMs: nowMs(),
  });
  if (!done.ok) {
    output.fault(done.fault);
    return 1;
  }
  const { manifest, movedTo } = done.value;
  const aside = movedTo === null ? '' : `\nWhat was there is in ${movedTo} now.`;
  output.document(
    done.value,
    `${dataDirectory} is what it was at ${new Date(manifest.createdMs).toISOString()}.${aside}\nThe next start compares it with the venue, and says what is different.`,
  );
  return 0;
}
