import type { Turns } from './turns.ts';

/** Somebody who takes one of the messages that wait for it. */
interface Receiver {
  deliverOne(): void;
}

/**
 * Who is to get a message next, in the order in which messages were published: who listens to several subjects sees them in the order in which they were told, also where many are
 * told in one go. Each message that waits has one place here, so that what bounds the subscribers' queues bounds this one too; who comes in a dropped one's place has its turn.
 */
export class Deliveries {
  readonly #turns: Turns;
  #waiting: Receiver[] = [];
  #delivering = false;

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  add(receiver: Receiver): void {
    this.#waiting.push(receiver);
    if (this.#delivering) return;
    this.#delivering = true;
    queueMicrotask(() => void this.#deliver());
  }

  async #deliver(): Promise<void> {
    while (this.#waiting.length > 0) {
      const round = this.#waiting;
      this.#waiting = [];
      for (const receiver of round) {
        receiver.deliverOne();
        const turn = this.#turns.next();
        if (turn !== null) await turn;
      }
    }
    this.#delivering = false;
  }
}
