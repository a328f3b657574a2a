import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { err, InvariantError, type Err } from '@monsta/core';
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, type Compilable } from 'kysely';
import type { Schema } from './schema.ts';

/**
 * Builds queries, runs none: Kysely's drivers are asynchronous, and a commit on the order path must not wait between the statements of
 * a transaction. What it compiles, `Database` runs.
 */
export const query = new Kysely<Schema>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

/** Different SQL texts the ledger has; more means that values got into a text. */
const STATEMENTS_MAX = 500;

function isBindable(value: unknown): value is SQLInputValue {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';
}

/** A connection with its prepared statements. Throws what `node:sqlite` throws; `sqliteFault` says what it means. */
export class Database {
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(connection: DatabaseSync) {
    this.#connection = connection;
  }

  get inTransaction(): boolean {
    return this.#connection.isTransaction;
  }

  get isOpen(): boolean {
    return this.#connection.isOpen;
  }

  exec(sql: string): void {
    this.#connection.exec(sql);
  }

  /** Rows of a query, typed by its builder. */
  all<Row>(compilable: Compilable<Row>): Row[] {
    const { sql, parameters } = compilable.compile();
    return this.allSql<Row>(sql, parameters);
  }

  first<Row>(compilable: Compilable<Row>): Row | undefined {
    return this.all(compilable)[0];
  }

  /** How many rows the statement changed. */
  run(compilable: Compilable): number {
    const { sql, parameters } = compilable.compile();
    return Number(this.#prepare(sql).run(...bind(parameters)).changes);
  }

  /** Rows of SQL that no builder has (pragmas, the schema's own table). The caller states their type. */
  allSql<Row>(sql: string, parameters: readonly unknown[] = []): Row[] {
    const rows: unknown[] = this.#prepare(sql).all(...bind(parameters));
    return rows as Row[];
  }

  close(): void {
    this.#statements.clear();
    if (this.#connection.isOpen) this.#connection.close();
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (this.#statements.size >= STATEMENTS_MAX) this.#statements.clear();
    const statement = this.#connection.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function bind(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters.map((value) => {
    if (isBindable(value)) return value;
    throw new InvariantError(`a ${typeof value} can't be stored in the ledger`);
  });
}

const CONSTRAINT = 19;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

/** SQLite's primary result codes that a ledger may meet, in words. */
const TROUBLES: Readonly<Record<number, string>> = {
  5: 'another process holds the write lock',
  6: 'another connection holds a lock',
  8: 'the file can only be read',
  10: 'the disk reported an error',
  13: 'the disk is full',
  14: 'the file can’t be opened',
};

/** The primary result code of an error of `node:sqlite`; null for any other error. */
function resultCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null;
  return error.errcode & 0xff;
}

/** The file's damage as a fault that says how to mend it. */
export function corrupt(path: string, what: string, cause?: unknown): Err {
  return err(
    'ledger_corrupt',
    `the ledger ${path} is damaged (${what}); stop MONSTA, keep a copy of the file, and restore the last backup or start with another file`,
    { retry: 'fatal', ...(cause === undefined ? {} : { cause }) },
  );
}

/**
 * What an error of SQLite means: `ledger_corrupt` (fatal) or `ledger_unavailable` (retryable). Throws where the error is no condition of the
 * file or the disk but a broken invariant of ours (a constraint, malformed SQL), and passes on every error that isn't SQLite's.
 */
export function sqliteFault(path: string, error: unknown): Err {
  const code = resultCode(error);
  const text = error instanceof Error ? error.message : 'unknown error';
  if (code === null) throw error;
  if (code === CORRUPT || code === NOT_A_DATABASE) return corrupt(path, text, error);
  const trouble = TROUBLES[code];
  if (trouble === undefined || code === CONSTRAINT) {
    throw new InvariantError(`the ledger ${path} refused a statement: ${text}`, { cause: error });
  }
  return err('ledger_unavailable', `the ledger ${path} can't be used now: ${trouble} (${text})`, {
    retry: 'retryable',
    cause: error,
  });
}

export function connect(path: string, readOnly: boolean, busyTimeoutMs: number): Database {
  return new Database(
    new DatabaseSync(path, {
      readOnly,
      timeout: busyTimeoutMs,
      enableForeignKeyConstraints: true,
      enableDoubleQuotedStringLiterals: false,
    }),
  );
}
