import type { FeedEvent } from './exchange-model.ts';

class LazyEvent<T> implements FeedEvent<T> {
  readonly #makeValue: () => T;
  readonly #makeJson: () => string;
  #value: T | undefined;
  #json: string | undefined;

  constructor(makeValue: () => T, makeJson: () => string) {
    this.#makeValue = makeValue;
    this.#makeJson = makeJson;
  }

  get value(): T {
    this.#value ??= this.#makeValue();
    return this.#value;
  }

  get json(): string {
    this.#json ??= this.#makeJson();
    return this.#json;
  }
}

type Listeners<T> = ReadonlySet<(event: FeedEvent<T>) => void>;

/**
 * Tells all listeners one event, whose two forms are made when the first of them asks for it. Without listeners nothing is made.
 * `makeJson` need not ask for the value: a recording has the text already.
 */
export function tellListeners<T>(
  listeners: Listeners<T>,
  makeValue: () => T,
  makeJson: (value: () => T) => string,
): void {
  if (listeners.size === 0) return;
  const event: LazyEvent<T> = new LazyEvent(makeValue, () => makeJson(() => event.value));
  for (const listener of listeners) listener(event);
}
