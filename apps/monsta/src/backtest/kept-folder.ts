import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { backtestSummarySchema, type BacktestSummary } from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import { writeFileWhole } from '../runtime/atomic-file.ts';
import { isAlive, ownerOf, takeLock } from '../runtime/lock.ts';

export const SPEC = 'spec.json';
const [SUMMARY, LOCK] = ['summary.json', 'lock'];
const ID = /^[a-z0-9][a-z0-9-]{0,79}$/;

/** How a kind of run is called: codes of its faults begin with its kind. */
export interface KeptKind {
  readonly kind: BacktestSummary['kind'];
  readonly noun: string;
  /** What runs one, and with `--resume ID` goes on with it. */
  readonly command: string;
}

/** JSON of a file; null where there is none that can be read. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/** The folder of one long run: what was asked for in `spec.json`, how it is in `summary.json`, and a lock while a process runs it. Every file is written whole or not at all. */
export abstract class KeptFolder {
  readonly id: string;
  readonly path: string;
  readonly #kind: KeptKind;

  constructor(path: string, id: string, kind: KeptKind) {
    this.path = path;
    this.id = id;
    this.#kind = kind;
  }

  /** Takes the run for this process. Fault `…_running`: another one has it. */
  take(): Result<{ release(): void }> {
    const taken = takeLock(this.file(LOCK));
    if ('release' in taken) return ok(taken);
    const who = taken.owner === null ? '' : `, process ${taken.owner.pid}`;
    const { kind, noun } = this.#kind;
    return err(`${kind}_running`, `the ${noun} ${this.id} is being run${who}; wait for it`);
  }

  writeSummary(summary: BacktestSummary): void {
    writeFileWhole(this.file(SUMMARY), `${JSON.stringify(summary, null, 2)}\n`);
  }

  /** Null where there is none that can be read. One that is told to run, and that nobody runs, was interrupted. */
  summary(): BacktestSummary | null {
    const read = backtestSummarySchema.safeParse(readJson(this.file(SUMMARY)));
    if (!read.success) return null;
    const owner = ownerOf(this.file(LOCK));
    if (read.data.state !== 'running' || (owner !== null && isAlive(owner))) return read.data;
    const { kind, command } = this.#kind;
    const message = `the program ended while it ran; ${command} --resume ${this.id} goes on`;
    return { ...read.data, state: 'failed', fault: { code: `${kind}_interrupted`, message } };
  }

  file(name: string): string {
    return join(this.path, name);
  }
}

/** All runs of a kind, each in a folder of its own below one of the data directory: any number of processes may read and write at once, a running program too. */
export abstract class KeptFolders<F extends KeptFolder> {
  protected readonly root: string;
  readonly #kind: KeptKind;
  readonly #made: (path: string, id: string) => F;

  constructor(root: string, kind: KeptKind, made: (path: string, id: string) => F) {
    this.root = resolve(root);
    this.#kind = kind;
    this.#made = made;
  }

  /** A new folder, named by the time it was made, so that they sort, and by chance. Fault `…_store`. */
  create(nowMs: number, random: string): Result<F> {
    const stamp = new Date(nowMs)
      .toISOString()
      .replaceAll(/[-:]|\..*/g, '')
      .toLowerCase();
    const id = `${stamp}-${random}`;
    const path = join(this.root, id);
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      return ok(this.#made(path, id));
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      return err(`${this.#kind.kind}_store`, `the result can't be kept in ${path}: ${why}; give another --data-dir`);
    }
  }

  /** Fault `…_unknown`. */
  open(id: string): Result<F> {
    const path = join(this.root, id);
    if (ID.test(id) && existsSync(join(path, SPEC))) return ok(this.#made(path, id));
    const { kind, noun } = this.#kind;
    return err(
      `${kind}_unknown`,
      `there is no ${noun} ${id.slice(0, 80)} in ${this.root}; monsta ${kind}s list shows those there are`,
    );
  }

  /** Newest first. */
  ids(): readonly string[] {
    if (!existsSync(this.root)) return [];
    return readdirSync(this.root)
      .filter((id) => ID.test(id) && existsSync(join(this.root, id, SPEC)))
      .toSorted()
      .toReversed();
  }

  /** Newest first; what can't be read is left out. */
  list(): readonly BacktestSummary[] {
    return this.ids().flatMap((id) => this.#made(join(this.root, id), id).summary() ?? []);
  }

  /** Removes a run for good. What it tried stays remembered. Faults: `…_unknown`, `…_running`. */
  remove(id: string): Result<null> {
    const folder = this.open(id);
    if (!folder.ok) return folder;
    const taken = folder.value.take();
    if (!taken.ok) return taken;
    try {
      rmSync(folder.value.path, { recursive: true, force: true });
    } finally {
      taken.value.release();
    }
    return ok(null);
  }
}
