/**
 * Builds what must be built, when what it is built from has changed, and otherwise does nothing.
 *
 * A build is fresh when its record in `.cache/build` names the hash of the inputs as they are now and the hash of the
 * output as it is now. The record is removed before a build and written, in one rename, after it: whoever is killed
 * in the middle leaves no record, and the next build starts over. A lock held by the operating system, which falls
 * with its process, keeps two builds apart.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Something that is built: from which files, by which command, into which folder. */
export interface BuildTarget {
  readonly name: string;
  /** Patterns of the files it is built from, relative to the root. */
  readonly inputs: readonly string[];
  /** Patterns of files among those that do not count. */
  readonly notInputs: readonly string[];
  /** The folder it is built into, relative to the root. */
  readonly output: string;
  /** A file of the output without which the build has failed, whatever the command says. */
  readonly mustContain: string;
  readonly command: readonly [program: string, ...arguments: string[]];
  /** Where the command runs, relative to the root. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What is missing before the target can be built at all, or null. */
  readonly missing: (root: string) => string | null;
}

export type BuildOutcome =
  | { readonly kind: 'fresh' }
  | { readonly kind: 'built'; readonly seconds: number }
  | { readonly kind: 'failed'; readonly reason: string };

interface BuildRecord {
  readonly inputHash: string;
  readonly outputHash: string;
}

const LOCK_TIMEOUT_MS = 15 * 60 * 1000;

function hashFiles(root: string, patterns: readonly string[], without: readonly string[]): string {
  const hash = createHash('sha256');
  const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: root, exclude: [...without] }));
  for (const file of [...new Set(files)].toSorted()) {
    const path = join(root, file);
    if (!statSync(path).isFile()) continue;
    const content = readFileSync(path);
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** The hash of all that a target is built from: its files, its command, and the Node that runs it. */
function hashInputs(root: string, target: BuildTarget): string {
  const files = hashFiles(root, target.inputs, target.notInputs);
  const recipe = JSON.stringify([target.command, target.folder, target.environment, target.output, process.version]);
  return createHash('sha256').update(files).update(recipe).digest('hex');
}

function readRecord(path: string): BuildRecord | null {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof parsed !== 'object' || parsed === null) return null;
    const { inputHash, outputHash } = parsed as Partial<BuildRecord>;
    return typeof inputHash === 'string' && typeof outputHash === 'string' ? { inputHash, outputHash } : null;
  } catch {
    // No record, or one that cannot be read: there is nothing to trust, so the target is built.
    return null;
  }
}

/** Holds the build lock while `work` runs; waits for another build to end, up to 15 minutes. */
async function locked<T>(
  folder: string,
  name: string,
  log: (line: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  mkdirSync(folder, { recursive: true });
  const lock = new DatabaseSync(join(folder, `${name}.lock`));
  try {
    try {
      lock.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes('locked')) throw error;
      log(`${name}: another build is running; waiting for it`);
      lock.exec(`PRAGMA busy_timeout = ${LOCK_TIMEOUT_MS}; BEGIN EXCLUSIVE`);
    }
    return await work();
  } finally {
    lock.close();
  }
}

/** Runs the command with its output on stderr; null when it succeeded, otherwise what went wrong. */
async function execute(root: string, target: BuildTarget): Promise<string | null> {
  const [program, ...commandArguments] = target.command;
  // npm may put a tool beside the one package that uses it.
  const tools = [target.folder, '.'].map((folder) => join(root, folder, 'node_modules/.bin'));
  return new Promise((settle) => {
    const child = spawn(program, commandArguments, {
      cwd: join(root, target.folder),
      // Whoever calls the build may print a document on stdout; nothing of ours may get between.
      stdio: ['ignore', process.stderr, process.stderr],
      env: {
        ...process.env,
        PATH: [...tools, process.env['PATH'] ?? ''].join(delimiter),
        ...target.environment,
      },
    });
    const stop = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.once('SIGINT', stop).once('SIGTERM', stop);
    const end = (reason: string | null): void => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      settle(reason);
    };
    child.on('error', (error) => end(`${program} could not be started: ${error.message}`));
    child.on('close', (code, signal) => {
      if (code === 0) end(null);
      else end(`${program} ended with ${signal === null ? `status ${code ?? 'unknown'}` : `signal ${signal}`}`);
    });
  });
}

/** Builds `target` unless it is fresh. Never throws for a build that fails: the reason is in the outcome. */
export async function build(root: string, target: BuildTarget, log: (line: string) => void): Promise<BuildOutcome> {
  const cache = join(root, '.cache/build');
  const recordPath = join(cache, `${target.name}.json`);
  const hashOutput = (): string => hashFiles(root, [`${target.output}/**`], []);
  const missing = target.missing(root);
  if (missing !== null) return { kind: 'failed', reason: missing };

  return locked(cache, target.name, log, async (): Promise<BuildOutcome> => {
    const inputHash = hashInputs(root, target);
    const record = readRecord(recordPath);
    if (record?.inputHash === inputHash && record.outputHash === hashOutput()) return { kind: 'fresh' };

    log(`${target.name}: building`);
    const started = performance.now();
    rmSync(recordPath, { force: true });
    rmSync(join(root, target.output), { recursive: true, force: true });
    const failure = await execute(root, target);
    if (failure !== null) return { kind: 'failed', reason: failure };
    if (globSync(`${target.output}/${target.mustContain}`, { cwd: root }).length === 0) {
      return { kind: 'failed', reason: `${target.output}/${target.mustContain} was not built` };
    }
    if (hashInputs(root, target) !== inputHash) {
      log(`${target.name}: its sources changed while it was built; the next start builds it again`);
    } else {
      const built: BuildRecord = { inputHash, outputHash: hashOutput() };
      writeFileSync(`${recordPath}.${process.pid}`, JSON.stringify(built));
      renameSync(`${recordPath}.${process.pid}`, recordPath);
    }
    return { kind: 'built', seconds: (performance.now() - started) / 1000 };
  });
}
