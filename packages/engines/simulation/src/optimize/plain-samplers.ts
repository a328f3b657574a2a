import { drawNew, isNew, type Ask, type Field, type Sampler } from './sampler.ts';
import { gridPoint, spaceSize } from './space.ts';

/** Every accepted point of a countable space, in order, the last parameter changing first. */
export class GridSampler implements Sampler {
  readonly #field: Field;
  readonly #size: number;
  #next = 0;

  constructor(field: Field) {
    this.#field = field;
    this.#size = spaceSize(field.space);
    if (!Number.isSafeInteger(this.#size)) throw new RangeError('a grid needs a space that can be counted');
  }

  ask(): Ask {
    while (this.#next < this.#size) {
      const point = gridPoint(this.#field.space, this.#next);
      this.#next += 1;
      if (isNew(this.#field, point)) return { point };
    }
    return null;
  }

  /** What came of a point changes nothing. */
  tell(): void {}
}

/** Points drawn evenly over the space, each on its own. */
export class RandomSampler implements Sampler {
  readonly #field: Field;
  readonly #seed: number;

  constructor(field: Field, seed: number) {
    this.#field = field;
    this.#seed = seed;
  }

  ask(trial: number): Ask {
    const point = drawNew(this.#field, this.#seed, trial);
    return point === null ? null : { point };
  }

  /** What came of a point changes nothing. */
  tell(): void {}
}
