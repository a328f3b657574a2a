import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { TrialResult } from '@monsta/simulation';

/** What is kept of a trial, as one line of JSON. */
interface Line {
  readonly id: string;
  readonly result: TrialResult;
}

/** Sums of blocks as plain arrays, and back: JSON knows no typed ones. */
const plain = (result: TrialResult): unknown =>
  result.kind === 'failed' || result.blocks === null
    ? result
    : { ...result, blocks: { ...result.blocks, sums: [...result.blocks.sums], squares: [...result.blocks.squares] } };

function typed(result: TrialResult): TrialResult {
  if (result.kind === 'failed' || result.blocks === null) return result;
  const { length, sums, squares } = result.blocks;
  return { ...result, blocks: { length, sums: Float64Array.from(sums), squares: Float64Array.from(squares) } };
}

/** All trials of an optimisation, in the order in which they ended, a line each: what a crash leaves of it is what had been done. */
export class TrialLog {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  append(id: string, result: TrialResult): void {
    appendFileSync(this.#path, `${JSON.stringify({ id, result: plain(result) })}\n`, { mode: 0o600 });
  }

  /** What is known, by the id of its task; a last line that was cut in two is left out. */
  read(): ReadonlyMap<string, TrialResult> {
    const known = new Map<string, TrialResult>();
    if (!existsSync(this.#path)) return known;
    for (const line of readFileSync(this.#path, 'utf8').split('\n')) {
      try {
        const { id, result } = JSON.parse(line) as Line;
        known.set(id, typed(result));
      } catch {
        // An empty one at the end, or half a line.
      }
    }
    return known;
  }
}
