import { err, InvariantError, type Err, type Result } from '@monsta/core';
import { sqliteFault, type Database } from './database.ts';

interface Job {
  /** Runs inside the transaction; false when its changes must be rolled back. */
  apply(): boolean;
  /** The transaction is durable: hand the outcome over. */
  settle(): void;
  fail(fault: Err): void;
  reject(error: Error): void;
}

/**
 * Joins everything written in one turn of the event loop into one transaction with one disk sync. Each job is atomic by itself, under a
 * savepoint: one that is refused takes none of the others with it.
 */
export class GroupCommit {
  readonly #db: Database;
  readonly #path: string;
  readonly #pendingMax: number;
  #jobs: Job[] = [];
  #scheduled = false;
  #closed = false;

  constructor(db: Database, path: string, pendingMax: number) {
    this.#db = db;
    this.#path = path;
    this.#pendingMax = pendingMax;
  }

  /** Resolves once `work` is durable, or with its fault. `ledger_unavailable` when too much waits already or the disk refuses. */
  write<T>(work: (db: Database) => Result<T>): Promise<Result<T>> {
    if (this.#closed) return Promise.resolve(ledgerClosed(this.#path));
    if (this.#jobs.length >= this.#pendingMax) {
      return Promise.resolve(
        err(
          'ledger_unavailable',
          `${this.#jobs.length} changes wait for the ledger ${this.#path}, which is the limit`,
          {
            retry: 'retryable',
          },
        ),
      );
    }
    return new Promise((resolve, reject) => {
      let outcome: Result<T> | null = null;
      this.#jobs.push({
        apply: () => {
          outcome = work(this.#db);
          return outcome.ok;
        },
        settle: () => {
          if (outcome !== null) resolve(outcome);
        },
        fail: resolve,
        reject,
      });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => this.flush());
    });
  }

  /** Writes what waits, now. */
  flush(): void {
    this.#scheduled = false;
    const jobs = this.#jobs;
    if (jobs.length === 0) return;
    this.#jobs = [];
    const settled: Job[] = [];
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      for (const job of jobs) {
        if (this.#applyOne(job)) settled.push(job);
      }
      this.#db.exec('COMMIT');
    } catch (error) {
      this.#abort(jobs, error);
      return;
    }
    for (const job of settled) job.settle();
  }

  close(): void {
    this.flush();
    this.#closed = true;
  }

  /** False when the job broke an invariant: its promise is rejected, its changes are undone. */
  #applyOne(job: Job): boolean {
    this.#db.exec('SAVEPOINT job');
    try {
      if (!job.apply()) this.#db.exec('ROLLBACK TO job');
      this.#db.exec('RELEASE job');
      return true;
    } catch (error) {
      const broken = this.#brokenInvariant(error);
      this.#db.exec('ROLLBACK TO job');
      this.#db.exec('RELEASE job');
      job.reject(broken);
      return false;
    }
  }

  /** Throws a condition of file or disk on: that concerns the whole transaction. */
  #brokenInvariant(error: unknown): Error {
    try {
      sqliteFault(this.#path, error);
    } catch (broken) {
      return broken instanceof Error ? broken : new InvariantError('a change of the ledger failed', { cause: broken });
    }
    throw error;
  }

  #abort(jobs: readonly Job[], error: unknown): void {
    try {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      const fault = sqliteFault(this.#path, error);
      for (const job of jobs) job.fail(fault);
    } catch (broken) {
      const reason =
        broken instanceof Error ? broken : new InvariantError('a transaction of the ledger failed', { cause: broken });
      for (const job of jobs) job.reject(reason);
    }
  }
}

export const ledgerClosed = (path: string): Err =>
  err('ledger_unavailable', `the ledger ${path} is closed`, { retry: 'permanent' });
