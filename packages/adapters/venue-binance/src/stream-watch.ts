/**
 * Waits for one stream to come to where another has shown the venue to be already. A stream that is merely slower meets each expectation in its turn; one that has fallen silent
 * while the rest of its connection goes on never does.
 */
export class StreamWatch {
  #reached = Number.NEGATIVE_INFINITY;
  #expected: { readonly id: number; readonly sinceMs: number } | null = null;

  /** Another stream shows that the venue has come to `id`. */
  expect(id: number, nowMs: number): void {
    if (id > this.#reached) this.#expected ??= { id, sinceMs: nowMs };
  }

  came(id: number): void {
    this.#reached = Math.max(this.#reached, id);
    if (this.#expected !== null && id >= this.#expected.id) this.#expected = null;
  }

  /** Where it should have come to more than `limitMs` ago; null where it is on time. */
  overdue(nowMs: number, limitMs: number): number | null {
    return this.#expected !== null && nowMs - this.#expected.sinceMs > limitMs ? this.#expected.id : null;
  }

  /** Expects nothing until told anew. */
  forget(): void {
    this.#expected = null;
  }
}
