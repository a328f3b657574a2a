import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { Job, JobState } from '@monsta/ports';

/** `MNSJ`: tells our files from other programs' SQLite files. */
const APPLICATION_ID = 0x4d4e534a;
const SCHEMA = 1;

interface Row {
  readonly row: number;
  readonly body: string;
}

interface StoredJob {
  /** Counts up with each job that is submitted. */
  readonly row: number;
  readonly job: Job;
}

/** Why a file can't be a queue of ours. */
export class ForeignFile extends Error {
  override readonly name = 'ForeignFile';
}

/** Jobs in a file that this process holds alone. Throws what `node:sqlite` throws. */
export class JobStore {
  readonly #connection: DatabaseSync;

  /** `:memory:` keeps nothing. */
  constructor(path: string) {
    this.#connection = new DatabaseSync(path, { timeout: 0, enableDoubleQuotedStringLiterals: false });
    try {
      this.#prepare(path);
    } catch (thrown) {
      this.#connection.close();
      throw thrown;
    }
  }

  #prepare(path: string): void {
    const first = (sql: string): unknown => Object.values(this.#connection.prepare(sql).get() ?? {})[0];
    // Taken with the first write and held until the file is closed: what was running when it is opened is run by nobody.
    this.#connection.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT');
    const tables = first(`SELECT count(*) FROM sqlite_schema`);
    if (tables !== 0 && first('PRAGMA application_id') !== APPLICATION_ID)
      throw new ForeignFile(`${path} is an SQLite file of another program`);
    const schema = first('PRAGMA user_version');
    if (typeof schema === 'number' && schema > SCHEMA)
      throw new ForeignFile(`${path} was written by a newer MONSTA, with schema ${schema}; this one knows ${SCHEMA}`);
    this.#connection.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      BEGIN IMMEDIATE;
      PRAGMA application_id = ${APPLICATION_ID};
      PRAGMA user_version = ${SCHEMA};
      CREATE TABLE IF NOT EXISTS jobs (
        row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
        state TEXT NOT NULL, due_ms INTEGER NOT NULL, body TEXT NOT NULL
      ) STRICT;
      CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, row);
      COMMIT`);
  }

  close(): void {
    if (this.#connection.isOpen) this.#connection.close();
  }

  add(job: Job): void {
    this.#run('INSERT INTO jobs (id, kind, state, due_ms, body) VALUES (?, ?, ?, ?, ?)', [
      job.id,
      job.kind,
      job.state,
      job.dueMs,
      JSON.stringify(job),
    ]);
  }

  put(job: Job): void {
    this.#run('UPDATE jobs SET state = ?, due_ms = ?, body = ? WHERE id = ?', [
      job.state,
      job.dueMs,
      JSON.stringify(job),
      job.id,
    ]);
  }

  get(id: string): Job | null {
    return this.#all('SELECT row, body FROM jobs WHERE id = ?', [id])[0]?.job ?? null;
  }

  remove(id: string): void {
    this.#run('DELETE FROM jobs WHERE id = ?', [id]);
  }

  count(state: JobState): number {
    const [count = 0] = Object.values(
      this.#connection.prepare('SELECT count(*) FROM jobs WHERE state = ?').get(state) ?? {},
    );
    return Number(count);
  }

  /** Those in this state, oldest first. */
  inState(state: JobState): readonly Job[] {
    return this.#all('SELECT row, body FROM jobs WHERE state = ? ORDER BY row', [state]).map(({ job }) => job);
  }

  /** The oldest that waits and is due. */
  nextDue(kinds: readonly string[], nowMs: number): Job | null {
    const [found] = this.#all(
      `SELECT row, body FROM jobs WHERE state = 'queued' AND due_ms <= ? AND kind IN (${marks(kinds)}) ORDER BY row LIMIT 1`,
      [nowMs, ...kinds],
    );
    return found?.job ?? null;
  }

  /** When the next one that waits is due; null where none waits. */
  nextDueMs(kinds: readonly string[]): number | null {
    const [due = null] = Object.values(
      this.#connection
        .prepare(`SELECT min(due_ms) FROM jobs WHERE state = 'queued' AND kind IN (${marks(kinds)})`)
        .get(...kinds) ?? {},
    );
    return typeof due === 'number' ? due : null;
  }

  /** Newest first, before that row. */
  page(kinds: readonly string[], beforeRow: number, limit: number): readonly StoredJob[] {
    return this.#all(
      `SELECT row, body FROM jobs WHERE row < ? AND kind IN (${marks(kinds)}) ORDER BY row DESC LIMIT ?`,
      [beforeRow, ...kinds, limit],
    );
  }

  /** Forgets the oldest finished ones beyond so many. */
  prune(keptMax: number): void {
    this.#run(
      `DELETE FROM jobs WHERE row IN (
         SELECT row FROM jobs WHERE state IN ('done', 'failed', 'canceled') ORDER BY row DESC LIMIT -1 OFFSET ?)`,
      [keptMax],
    );
  }

  #run(sql: string, parameters: readonly SQLInputValue[]): void {
    this.#connection.prepare(sql).run(...parameters);
  }

  #all(sql: string, parameters: readonly SQLInputValue[]): readonly StoredJob[] {
    const rows: unknown[] = this.#connection.prepare(sql).all(...parameters);
    return (rows as Row[]).map(({ row, body }) => ({ row, job: JSON.parse(body) as Job }));
  }
}

const marks = (values: readonly unknown[]): string => values.map(() => '?').join(', ');
