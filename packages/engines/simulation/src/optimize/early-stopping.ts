/** When a trial that does badly is given up before its end; judged on the bars it is trained on, never on those it is tested on. */
export type EarlyStopping =
  | { readonly kind: 'none' }
  /** Given up where it is worse than the median of the trials before it at the same place (Golovin et al. 2017), once so many have been finished. */
  | { readonly kind: 'median'; readonly trialsMin: number; readonly checks: number }
  /** Only the best of every `keepOneIn` goes on past each check (successive halving, Jamieson & Talwalkar 2016; asynchronous, Li et al. 2020); checks are at 1/k, 1/k² … of the bars. */
  | { readonly kind: 'halving'; readonly keepOneIn: number; readonly checks: number };

/** At which shares of the training bars a trial is looked at, rising, none at its end. */
export function checkShares(stopping: EarlyStopping): readonly number[] {
  if (stopping.kind === 'none') return [];
  const { checks } = stopping;
  const numbers = Array.from({ length: checks }, (_, index) => index + 1);
  if (stopping.kind === 'median') return numbers.map((number) => number / (checks + 1));
  return numbers.map((number) => stopping.keepOneIn ** (number - checks - 1));
}

/** What trials had lost at each check, and what the next one may have lost at most. */
export class StoppingRule {
  readonly #stopping: EarlyStopping;
  /** For each check the losses of those that came to it, rising. */
  readonly #losses: number[][];

  constructor(stopping: EarlyStopping) {
    this.#stopping = stopping;
    this.#losses = checkShares(stopping).map(() => []);
  }

  /** `lost`: a trial's loss at each check it came to, null where it could not be known. */
  tell(lost: readonly (number | null)[], finished: boolean): void {
    // The median is one of those that went all the way; halving compares with all that came so far.
    if (this.#stopping.kind === 'median' && !finished) return;
    for (const [check, loss] of lost.entries()) {
      const losses = this.#losses[check];
      if (losses !== undefined && loss !== null) insert(losses, loss);
    }
  }

  /** The greatest loss at each check with which a trial goes on; Infinity while there is too little to compare with. */
  limits(): readonly number[] {
    const stopping = this.#stopping;
    if (stopping.kind === 'none') return [];
    return this.#losses.map((losses) => {
      if (stopping.kind === 'median')
        return losses.length < stopping.trialsMin
          ? Infinity
          : (losses[Math.floor((losses.length - 1) / 2)] ?? Infinity);
      if (losses.length < stopping.keepOneIn) return Infinity;
      return losses[Math.ceil(losses.length / stopping.keepOneIn) - 1] ?? Infinity;
    });
  }
}

function insert(rising: number[], value: number): void {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rising[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  rising.splice(low, 0, value);
}
