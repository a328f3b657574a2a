import { UNCOVERED, type Cover } from './cover.ts';

/** How each position is covered, by its key. A cover changes in its place, many times for each order: what is read of it is good until something is put. */
export class Covers {
  readonly #covers = new Map<string, { -readonly [Part in keyof Cover]: Cover[Part] }>();

  get size(): number {
    return this.#covers.size;
  }

  /** Those that there are. */
  get all(): ReadonlyMap<string, Cover> {
    return this.#covers;
  }

  has(key: string): boolean {
    return this.#covers.has(key);
  }

  of(key: string): Cover {
    return this.#covers.get(key) ?? UNCOVERED;
  }

  put(key: string, part: Partial<Cover>): void {
    const cover = this.#covers.get(key);
    if (cover === undefined) this.#covers.set(key, { ...UNCOVERED, ...part });
    else Object.assign(cover, part);
  }

  delete(key: string): void {
    this.#covers.delete(key);
  }

  get state(): readonly (readonly [key: string, Cover])[] {
    return [...this.#covers].map(([key, cover]) => [key, { ...cover }] as const);
  }

  restore(state: Covers['state']): void {
    for (const [key, cover] of state) this.#covers.set(key, { ...cover });
  }
}
