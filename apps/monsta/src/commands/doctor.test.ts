import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServedExchange } from '@monsta/binance-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FlagValues } from '../cli/arguments.ts';
import type { Check } from '../doctor/check.ts';
import { doctor } from './doctor.ts';
import { exchangeKeysAdd } from './exchange-keys.ts';
import { printed, serveSimulated } from './exchange.test-support.ts';

interface Report {
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

describe('the doctor', () => {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-doctor-'));
  const exchanges: ServedExchange[] = [];
  let secret: string;

  async function serve(keySeed: number): Promise<FlagValues> {
    const served = await serveSimulated(keySeed);
    exchanges.push(served);
    return { venue: 'simulated', 'rest-url': served.restUrl, 'data-dir': join(folder, 'data') };
  }

  async function examine(flags: FlagValues) {
    const output = printed();
    const status = await doctor(flags, output);
    const report = (output.documents[0] ?? { ok: false, checks: [] }) as Report;
    const failed = report.checks.filter((check) => check.status === 'failed').map(({ name }) => name);
    return { status, ...report, failed, code: output.faults[0]?.code ?? null, shown: output.text() };
  }

  let healthy: FlagValues;
  beforeAll(async () => {
    healthy = await serve(1);
    const { apiKey = '', apiSecret = '' } = exchanges[0]?.accounts[0] ?? {};
    secret = apiSecret;
    const file = join(folder, 'secret');
    writeFileSync(file, apiSecret);
    const status = await exchangeKeysAdd(
      { ...healthy, name: 'main', 'api-key': apiKey, 'secret-file': file },
      printed(),
    );
    if (status !== 0) throw new Error('the key was not added');
  });
  afterAll(async () => {
    for (const each of exchanges) await each.close(200);
    rmSync(folder, { recursive: true });
  });

  it('finds a healthy exchange and account well', async () => {
    const report = await examine({ ...healthy, account: 'main' });
    expect(report).toMatchObject({ status: 0, ok: true, failed: [] });
    expect(report.checks.map(({ name }) => name)).toEqual([
      ...['disk', 'proxy', 'names', 'ipv4', 'ipv6', 'rest', 'clock', 'limits', 'instruments', 'market-stream'],
      ...['key', 'account', 'order-limits', 'user-stream'],
    ]);
    const seen = report.checks.filter(({ status }) => status !== 'skipped').map(({ name }) => name);
    expect(seen).toEqual(expect.arrayContaining(['rest', 'key', 'user-stream']));
    expect(report.shown).not.toContain(secret);
    expect(report.shown).toMatch(/^ok {7}rest +it answers in \d+ ms$/m);
    expect(report.shown).toMatch(/^ +→ this key works from any address/m);
  });

  it('finds a key that is of another exchange, and says what may be wrong', async () => {
    const report = await examine({ ...(await serve(2)), account: 'main' });
    expect(report).toMatchObject({ status: 1, ok: false, failed: ['key'] });
    expect(report.checks.find(({ name }) => name === 'key')?.todo).toContain('not of its testnet');
  });

  it('finds that nobody is there', async () => {
    const report = await examine({ ...healthy, 'rest-url': 'http://127.0.0.1:9' });
    expect(report).toMatchObject({ status: 1, failed: ['ipv4', 'rest'] });
  });

  it.each([
    ['no exchange', { venue: undefined }],
    ['an exchange without accounts', { venue: 'replay' }],
    ['half a server', { 'rest-url': undefined, 'ws-url': 'ws://127.0.0.1:9' }],
  ])('refuses %s as bad usage', async (_, flags) => {
    expect(await examine({ ...healthy, ...flags })).toMatchObject({ status: 2, code: 'flag_invalid' });
  });
});
