/** Where progress is written: standard error, or what stands in for it in a test. */
export interface ProgressTarget {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** A run shorter than this shows nothing. */
const QUIET_MS = 1_000;
const BAR_CELLS = 24;
/** How often a line is written where nothing can be overwritten. */
const LINE_EVERY_MS = 5_000;

const short = (value: number): string => {
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)}M`;
  if (value >= 1e3) return `${(value / 1e3).toPrecision(3)}k`;
  return value >= 10 ? value.toFixed(0) : value.toPrecision(2);
};

function clockText(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Shows how far a run is, how fast it goes and how long it takes still: a bar that is drawn over on a terminal, else a line each few seconds. */
export class ProgressLine {
  readonly #target: ProgressTarget;
  readonly #unit: string;
  readonly #beganMs: number;
  #first: { readonly done: number; readonly atMs: number } | null = null;
  #shownMs: number;
  #drawn = false;

  /** `unit`: what is counted, in the plural. */
  constructor(target: ProgressTarget, unit: string, nowMs: number) {
    this.#target = target;
    this.#unit = unit;
    this.#beganMs = nowMs;
    this.#shownMs = nowMs;
  }

  /** `note` stands behind the rest. */
  show(done: number, total: number, nowMs: number, note = ''): void {
    this.#first ??= { done, atMs: nowMs };
    const terminal = this.#target.isTTY === true;
    if (nowMs - this.#beganMs < QUIET_MS || total === 0) return;
    if (!terminal && nowMs - this.#shownMs < LINE_EVERY_MS) return;
    this.#shownMs = nowMs;
    const share = Math.min(1, done / total);
    const rate = (done - this.#first.done) / Math.max(1, nowMs - this.#first.atMs);
    const left = rate > 0 ? `, ${clockText((total - done) / rate)} left` : '';
    const words = `${Math.floor(100 * share)} %, ${short(rate * 1_000)} ${this.#unit}/s${left}${note === '' ? '' : `; ${note}`}`;
    if (!terminal) {
      this.#target.write(`${words}\n`);
      return;
    }
    const full = Math.round(share * BAR_CELLS);
    this.#target.write(`\r\u001b[K${'█'.repeat(full)}${'░'.repeat(BAR_CELLS - full)} ${words}`);
    this.#drawn = true;
  }

  /** Takes the bar away; what was written as lines stays. */
  end(): void {
    if (this.#drawn) this.#target.write('\r\u001b[K');
  }
}
