/**
 * Shares the thread with everything else: after `messagesPerTurn` messages the pumps of all subscriptions wait for the event loop's next round,
 * so that handlers that publish to each other can't keep sockets and timers from running.
 */
export class Turns {
  readonly #messagesPerTurn: number;
  #handled = 0;
  #next: Promise<void> | null = null;

  constructor(messagesPerTurn: number) {
    this.#messagesPerTurn = messagesPerTurn;
  }

  /** Counts one message; null to go on at once, or what to wait for. */
  next(): Promise<void> | null {
    this.#handled += 1;
    if (this.#handled < this.#messagesPerTurn) return null;
    this.#next ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#handled = 0;
        this.#next = null;
        resolve();
      });
    });
    return this.#next;
  }
}
