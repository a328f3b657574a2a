import type { MonstaClient } from '@monsta/client';
import { forgetToken, heldToken, holdToken } from '../lib/admin-token.ts';
import type { KeyValueStore } from '../lib/settings.ts';

/** The admin token of this tab, one for all dialogs: held when it was accepted, forgotten when it was refused. */
export class TokenKeeper {
  readonly #client: Pick<MonstaClient, 'setToken'>;
  readonly #store: KeyValueStore;
  readonly #listeners = new Set<() => void>();

  constructor(client: Pick<MonstaClient, 'setToken'>, store: KeyValueStore) {
    this.#client = client;
    this.#store = store;
    client.setToken(heldToken(store));
  }

  /** Bound, so that React can ask. */
  readonly held = (): boolean => heldToken(this.#store) !== null;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Sends `token` with the next change, or (null) the one that is held. */
  use(token: string | null): void {
    this.#client.setToken(token ?? heldToken(this.#store));
  }

  accept(token: string): void {
    holdToken(this.#store, token);
    this.#tell();
  }

  readonly forget = (): void => {
    forgetToken(this.#store);
    this.#client.setToken(null);
    this.#tell();
  };

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
