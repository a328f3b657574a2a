import { createWriteStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  encodeRoundTrip,
  fillCsvLine,
  FILLS_CSV_HEADER,
  roundTripCsvLine,
  ROUND_TRIPS_CSV_HEADER,
} from '@monsta/contracts';
import { accountId, err, ok, timestampUs, usFromMs, type AccountId, type Fault, type Result } from '@monsta/core';
import { openSqliteLedger } from '@monsta/ledger-sqlite';
import type { Ledger, TimeSpan } from '@monsta/ports';
import { textOf, type FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { configExitCode } from '../config/load.ts';
import { configurationFrom } from './configuration-flags.ts';

type Lines = AsyncIterable<Result<string>>;
type Book = (ledger: Ledger, account: AccountId, span: TimeSpan) => Lines;

/** Thrown within the writing of a file, where it becomes the command's fault. */
class Broken extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.message);
    this.fault = fault;
  }
}

const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/;

/** A time in UTC; of a day alone its first millisecond, or as an end its last. Fault `flag_invalid`. */
function timeOf(flags: FlagValues, name: 'from' | 'to'): Result<number | null> {
  const text = textOf(flags, name);
  if (text === null) return ok(null);
  const ms = DATE.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isFinite(ms) || ms < 0)
    return err('flag_invalid', `--${name} is no time in UTC: 2026-01-31 or 2026-01-31T18:30:00Z`);
  return ok(name === 'to' && !text.includes('T') ? ms + 86_400_000 - 1 : ms);
}

function spanFrom(flags: FlagValues): Result<TimeSpan> {
  const from = timeOf(flags, 'from');
  if (!from.ok) return from;
  const to = timeOf(flags, 'to');
  if (!to.ok) return to;
  if (from.value !== null && to.value !== null && from.value > to.value)
    return err('flag_invalid', '--from is later than --to');
  return ok({
    ...(from.value === null ? {} : { fromUs: usFromMs(from.value) }),
    ...(to.value === null ? {} : { toUs: timestampUs(usFromMs(to.value + 1) - 1) }),
  });
}

/** The account that is asked for, or the only one there is. Faults: `flag_invalid`, the ledger's. */
async function accountFrom(flags: FlagValues, ledger: Ledger): Promise<Result<AccountId>> {
  const accounts = await ledger.accounts();
  if (!accounts.ok) return accounts;
  const asked = textOf(flags, 'account');
  const list = accounts.value.join(', ');
  if (asked !== null) {
    return accounts.value.some((each) => each === asked)
      ? ok(accountId(asked))
      : err('flag_invalid', `--account ${asked} is not in the ledger: ${list === '' ? 'it has none' : list}`);
  }
  const [only, ...more] = accounts.value;
  if (only === undefined) return err('flag_invalid', 'the ledger has no account yet: nothing was ever traded');
  return more.length === 0
    ? ok(only)
    : err('flag_invalid', `the ledger has several accounts, say which: --account ${list}`);
}

async function* fillLines(ledger: Ledger, account: AccountId, span: TimeSpan): Lines {
  yield ok(FILLS_CSV_HEADER);
  for await (const fill of ledger.allFills(account, span))
    yield fill.ok ? ok(fillCsvLine(fill.value.value, fill.value.instrument)) : fill;
}

async function* roundTripLines(ledger: Ledger, account: AccountId, span: TimeSpan): Lines {
  const instruments = await ledger.instruments();
  if (!instruments.ok) {
    yield instruments;
    return;
  }
  const terms = new Map<string, (typeof instruments.value)[number]>(instruments.value.map((each) => [each.id, each]));
  yield ok(ROUND_TRIPS_CSV_HEADER);
  for await (const trip of ledger.allRoundTrips(account, span))
    yield trip.ok ? ok(roundTripCsvLine(encodeRoundTrip(trip.value), terms.get(trip.value.instrument) ?? null)) : trip;
}

/** Writes line after line, no faster than they are taken: memory stays the same however long the book is. How many, without the header. */
async function write(lines: Lines, target: Writable): Promise<Result<number>> {
  let count = -1;
  const texts = async function* (): AsyncIterable<string> {
    for await (const line of lines) {
      if (!line.ok) throw new Broken(line.fault);
      count += 1;
      yield line.value;
    }
  };
  try {
    await pipeline(Readable.from(texts()), target, { end: target !== process.stdout });
    return ok(count);
  } catch (error) {
    if (error instanceof Broken) return { ok: false, fault: error.fault };
    return err('export_failed', `the file can't be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A book of the ledger as CSV, to a file or stdout; beside a running program too, which it does not disturb. */
async function exportBook(book: Book, flags: FlagValues, output: Output): Promise<number> {
  const failed = (fault: Fault, status = 1): number => {
    output.fault(fault);
    return status;
  };
  const { config: file, 'data-dir': dataDir, 'log-level': level = 'warn' } = flags;
  const loaded = await configurationFrom({ config: file, 'data-dir': dataDir, 'log-level': level }, process.env);
  if (!loaded.ok) return failed(loaded.fault, configExitCode(loaded.fault));
  const span = spanFrom(flags);
  if (!span.ok) return failed(span.fault, 2);
  const path = textOf(flags, 'out');
  if (path === null && output.json) return failed({ ...needsFile, retry: 'permanent' }, 2);
  if (path !== null && existsSync(path))
    return failed({ code: 'flag_invalid', message: `${path} is there already`, retry: 'permanent' }, 2);
  const ledger = await openSqliteLedger({
    path: join(loaded.value.dataDir, 'ledger.sqlite'),
    readOnly: true,
    verify: false,
  });
  if (!ledger.ok) return failed(ledger.fault);
  try {
    const account = await accountFrom(flags, ledger.value);
    if (!account.ok) return failed(account.fault, 2);
    const target = path === null ? process.stdout : createWriteStream(path, { flags: 'wx', mode: 0o600 });
    const written = await write(book(ledger.value, account.value, span.value), target);
    if (!written.ok) return failed(written.fault);
    const lines = written.value;
    if (path === null) output.note(`${lines} lines of ${account.value}`);
    else
      output.document({ account: account.value, file: path, lines }, `${lines} lines of ${account.value} in ${path}`);
    return 0;
  } finally {
    await ledger.value.close();
  }
}

const needsFile = { code: 'flag_invalid', message: '--json needs --out: stdout has one document only' } as const;

export const exportFills = (flags: FlagValues, output: Output): Promise<number> => exportBook(fillLines, flags, output);

export const exportRoundTrips = (flags: FlagValues, output: Output): Promise<number> =>
  exportBook(roundTripLines, flags, output);
