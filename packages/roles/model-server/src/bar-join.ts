import { intervalMs, type InstrumentId } from '@monsta/core';
import { barFault, type BarValues, type FeatureOutcome, type FeatureStream } from '@monsta/features';

/** Bars of another instrument that are kept for bars of the own one that have not come yet. */
const EARLY_MAX = 1_000;
/** Bars that wait for those of others; of more the oldest waits no longer. */
const WAITING_MAX = 1_000;

/** A bar whose row lacks the bars of these instruments. */
interface Hole {
  readonly openTimeMs: number;
  readonly of: readonly InstrumentId[];
}

export interface BarJoinOptions {
  readonly others: readonly InstrumentId[];
  /** Contiguous bars that a row is made of. */
  readonly lookbackBars: number;
  /** How long after its close a bar waits for the others of its time, in milliseconds. */
  readonly waitMs: number;
}

/**
 * The newest bars of an instrument with those of other instruments of the same times, in whatever order they arrive. A bar waits until all of its time are there, one of them has skipped it
 * (a later bar has come), its time is up (`settle`), or too many wait; then its row is made without what is missing.
 */
export class BarJoin {
  readonly #stream: FeatureStream;
  readonly #options: BarJoinOptions;
  /** Of the instrument itself: those that wait, oldest first. */
  readonly #waiting: BarValues[] = [];
  /** Of each other instrument: by time, what no row has been made with yet. */
  readonly #early: ReadonlyMap<InstrumentId, Map<number, BarValues>>;
  readonly #newest = new Map<InstrumentId, number>();
  /** Rows that lack something, oldest first, as far as any row still looks back. */
  #holes: readonly Hole[] = [];
  /** Open of the first bar since which none of the instrument itself is missing. */
  #unbrokenFromMs = Number.NaN;

  constructor(stream: FeatureStream, options: BarJoinOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#early = new Map(options.others.map((other) => [other, new Map<number, BarValues>()]));
  }

  /** Close of the newest bar that a row was made of; null before the first. */
  get newestCloseMs(): number | null {
    return this.#stream.nextOpenTimeMs;
  }

  /** When the bar after the newest opens, those that wait among them; null before the first. */
  get nextOpenTimeMs(): number | null {
    const last = this.#waiting.at(-1);
    return last === undefined ? this.#stream.nextOpenTimeMs : this.#closeOf(last);
  }

  /** When the oldest bar that waits will wait no more; null where none does. */
  get waitsUntilMs(): number | null {
    const [first] = this.#waiting;
    return first === undefined ? null : this.#closeOf(first) + this.#options.waitMs;
  }

  /** True where the newest row lacks bars, made though it may be, so that another look at the history may help. */
  get lacksBars(): boolean {
    const next = this.#stream.nextOpenTimeMs;
    return this.#holes.length > 0 || next === null || this.#unbrokenFromMs > this.#seenFromMs(next);
  }

  /** The instruments whose bars the newest row looks for in vain, and the newest time at which. */
  get hole(): Hole | null {
    return this.#holes.at(-1) ?? null;
  }

  current(): FeatureOutcome {
    return this.#stream.current();
  }

  /** Takes a closed bar of the instrument itself; says whether it followed on, was known already, skipped others or was unsound. */
  push(bar: BarValues): 'next' | 'known' | 'after_gap' | 'invalid' {
    if (barFault(bar) !== null) return 'invalid';
    const expected = this.nextOpenTimeMs;
    if (expected !== null && bar.openTimeMs < expected) return 'known';
    this.#waiting.push(bar);
    this.#advance(null);
    return expected === null || bar.openTimeMs === expected ? 'next' : 'after_gap';
  }

  /** Takes a closed bar of another instrument; `late`: a row was made without it. */
  pushOther(instrument: InstrumentId, bar: BarValues): 'next' | 'known' | 'late' | 'invalid' {
    const early = this.#early.get(instrument);
    if (early === undefined || barFault(bar) !== null) return 'invalid';
    const { openTimeMs } = bar;
    if (this.#holes.some((hole) => hole.openTimeMs === openTimeMs && hole.of.includes(instrument))) return 'late';
    const next = this.#stream.nextOpenTimeMs;
    if ((next !== null && openTimeMs < next) || early.has(openTimeMs)) return 'known';
    early.set(openTimeMs, bar);
    const [oldest] = early.keys();
    if (early.size > EARLY_MAX && oldest !== undefined) early.delete(oldest);
    this.#newest.set(instrument, Math.max(openTimeMs, this.#newest.get(instrument) ?? openTimeMs));
    this.#advance(null);
    return 'next';
  }

  /** Makes the rows whose time is up. */
  settle(nowMs: number): void {
    this.#advance(nowMs);
  }

  /** Takes over what another one knows of others beyond what this one knows. */
  adopt(other: BarJoin): void {
    for (const [instrument, bars] of other.#early)
      for (const bar of bars.values())
        if (bar.openTimeMs > (this.#newest.get(instrument) ?? Number.NEGATIVE_INFINITY))
          this.pushOther(instrument, bar);
  }

  #closeOf({ openTimeMs }: BarValues): number {
    return openTimeMs + intervalMs(this.#stream.interval);
  }

  /** Open of the oldest bar that the row of the one that closed then looks at. */
  #seenFromMs(closeMs: number): number {
    return closeMs - this.#options.lookbackBars * intervalMs(this.#stream.interval);
  }

  #advance(nowMs: number | null): void {
    for (let [bar] = this.#waiting; bar !== undefined; [bar] = this.#waiting) {
      const { openTimeMs } = bar;
      const missing = this.#options.others.filter((other) => this.#early.get(other)?.has(openTimeMs) !== true);
      const awaited = missing.some((other) => (this.#newest.get(other) ?? Number.NEGATIVE_INFINITY) < openTimeMs);
      const waits = awaited && this.#waiting.length <= WAITING_MAX;
      if (waits && (nowMs === null || nowMs < this.#closeOf(bar) + this.#options.waitMs)) return;
      this.#waiting.shift();
      this.#make(bar, missing);
    }
  }

  /** Makes the row of a bar with what is there. */
  #make(bar: BarValues, missing: readonly InstrumentId[]): void {
    const beside = new Map<string, BarValues>();
    for (const [instrument, early] of this.#early) {
      const found = early.get(bar.openTimeMs);
      if (found !== undefined) beside.set(instrument, found);
      for (const time of early.keys()) if (time <= bar.openTimeMs) early.delete(time);
    }
    if (bar.openTimeMs !== this.#stream.nextOpenTimeMs) this.#unbrokenFromMs = bar.openTimeMs;
    // A fault can't come: the bar was looked at, and it follows on.
    this.#stream.push(bar, beside);
    const holes = missing.length === 0 ? this.#holes : [...this.#holes, { openTimeMs: bar.openTimeMs, of: missing }];
    const seenFromMs = this.#seenFromMs(this.#closeOf(bar));
    this.#holes = holes.filter(({ openTimeMs }) => openTimeMs >= seenFromMs);
  }
}
