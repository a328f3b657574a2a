import { appendFileSync, closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';

/** Whether a file ends in the middle of a line: that of a program that was killed while it wrote. */
function endsWithinLine(file: number): boolean {
  const { size } = fstatSync(file);
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, size - 1);
  return last.toString() !== '\n';
}

/**
 * A file of JSON values, a line each, that is only ever added to. A line that a crash cut in two is passed over, and what is
 * added after it begins on a line of its own, so that nothing but the half line is lost.
 */
export class LineLog {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Readable by its owner alone. Throws what the file system throws. */
  append(value: unknown): void {
    const file = openSync(this.#path, 'a+', 0o600);
    try {
      appendFileSync(file, `${endsWithinLine(file) ? '\n' : ''}${JSON.stringify(value)}\n`);
    } finally {
      closeSync(file);
    }
  }

  /** All values, oldest first; none where there is no file. */
  *read(): Generator<unknown> {
    for (const line of this.#text().split('\n')) {
      try {
        yield JSON.parse(line);
      } catch (thrown) {
        // The empty one at the end, or a half one.
        if (!(thrown instanceof SyntaxError)) throw thrown;
      }
    }
  }

  #text(): string {
    try {
      return readFileSync(this.#path, 'utf8');
    } catch (thrown) {
      if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return '';
      throw thrown;
    }
  }
}
