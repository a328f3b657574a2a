import type { KeyValueStore } from './settings.ts';

const KEY = 'monsta.adminToken';
const FRAGMENT = /^#token=([A-Za-z0-9_-]{1,256})$/;

/** The admin token of a URL's fragment (`#token=…`, as printed at first start); null when there is none. */
export function tokenOfFragment(fragment: string): string | null {
  return FRAGMENT.exec(fragment)?.[1] ?? null;
}

/** The token held in this tab; null when none is. */
export function heldToken(store: KeyValueStore): string | null {
  return store.getItem(KEY);
}

export function holdToken(store: KeyValueStore, token: string): void {
  store.setItem(KEY, token);
}

export function forgetToken(store: KeyValueStore): void {
  store.removeItem(KEY);
}

/** Takes the token out of the address into this tab's store, so that it stays in no history and no screenshot of the address bar. */
export function takeTokenFromAddress(
  location: Pick<Location, 'hash' | 'pathname' | 'search'>,
  history: Pick<History, 'replaceState'>,
  store: KeyValueStore,
): void {
  const token = tokenOfFragment(location.hash);
  if (token === null) return;
  holdToken(store, token);
  history.replaceState(null, '', location.pathname + location.search);
}
