import { randomBytes } from 'node:crypto';
import { chmodSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServedExchange } from '@monsta/binance-server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { exchangeKeysAdd, exchangeKeysList, exchangeKeysRekey, exchangeKeysRemove } from './exchange-keys.ts';
import { printed, serveSimulated } from './exchange.test-support.ts';

type Command = (flags: FlagValues, output: Output) => Promise<number>;

describe('the commands for exchange keys', () => {
  let exchange: ServedExchange;
  let apiKey: string;
  let apiSecret: string;
  let folder: string;
  let data: string;

  beforeAll(async () => {
    exchange = await serveSimulated(1);
    ({ apiKey = '', apiSecret = '' } = exchange.accounts[0] ?? {});
  });
  afterAll(() => exchange.close(200));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'monsta-exchange-keys-'));
    data = join(folder, 'data');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  /** Status, document or code, and everything that was shown. */
  async function run(command: Command, flags: FlagValues = {}) {
    const output = printed();
    const status = await command({ 'data-dir': data, ...flags }, output);
    return {
      status,
      document: output.documents[0] ?? null,
      code: output.faults[0]?.code ?? null,
      shown: output.text(),
    };
  }

  function add(name: string, flags: FlagValues = {}, secret = apiSecret) {
    const file = join(folder, 'secret');
    writeFileSync(file, `${secret}\n`);
    return run(exchangeKeysAdd, {
      name,
      'api-key': apiKey,
      venue: 'simulated',
      'rest-url': exchange.restUrl,
      'secret-file': file,
      ...flags,
    });
  }

  it('add, list, seal anew and remove', async () => {
    const added = await add('main');
    expect(added).toMatchObject({
      status: 0,
      document: {
        key: { name: 'main', venue: 'simulated', keyEnds: apiKey.slice(-4), use: 'trade' },
        warnings: [{ code: 'ip_unrestricted' }],
        masterKeyMadeAt: join(data, 'secrets.key'),
      },
    });
    expect(added.shown).toContain('Keep a copy of that file apart');
    expect(statSync(join(data, 'secrets.key')).mode & 0o777).toBe(0o600);
    const before = readFileSync(join(data, 'secrets.key'), 'utf8');
    expect((await run(exchangeKeysRekey)).document).toEqual({ rekeyed: 1 });
    expect(readFileSync(join(data, 'secrets.key'), 'utf8')).not.toBe(before);
    const listed = await run(exchangeKeysList);
    expect(listed.document).toMatchObject({ items: [{ name: 'main', permissions: { withdraw: false }, fault: null }] });
    expect(listed.shown).toMatch(/^NAME +VENUE +KIND +KEY +MAY +FROM +ADDED +CHECKED$/m);
    expect(listed.shown).toMatch(/^main +simulated +hmac +….{4} +reads and trades +ANY ADDRESS +\d{4}-/m);
    expect(await add('main')).toMatchObject({ status: 1, code: 'exchange_key_taken' });
    expect((await run(exchangeKeysRemove, { name: 'main' })).document).toEqual({ removed: 'main' });
    expect((await run(exchangeKeysList)).document).toEqual({ items: [] });
    const gone = await run(exchangeKeysRemove, { name: 'main' });
    expect(gone).toMatchObject({ status: 1, code: 'exchange_key_unknown' });
    for (const { shown } of [added, listed, gone]) {
      expect(shown).not.toContain(apiSecret);
      expect(shown).not.toContain(apiKey);
    }
  });

  it('store no key that may withdraw, or that does not prove itself, or that nobody could be asked about', async () => {
    const reply = await fetch(`${exchange.restUrl}/sim/keys`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        account: exchange.accounts[0]?.account,
        permissions: ['TRADE', 'USER_DATA', 'WITHDRAW'],
      }),
    });
    const mighty = (await reply.json()) as { readonly apiKey: string; readonly apiSecret: string };
    const refused = await add('mighty', { 'api-key': mighty.apiKey }, mighty.apiSecret);
    expect(refused).toMatchObject({ status: 1, code: 'exchange_key_refused' });
    expect(refused.shown).toContain('→ ');
    expect(await add('wrong', {}, 'notthesecret')).toMatchObject({ status: 1, code: 'venue_key' });
    const nobody = { 'rest-url': 'http://127.0.0.1:9' };
    expect(await add('nobody', nobody)).toMatchObject({ status: 1, code: 'venue_unreachable' });
    expect((await run(exchangeKeysList)).document).toEqual({ items: [] });
    expect(globSync('**/*.key', { cwd: folder })).toEqual([]);
  });

  it.each([
    ['a secret as an argument', { secret: 'abc' }, 'secret_in_argument'],
    ['no name', { name: undefined }, 'flag_invalid'],
    ['a kind that is none', { kind: 'md5' }, 'flag_invalid'],
    ['an exchange without accounts', { venue: 'replay' }, 'flag_invalid'],
    ['an address that is none', { 'rest-url': 'nowhere' }, 'flag_invalid'],
    ['half a server', { 'rest-url': undefined, 'ws-url': 'ws://127.0.0.1:1' }, 'flag_invalid'],
  ])('refuse %s as bad usage', async (_, flags, code) => {
    const refused = await add('main', flags);
    expect(refused).toMatchObject({ status: 2, code });
    expect(refused.shown).not.toContain('abc');
  });

  it('say what to do where the secret’s file is not there', async () => {
    expect(await add('main', { 'secret-file': join(folder, 'none') })).toMatchObject({
      status: 1,
      code: 'secret_unreadable',
    });
  });

  it('take the master key from the environment, and change it there', async () => {
    const [key, next] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
    vi.stubEnv('MONSTA_SECRETS_KEY', key);
    expect((await add('main')).document).toMatchObject({ masterKeyMadeAt: null });
    expect(await run(exchangeKeysRekey)).toMatchObject({ status: 1, code: 'secrets_key_missing' });
    vi.stubEnv('MONSTA_SECRETS_KEY_NEXT', next);
    const rekeyed = await run(exchangeKeysRekey);
    expect(rekeyed.document).toEqual({ rekeyed: 1 });
    expect(rekeyed.shown).toContain('into MONSTA_SECRETS_KEY now');
    vi.unstubAllEnvs();
    vi.stubEnv('MONSTA_SECRETS_KEY', key);
    expect((await run(exchangeKeysList)).document).toMatchObject({ items: [{ fault: { code: 'secrets_key_wrong' } }] });
    vi.stubEnv('MONSTA_SECRETS_KEY', next);
    expect((await run(exchangeKeysList)).document).toMatchObject({ items: [{ venue: 'simulated', fault: null }] });
    expect(globSync('**/*.key', { cwd: folder })).toEqual([]);
  });

  it('refuse a key file that others may read, with what to do', async () => {
    await add('main');
    chmodSync(join(data, 'secrets.key'), 0o644);
    const refused = await run(exchangeKeysList);
    expect(refused).toMatchObject({ status: 1, code: 'secrets_key_exposed' });
    expect(refused.shown).toContain('chmod 600');
  });
});
