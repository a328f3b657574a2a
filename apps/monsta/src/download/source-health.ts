import { fault, type Fault } from '@monsta/core';
import type { PieceSource } from './plan.ts';

type Host = 'archive' | 'rest';

/** Pieces in a row that may fail for want of an answer before a host is let alone. */
const FAILURES_MAX = 2;
const OUTAGES: ReadonlySet<string> = new Set(['venue_unreachable', 'venue_limited']);
/** What every further file would meet too. */
const HOPELESS: ReadonlySet<string> = new Set(['archive_unwritable']);

const hostOf = (source: PieceSource): Host => (source === 'rest' ? 'rest' : 'archive');

/** Whether it is worth while to ask a host for more: each piece has been tried again and again before it fails, so that two in a row are an outage and no accident. */
export class SourceHealth {
  readonly #failures: Record<Host, number> = { archive: 0, rest: 0 };
  readonly #given: Record<Host, Fault | null> = { archive: null, rest: null };

  /** Why nothing more is asked of it; null while it is. */
  faultOf(source: PieceSource): Fault | null {
    return this.#given[hostOf(source)];
  }

  succeeded(source: PieceSource): void {
    this.#failures[hostOf(source)] = 0;
  }

  failed(source: PieceSource, { code, message }: Fault): void {
    const host = hostOf(source);
    if (!OUTAGES.has(code) && !HOPELESS.has(code)) return;
    this.#failures[host] += 1;
    if (this.#failures[host] >= FAILURES_MAX || HOPELESS.has(code))
      this.#given[host] ??= fault(code, `the rest was not tried any more, because of: ${message}`);
  }
}
