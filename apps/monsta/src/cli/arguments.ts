import { err, ok, type Result } from '@monsta/core';
import { parseArgs, type ParseArgsConfig } from 'node:util';

export interface FlagSpec {
  readonly type: 'string' | 'boolean';
  /** May be given several times. */
  readonly multiple?: true;
  /** May be given several times, each with a group of flags behind it: those that name it in `follows`. */
  readonly leads?: true;
  /** Belongs to the flag of that name before it. Ahead of the first one it stands for itself with `alone`, and is refused without. */
  readonly follows?: string;
  readonly alone?: true;
  /** Shown in help behind the name, e.g. `FILE`. */
  readonly value?: string;
  readonly help: string;
}

export interface CommandSpec {
  /** Words that select it, e.g. `['venue', 'simulate']`. */
  readonly words: readonly string[];
  readonly summary: string;
  readonly flags: Readonly<Record<string, FlagSpec>>;
  /** What its one argument is called, e.g. `FILE`; it has to be given. Absent: it takes none. */
  readonly argument?: string;
  /** A word that belongs nowhere may be a secret: it is not repeated. */
  readonly discreet?: true;
}

/** A flag that leads others, with the texts of those that followed it. */
export interface FlagGroup {
  readonly value: string;
  readonly followers: Readonly<Record<string, string>>;
}

export type FlagValues = Readonly<
  Record<string, string | boolean | readonly (string | boolean)[] | readonly FlagGroup[] | undefined>
>;

/** The text of a flag; null where it was not given. */
export const textOf = (flags: FlagValues, name: string): string | null => {
  const value = flags[name];
  return typeof value === 'string' ? value : null;
};

/** The texts of a flag that may be given several times, as they were typed. */
export const textsOf = (flags: FlagValues, name: string): readonly string[] => {
  const given = flags[name];
  return Array.isArray(given) ? given.filter((each): each is string => typeof each === 'string') : [];
};

/** A command's one argument; '' where it takes none. */
export const argumentOf = (flags: FlagValues): string => textOf(flags, 'argument') ?? '';

/** The groups of a flag that leads others, as they were typed. */
export const groupsOf = (flags: FlagValues, name: string): readonly FlagGroup[] => {
  const given = flags[name];
  return Array.isArray(given) ? given.filter((each): each is FlagGroup => typeof each === 'object') : [];
};

export interface ParsedArguments<C extends CommandSpec> {
  readonly command: C;
  readonly flags: FlagValues;
}

const COMMON: Readonly<Record<string, FlagSpec>> = {
  json: { type: 'boolean', help: 'print one JSON document on stdout' },
  help: { type: 'boolean', help: 'show this help' },
};

/** Finds the command and reads its flags. Faults: `command_unknown`, `flag_unknown`, `flag_invalid`, `argument_unexpected`, `argument_missing`: all bad usage (exit status 2). */
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
  const specs: Readonly<Record<string, FlagSpec>> = { ...COMMON, ...command.flags };
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, { type, multiple, leads, follows }] of Object.entries(specs)) {
    const many = multiple === true || leads === true || follows !== undefined;
    options[name] = { type, ...(many ? { multiple: true } : {}) };
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
    const given = tokens.flatMap((token) => (token.kind === 'option' ? [token] : []));
    const names = given.map((token) => token.name);
    const twice = names.find((each, index) => options[each]?.multiple !== true && names.indexOf(each) < index);
    if (twice !== undefined) return givenTwice(twice, names.filter((each) => each === twice).length);
    const wanted = command.argument === undefined || values['help'] === true ? 0 : 1;
    if (positionals.length < wanted)
      return err(
        'argument_missing',
        `'monsta ${name}' needs its ${command.argument ?? ''}; see 'monsta ${name} --help'`,
      );
    if (positionals.length > (command.argument === undefined ? 0 : 1))
      return err(
        'argument_unexpected',
        `'monsta ${name}' takes ${command.argument === undefined ? 'no' : 'one'} argument${command.discreet === true ? '' : ` '${positionals.at(-1) ?? ''}'`}; see 'monsta ${name} --help'`,
      );
    const grouped = groupFlags(given, specs);
    return grouped.ok ? ok({ command, flags: { ...values, ...grouped.value, argument: positionals[0] } }) : grouped;
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

const givenTwice = (name: string, times: number, behind = ''): Result<never> =>
  err('flag_invalid', `--${name} is given ${times} times${behind}; it takes one value, so give it once`);

interface Given {
  readonly name: string;
  readonly value?: string | undefined;
}

/** Puts flags that follow another behind it, in the order that they were typed in. */
function groupFlags(given: readonly Given[], specs: Readonly<Record<string, FlagSpec>>): Result<FlagValues> {
  const flags: Record<string, string | FlagGroup[] | undefined> = {};
  const open = new Map<string, { readonly value: string; readonly followers: Record<string, string> }>();
  for (const { name, value = '' } of given) {
    const spec = specs[name];
    if (spec?.leads === true) {
      const group = { value, followers: {} };
      open.set(name, group);
      const groups = flags[name];
      flags[name] = [...(Array.isArray(groups) ? groups : []), group];
    }
    if (spec?.follows === undefined) continue;
    const group = open.get(spec.follows);
    if (group !== undefined) {
      if (group.followers[name] !== undefined) return givenTwice(name, 2, ` behind one --${spec.follows}`);
      group.followers[name] = value;
    } else if (spec.alone !== true) {
      return err(
        'flag_invalid',
        `--${name} belongs to a --${spec.follows}: put it behind the one that it is meant for`,
      );
    } else if (flags[name] === undefined) flags[name] = value;
    else return givenTwice(name, 2);
  }
  // What followed another is in its group, and nowhere else.
  for (const [name, spec] of Object.entries(specs)) if (spec.follows !== undefined) flags[name] ??= undefined;
  return ok(flags);
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
  const words = [...command.words, ...(command.argument === undefined ? [] : [command.argument])].join(' ');
  return `monsta ${words} – ${command.summary}\n\n${rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n')}\n`;
}
