import { describe, expect, it } from 'vitest';
import { forgetToken, heldToken, takeTokenFromAddress, tokenOfFragment } from './admin-token.ts';
import { keepSetting, localeOf, readSettings, type KeyValueStore } from './settings.ts';

function memoryStore(): KeyValueStore {
  const values = new Map<string, string>();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  };
}

const fullStore: KeyValueStore = {
  ...memoryStore(),
  setItem: () => {
    throw new DOMException('full', 'QuotaExceededError');
  },
};

describe('how the reader wants the page', () => {
  it('follows the browser at first: its language, and the palette usual in it', () => {
    expect(readSettings(memoryStore(), ['ko-KR', 'en'])).toEqual({ locale: 'ko', palette: 'red-blue', zone: 'local' });
    expect(readSettings(memoryStore(), ['en-GB'])).toEqual({ locale: 'en', palette: 'green-red', zone: 'local' });
  });

  it('takes the first language that the page speaks, else English', () => {
    expect(localeOf(['fr', 'ko', 'en'])).toBe('ko');
    expect(localeOf(['fr-FR', 'de'])).toBe('en');
    expect(localeOf([])).toBe('en');
  });

  it('keeps what was chosen', () => {
    const store = memoryStore();
    expect(keepSetting(store, 'locale', 'en')).toBe(true);
    expect(keepSetting(store, 'palette', 'red-blue')).toBe(true);
    expect(keepSetting(store, 'zone', 'utc')).toBe(true);
    expect(readSettings(store, ['ko'])).toEqual({ locale: 'en', palette: 'red-blue', zone: 'utc' });
  });

  it('ignores what it does not know', () => {
    const store = memoryStore();
    store.setItem('monsta.locale', 'xx');
    store.setItem('monsta.palette', 'rainbow');
    expect(readSettings(store, ['en'])).toEqual({ locale: 'en', palette: 'green-red', zone: 'local' });
  });

  it('works where the browser keeps nothing', () => {
    expect(readSettings(null, ['ko']).locale).toBe('ko');
    expect(keepSetting(null, 'zone', 'utc')).toBe(false);
    expect(keepSetting(fullStore, 'zone', 'utc')).toBe(false);
  });
});

describe('the admin token', () => {
  it('is read from the fragment of the address that was printed', () => {
    expect(tokenOfFragment('#token=monsta_admin_aB-9_z')).toBe('monsta_admin_aB-9_z');
    for (const other of ['', '#', '#token=', '#chart', '#token=<script>', `#token=${'a'.repeat(257)}`]) {
      expect(tokenOfFragment(other)).toBeNull();
    }
  });

  it('leaves the address bar for the store of this tab', () => {
    const store = memoryStore();
    const replaced: unknown[] = [];
    const history = {
      replaceState: (_state: unknown, _unused: string, url?: string | URL | null) => void replaced.push(url),
    };
    takeTokenFromAddress({ hash: '#token=abc', pathname: '/', search: '?x=1' }, history, store);
    expect(heldToken(store)).toBe('abc');
    expect(replaced).toEqual(['/?x=1']);
    forgetToken(store);
    expect(heldToken(store)).toBeNull();
  });

  it('is not touched by another fragment', () => {
    const store = memoryStore();
    const history = {
      replaceState: () => {
        throw new Error('the address must stay');
      },
    };
    takeTokenFromAddress({ hash: '#chart', pathname: '/', search: '' }, history, store);
    expect(heldToken(store)).toBeNull();
  });
});
