import { err, InvariantError, ok, type Result } from '@monsta/core';
import {
  orderPart,
  orderToPart,
  partsOf,
  stateOfParts,
  type FeedAccount,
  type FeedAccountState,
} from '@monsta/matching';
import type { Journal } from '@monsta/ports';

/**
 * One record: the parts of the account's state that one request or market event has changed, and the names of those that are gone; or the `part`th of `parts` of the whole
 * state, from which reading may begin. A whole lies in several records, since a journal limits their length; one without all its parts (a crash cut it) counts for nothing.
 */
type AccountRecord =
  | { readonly format: typeof FORMAT; readonly set: Parts; readonly gone: readonly string[] }
  | { readonly format: typeof FORMAT; readonly whole: Parts; readonly part: number; readonly parts: number };
type Parts = Readonly<Record<string, unknown>>;
type WholePart = Extract<AccountRecord, { whole: unknown }>;

const FORMAT = 3;

/** Parts are put into one record up to about this many characters. */
const RECORD_CHARACTERS = 60_000;

/** The account as its journal tells it. */
export interface RecoveredAccount {
  /** Null when the journal holds nothing: the account has to be opened. */
  readonly state: FeedAccountState | null;
  /** Records since the last whole state. */
  readonly recordsSinceWhole: number;
}

const isRecord = (value: unknown): value is AccountRecord =>
  typeof value === 'object' &&
  value !== null &&
  'format' in value &&
  value.format === FORMAT &&
  ('set' in value || 'whole' in value);

const isEarlier = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'format' in value &&
  typeof value.format === 'number' &&
  value.format < FORMAT;

const unusable = (sequence: number, why: string) =>
  err(
    'paper_journal_invalid',
    `record ${sequence} of the paper account's journal ${why}; restore it from a backup, or move the journal away to begin a new account`,
    { retry: 'fatal' },
  );

/** Reads the account's state. Faults: those of reading, and `paper_journal_invalid` (fatal) for records of another form or that don't follow from one another. */
export async function recoverAccount(journal: Journal): Promise<Result<RecoveredAccount>> {
  let state: Map<string, unknown> | null = null;
  let since = 0;
  let wholes: WholePart[] = [];
  for await (const read of journal.read(0)) {
    if (!read.ok) return read;
    const { sequence, payload } = read.value;
    if (isEarlier(payload)) return unusable(sequence, 'was written by an earlier version, which kept other state');
    if (!isRecord(payload)) return unusable(sequence, 'is not of a form this version knows');
    if ('whole' in payload) {
      if (payload.part === 0) wholes = [];
      wholes.push(payload);
      if (wholes.length < payload.parts || wholes.some(({ part }, index) => part !== index)) continue;
      state = new Map(wholes.flatMap(({ whole }) => Object.entries(whole)));
      since = 0;
      continue;
    }
    // Retention may have removed the oldest records: what remains can be read from the first whole state on.
    if (state === null) continue;
    since += 1;
    for (const [name, part] of Object.entries(payload.set)) state.set(name, part);
    for (const name of payload.gone) {
      if (!state.delete(name)) return unusable(sequence, `contradicts those before it (there is no ${name})`);
    }
  }
  const { lastSequence } = journal.recovery;
  if (state === null) {
    if (lastSequence > 0) return unusable(lastSequence, 'and those before it hold no whole state of the account');
    return ok({ state: null, recordsSinceWhole: 0 });
  }
  try {
    return ok({ state: stateOfParts(state), recordsSinceWhole: since });
  } catch (thrown) {
    if (thrown instanceof InvariantError)
      return unusable(lastSequence, `leaves a state that is not whole (${thrown.message})`);
    throw thrown;
  }
}

/** Finds out what a journal has to be told of an account. */
export class AccountLog {
  readonly #account: FeedAccount;
  /** The parts as they were last written, as texts; orders, of which there are many, are told apart by the account itself. */
  #written = new Map<string, string>();

  constructor(account: FeedAccount) {
    this.#account = account;
    this.#changedParts();
    account.takeTouched();
  }

  /** The record of what has changed since the last one; null where nothing has. */
  changes(): AccountRecord | null {
    const { set, gone } = this.#changedParts();
    for (const [id, order] of this.#account.takeTouched()) {
      if (order === null) gone.push(orderPart(id));
      else set[orderPart(id)] = orderToPart(order);
    }
    return Object.keys(set).length === 0 && gone.length === 0 ? null : { format: FORMAT, set, gone };
  }

  /** The records of the whole state, to be appended one right after the other. */
  whole(): readonly AccountRecord[] {
    const { feed, orders } = this.#account.state();
    const groups: Record<string, unknown>[] = [{}];
    let characters = 0;
    const add = (name: string, part: unknown): void => {
      const { length } = JSON.stringify(part);
      if (characters > 0 && characters + length > RECORD_CHARACTERS) {
        groups.push({});
        characters = 0;
      }
      const group = groups.at(-1);
      if (group !== undefined) group[name] = part;
      characters += length;
    };
    for (const [name, part] of partsOf(feed)) add(name, part);
    for (const order of orders) add(orderPart(order.request.clientOrderId), orderToPart(order));
    return groups.map((whole, part) => ({ format: FORMAT, whole, part, parts: groups.length }));
  }

  #changedParts(): { readonly set: Record<string, unknown>; readonly gone: string[] } {
    const before = this.#written;
    const now = new Map<string, string>();
    const set: Record<string, unknown> = {};
    for (const [name, part] of partsOf(this.#account.snapshot())) {
      const text = JSON.stringify(part);
      now.set(name, text);
      if (before.get(name) !== text) set[name] = part;
    }
    this.#written = now;
    return { set, gone: [...before.keys()].filter((name) => !now.has(name)) };
  }
}
