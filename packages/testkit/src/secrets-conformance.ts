import { expectOk, type Result } from '@monsta/core';
import type { Secrets } from '@monsta/ports';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

export interface SecretsRig {
  /** An empty store, without a master key as yet. */
  readonly secrets: Secrets;
  /** Another way into the same store, as another process has it; the rig closes it. */
  another(): Promise<Secrets>;
  /** Closes `secrets` and opens the same store again. */
  reopen(): Promise<Secrets>;
  /** Everything that the store has put down, its key left out. */
  atRest(): Promise<Uint8Array>;
  dispose(): Promise<void>;
}

const codeOf = (result: Result<unknown>): string | null => (result.ok ? null : result.fault.code);

const PEM = [
  '-----BEGIN PRIVATE KEY-----',
  'MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g',
  '-----END PRIVATE KEY-----',
  '',
].join('\n');

/** What every `Secrets` must keep. */
export function secretsConformance(name: string, make: () => Promise<SecretsRig>): void {
  describe(`${name} keeps the promises of secrets`, () => {
    let rig: SecretsRig;
    let secrets: Secrets;
    beforeEach(async () => {
      rig = await make();
      secrets = rig.secrets;
    });
    afterEach(() => rig.dispose());

    const add = async (key: string, value = 'a value', metadata = {}): Promise<void> => {
      expectOk(await secrets.prepare());
      expectOk(await secrets.add({ name: key, metadata, value }));
    };
    const names = async (): Promise<string[]> => expectOk(await secrets.list()).map((each) => each.name);

    it('is empty at first, and can be read before there is a key', async () => {
      expect(expectOk(await secrets.list())).toEqual([]);
      expect(expectOk(await secrets.read('a'))).toBeNull();
      expect(expectOk(await secrets.remove('a'))).toBe(false);
      expect(expectOk(await secrets.describe('a', {}))).toBe(false);
    });

    it('makes its key once', async () => {
      expectOk(await secrets.prepare());
      expect(expectOk(await secrets.prepare()).keyMadeAt).toBeNull();
      secrets = await rig.reopen();
      expect(expectOk(await secrets.prepare()).keyMadeAt).toBeNull();
    });

    it('gives back what was added, over closing and opening', async () => {
      await add('trading', PEM, { venue: 'binance', checked: [1, null, { deep: true }] });
      await add('b', 'geheim ключ 비밀 🔑', {});
      secrets = await rig.reopen();
      expect(expectOk(await secrets.read('trading'))).toEqual({
        name: 'trading',
        value: PEM,
        metadata: { venue: 'binance', checked: [1, null, { deep: true }] },
      });
      expect(expectOk(await secrets.read('b'))?.value).toBe('geheim ключ 비밀 🔑');
      expect(expectOk(await secrets.read('c'))).toBeNull();
    });

    it('gives back any text and any metadata', async () => {
      expectOk(await secrets.prepare());
      const texts = fc.string({ minLength: 1, maxLength: 300, unit: 'binary' });
      let count = 0;
      await fc.assert(
        fc.asyncProperty(texts, fc.dictionary(fc.string(), fc.jsonValue()), async (value, metadata) => {
          count += 1;
          const key = `s${count}`;
          expectOk(await secrets.add({ name: key, metadata, value }));
          const back = expectOk(await secrets.read(key));
          expect(back?.value).toBe(value);
          expect(back?.metadata).toEqual(JSON.parse(JSON.stringify(metadata)));
        }),
        { numRuns: 25 },
      );
    });

    it('lists by name, with metadata and never a value', async () => {
      await add('b', 'value of b', { kind: 'hmac' });
      await add('a', 'value of a', { kind: 'rsa' });
      const listed = expectOk(await secrets.list());
      expect(listed).toEqual([
        { name: 'a', metadata: { kind: 'rsa' }, fault: null },
        { name: 'b', metadata: { kind: 'hmac' }, fault: null },
      ]);
      expect(JSON.stringify(listed)).not.toContain('value of');
    });

    it('refuses a name that is taken, and keeps the first', async () => {
      await add('a', 'first');
      expect(codeOf(await secrets.add({ name: 'a', metadata: {}, value: 'second' }))).toBe('secret_taken');
      expect(expectOk(await secrets.read('a'))?.value).toBe('first');
    });

    it('refuses what can’t be kept', async () => {
      expectOk(await secrets.prepare());
      const good = { name: 'a', metadata: {}, value: 'v' };
      for (const key of ['', '-a', '.a', 'a b', 'a/b', '../a', 'ä', 'a'.repeat(65)])
        expect(codeOf(await secrets.add({ ...good, name: key }))).toBe('secret_invalid');
      for (const value of ['', 'x'.repeat(16_385), '\ud800'])
        expect(codeOf(await secrets.add({ ...good, value }))).toBe('secret_invalid');
      const metadata = { long: 'x'.repeat(9_000) };
      expect(codeOf(await secrets.add({ ...good, metadata }))).toBe('secret_invalid');
      expect(await names()).toEqual([]);
      expectOk(await secrets.add(good));
      expect(codeOf(await secrets.describe('a', metadata))).toBe('secret_invalid');
    });

    it('changes metadata and leaves the value', async () => {
      await add('a', 'value', { checked: 1 });
      expect(expectOk(await secrets.describe('a', { checked: 2 }))).toBe(true);
      secrets = await rig.reopen();
      expect(expectOk(await secrets.read('a'))).toEqual({ name: 'a', metadata: { checked: 2 }, value: 'value' });
    });

    it('removes, and a removed name is free again', async () => {
      await add('a');
      await add('b');
      expect(expectOk(await secrets.remove('a'))).toBe(true);
      expect(expectOk(await secrets.remove('a'))).toBe(false);
      secrets = await rig.reopen();
      expect(await names()).toEqual(['b']);
      await add('a', 'anew');
      expect(expectOk(await secrets.read('a'))?.value).toBe('anew');
    });

    it('puts down no value in a readable form, and no two alike', async () => {
      const value = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';
      await add('a', value);
      await add('b', value);
      const found = Buffer.from(await rig.atRest());
      expect(found.length).toBeGreaterThan(value.length);
      for (const encoding of ['utf8', 'base64', 'hex', 'utf16le'] as const) {
        const form = Buffer.from(value).toString(encoding === 'utf16le' ? 'utf8' : encoding);
        const bytes = encoding === 'utf16le' ? Buffer.from(value, 'utf16le') : Buffer.from(form.replace(/=+$/, ''));
        expect([encoding, found.includes(bytes)]).toEqual([encoding, false]);
      }
      // Even a part of it would do harm.
      for (let start = 0; start + 12 <= value.length; start += 1)
        expect(found.includes(value.slice(start, start + 12))).toBe(false);
    });

    it('is one store for two who use it at once', async () => {
      const other = await rig.another();
      expectOk(await secrets.prepare());
      expectOk(await other.prepare());
      const added = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          (index % 2 === 0 ? secrets : other).add({ name: `n${index % 20}`, metadata: {}, value: `v${index}` }),
        ),
      );
      // Twenty names, each asked for twice.
      expect(added.filter((each) => each.ok)).toHaveLength(20);
      expect(added.map(codeOf).filter((code) => code !== null)).toEqual(
        Array.from({ length: 20 }, () => 'secret_taken'),
      );
      expect(expectOk(await other.list())).toEqual(expectOk(await secrets.list()));
      expect(expectOk(await secrets.list())).toHaveLength(20);
      expectOk(await other.remove('n0'));
      expect(expectOk(await secrets.read('n0'))).toBeNull();
    });

    it('answers secrets_closed once it is closed, and closes twice', async () => {
      await add('a');
      await secrets.close();
      await secrets.close();
      for (const outcome of [
        await secrets.prepare(),
        await secrets.list(),
        await secrets.read('a'),
        await secrets.add({ name: 'b', metadata: {}, value: 'v' }),
        await secrets.describe('a', {}),
        await secrets.remove('a'),
      ])
        expect(codeOf(outcome)).toBe('secrets_closed');
    });
  });
}
