import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';

/** Like a write-ahead log: written over again from the start once it is this long. */
const FILE_BYTES = 4 * 1024 * 1024;

/** Writes the same bytes as a commit and waits for the disk: the least that any durable intent costs here. */
export class BareSync {
  readonly #file: number;
  readonly #bytes: Buffer;
  #at = 0;

  constructor(path: string, bytes: number) {
    this.#file = openSync(path, 'w');
    this.#bytes = Buffer.alloc(bytes, 7);
    for (let at = 0; at < FILE_BYTES; at += bytes) writeSync(this.#file, this.#bytes, 0, bytes, at);
    fdatasyncSync(this.#file);
  }

  /** How long it took, ms. */
  write(): number {
    const fromMs = performance.now();
    writeSync(this.#file, this.#bytes, 0, this.#bytes.length, this.#at);
    fdatasyncSync(this.#file);
    const tookMs = performance.now() - fromMs;
    this.#at = (this.#at + this.#bytes.length) % (FILE_BYTES - this.#bytes.length);
    return tookMs;
  }

  close(): void {
    closeSync(this.#file);
  }
}
