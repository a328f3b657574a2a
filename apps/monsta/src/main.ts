import { helpText, parseArguments, type CommandSpec, type FlagValues } from './cli/arguments.ts';
import { createOutput, type Output } from './cli/output.ts';
import { configCheck, configCheckSpec } from './commands/config-check.ts';
import { start, startSpec } from './commands/start.ts';
import { status, statusSpec } from './commands/status.ts';
import { venueSimulate, venueSimulateSpec } from './commands/venue-simulate.ts';
import { VERSION } from './version.ts';

const COMMANDS: readonly (readonly [CommandSpec, (flags: FlagValues, output: Output) => number | Promise<number>])[] = [
  [startSpec, start],
  [venueSimulateSpec, venueSimulate],
  [configCheckSpec, configCheck],
  [statusSpec, status],
];
const specs = COMMANDS.map(([spec]) => spec);

/** Runs a command line. Exit status: 0 done, 1 failed, 2 bad usage. */
async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === '--version') {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  if (argv.length === 0 || argv[0] === '--help') {
    process.stdout.write(helpText(specs, null));
    return argv.length === 0 ? 2 : 0;
  }
  const parsed = parseArguments(argv, specs);
  if (!parsed.ok) {
    createOutput(argv.includes('--json')).fault(parsed.fault);
    return 2;
  }
  const { command, flags } = parsed.value;
  if (flags['help'] === true) {
    process.stdout.write(helpText(specs, command));
    return 0;
  }
  const run = COMMANDS.find(([spec]) => spec === command)?.[1];
  return run === undefined ? 2 : run(flags, createOutput(flags['json'] === true));
}

process.exitCode = await main(process.argv.slice(2));
