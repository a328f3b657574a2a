import type { ExchangeKeyAdded, ExchangeKeyMessage, ExchangeKeyWarning } from '@monsta/contracts';
import { err, ok, type Fault, type Result } from '@monsta/core';
import type { ExchangeKeyKind } from '@monsta/ports';
import type { FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { remedyOf } from '../cli/remedies.ts';
import { readSecret } from '../cli/secret-input.ts';
import { openExchangeKeys, type OpenedExchangeKeys } from '../compose/exchange-keys.ts';
import { MASTER_KEY_VARIABLE, NEXT_KEY_VARIABLE } from '../compose/secrets.ts';
import { EXCHANGE_KEY_KINDS } from '../config/names.ts';
import { configExitCode } from '../config/load.ts';
import { openAccountContext, venueFrom } from './account-context.ts';

const usage = (message: string) => err('flag_invalid', message);

function needed(flags: FlagValues, name: string): Result<string> {
  const value = flags[name];
  return typeof value === 'string' && value !== '' ? ok(value) : usage(`--${name} is missing`);
}

function kindFrom(flags: FlagValues): Result<ExchangeKeyKind> {
  const kind = EXCHANGE_KEY_KINDS.find((each) => each === (flags['kind'] ?? 'hmac'));
  return kind === undefined ? usage(`--kind is none of ${EXCHANGE_KEY_KINDS.join(', ')}`) : ok(kind);
}

/** Exit status of a fault: 2 for what is wrong with the command line. */
function failed(output: Output, fault: Fault): number {
  output.fault(fault);
  const remedy = remedyOf(fault.code);
  if (remedy !== null) output.note(`→ ${remedy}`);
  if (fault.code === 'flag_invalid' || fault.code === 'secret_in_argument') return 2;
  return fault.code === 'config_invalid' && fault.details?.['faults'] !== undefined ? configExitCode(fault) : 1;
}

/** Opens the keys of the data directory, lets `act` do its work, and closes everything again. */
async function withKeys(
  flags: FlagValues,
  output: Output,
  act: (opened: OpenedExchangeKeys) => Promise<Result<number>>,
): Promise<number> {
  const context = await openAccountContext(flags);
  if (!context.ok) return failed(output, context.fault);
  const { config, clock, connect } = context.value;
  const opened = await openExchangeKeys({ config, environment: process.env, clock, connect });
  try {
    if (!opened.ok) return failed(output, opened.fault);
    const done = await act(opened.value);
    return done.ok ? done.value : failed(output, done.fault);
  } finally {
    if (opened.ok) await opened.value.close();
    await context.value.close();
  }
}

const warned = (warnings: readonly ExchangeKeyWarning[]): string =>
  warnings.map(({ code, message }) => `\nwarning ${code}: ${message}`).join('');

const USES = { trade: 'reads and trades', read: 'reads only', unknown: 'not told by the exchange' } as const;

function told({ key, warnings, masterKeyMadeAt }: ExchangeKeyAdded): string {
  const made =
    masterKeyMadeAt === null
      ? ''
      : `\nThe master key that seals it was made: ${masterKeyMadeAt}\nKeep a copy of that file apart from the data directory: without it no key here can be read again, and who has both can read all.`;
  return `The key '${key.name}' of ${key.venue ?? ''} (…${key.keyEnds ?? ''}) is stored; what it may: ${USES[key.use ?? 'unknown']}.${made}${warned(warnings)}`;
}

/** Asks the exchange what the key may do, then stores it. */
export async function exchangeKeysAdd(flags: FlagValues, output: Output): Promise<number> {
  if (flags['secret'] !== undefined)
    return failed(
      output,
      err(
        'secret_in_argument',
        'a secret is not taken from an argument: it would stand in the shell’s history and in the list of processes; treat the one that was given as known and make another. Leave --secret out to be asked for it, or use --secret-file or stdin',
      ).fault,
    );
  const [name, apiKey, kind, venue] = [
    needed(flags, 'name'),
    needed(flags, 'api-key'),
    kindFrom(flags),
    venueFrom(flags),
  ];
  for (const each of [name, apiKey, kind, venue]) if (!each.ok) return failed(output, each.fault);
  if (!name.ok || !apiKey.ok || !kind.ok || !venue.ok) return 2;
  const file = flags['secret-file'];
  const isTyped = file === undefined && process.stdin.isTTY;
  if (isTyped && kind.value !== 'hmac')
    return failed(
      output,
      usage(`a private key of kind ${kind.value} has many lines: give its file with --secret-file`).fault,
    );
  const secret = await readSecret(typeof file === 'string' ? file : null, process.stdin, () =>
    process.stderr.write(`Secret of the key '${name.value}' (not shown): `),
  );
  if (isTyped) process.stderr.write('\n');
  if (!secret.ok) return failed(output, secret.fault);
  return withKeys(flags, output, async ({ keys }) => {
    const added = await keys.add({
      name: name.value,
      venue: venue.value,
      kind: kind.value,
      apiKey: apiKey.value,
      secret: secret.value,
    });
    if (!added.ok) return added;
    output.document(added.value, told(added.value));
    return ok(0);
  });
}

const time = (ms: number | null): string =>
  ms === null ? '-' : new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

function row(key: ExchangeKeyMessage): readonly string[] {
  if (key.fault !== null) return [key.name, '-', '-', '-', `does not open: ${key.fault.code}`, '-', '-'];
  const { ipRestricted } = key.permissions ?? {};
  const addresses = ipRestricted === true ? 'listed' : ipRestricted === false ? 'ANY ADDRESS' : 'not told';
  const ends = `…${key.keyEnds ?? ''}`;
  return [
    key.name,
    key.venue ?? '-',
    key.kind ?? '-',
    ends,
    USES[key.use ?? 'unknown'],
    addresses,
    time(key.addedMs),
    time(key.checkedMs),
  ];
}

function table(keys: readonly ExchangeKeyMessage[]): string {
  if (keys.length === 0) return 'There are no exchange keys.';
  const rows = [['NAME', 'VENUE', 'KIND', 'KEY', 'MAY', 'FROM', 'ADDED', 'CHECKED'], ...keys.map(row)];
  const widths = rows.reduce<number[]>(
    (wide, cells) => cells.map((cell, index) => Math.max(wide[index] ?? 0, cell.length)),
    [],
  );
  return rows
    .map((cells) =>
      cells
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function exchangeKeysList(flags: FlagValues, output: Output): Promise<number> {
  return withKeys(flags, output, async ({ keys }) => {
    const listed = await keys.list();
    if (!listed.ok) return listed;
    output.document({ items: listed.value }, table(listed.value));
    return ok(0);
  });
}

export async function exchangeKeysRemove(flags: FlagValues, output: Output): Promise<number> {
  const name = needed(flags, 'name');
  if (!name.ok) return failed(output, name.fault);
  return withKeys(flags, output, async ({ keys }) => {
    const removed = await keys.remove(name.value);
    if (!removed.ok) return removed;
    output.document(
      { removed: name.value },
      `The key '${name.value}' is removed here. At the exchange it works until it is deleted there.`,
    );
    return ok(0);
  });
}

/** Seals everything under another master key. */
export async function exchangeKeysRekey(flags: FlagValues, output: Output): Promise<number> {
  const given = process.env[MASTER_KEY_VARIABLE] !== undefined;
  if (given && process.env[NEXT_KEY_VARIABLE] === undefined)
    return failed(
      output,
      err(
        'secrets_key_missing',
        `the master key is in ${MASTER_KEY_VARIABLE}: put the one to come into ${NEXT_KEY_VARIABLE} (openssl rand -base64 32) and run this again`,
      ).fault,
    );
  return withKeys(flags, output, async ({ secrets }) => {
    const count = await secrets.rekey();
    if (!count.ok) return count;
    const next = given
      ? `Put the value of ${NEXT_KEY_VARIABLE} into ${MASTER_KEY_VARIABLE} now, and start MONSTA again.`
      : 'Keep a copy of the new key file apart from the data; copies of the data from before need the old one.';
    output.document({ rekeyed: count.value }, `${count.value} secrets are sealed by another master key. ${next}`);
    return ok(0);
  });
}
