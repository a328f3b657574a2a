import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { LineLog } from '../runtime/line-log.ts';

/** One evaluation of a model on a series, as one line of JSON. */
interface LookLine {
  readonly atMs: number;
  /** Instrument, interval and horizon. */
  readonly series: string;
  /** Of everything that makes this evaluation what it is: the same again is the same look. */
  readonly fingerprint: string;
  readonly model: string;
  /** It came to no end, so that nobody saw anything. */
  readonly withdrawn?: true;
}

/** Which look at a series an evaluation is. */
export interface Look {
  /** Not taken before. */
  readonly fresh: boolean;
  /** 1 for the first. */
  readonly look: number;
  /** Different evaluations of the series so far, this one among them. */
  readonly looks: number;
  /** When and with what model the series was looked at before, oldest first. */
  readonly earlier: readonly { readonly atMs: number; readonly model: string }[];
}

/**
 * The evaluations that were made, in a file that is only ever added to: `evaluations/looks.jsonl` of the data directory. What is written before the outcome is known can't be left out
 * because the outcome was not liked.
 */
export class LookLog {
  readonly #lines: LineLog;

  constructor(dataDir: string) {
    const folder = join(dataDir, 'evaluations');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#lines = new LineLog(join(folder, 'looks.jsonl'));
  }

  /** Writes a look down and says which it is; one that was taken before keeps its number. */
  claim(line: Omit<LookLine, 'withdrawn'>): Look {
    const fresh = !this.#standing(line.series).some(({ fingerprint }) => fingerprint === line.fingerprint);
    if (fresh) this.#lines.append(line);
    const standing = this.#standing(line.series);
    const place = standing.findIndex(({ fingerprint }) => fingerprint === line.fingerprint);
    return {
      fresh,
      look: place + 1,
      looks: standing.length,
      earlier: standing.slice(0, place).map(({ atMs, model }) => ({ atMs, model })),
    };
  }

  /** Takes a fresh look back that came to no end. */
  withdraw(line: Omit<LookLine, 'withdrawn'>): void {
    this.#lines.append({ ...line, withdrawn: true });
  }

  /** The different looks at a series that stand, in the order in which they were taken first. */
  #standing(series: string): readonly LookLine[] {
    const standing = new Map<string, LookLine>();
    for (const line of this.#lines.read()) {
      if (!isLine(line) || line.series !== series) continue;
      if (line.withdrawn === true) standing.delete(line.fingerprint);
      else if (!standing.has(line.fingerprint)) standing.set(line.fingerprint, line);
    }
    return [...standing.values()];
  }
}

function isLine(value: unknown): value is LookLine {
  if (typeof value !== 'object' || value === null) return false;
  const { atMs, series, fingerprint, model }: Partial<Record<string, unknown>> = { ...value };
  return (
    typeof atMs === 'number' &&
    typeof series === 'string' &&
    typeof fingerprint === 'string' &&
    typeof model === 'string'
  );
}
