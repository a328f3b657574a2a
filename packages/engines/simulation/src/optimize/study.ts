import type { AnyParameterValues } from '@monsta/trading';
import { CmaEsSampler } from './cma-es-sampler.ts';
import { StoppingRule, type EarlyStopping } from './early-stopping.ts';
import { lossOf } from './objective.ts';
import { GridSampler, RandomSampler } from './plain-samplers.ts';
import type { Field, Sampler, Told } from './sampler.ts';
import { pointKey, valuesAt, type Point, type SearchSpace } from './space.ts';
import { TpeSampler } from './tpe-sampler.ts';

export const SAMPLERS = ['grid', 'random', 'tpe', 'cma-es'] as const;
export type SamplerKind = (typeof SAMPLERS)[number];

export interface StudyOptions {
  readonly space: SearchSpace;
  /** Whether the strategy can be run with values for the searched parameters; one that can't is never run, and no trial. */
  accepts(values: AnyParameterValues): boolean;
  readonly sampler: SamplerKind;
  readonly seed: number;
  /** How many are run at most; the space may have fewer. */
  readonly trials: number;
  /** A trial is asked for when all but the `ahead` newest before it have been told, however many workers there are and whichever is the fastest: so a seed gives the same trials always. */
  readonly ahead: number;
  readonly direction: 'max' | 'min';
  readonly stopping: EarlyStopping;
}

/** A trial to run. */
export interface Trial {
  readonly number: number;
  /** Of the searched parameters. */
  readonly values: AnyParameterValues;
  /** The most that it may have lost at each check to go on. */
  readonly lossLimits: readonly number[];
}

/** What came of a trial. `value` is the objective, null where it can't be known (a Sharpe ratio without a trade); `checks` what it was at each check that was reached. */
export type TrialOutcome =
  | {
      readonly kind: 'finished' | 'stopped';
      readonly value: number | null;
      readonly checks: readonly (number | null)[];
    }
  | { readonly kind: 'failed' };

export interface RankedTrial {
  readonly number: number;
  readonly point: Point;
  readonly values: AnyParameterValues;
  readonly value: number;
}

/** One search: which trials to run, and what has come of them. Deterministic by its options and what it is told; told again, it is where it was. */
export class Study {
  readonly #options: StudyOptions;
  readonly #sampler: Sampler;
  readonly #stopping: StoppingRule;
  readonly #asked = new Map<string, number>();
  readonly #points: Point[] = [];
  /** Come, but not yet told to the sampler: those before are still running. */
  readonly #waiting = new Map<number, TrialOutcome>();
  readonly #values: (number | null)[] = [];
  readonly #counts = { finished: 0, stopped: 0, failed: 0 };
  #told = 0;
  #exhausted = false;
  #refused = 0;
  #best: RankedTrial | null = null;

  /** Throws a RangeError where the sampler can't search the space. */
  constructor(options: StudyOptions) {
    this.#options = options;
    this.#stopping = new StoppingRule(options.stopping);
    const { space } = options;
    const field: Field = {
      space,
      trialOf: (point) => this.#asked.get(pointKey(space, point)) ?? null,
      accepts: (point) => {
        const accepted = options.accepts(valuesAt(space, point));
        if (!accepted) this.#refused += 1;
        return accepted;
      },
    };
    this.#sampler = samplerOf(options, field);
  }

  /** The best that went all the way; of equals the first. */
  get best(): RankedTrial | null {
    return this.#best;
  }

  /** `refused`: proposals that the strategy can't be run with. `asked` are given out, `told` have come back in order. */
  get counts(): Readonly<Record<'asked' | 'told' | 'finished' | 'stopped' | 'failed' | 'refused', number>> {
    return { asked: this.#points.length, told: this.#told, refused: this.#refused, ...this.#counts };
  }

  /** The objective's values of all trials told so far that went all the way, in their order. */
  get values(): readonly number[] {
    return this.#values.filter((value) => value !== null);
  }

  /** Whether nothing is left to ask and all has been told. */
  get done(): boolean {
    return this.#closed() && this.#told === this.#points.length;
  }

  /** The next trial; `wait`: not before others are told; null: there is none. */
  next(): Trial | 'wait' | null {
    for (;;) {
      if (this.#closed()) return this.#told < this.#points.length ? 'wait' : null;
      const number = this.#points.length;
      if (this.#told <= number - this.#options.ahead) {
        if (!this.#tellOldest()) return 'wait';
        continue;
      }
      const ask = this.#sampler.ask(number);
      if (ask === null) {
        this.#exhausted = true;
        this.#flush();
      } else if (ask === 'wait') {
        if (!this.#tellOldest()) return 'wait';
      } else {
        this.#points.push(ask.point);
        this.#asked.set(pointKey(this.#options.space, ask.point), number);
        return { number, values: this.#valuesOf(ask.point), lossLimits: this.#stopping.limits() };
      }
    }
  }

  /** Tells what came of a trial; in any order, once each. */
  tell(number: number, outcome: TrialOutcome): void {
    if (number >= this.#points.length || number < this.#told || this.#waiting.has(number))
      throw new RangeError(`trial ${number} is not running`);
    this.#waiting.set(number, outcome);
    if (this.#closed()) this.#flush();
  }

  #valuesOf(point: Point): AnyParameterValues {
    return valuesAt(this.#options.space, point);
  }

  #closed(): boolean {
    return this.#exhausted || this.#points.length >= this.#options.trials;
  }

  #flush(): void {
    while (this.#tellOldest());
  }

  #tellOldest(): boolean {
    const number = this.#told;
    const outcome = this.#waiting.get(number);
    const point = this.#points[number];
    if (outcome === undefined || point === undefined) return false;
    this.#waiting.delete(number);
    this.#told += 1;
    this.#counts[outcome.kind] += 1;
    this.#sampler.tell(number, point, this.#lost(outcome));
    const value = outcome.kind === 'finished' ? outcome.value : null;
    this.#values.push(value);
    if (outcome.kind !== 'failed') {
      const { direction } = this.#options;
      const losses = outcome.checks.map((each) => (each === null ? null : lossOf(each, direction)));
      this.#stopping.tell(losses, outcome.kind === 'finished');
    }
    if (value !== null && this.#isBetter(value)) this.#best = { number, value, point, values: this.#valuesOf(point) };
    return true;
  }

  #isBetter(value: number): boolean {
    const { direction } = this.#options;
    return this.#best === null || lossOf(value, direction) < lossOf(this.#best.value, direction);
  }

  #lost(outcome: TrialOutcome): Told {
    if (outcome.kind === 'failed' || outcome.value === null) return { kind: 'failed' };
    return { kind: outcome.kind, loss: lossOf(outcome.value, this.#options.direction) };
  }
}

function samplerOf({ sampler, seed }: StudyOptions, field: Field): Sampler {
  switch (sampler) {
    case 'grid':
      return new GridSampler(field);
    case 'random':
      return new RandomSampler(field, seed);
    case 'tpe':
      return new TpeSampler(field, seed);
    case 'cma-es':
      return new CmaEsSampler(field, seed);
  }
}
