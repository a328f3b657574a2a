import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk, type Result } from '@monsta/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { monstaConfigSchema, type MonstaConfig } from '../config/schema.ts';
import { openSecrets } from './secrets.ts';
import type { Environment } from './transport.ts';

describe('the master key of the secrets', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'monsta-secrets-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const config = (secrets: Partial<MonstaConfig['secrets']> = {}): MonstaConfig =>
    monstaConfigSchema.parse({ dataDir: join(folder, 'data'), secrets });

  /** Adds a secret and tells what a reader with `environment` gets of it: its value, or a code. */
  async function readWith(environment: Environment, given = config()): Promise<string | null> {
    const opened = await openSecrets(given, environment);
    if (!opened.ok) return opened.fault.code;
    const read: Result<{ readonly value: string } | null> = await opened.value.read('a');
    await opened.value.close();
    return read.ok ? (read.value?.value ?? null) : read.fault.code;
  }

  async function add(environment: Environment, given = config()): Promise<string | null> {
    const secrets = expectOk(await openSecrets(given, environment));
    const { keyMadeAt } = expectOk(await secrets.prepare());
    expectOk(await secrets.add({ name: 'a', metadata: {}, value: 'value' }));
    await secrets.close();
    return keyMadeAt;
  }

  it('is made in the data directory where nothing is said of it', async () => {
    expect(await add({})).toBe(join(folder, 'data', 'secrets.key'));
    expect(await readWith({})).toBe('value');
  });

  it('is made where the configuration wants it', async () => {
    const given = config({ keyFile: join(folder, 'elsewhere', 'key') });
    expect(await add({}, given)).toBe(join(folder, 'elsewhere', 'key'));
    expect(await readWith({}, given)).toBe('value');
    expect(await readWith({})).toBe('secrets_key_missing');
  });

  it('may be in the environment, and then no file is made', async () => {
    const [key, other] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
    expect(await add({ MONSTA_SECRETS_KEY: key })).toBeNull();
    expect(existsSync(join(folder, 'data', 'secrets.key'))).toBe(false);
    expect(await readWith({ MONSTA_SECRETS_KEY: key })).toBe('value');
    expect(await readWith({ MONSTA_SECRETS_KEY: other, MONSTA_SECRETS_KEY_NEXT: key })).toBe('value');
    expect(await readWith({ MONSTA_SECRETS_KEY: other })).toBe('secrets_key_wrong');
    expect(await readWith({ MONSTA_SECRETS_KEY: 'short' })).toBe('secrets_key_malformed');
    expect(await readWith({})).toBe('secrets_key_missing');
  });

  it('has one place only', async () => {
    const given = config({ keyFile: join(folder, 'key') });
    expect(await readWith({ MONSTA_SECRETS_KEY: randomBytes(32).toString('base64') }, given)).toBe('config_invalid');
  });
});
