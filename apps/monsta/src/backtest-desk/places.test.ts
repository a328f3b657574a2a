import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk } from '@monsta/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Places } from './places.ts';

function folders() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'monsta-places-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const put = (path: string): string => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), 'x');
    return join(root, path);
  };
  const secret = put('secret/keys.csv');
  const secretStrategy = put('secret/mine.ts');
  put('strategies/mine/cross.ts');
  put('strategies/mine/cross.test.ts');
  put('strategies/.hidden/no.ts');
  put('data/BTCUSDT-1h.csv.gz');
  put('data/deep/ETH.parquet');
  put('data/notes.txt');
  symlinkSync(secret, join(root, 'data/link.csv'));
  symlinkSync(join(root, 'secret'), join(root, 'strategies/way-out'));
  const places = new Places({
    strategyFolders: [join(root, 'not-there'), join(root, 'strategies')],
    dataFolders: [join(root, 'data')],
    configured: [
      { id: 'ema-cross', strategy: 'ema-cross' },
      { id: 'own', strategy: secretStrategy },
    ],
  });
  return { root, places, secretStrategy };
}

describe('what a backtest over REST may read', () => {
  it('are shipped strategies, those that are configured, and files below the folders that are named', () => {
    const { root, places, secretStrategy } = folders();
    expect(expectOk(places.strategy('ema-cross'))).toBe('ema-cross');
    expect(expectOk(places.strategy('own'))).toBe(secretStrategy);
    expect(expectOk(places.strategy('mine/cross.ts'))).toBe(join(root, 'strategies/mine/cross.ts'));
    expect(expectOk(places.data('BTCUSDT-1h.csv.gz'))).toBe(join(root, 'data/BTCUSDT-1h.csv.gz'));
    expect(expectOk(places.data('deep/../deep/ETH.parquet'))).toBe(join(root, 'data/deep/ETH.parquet'));
  });

  it('is nothing else: no whole path, no way up, no link out, no other kind of file, no folder', () => {
    const { root, places, secretStrategy } = folders();
    for (const name of [
      secretStrategy,
      '../secret/mine.ts',
      'mine/../../secret/mine.ts',
      'way-out/mine.ts',
      'mine',
      'mine/cross.ts\0.csv',
      'nothing.ts',
      '',
      '.',
    ])
      expect([name, places.strategy(name)]).toMatchObject([name, { ok: false, fault: { code: 'backtest_forbidden' } }]);
    for (const name of [join(root, 'data/BTCUSDT-1h.csv.gz'), 'link.csv', 'notes.txt', '../secret/keys.csv', 'deep'])
      expect([name, places.data(name)]).toMatchObject([name, { ok: false, fault: { code: 'backtest_forbidden' } }]);
  });

  it('is listed as it is to be named, without tests and hidden folders', () => {
    const { places } = folders();
    const listed = places.strategies();
    expect(listed.shipped).toContain('ema-cross');
    expect(listed.configured).toEqual(['own']);
    expect(listed.files).toEqual(['mine/cross.ts']);
    expect(places.dataFiles()).toEqual(['BTCUSDT-1h.csv.gz', 'deep/ETH.parquet']);
  });

  it('is shown by the names that it was asked for by, and what lies elsewhere by its last name', () => {
    const { root, places, secretStrategy } = folders();
    for (const name of ['ema-cross', 'own', 'mine/cross.ts'])
      expect(places.shownStrategy(expectOk(places.strategy(name)))).toBe(name);
    expect(places.shownData(join(root, 'data/deep/ETH.parquet'))).toBe('deep/ETH.parquet');
    expect(places.shownData(join(root, 'secret/keys.csv'))).toBe('keys.csv');
    expect(places.shownStrategy(secretStrategy.replace('mine', 'other'))).toBe('other.ts');
  });
});
