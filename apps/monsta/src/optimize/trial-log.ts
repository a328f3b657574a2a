import type { TrialResult } from '@monsta/simulation/optimize';
import { LineLog } from '../runtime/line-log.ts';

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
  readonly #lines: LineLog;

  constructor(path: string) {
    this.#lines = new LineLog(path);
  }

  append(id: string, result: TrialResult): void {
    this.#lines.append({ id, result: plain(result) });
  }

  /** What is known, by the id of its task. */
  read(): ReadonlyMap<string, TrialResult> {
    const known = new Map<string, TrialResult>();
    for (const { id, result } of this.#lines.read() as Generator<Line>) known.set(id, typed(result));
    return known;
  }
}
