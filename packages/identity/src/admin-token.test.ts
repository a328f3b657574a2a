import { err, expectOk, ok } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTokenWellFormed, openIdentity, type SettingStore } from './admin-token.ts';

function memorySettings(): SettingStore & { readonly values: Map<string, string> } {
  const values = new Map<string, string>();
  return {
    values,
    getSetting: (key) => Promise.resolve(ok(values.get(key) ?? null)),
    putSetting: (key, value) => {
      values.set(key, value);
      return Promise.resolve(ok(null));
    },
  };
}

describe('the admin token', () => {
  it('is made at the first start, shown once, and works from then on', async () => {
    const settings = memorySettings();
    const first = expectOk(await openIdentity({ settings }));
    const token = first.created ?? '';
    expect(token).toMatch(/^monsta_admin_[\w-]{49}$/);
    expect(first.identity.isAdmin(token)).toBe(true);
    const second = expectOk(await openIdentity({ settings }));
    expect(second.created).toBeNull();
    expect(second.identity.isAdmin(token)).toBe(true);
  });

  it('has 256 random bits and is stored nowhere', async () => {
    const settings = memorySettings();
    const asked: number[] = [];
    const random = (count: number): Uint8Array => {
      asked.push(count);
      return Uint8Array.from({ length: count }, (_, index) => (index * 37 + count) % 256);
    };
    const { created } = expectOk(await openIdentity({ settings, random }));
    expect(asked[0]).toBe(32);
    const secret = (created ?? '').slice('monsta_admin_'.length, -6);
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    for (const stored of settings.values.values()) expect(stored).not.toContain(secret);
  });

  it('differs from installation to installation and after renewal, when the old one no longer works', async () => {
    const settings = memorySettings();
    const old = expectOk(await openIdentity({ settings })).created ?? '';
    const renewed = expectOk(await openIdentity({ settings, renew: true }));
    expect(renewed.created).not.toBe(old);
    expect(renewed.identity.isAdmin(renewed.created ?? '')).toBe(true);
    expect(renewed.identity.isAdmin(old)).toBe(false);
    expect(expectOk(await openIdentity({ settings })).identity.isAdmin(old)).toBe(false);
  });

  it('with any character changed, cut or added is none', async () => {
    const { identity, created } = expectOk(await openIdentity({ settings: memorySettings() }));
    const token = created ?? '';
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom('A', 'z', '0', '_', ' ', 'é'), (at, letter) => {
        const changed = token.slice(0, at) + letter + token.slice(at + 1);
        expect(identity.isAdmin(changed)).toBe(changed === token);
        expect(isTokenWellFormed(changed)).toBe(changed === token);
      }),
    );
    for (const other of ['', token.slice(0, -1), `${token}A`, ` ${token}`, token.toUpperCase()])
      expect(identity.isAdmin(other)).toBe(false);
  });

  it('of another installation is well formed but not ours', async () => {
    const ours = expectOk(await openIdentity({ settings: memorySettings() }));
    const theirs = expectOk(await openIdentity({ settings: memorySettings() })).created ?? '';
    expect(isTokenWellFormed(theirs)).toBe(true);
    expect(ours.identity.isAdmin(theirs)).toBe(false);
  });

  it('is not made anew over a hash that can’t be read, nor when the ledger fails', async () => {
    const settings = memorySettings();
    await settings.putSetting('identity.adminToken', 'v9:what');
    expect(await openIdentity({ settings })).toMatchObject({ ok: false, fault: { code: 'identity_corrupt' } });
    expectOk(await openIdentity({ settings, renew: true }));
    expectOk(await openIdentity({ settings }));
    const failing: SettingStore = { ...settings, getSetting: () => Promise.resolve(err('ledger_unavailable', 'gone')) };
    expect(await openIdentity({ settings: failing })).toMatchObject({ fault: { code: 'ledger_unavailable' } });
  });
});
