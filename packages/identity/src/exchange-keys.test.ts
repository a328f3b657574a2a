import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inspect } from 'node:util';
import { err, expectOk, ok, type Result } from '@monsta/core';
import type { ExchangeKey, ExchangeKeyInspector, ExchangeKeyPermissions } from '@monsta/ports';
import { openSqliteSecrets } from '@monsta/secrets-sqlite';
import { VirtualClock } from '@monsta/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ExchangeKeys } from './exchange-keys.ts';

const T0_MS = 1_740_830_400_000;
const API_KEY = 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A';
const SECRET = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';
const SPOT: ExchangeKeyPermissions = {
  read: true,
  trade: true,
  withdraw: false,
  transfer: false,
  margin: false,
  futures: false,
  options: false,
  others: [],
  ipRestricted: true,
  tradingUntilMs: null,
  accountTrades: true,
};
const UNKNOWN: ExchangeKeyPermissions = {
  ...SPOT,
  read: true,
  trade: null,
  withdraw: null,
  transfer: null,
  margin: null,
  futures: null,
  options: null,
  ipRestricted: null,
};
const addition = { name: 'main', venue: 'binance', kind: 'hmac', apiKey: API_KEY, secret: SECRET } as const;

/** An exchange that says of every key what the test wants. */
class SaidExchange implements ExchangeKeyInspector {
  readonly venues = ['binance', 'binance-testnet'];
  says: Result<ExchangeKeyPermissions> = ok(SPOT);
  readonly asked: ExchangeKey[] = [];
  held: Promise<void> | null = null;

  async inspect(key: ExchangeKey): Promise<Result<ExchangeKeyPermissions>> {
    this.asked.push(key);
    await this.held;
    return this.says;
  }
}

const codeOf = (result: Result<unknown>): string | null => (result.ok ? null : result.fault.code);

describe('keys of exchanges', () => {
  let folder: string;
  let exchange: SaidExchange;
  let clock: VirtualClock;
  let keys: ExchangeKeys;
  let close: () => Promise<void>;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'monsta-exchange-keys-'));
    const secrets = expectOk(
      await openSqliteSecrets({
        path: join(folder, 'secrets.sqlite'),
        masterKey: { kind: 'file', path: join(folder, 'secrets.key') },
      }),
    );
    close = () => secrets.close();
    exchange = new SaidExchange();
    clock = new VirtualClock(T0_MS * 1_000);
    keys = new ExchangeKeys({ secrets, inspector: exchange, clock });
  });
  afterEach(async () => {
    await close();
    rmSync(folder, { recursive: true });
  });

  const says = (permissions: Partial<ExchangeKeyPermissions>): void => {
    exchange.says = ok({ ...SPOT, ...permissions });
  };

  it('is stored once the exchange has said what it may do, and shown without what must not be seen', async () => {
    const added = expectOk(await keys.add(addition));
    expect(added).toEqual({
      key: {
        name: 'main',
        venue: 'binance',
        kind: 'hmac',
        keyEnds: 'Eh8A',
        use: 'trade',
        permissions: SPOT,
        addedMs: T0_MS,
        checkedMs: T0_MS,
        fault: null,
      },
      warnings: [],
      masterKeyMadeAt: join(folder, 'secrets.key'),
    });
    expect(expectOk(await keys.list())).toEqual([added.key]);
    expect(exchange.asked).toEqual([{ venue: 'binance', kind: 'hmac', apiKey: API_KEY, secret: SECRET }]);
    expect(expectOk(await keys.read('main'))).toEqual(exchange.asked[0]);
  });

  it('shows neither key nor secret in anything but what reads it', async () => {
    const outcomes: unknown[] = [await keys.add(addition), await keys.add(addition)];
    for (const wrong of [
      { ...addition, name: SECRET },
      { ...addition, venue: SECRET.slice(0, 40) },
      { ...addition, name: 'b', apiKey: `${SECRET} ` },
      { ...addition, name: 'b', apiKey: SECRET },
      { ...addition, name: 'b', secret: `-----BEGIN PRIVATE KEY-----${SECRET}` },
      { ...addition, name: 'b', kind: 'rsa' as const },
    ])
      outcomes.push(await keys.add(wrong));
    says({ withdraw: true });
    outcomes.push(await keys.add({ ...addition, name: 'b' }), await keys.list(), await keys.check('main'), keys);
    outcomes.push(await keys.remove(SECRET.slice(0, 20)), await keys.remove(SECRET));
    const shown = JSON.stringify(outcomes) + inspect(outcomes, { depth: 10 });
    expect(shown).toContain('Eh8A');
    for (const hidden of [SECRET, SECRET.slice(0, 30), API_KEY, API_KEY.slice(0, 20)])
      expect([hidden, shown.includes(hidden)]).toEqual([hidden, false]);
    const atRest = Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));
    for (const hidden of [SECRET, API_KEY]) expect(atRest.includes(hidden.slice(0, 16))).toBe(false);
  });

  it.each([
    ['withdraw', 'withdraw'],
    ['transfer', 'move money'],
    ['margin', 'borrow'],
    ['futures', 'futures'],
    ['options', 'options'],
  ] as const)('that may %s is refused, and nothing is stored, not even a master key', async (permission, word) => {
    says({ [permission]: true });
    const refused = await keys.add(addition);
    expect(codeOf(refused)).toBe('exchange_key_refused');
    expect(JSON.stringify(refused)).toContain(word);
    expect(expectOk(await keys.list())).toEqual([]);
    expect(readdirSync(folder)).toEqual(['secrets.sqlite']);
  });

  it.each([
    ['ip_unrestricted', { ipRestricted: false }, 'trade'],
    ['read_only', { trade: false }, 'read'],
    ['account_locked', { accountTrades: false }, 'read'],
    ['permissions_new', { others: ['enableTimeTravel'] }, 'trade'],
    ['trading_ends', { tradingUntilMs: T0_MS }, 'trade'],
    ['permissions_unknown', UNKNOWN, 'unknown'],
  ] as const)('is taken with the warning %s', async (code, permissions, use) => {
    says(permissions);
    const added = expectOk(await keys.add(addition));
    expect(added.warnings.map((warning) => warning.code)).toEqual([code]);
    expect(added.key.use).toBe(use);
  });

  it.each(['venue_unreachable', 'venue_key', 'venue_limited', 'venue_clock'])(
    'is not stored unchecked: %s',
    async (code) => {
      exchange.says = err(code, 'no answer', { retry: 'retryable' });
      expect(codeOf(await keys.add(addition))).toBe(code);
      expect(expectOk(await keys.list())).toEqual([]);
    },
  );

  it.each([
    ['a name with a blank', { name: 'a b' }],
    ['no name', { name: '' }],
    ['a path as a name', { name: '../main' }],
    ['an exchange that nobody knows', { venue: 'mars' }],
    ['an API key with a line break', { apiKey: `${API_KEY}\nx` }],
    ['a short API key', { apiKey: 'abc' }],
    ['no secret', { secret: '  ' }],
    ['a secret with a blank', { secret: 'two words' }],
    ['the API key again as the secret', { secret: API_KEY }],
    ['a private key as an HMAC secret', { secret: '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----' }],
    ['a text as an RSA key', { kind: 'rsa' as const }],
    ['a public key', { kind: 'ed25519' as const, secret: '-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----' }],
    ['an endless secret', { secret: 'x'.repeat(10_001) }],
  ])('%s is refused before the exchange is asked', async (_, wrong) => {
    expect(codeOf(await keys.add({ ...addition, ...wrong }))).toBe('exchange_key_invalid');
    expect(exchange.asked).toEqual([]);
  });

  it('keeps private keys as they are, and takes the blanks off a secret', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    expectOk(await keys.add({ ...addition, name: 'ed', kind: 'ed25519', secret: pem }));
    expect(expectOk(await keys.read('ed')).secret).toBe(pem);
    expectOk(await keys.add({ ...addition, secret: ` ${SECRET}\n` }));
    expect(expectOk(await keys.read('main')).secret).toBe(SECRET);
  });

  it('has a name of its own', async () => {
    expectOk(await keys.add(addition));
    expect(codeOf(await keys.add(addition))).toBe('exchange_key_taken');
    expect(exchange.asked).toHaveLength(1);
    expectOk(await keys.remove('main'));
    expect(codeOf(await keys.remove('main'))).toBe('exchange_key_unknown');
    expect(codeOf(await keys.read('main'))).toBe('exchange_key_unknown');
    expectOk(await keys.add(addition));
  });

  it('added twice at once is stored once', async () => {
    let release = (): void => undefined;
    exchange.held = new Promise((resolve) => {
      release = resolve;
    });
    const both = Promise.all([keys.add(addition), keys.add(addition)]);
    release();
    expect((await both).map(codeOf).toSorted((left, right) => String(left).localeCompare(String(right)))).toEqual([
      'exchange_key_taken',
      null,
    ]);
  });

  it('is checked with at most three others', async () => {
    let release = (): void => undefined;
    exchange.held = new Promise((resolve) => {
      release = resolve;
    });
    const all = Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => keys.add({ ...addition, name })));
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
    release();
    expect((await all).map(codeOf).filter((code) => code === 'too_many_requests')).toHaveLength(2);
    expectOk(await keys.add({ ...addition, name: 'g' }));
  });

  it('is asked about again, and the newest answer is kept', async () => {
    expectOk(await keys.add(addition));
    await clock.advance(60_000);
    says({ ipRestricted: false });
    const checked = expectOk(await keys.check('main'));
    expect(checked.warnings.map(({ code }) => code)).toEqual(['ip_unrestricted']);
    const [listed] = expectOk(await keys.list());
    expect(listed).toMatchObject({ addedMs: T0_MS, checkedMs: T0_MS + 60_000, permissions: { ipRestricted: false } });
    says({ withdraw: true });
    expect(codeOf(await keys.check('main'))).toBe('exchange_key_refused');
    expect(expectOk(await keys.list())[0]?.permissions?.withdraw).toBe(true);
    expect(codeOf(await keys.check('other'))).toBe('exchange_key_unknown');
  });

  it('whose record does not open is listed with why, beside the others', async () => {
    expectOk(await keys.add(addition));
    expectOk(await keys.add({ ...addition, name: 'other' }));
    const db = new DatabaseSync(join(folder, 'secrets.sqlite'));
    db.exec(
      `UPDATE secret SET metadata = replace(metadata, '"withdraw":false', '"withdraw":null') WHERE name LIKE '%.main'`,
    );
    db.close();
    expect(expectOk(await keys.list())).toMatchObject([
      { name: 'main', venue: null, permissions: null, use: null, fault: { code: 'secrets_damaged' } },
      { name: 'other', venue: 'binance', fault: null },
    ]);
    expect(codeOf(await keys.read('main'))).toBe('secrets_damaged');
    expect(codeOf(await keys.check('main'))).toBe('secrets_damaged');
    expectOk(await keys.remove('main'));
  });

  it('leaves other secrets of the same store alone', async () => {
    const key = randomBytes(32).toString('base64');
    const path = join(folder, 'shared.sqlite');
    const secrets = expectOk(await openSqliteSecrets({ path, masterKey: { kind: 'given', key, next: null } }));
    expectOk(await secrets.add({ name: 'smtp.password', metadata: {}, value: 'x' }));
    const own = new ExchangeKeys({ secrets, inspector: exchange, clock });
    expectOk(await own.add({ ...addition, name: 'smtp' }));
    expect(expectOk(await own.list()).map(({ name }) => name)).toEqual(['smtp']);
    expect(codeOf(await own.remove('password'))).toBe('exchange_key_unknown');
    await secrets.close();
  });
});
