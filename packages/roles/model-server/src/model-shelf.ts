import { ok, type Result } from '@monsta/core';

/** Where texts are kept under names (`[A-Za-z0-9._-]`), each written whole or not at all. Fault of each: `models_unavailable`. */
export interface ModelShelf {
  /** The text of a name; null where there is none. */
  read(name: string): Promise<Result<string | null>>;
  write(name: string, text: string): Promise<Result<null>>;
  /** Nothing to remove is no fault. */
  remove(name: string): Promise<Result<null>>;
  list(): Promise<Result<readonly string[]>>;
}

/** Keeps texts for as long as the process lives. */
export function createMemoryShelf(): ModelShelf {
  const held = new Map<string, string>();
  return {
    read: (name) => Promise.resolve(ok(held.get(name) ?? null)),
    write(name, text) {
      held.set(name, text);
      return Promise.resolve(ok(null));
    },
    remove(name) {
      held.delete(name);
      return Promise.resolve(ok(null));
    },
    list: () => Promise.resolve(ok([...held.keys()])),
  };
}
