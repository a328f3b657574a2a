import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expectOk, parseAmount, quantity, timestampUs, venueOrderId, type Result } from '@monsta/core';
import type { Ledger } from '@monsta/ports';
import { sampleAccount, sampleFill, sampleInstrument, sampleOrder, sampleState } from '@monsta/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, type Database } from './database.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations.ts';
import { openSqliteLedger } from './open-sqlite-ledger.ts';

const codeOf = (result: Result<unknown>): string | null => (result.ok ? null : result.fault.code);

describe('opening a ledger', () => {
  let folder: string;
  let path: string;
  const opened: Ledger[] = [];
  const open = async (options: { readOnly?: boolean; verify?: boolean; pendingMax?: number } = {}) => {
    const ledger = await openSqliteLedger({ path, busyTimeoutMs: 20, ...options });
    if (ledger.ok) opened.push(ledger.value);
    return ledger;
  };
  const withRaw = (work: (raw: DatabaseSync) => void): void => {
    const raw = new DatabaseSync(path);
    work(raw);
    raw.close();
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'monsta-ledger-open-'));
    path = join(folder, 'ledger.sqlite');
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((ledger) => ledger.close()));
    await rm(folder, { recursive: true });
  });

  it('makes a file that only its owner reads, in write-ahead mode', async () => {
    expectOk(await open());
    expect(statSync(path).mode & 0o777).toBe(0o600);
    withRaw((raw) => expect(raw.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' }));
  });

  it('refuses a schema from the future with ledger_schema_newer, written or read', async () => {
    await expectOk(await open()).close();
    withRaw((raw) => raw.exec(`INSERT INTO schema_migrations VALUES (999, 'future', 'x', 0)`));
    expect(codeOf(await open())).toBe('ledger_schema_newer');
    expect(codeOf(await open({ readOnly: true }))).toBe('ledger_schema_newer');
  });

  it('refuses a schema whose steps are not those of this program', async () => {
    await expectOk(await open()).close();
    withRaw((raw) => raw.exec(`UPDATE schema_migrations SET digest = 'other' WHERE number = 1`));
    expect(codeOf(await open())).toBe('ledger_schema_changed');
  });

  it('refuses the SQLite file of another program and leaves it as it is', async () => {
    withRaw((raw) => raw.exec('CREATE TABLE songs (title TEXT)'));
    const before = readFileSync(path);
    expect(codeOf(await open())).toBe('ledger_foreign');
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('names a file that is no database ledger_corrupt and says how to mend it', async () => {
    writeFileSync(path, 'not a database, but long enough to be taken for one'.repeat(100));
    const refused = await open();
    expect(codeOf(refused)).toBe('ledger_corrupt');
    expect(refused.ok ? null : refused.fault.retry).toBe('fatal');
    expect(refused.ok ? null : refused.fault.message).toContain('restore the last backup');
    expect(codeOf(await open({ readOnly: true }))).toBe('ledger_corrupt');
  });

  it('finds damage inside the file', async () => {
    const ledger = expectOk(await open());
    expectOk(await ledger.putInstruments([sampleInstrument()]));
    const fills = Array.from({ length: 500 }, (_, index) => sampleFill(`f${index}`));
    expectOk(await ledger.commit({ accountId: sampleAccount, fills }));
    await ledger.close();
    const size = statSync(path).size;
    const damaged = readFileSync(path);
    // Every page but the first loses its head.
    for (let offset = 4_096; offset < size; offset += 4_096) damaged.fill(0xff, offset, offset + 64);
    writeFileSync(path, damaged);
    expect(codeOf(await open())).toBe('ledger_corrupt');
    const unchecked = await open({ verify: false });
    const read = unchecked.ok ? await unchecked.value.fills(sampleAccount, { limit: 10, cursor: null }) : unchecked;
    expect(codeOf(read)).toBe('ledger_corrupt');
  });

  it('finds a file that was cut', async () => {
    const ledger = expectOk(await open());
    expectOk(await ledger.putInstruments([sampleInstrument()]));
    await ledger.close();
    truncateSync(path, statSync(path).size - 4_096 * 3);
    expect(codeOf(await open())).toBe('ledger_corrupt');
  });

  it('says ledger_unavailable for a path that can not be a file, and for a reader without a ledger', async () => {
    expect(codeOf(await open({ readOnly: true }))).toBe('ledger_unavailable');
    path = join(folder, 'file', 'ledger.sqlite');
    writeFileSync(join(folder, 'file'), '');
    expect(codeOf(await open())).toBe('ledger_unavailable');
  });

  it('refuses changes through a reader with ledger_read_only, and a reader older than its schema', async () => {
    expectOk(await open());
    const reader = expectOk(await open({ readOnly: true }));
    expect(codeOf(await reader.commit({ accountId: sampleAccount, account: sampleState() }))).toBe('ledger_read_only');
    expect(codeOf(await reader.putInstruments([sampleInstrument()]))).toBe('ledger_read_only');
    path = join(folder, 'empty.sqlite');
    withRaw(() => undefined);
    expect(codeOf(await open({ readOnly: true }))).toBe('ledger_schema_older');
  });

  it('reads a ledger whose writer was closed', async () => {
    const ledger = expectOk(await open());
    expectOk(await ledger.putSetting('key', 'value'));
    await ledger.close();
    const reader = expectOk(await open({ readOnly: true }));
    expect(expectOk(await reader.getSetting('key'))).toBe('value');
  });

  it('says ledger_unavailable while another process holds the write lock, and writes afterwards', async () => {
    const ledger = expectOk(await open());
    const raw = new DatabaseSync(path);
    raw.exec('BEGIN IMMEDIATE');
    const refused = await ledger.putSetting('key', 'value');
    expect(refused.ok ? null : refused.fault).toMatchObject({ code: 'ledger_unavailable', retry: 'retryable' });
    raw.exec('ROLLBACK');
    raw.close();
    expectOk(await ledger.putSetting('key', 'value'));
    expect(expectOk(await ledger.getSetting('key'))).toBe('value');
  });

  it('lets two writers take turns', async () => {
    const [left, right] = [expectOk(await open()), expectOk(await open())];
    expectOk(await left.putInstruments([sampleInstrument()]));
    const commits = Array.from({ length: 40 }, (_, index) =>
      (index % 2 === 0 ? left : right).commit({ accountId: sampleAccount, fills: [sampleFill(`f${index}`)] }),
    );
    expect((await Promise.all(commits)).map(codeOf)).toEqual(Array(40).fill(null));
    expect(expectOk(await left.fills(sampleAccount, { limit: 100, cursor: null })).items).toHaveLength(40);
  });

  it('refuses more waiting changes than its limit', async () => {
    const ledger = expectOk(await open({ pendingMax: 2 }));
    const codes = (await Promise.all(['a', 'b', 'c'].map((key) => ledger.putSetting(key, key)))).map(codeOf);
    expect(codes).toEqual([null, null, 'ledger_unavailable']);
  });

  it('undoes and rejects a change that breaks an invariant, and goes on with the others beside it', async () => {
    const ledger = expectOk(await open());
    expectOk(await ledger.putInstruments([sampleInstrument()]));
    const broken = ledger.commit({
      accountId: sampleAccount,
      fills: [sampleFill('sound'), sampleFill('broken', { quantity: 0.5 as never })],
    });
    const beside = ledger.putSetting('key', 'value');
    await expect(broken).rejects.toThrow(/refused a statement/);
    expectOk(await beside);
    const fills = expectOk(await ledger.fills(sampleAccount, { limit: 5, cursor: null }));
    expect(fills.items).toEqual([]);
  });

  it('shares one transaction among the changes of one turn', async () => {
    const ledger = expectOk(await open());
    const walBytes = (): number => statSync(`${path}-wal`).size;
    expectOk(await ledger.putSetting('first', 'opens the log'));
    const before = walBytes();
    expectOk(await ledger.putSetting('size', 'one'));
    const alone = walBytes() - before;
    const keys = Array.from({ length: 50 }, (_, index) => `k${index}`);
    const start = walBytes();
    await Promise.all(keys.map((key) => ledger.putSetting(key, 'v')));
    // Fifty transactions would append at least one page each.
    expect(walBytes() - start).toBeLessThan(alone * 5);
  });
});

/** First digits of the digests of the released steps. A step added adds one; none may ever change. */
const RELEASED = [
  '5a802d7afd1f',
  'b3d51915bc53',
  '9e8272b2cafc',
  '4e0cfdfc59e9',
  '5e31925c1b29',
  '98d9d56da618',
  '1c2a4dda8f97',
  'fa181b76293f',
];

describe('migrations', () => {
  const probes = [
    ...MIGRATIONS,
    { number: MIGRATIONS.length + 1, name: 'probe', sql: 'CREATE TABLE probe (a INTEGER) STRICT;' },
    {
      number: MIGRATIONS.length + 2,
      name: 'fails',
      sql: 'CREATE TABLE half (a INTEGER) STRICT; CREATE TABLE probe (a INTEGER);',
    },
  ];
  let folder: string;
  let db: Database;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'monsta-migrate-'));
    db = connect(join(folder, 'a.sqlite'), false, 0);
  });
  afterEach(async () => {
    db.close();
    await rm(folder, { recursive: true });
  });
  const tables = (): string[] =>
    db.allSql<{ name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'table'`).map(({ name }) => name);

  it('are numbered from 1 without a gap', () => {
    expect(MIGRATIONS.map(({ number }) => number)).toEqual(MIGRATIONS.map((_, index) => index + 1));
  });

  it('apply what is missing, once', () => {
    expect(expectOk(migrate(db, 'a'))).toBe(MIGRATIONS.length);
    expect(expectOk(migrate(db, 'a'))).toBe(0);
    expect(expectOk(migrate(db, 'a', probes.slice(0, -1)))).toBe(1);
    expect(tables()).toContain('probe');
  });

  it('leave nothing of a step that fails, and keep those before it', () => {
    expect(() => migrate(db, 'a', probes)).toThrow(/already exists/);
    expect(tables()).toContain('probe');
    expect(tables()).not.toContain('half');
    expect(db.inTransaction).toBe(false);
    expect(expectOk(migrate(db, 'a', probes.slice(0, -1)))).toBe(0);
  });

  it('keep what was released: the digest of each step is the one on record', () => {
    expectOk(migrate(db, 'a'));
    const digests = db.allSql<{ digest: string }>('SELECT digest FROM schema_migrations ORDER BY number');
    expect(digests.map(({ digest }) => digest.slice(0, 12))).toEqual(RELEASED);
  });

  it('take over the orders of the first schema as they were, numbers and indexes included', async () => {
    expectOk(migrate(db, 'a', MIGRATIONS.slice(0, 1)));
    db.exec(`
      INSERT INTO instruments VALUES ('BTCUSDT', 1, 'BTC', 'USDT', 1, 2, 1, 5, 1, 900000000, NULL, NULL, NULL, 'trading', 0);
      INSERT INTO orders VALUES (7, '${sampleAccount}', 'old', 'BTCUSDT', 1, 'ema-cross', 'buy', 'limit', 'gtc', 2000, 6173763, 0, 5,
        '77', 'accepted', 0, 500, '308.68815', NULL, NULL, 6);`);
    expectOk(migrate(db, 'a'));
    expect(db.allSql('SELECT row FROM orders')).toEqual([{ row: 7 }]);
    const indexes = db.allSql<{ name: string }>(
      `SELECT name FROM sqlite_schema WHERE tbl_name = 'orders' AND sql LIKE 'CREATE INDEX%'`,
    );
    expect(indexes.map(({ name }) => name)).toEqual(['orders_by_time', 'orders_open']);
    expect(tables()).not.toContain('orders_before');
    db.close();
    const ledger = expectOk(await openSqliteLedger({ path: join(folder, 'a.sqlite') }));
    const [old] = expectOk(await ledger.openOrders(sampleAccount)).map(({ value }) => value);
    expect(old).toEqual(
      sampleOrder('old', {
        createdUs: timestampUs(5),
        venueOrderId: venueOrderId('77'),
        status: 'accepted',
        filledQuantity: quantity(500),
        filledNotional: expectOk(parseAmount('308.68815')),
        updatedUs: timestampUs(6),
      }),
    );
    expectOk(
      await ledger.commit({ accountId: sampleAccount, orders: [sampleOrder('new', { type: 'stop_loss_limit' })] }),
    );
    await ledger.close();
    db = connect(join(folder, 'a.sqlite'), false, 0);
  });

  it('keep what a position had paid in fees at its worth in the quote asset', async () => {
    expectOk(migrate(db, 'a', MIGRATIONS.slice(0, 4)));
    db.exec(`
      INSERT INTO instruments VALUES ('BTCUSDT', 1, 'BTC', 'USDT', 1, 2, 1, 5, 1, 900000000, NULL, NULL, NULL, 'trading', 0, 0);
      INSERT INTO positions VALUES ('${sampleAccount}', 'a', 'BTCUSDT', '0.5', '100', '-1.25', '1.25', 5, 6),
        ('${sampleAccount}', 'b', 'BTCUSDT', '0', '0', '0', '0', NULL, 6);`);
    expectOk(migrate(db, 'a'));
    db.close();
    const ledger = expectOk(await openSqliteLedger({ path: join(folder, 'a.sqlite') }));
    const positions = expectOk(await ledger.positions(sampleAccount));
    expect(positions.map(({ fees, trip }) => [fees, trip])).toEqual([
      [{ byAsset: { USDT: '1.25' }, otherValue: '0', unvalued: {} }, null],
      [{ byAsset: {}, otherValue: '0', unvalued: {} }, null],
    ]);
    await ledger.close();
    db = connect(join(folder, 'a.sqlite'), false, 0);
  });

  it('bring up a copy as well as the original', () => {
    expectOk(migrate(db, 'a'));
    db.close();
    copyFileSync(join(folder, 'a.sqlite'), join(folder, 'b.sqlite'));
    db = connect(join(folder, 'b.sqlite'), false, 0);
    expect(expectOk(migrate(db, 'b'))).toBe(0);
  });
});
