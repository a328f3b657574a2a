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

  /** Writes a look down and says which it is; one that was taken before, or is being taken by another evaluation, keeps its number. */
  claim(line: Omit<LookLine, 'withdrawn'>): Look {
    this.#lines.append(line);
    const standing = this.#standing(line.series);
    const place = standing.findIndex(({ fingerprint }) => fingerprint === line.fingerprint);
    return {
      look: place + 1,
      looks: standing.length,
      earlier: standing.slice(0, place).map(({ atMs, model }) => ({ atMs, model })),
    };
  }

  /** Takes back what was written down of an evaluation that came to no end; the look stands where another one that is the same does. */
  withdraw(line: Omit<LookLine, 'withdrawn'>): void {
    this.#lines.append({ ...line, withdrawn: true });
  }

  /** The different looks at a series that stand, in the order in which they were taken first. */
  #standing(series: string): readonly LookLine[] {
    const standing = new Map<string, { readonly first: LookLine; evaluations: number }>();
    for (const line of this.#lines.read()) {
      if (!isLine(line) || line.series !== series) continue;
      const { fingerprint, withdrawn } = line;
      const look = standing.get(fingerprint);
      if (withdrawn === true) {
        if (look === undefined) continue;
        look.evaluations -= 1;
        if (look.evaluations === 0) standing.delete(fingerprint);
      } else if (look === undefined) standing.set(fingerprint, { first: line, evaluations: 1 });
      else look.evaluations += 1;
    }
    return [...standing.values()].map(({ first }) => first);
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
