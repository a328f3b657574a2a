import { err, ok, type Result } from '@monsta/core';
import { parseArgs, type ParseArgsConfig } from 'node:util';

export interface FlagSpec {
  readonly type: 'string' | 'boolean';
  /** May be given several times. */
  readonly multiple?: true;
  /** Shown in help behind the name, e.g. `FILE`. */
  readonly value?: string;
  readonly help: string;
}

export interface CommandSpec {
  /** Words that select it, e.g. `['venue', 'simulate']`. */
  readonly words: readonly string[];
  readonly summary: string;
  readonly flags: Readonly<Record<string, FlagSpec>>;
  /** A word that belongs nowhere may be a secret: it is not repeated. */
  readonly discreet?: true;
}

export type FlagValues = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

export interface ParsedArguments<C extends CommandSpec> {
  readonly command: C;
  readonly flags: FlagValues;
}

const COMMON: Readonly<Record<string, FlagSpec>> = {
  json: { type: 'boolean', help: 'print one JSON document on stdout' },
  help: { type: 'boolean', help: 'show this help' },
};

/** Finds the command and reads its flags. Faults: `command_unknown`, `flag_unknown`, `flag_invalid`, `argument_unexpected`: all bad usage (exit status 2). */
export function parseArguments<C extends CommandSpec>(
  argv: readonly string[],
  commands: readonly C[],
): Result<ParsedArguments<C>> {
  const command = commands
    .filter((candidate) => candidate.words.every((word, index) => argv[index] === word))
    .sort((left, right) => right.words.length - left.words.length)[0];
  if (command === undefined) {
    const known = commands.map((each) => each.words.join(' ')).join(', ');
    return err(
      'command_unknown',
      `'${argv.slice(0, 2).join(' ')}' is no command; there are: ${known}. 'monsta --help' explains them`,
    );
  }
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, flag] of Object.entries({ ...COMMON, ...command.flags })) {
    options[name] = { type: flag.type, ...(flag.multiple === undefined ? {} : { multiple: true }) };
  }
  const name = command.words.join(' ');
  try {
    const { values, positionals, tokens } = parseArgs({
      args: argv.slice(command.words.length),
      options,
      strict: true,
      allowPositionals: true,
      tokens: true,
    });
    const given = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
    const twice = given.find((each, index) => options[each]?.multiple !== true && given.indexOf(each) < index);
    if (twice !== undefined) {
      const times = given.filter((each) => each === twice).length;
      return err('flag_invalid', `--${twice} is given ${times} times; it takes one value, so give it once`);
    }
    if (positionals.length > 0)
      return err(
        'argument_unexpected',
        `'monsta ${name}' takes no argument${command.discreet === true ? '' : ` '${positionals[0] ?? ''}'`}; see 'monsta ${name} --help'`,
      );
    return ok({ command, flags: values });
  } catch (thrown) {
    const code =
      thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION'
        ? 'flag_unknown'
        : 'flag_invalid';
    const said = thrown instanceof Error ? (thrown.message.split('. ')[0] ?? thrown.message) : String(thrown);
    // Node explains an ambiguous value in several lines.
    const message = said.replaceAll(/\s*\n\s*/g, ' ').replace(/\.$/, '');
    return err(code, `${message}; 'monsta ${name} --help' lists the flags of 'monsta ${name}'`);
  }
}

/** Help of the program, or of one command. */
export function helpText(commands: readonly CommandSpec[], command: CommandSpec | null): string {
  if (command === null) {
    const width = Math.max(...commands.map((each) => each.words.join(' ').length));
    return `monsta – an honest, self-hosted AI trading platform for crypto\n\nUsage: monsta COMMAND [flags]\n\n${commands
      .map((each) => `  ${each.words.join(' ').padEnd(width)}  ${each.summary}`)
      .join('\n')}\n\nExit status: 0 done, 1 failed, 2 bad usage. 'monsta COMMAND --help' lists its flags.\n`;
  }
  const rows = Object.entries({ ...command.flags, ...COMMON }).map(([name, flag]): [string, string] => [
    `--${name}${flag.value === undefined ? '' : ` ${flag.value}`}`,
    flag.help,
  ]);
  const width = Math.max(...rows.map(([left]) => left.length));
  return `monsta ${command.words.join(' ')} – ${command.summary}\n\n${rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n')}\n`;
}
