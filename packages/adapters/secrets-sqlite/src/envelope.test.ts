import { createCipheriv, createDecipheriv } from 'node:crypto';
import { expectOk } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSameKey, masterKey, newMasterKey, open, rewrap, seal, type Label } from './envelope.ts';

const label: Label = { name: 'trading', metadata: '{"venue":"binance"}' };
const codeOf = (result: { ok: boolean; fault?: { code: string } }): string | null => result.fault?.code ?? null;

describe('a sealed record', () => {
  it('opens with its key, under its name, with its metadata', () => {
    const key = newMasterKey();
    expect(expectOk(open([newMasterKey(), key], label, seal(key, label, 'value')))).toBe('value');
  });

  it('is another each time', () => {
    const key = newMasterKey();
    const [one, two] = [seal(key, label, 'value'), seal(key, label, 'value')];
    // Form and id of the key are the same; everything behind differs.
    expect(Buffer.from(one.subarray(0, 9)).equals(two.subarray(0, 9))).toBe(true);
    for (let at = 9; at + 8 <= one.length; at += 8)
      expect(Buffer.from(one.subarray(at, at + 8)).equals(two.subarray(at, at + 8))).toBe(false);
  });

  it('does not open under another name or with other metadata', () => {
    const key = newMasterKey();
    const sealed = seal(key, label, 'value');
    expect(codeOf(open([key], { ...label, name: 'other' }, sealed))).toBe('secrets_damaged');
    expect(codeOf(open([key], { ...label, metadata: '{"venue":"mars"}' }, sealed))).toBe('secrets_damaged');
  });

  it('tells a wrong key from damage', () => {
    const key = newMasterKey();
    const sealed = seal(key, label, 'value');
    expect(codeOf(open([newMasterKey()], label, sealed))).toBe('secrets_key_wrong');
    expect(codeOf(open([], label, sealed))).toBe('secrets_key_wrong');
  });

  it('does not open with any one bit changed, nor cut, nor longer', () => {
    const key = newMasterKey();
    const sealed = seal(key, label, 'value');
    fc.assert(
      fc.property(fc.nat(sealed.length * 8 - 1), (bit) => {
        const changed = Uint8Array.from(sealed);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const expected = bit >= 8 && bit < 72 ? 'secrets_key_wrong' : 'secrets_damaged';
        expect(codeOf(open([key], label, changed))).toBe(expected);
      }),
      { numRuns: 400 },
    );
    for (let length = 0; length < sealed.length; length += 1)
      expect(codeOf(open([key], label, sealed.subarray(0, length)))).toBe('secrets_damaged');
    expect(codeOf(open([key], label, Buffer.concat([sealed, Uint8Array.of(0)])))).toBe('secrets_damaged');
  });

  it('can’t be put together from the parts of two', () => {
    const key = newMasterKey();
    const [one, two] = [seal(key, label, 'value of one'), seal(key, label, 'value of two')];
    expect(codeOf(open([key], label, Buffer.concat([one.subarray(0, 69), two.subarray(69)])))).toBe('secrets_damaged');
  });

  it('whose data key got out lets nobody seal a value under another name', () => {
    const key = newMasterKey();
    const sealed = Buffer.from(seal(key, label, 'value'));
    const id = sealed.subarray(1, 9).toString('hex');
    const opener = createDecipheriv('aes-256-gcm', key.bytes, sealed.subarray(9, 21))
      .setAAD(Buffer.from(JSON.stringify(['monsta-secret', 1, 'key', id, label.name])))
      .setAuthTag(sealed.subarray(53, 69));
    const dataKey = Buffer.concat([opener.update(sealed.subarray(21, 53)), opener.final()]);
    const forge = (name: string): Uint8Array => {
      const nonce = Buffer.alloc(12, 1);
      const beside = JSON.stringify(['monsta-secret', 1, 'value', name, label.metadata]);
      const cipher = createCipheriv('aes-256-gcm', dataKey, nonce).setAAD(Buffer.from(beside));
      const value = Buffer.concat([cipher.update('forged'), cipher.final()]);
      return Buffer.concat([sealed.subarray(0, 69), nonce, value, cipher.getAuthTag()]);
    };
    // The forgery is well made: under its own name it opens.
    expect(expectOk(open([key], label, forge(label.name)))).toBe('forged');
    expect(codeOf(open([key], { ...label, name: 'other' }, forge('other')))).toBe('secrets_damaged');
  });

  it('goes over to another master key with the same value, and no longer opens with the old', () => {
    const [before, after] = [newMasterKey(), newMasterKey()];
    const moved = expectOk(rewrap([before, after], after, label, seal(before, label, 'value'))) ?? new Uint8Array();
    expect(expectOk(open([after], label, moved))).toBe('value');
    expect(codeOf(open([before], label, moved))).toBe('secrets_key_wrong');
    expect(expectOk(rewrap([before, after], after, label, moved))).toBeNull();
    const torn = seal(before, label, 'value').with(100, 1).with(90, 1);
    expect(codeOf(rewrap([before], after, label, torn))).toBe('secrets_damaged');
  });
});

describe('a master key', () => {
  it('has an id that follows from it and tells keys apart', () => {
    const bytes = new Uint8Array(32).fill(7);
    expect(isSameKey(masterKey(bytes), masterKey(Uint8Array.from(bytes)))).toBe(true);
    expect(isSameKey(masterKey(bytes), newMasterKey())).toBe(false);
    expect(Buffer.from(masterKey(bytes).id).includes(Buffer.from(bytes.subarray(0, 4)))).toBe(false);
  });
});
