import type { ClientOrderId } from '@monsta/core';
import type { Logger } from '@monsta/ports';

/** Work on orders: one after the other for each id, side by side otherwise; none begins before the call that brought it has returned. */
export class Turns {
  readonly #max: number;
  readonly #logger: Logger;
  readonly #last = new Map<ClientOrderId, Promise<void>>();
  readonly #running = new Set<Promise<void>>();

  constructor(max: number, logger: Logger) {
    this.#max = max;
    this.#logger = logger;
  }

  /** Works waiting or under way. */
  get size(): number {
    return this.#running.size;
  }

  /** False where too many wait already. */
  take(ids: readonly ClientOrderId[], work: () => Promise<void>): boolean {
    if (this.#running.size >= this.#max) return false;
    const before = Promise.all(ids.flatMap((id) => this.#last.get(id) ?? []));
    const turn: Promise<void> = before.then(work).catch((thrown: unknown) => {
      this.#logger.error('a request about an order broke', { orders: ids, reason: String(thrown) });
    });
    this.#running.add(turn);
    for (const id of ids) this.#last.set(id, turn);
    void turn.then(() => {
      this.#running.delete(turn);
      for (const id of ids) if (this.#last.get(id) === turn) this.#last.delete(id);
    });
    return true;
  }

  /** Resolves when all that was taken until now is done. */
  async done(): Promise<void> {
    await Promise.all(this.#running);
  }
}
