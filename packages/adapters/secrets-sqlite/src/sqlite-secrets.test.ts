import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expectOk, seededRandom, type Result } from '@monsta/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeScratch, type Scratch } from './scratch.test-support.ts';
import { openSqliteSecrets, type SqliteSecrets } from './sqlite-secrets.ts';

const codeOf = (result: Result<unknown>): string | null => (result.ok ? null : result.fault.code);
const messageOf = (result: Result<unknown>): string => (result.ok ? '' : result.fault.message);

let scratch: Scratch;
let opened: SqliteSecrets[];
beforeEach(() => {
  scratch = makeScratch();
  opened = [];
});
afterEach(async () => {
  for (const each of opened) await each.close();
  scratch.remove();
});

async function open(options: Parameters<Scratch['open']>[0] = {}): Promise<SqliteSecrets> {
  const secrets = await scratch.open(options);
  opened.push(secrets);
  return secrets;
}

async function withTwo(): Promise<SqliteSecrets> {
  const secrets = await open();
  expectOk(await secrets.prepare());
  expectOk(await secrets.add({ name: 'a', metadata: { of: 'a' }, value: 'value of a' }));
  expectOk(await secrets.add({ name: 'b', metadata: { of: 'b' }, value: 'value of b' }));
  return secrets;
}

function change(sql: string): void {
  const db = new DatabaseSync(scratch.path);
  db.exec(sql);
  db.close();
}

const keyLines = (): string[] => readFileSync(scratch.keyPath, 'utf8').trim().split('\n');

describe('the files', () => {
  it('are their owner’s alone', async () => {
    await withTwo();
    for (const path of [scratch.path, scratch.keyPath]) expect(statSync(path).mode & 0o777).toBe(0o600);
    for (const path of [scratch.path, scratch.keyPath]) expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  });

  it('the key’s path is told once, when it is made', async () => {
    const secrets = await open();
    expect(expectOk(await secrets.prepare()).keyMadeAt).toBe(scratch.keyPath);
    expect(keyLines()).toHaveLength(1);
    expect(readdirSync(dirname(scratch.keyPath))).toEqual(['secrets.key']);
  });

  it('hold nothing of a removed secret’s record', async () => {
    const secrets = await withTwo();
    const before = new DatabaseSync(scratch.path);
    const sealed = before.prepare('SELECT sealed FROM secret WHERE name = ?').get('a')?.['sealed'] as Uint8Array;
    before.close();
    expect(Buffer.from(scratch.bytes()).includes(sealed)).toBe(true);
    expectOk(await secrets.remove('a'));
    expect(Buffer.from(scratch.bytes()).includes(sealed)).toBe(false);
  });
});

describe('the master key', () => {
  it('in a file that others may read is refused, and so it stays until that is mended', async () => {
    const secrets = await withTwo();
    for (const mode of [0o640, 0o604, 0o620, 0o601]) {
      chmodSync(scratch.keyPath, mode);
      expect(codeOf(await secrets.list())).toBe('secrets_key_exposed');
      expect(codeOf(await secrets.read('a'))).toBe('secrets_key_exposed');
      expect(codeOf(await secrets.add({ name: 'c', metadata: {}, value: 'v' }))).toBe('secrets_key_exposed');
      expect(codeOf(await secrets.rekey())).toBe('secrets_key_exposed');
    }
    expect(messageOf(await secrets.list())).toContain(`chmod 600 '${scratch.keyPath}'`);
    chmodSync(scratch.keyPath, 0o400);
    expect(expectOk(await secrets.list())).toHaveLength(2);
  });

  it.each([
    ['empty', ''],
    ['too short', `${Buffer.alloc(31).toString('base64')}\n`],
    ['too long', `${Buffer.alloc(33).toString('base64')}\n`],
    ['no base64', `${'!'.repeat(44)}\n`],
    ['three keys', `${Buffer.alloc(32).toString('base64')}\n`.repeat(3)],
    ['a large file', 'x'.repeat(2_000)],
  ])('that is %s is refused as malformed', async (_, text) => {
    const secrets = await withTwo();
    writeFileSync(scratch.keyPath, text);
    expect(codeOf(await secrets.read('a'))).toBe('secrets_key_malformed');
    expect(codeOf(await secrets.prepare())).toBe('secrets_key_malformed');
  });

  it('that is a folder is refused', async () => {
    mkdirSync(scratch.keyPath, { recursive: true });
    expect(codeOf(await (await open()).prepare())).toBe('secrets_key_malformed');
  });

  it('that is lost is not made anew while something is sealed by it', async () => {
    const secrets = await withTwo();
    rmSync(scratch.keyPath);
    for (const outcome of [
      await secrets.prepare(),
      await secrets.list(),
      await secrets.read('a'),
      await secrets.rekey(),
      await secrets.add({ name: 'c', metadata: {}, value: 'v' }),
    ])
      expect(codeOf(outcome)).toBe('secrets_key_missing');
    expect(existsSync(scratch.keyPath)).toBe(false);
    // What can't be read any more can be removed, and then there is a way on.
    expect(expectOk(await secrets.remove('a'))).toBe(true);
    expect(expectOk(await secrets.remove('b'))).toBe(true);
    expect(expectOk(await secrets.prepare()).keyMadeAt).toBe(scratch.keyPath);
  });

  it('that is another opens nothing, and says that it is another', async () => {
    await withTwo();
    const secrets = await open({ masterKey: scratch.givenKey });
    expect(codeOf(await secrets.read('a'))).toBe('secrets_key_wrong');
    expect(expectOk(await secrets.list()).map(({ name, metadata, fault }) => [name, metadata, fault?.code])).toEqual([
      ['a', null, 'secrets_key_wrong'],
      ['b', null, 'secrets_key_wrong'],
    ]);
    expect(codeOf(await secrets.describe('a', {}))).toBe('secrets_key_wrong');
  });

  it('is in no message', async () => {
    const secrets = await withTwo();
    const [key = ''] = keyLines();
    chmodSync(scratch.keyPath, 0o644);
    const exposed = await secrets.list();
    writeFileSync(scratch.keyPath, `${key}\nbroken`, { mode: 0o600 });
    chmodSync(scratch.keyPath, 0o600);
    const malformed = await secrets.list();
    expect([codeOf(exposed), codeOf(malformed)]).toEqual(['secrets_key_exposed', 'secrets_key_malformed']);
    expect(JSON.stringify([exposed, malformed])).not.toContain(key.slice(0, 10));
  });
});

describe('a change of the master key', () => {
  it('seals everything anew, and drops the old key', async () => {
    const secrets = await withTwo();
    const [before] = keyLines();
    expect(expectOk(await secrets.rekey())).toBe(2);
    const after = keyLines();
    expect(after).toHaveLength(1);
    expect(after).not.toContain(before);
    expect(expectOk(await secrets.read('a'))?.value).toBe('value of a');
    writeFileSync(scratch.keyPath, `${before}\n`);
    expect(codeOf(await secrets.read('a'))).toBe('secrets_key_wrong');
  });

  it('that was cut short is finished by the next', async () => {
    const secrets = await withTwo();
    const [old = ''] = keyLines();
    const next = Buffer.alloc(32, 5).toString('base64');
    // As it stands when the process died between the new key and the records.
    writeFileSync(scratch.keyPath, `${next}\n${old}\n`);
    expect(expectOk(await secrets.read('a'))?.value).toBe('value of a');
    expectOk(await secrets.add({ name: 'c', metadata: {}, value: 'value of c' }));
    expect(expectOk(await secrets.rekey())).toBe(2);
    expect(keyLines()).toEqual([next]);
    expect(expectOk(await secrets.read('b'))?.value).toBe('value of b');
    expect(expectOk(await secrets.read('c'))?.value).toBe('value of c');
  });

  it('is refused, and nothing changes, while a record does not open', async () => {
    const secrets = await withTwo();
    const before = keyLines();
    change(`UPDATE secret SET metadata = '{}' WHERE name = 'b'`);
    expect(codeOf(await secrets.rekey())).toBe('secrets_damaged');
    expect(messageOf(await secrets.rekey())).toContain(`'b'`);
    expect(keyLines()).toEqual(before);
    expectOk(await secrets.remove('b'));
    expect(expectOk(await secrets.rekey())).toBe(1);
  });

  it('of a given key goes to the one given besides', async () => {
    const [key, next] = [Buffer.alloc(32, 1).toString('base64'), Buffer.alloc(32, 2).toString('base64')];
    const old = await open({ masterKey: { kind: 'given', key, next: null } });
    expectOk(await old.add({ name: 'a', metadata: {}, value: 'value of a' }));
    expect(codeOf(await old.rekey())).toBe('secrets_key_missing');
    expect(codeOf(await (await open({ masterKey: { kind: 'given', key, next: key } })).rekey())).toBe(
      'secrets_key_malformed',
    );
    const both = await open({ masterKey: { kind: 'given', key, next } });
    expect(expectOk(await both.rekey())).toBe(1);
    expect(expectOk(await both.rekey())).toBe(0);
    expect(expectOk(await both.read('a'))?.value).toBe('value of a');
    expect(codeOf(await old.read('a'))).toBe('secrets_key_wrong');
    const moved = await open({ masterKey: { kind: 'given', key: next, next: null } });
    expect(expectOk(await moved.read('a'))?.value).toBe('value of a');
  });

  it('without a key is refused', async () => {
    expect(codeOf(await (await open()).rekey())).toBe('secrets_key_missing');
  });
});

describe('damage', () => {
  it('of one record hides no other', async () => {
    const secrets = await withTwo();
    change(
      `UPDATE secret SET sealed = CAST(substr(sealed, 1, 70) || x'00' || substr(sealed, 72) AS BLOB) WHERE name = 'a'`,
    );
    expect(expectOk(await secrets.list()).map(({ name, fault }) => [name, fault?.code ?? null])).toEqual([
      ['a', 'secrets_damaged'],
      ['b', null],
    ]);
    expect(codeOf(await secrets.read('a'))).toBe('secrets_damaged');
    expect(expectOk(await secrets.read('b'))?.value).toBe('value of b');
  });

  it('records exchanged for one another do not open', async () => {
    const secrets = await withTwo();
    change(
      `UPDATE secret SET name = 'x' WHERE name = 'a'; UPDATE secret SET name = 'a' WHERE name = 'b'; UPDATE secret SET name = 'b' WHERE name = 'x'`,
    );
    expect(codeOf(await secrets.read('a'))).toBe('secrets_damaged');
    expect(codeOf(await secrets.read('b'))).toBe('secrets_damaged');
  });

  it('of the file is said, wherever it is', async () => {
    const secrets = await withTwo();
    await secrets.close();
    const whole = readFileSync(scratch.path);
    const random = seededRandom(7);
    const outcomes = new Set<string | null>();
    for (let round = 0; round < 40; round += 1) {
      const torn = Buffer.from(whole);
      const start = random.integer(torn.length - 64);
      for (let at = start; at < start + 64; at += 1) torn[at] = random.integer(256);
      writeFileSync(scratch.path, torn);
      outcomes.add(await readBoth());
    }
    for (const length of [1, 100, 4_096, whole.length - 1]) {
      writeFileSync(scratch.path, whole);
      truncateSync(scratch.path, length);
      outcomes.add(await readBoth());
    }
    // Some bytes of a page are free and may be anything.
    outcomes.delete('sound');
    expect([...outcomes]).toEqual(['secrets_damaged']);
  });

  /** `sound` where both values are right; a code, `lost` for a store that says it is empty, `wrong` for a value that nobody put there. */
  async function readBoth(): Promise<string | null> {
    const again = await openSqliteSecrets({
      path: scratch.path,
      masterKey: { kind: 'file', path: scratch.keyPath },
    });
    if (!again.ok) return again.fault.code;
    try {
      const read = await again.value.read('a');
      const other = await again.value.read('b');
      if (!read.ok || !other.ok) return codeOf(read) ?? codeOf(other);
      if (read.value === null || other.value === null) {
        // The name itself was hit: the record is there under another, and does not open.
        const broken = expectOk(await again.value.list()).find(({ fault }) => fault !== null);
        return broken?.fault?.code ?? 'lost';
      }
      return read.value.value === 'value of a' && other.value.value === 'value of b' ? 'sound' : 'wrong';
    } finally {
      await again.value.close();
    }
  }

  it('a file of another program is left alone', async () => {
    mkdirSync(dirname(scratch.path), { recursive: true });
    change('CREATE TABLE theirs (a)');
    const before = readFileSync(scratch.path);
    const refused = await openSqliteSecrets({ path: scratch.path, masterKey: scratch.givenKey });
    expect(codeOf(refused)).toBe('secrets_damaged');
    expect(messageOf(refused)).toContain('another program');
    expect(readFileSync(scratch.path).equals(before)).toBe(true);
  });

  it('a folder that can’t be written is said', async () => {
    writeFileSync(dirname(scratch.path), 'a file');
    expect(codeOf(await openSqliteSecrets({ path: scratch.path, masterKey: scratch.givenKey }))).toBe(
      'secrets_unavailable',
    );
  });
});

describe('limits', () => {
  it('one more than the most is refused', async () => {
    const secrets = await open({ secretsMax: 2, masterKey: scratch.givenKey });
    const add = (name: string) => secrets.add({ name, metadata: {}, value: 'v' });
    expectOk(await add('a'));
    expectOk(await add('b'));
    expect(codeOf(await add('c'))).toBe('secrets_full');
    expectOk(await secrets.remove('a'));
    expectOk(await add('c'));
  });

  it('a change of another process is waited for so long only', async () => {
    const secrets = await open({ busyTimeoutMs: 50, masterKey: scratch.givenKey });
    const db = new DatabaseSync(scratch.path);
    db.exec('BEGIN IMMEDIATE');
    const refused = await secrets.add({ name: 'a', metadata: {}, value: 'v' });
    expect(refused).toMatchObject({ fault: { code: 'secrets_unavailable', retry: 'retryable' } });
    db.exec('ROLLBACK');
    db.close();
    expectOk(await secrets.add({ name: 'a', metadata: {}, value: 'v' }));
  });
});
