import type { UnknownFigure } from '@monsta/contracts';

/** Collects which figures are not known, and why. */
export class Unknowns {
  readonly #figures: UnknownFigure[] = [];

  /** Tells that there are `given` of what `needed` are needed of. */
  tooFew(figure: string, needed: number, given: number): null {
    this.#figures.push({ figure, reason: 'too_few', needed, given });
    return null;
  }

  because(figure: string, reason: Exclude<UnknownFigure['reason'], 'too_few'>): null {
    this.#figures.push({ figure, reason, needed: null, given: null });
    return null;
  }

  get all(): readonly UnknownFigure[] {
    return this.#figures;
  }
}
