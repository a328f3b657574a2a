import { err, fromJsonValue, InvariantError, ok, toJsonValue, type Result } from '@monsta/core';
import { VenueAccount, type AccountChange, type AccountSnapshot, type HeldOrder } from '@monsta/matching';
import type { Journal } from '@monsta/ports';

/**
 * One record: the changes of one request or market event, whole; or the `part`th of `parts` of the account as it stood, from which reading may begin.
 * A snapshot lies in several records, since a journal limits their length; one without all its parts (a crash cut it) counts for nothing.
 */
type AccountRecord =
  | { readonly format: 1; readonly changes: readonly AccountChange[] }
  | {
      readonly format: 1;
      readonly snapshot: Omit<AccountSnapshot, 'orders'>;
      readonly orders: readonly HeldOrder[];
      readonly part: number;
      readonly parts: number;
    };
type SnapshotPart = Extract<AccountRecord, { snapshot: unknown }>;

/** Orders are put into one record up to about this many characters. */
const PART_CHARACTERS = 60_000;

/** The account as its journal tells it. */
export interface RecoveredAccount {
  readonly account: VenueAccount;
  /** True when the journal holds nothing: the account has to be opened. */
  readonly fresh: boolean;
  /** Records since the last snapshot. */
  readonly recordsSinceSnapshot: number;
}

const isRecord = (value: unknown): value is AccountRecord =>
  typeof value === 'object' &&
  value !== null &&
  'format' in value &&
  value.format === 1 &&
  ('changes' in value || 'snapshot' in value);

const unusable = (sequence: number, why: string) =>
  err(
    'paper_journal_invalid',
    `record ${sequence} of the paper account's journal ${why}; restore it from a backup, or move the journal away to begin a new account`,
    { retry: 'fatal' },
  );

/** Rebuilds the account. Faults: those of reading, and `paper_journal_invalid` (fatal) for records that don't follow from one another. */
export async function recoverAccount(journal: Journal): Promise<Result<RecoveredAccount>> {
  let account = new VenueAccount();
  let begun = false;
  let since = 0;
  let parts: SnapshotPart[] = [];
  for await (const read of journal.read(0)) {
    if (!read.ok) return read;
    const { sequence, payload } = read.value;
    const record = fromJsonValue(payload);
    if (!isRecord(record)) return unusable(sequence, 'is not of a form this version knows');
    if ('snapshot' in record) {
      if (record.part === 0) parts = [];
      parts.push(record);
      if (parts.length < record.parts || parts.some(({ part }, index) => part !== index)) continue;
      account = VenueAccount.restore({ ...record.snapshot, orders: parts.flatMap(({ orders }) => orders) });
      begun = true;
      since = 0;
      continue;
    }
    // Retention may have removed the oldest records: what remains can be read from the first snapshot on.
    if (!begun && record.changes[0]?.kind !== 'opened') continue;
    begun = true;
    since += 1;
    try {
      for (const change of record.changes) account.apply(change);
    } catch (thrown) {
      if (thrown instanceof InvariantError || thrown instanceof RangeError) {
        return unusable(sequence, `contradicts those before it (${thrown.message})`);
      }
      throw thrown;
    }
  }
  if (!begun && journal.recovery.lastSequence > 0) {
    return unusable(journal.recovery.lastSequence, 'and those before it hold no beginning of the account');
  }
  return ok({ account, fresh: !begun, recordsSinceSnapshot: since });
}

export const changesRecord = (changes: readonly AccountChange[]): unknown => toJsonValue({ format: 1, changes });

/** The records of a snapshot, to be appended one right after the other. */
export function snapshotRecords(account: AccountSnapshot): readonly unknown[] {
  const { orders, ...snapshot } = account;
  const groups: HeldOrder[][] = [[]];
  let characters = 0;
  for (const order of orders) {
    const length = JSON.stringify(toJsonValue(order)).length;
    if (characters + length > PART_CHARACTERS && characters > 0) {
      groups.push([]);
      characters = 0;
    }
    groups.at(-1)?.push(order);
    characters += length;
  }
  return groups.map((group, part) => toJsonValue({ format: 1, snapshot, orders: group, part, parts: groups.length }));
}
