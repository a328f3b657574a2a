/** How a trade id continues those before it. `missing`: ids `from`…`to` were never seen. */
export type SequenceStep =
  | { readonly kind: 'first' | 'next' | 'duplicate' }
  | { readonly kind: 'missing'; readonly from: number; readonly to: number };

const FIRST: SequenceStep = { kind: 'first' };
const NEXT: SequenceStep = { kind: 'next' };
const DUPLICATE: SequenceStep = { kind: 'duplicate' };

/** Watches that ids count up by one. */
export class TradeSequence {
  #lastId: number | null = null;

  /** The last id accepted; null before the first. */
  get lastId(): number | null {
    return this.#lastId;
  }

  /** How `id` would continue; changes nothing. */
  look(id: number): SequenceStep {
    if (this.#lastId === null) return FIRST;
    if (id === this.#lastId + 1) return NEXT;
    return id <= this.#lastId ? DUPLICATE : { kind: 'missing', from: this.#lastId + 1, to: id - 1 };
  }

  /** Moves on to `id`, whatever lies between. Ids never go back. */
  accept(id: number): void {
    if (this.#lastId === null || id > this.#lastId) this.#lastId = id;
  }
}
