import { randomBytes } from 'node:crypto';
import { chmodSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveExchange, type ServedExchange } from '@monsta/binance-server';
import { systemClock } from '@monsta/clock-system';
import { expectOk } from '@monsta/core';
import { createHttpServer } from '@monsta/http-server-fastify';
import { silentTelemetry } from '@monsta/testkit';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCommand, type CommandOutcome } from '../support/command.test-support.ts';
import { startProgram, textOf } from '../support/program.test-support.ts';

const codeOf = ({ document }: CommandOutcome): unknown =>
  (document as { error?: { code?: unknown } } | null)?.error?.code ?? null;

describe('exchange keys', { timeout: 120_000 }, () => {
  let exchange: ServedExchange;
  let apiKey: string;
  let apiSecret: string;
  let folder: string;
  let data: string;

  beforeAll(async () => {
    const { logger } = silentTelemetry();
    const clock = systemClock();
    exchange = expectOk(
      await serveExchange({
        model: createSimulatedExchange({ seed: 1, clock }),
        clock,
        logger,
        httpServer: createHttpServer({ logger }),
        host: '127.0.0.1',
        port: 0,
      }),
    );
    ({ apiKey = '', apiSecret = '' } = exchange.accounts[0] ?? {});
  });
  afterAll(() => exchange.close(200));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'monsta-exchange-keys-'));
    data = join(folder, 'data');
  });

  const add = (name: string, flags: readonly string[] = [], input = apiSecret): Promise<CommandOutcome> =>
    runCommand(
      [
        ...['exchange-keys', 'add', '--json', '--name', name, '--api-key', apiKey, '--venue', 'simulated'],
        ...['--rest-url', exchange.restUrl, '--data-dir', data, ...flags],
      ],
      { input },
    );
  const keys = (command: string, ...flags: readonly string[]): Promise<CommandOutcome> =>
    runCommand(['exchange-keys', command, '--json', '--data-dir', data, ...flags]);

  async function issue(wishes: object): Promise<{ readonly apiKey: string; readonly apiSecret: string }> {
    const reply = await fetch(`${exchange.restUrl}/sim/keys`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ account: exchange.accounts[0]?.account, ...wishes }),
    });
    return (await reply.json()) as { readonly apiKey: string; readonly apiSecret: string };
  }

  it('are added, listed, sealed by another master key, and removed', async () => {
    const added = await add('main');
    expect([added.status, added.document]).toMatchObject([
      0,
      {
        key: { name: 'main', venue: 'simulated', keyEnds: apiKey.slice(-4), use: 'trade' },
        warnings: [{ code: 'ip_unrestricted' }],
        masterKeyMadeAt: join(data, 'secrets.key'),
      },
    ]);
    expect(statSync(join(data, 'secrets.key')).mode & 0o777).toBe(0o600);
    const before = readFileSync(join(data, 'secrets.key'), 'utf8');
    expect((await keys('rekey')).document).toEqual({ rekeyed: 1 });
    expect(readFileSync(join(data, 'secrets.key'), 'utf8')).not.toBe(before);
    const listed = await keys('list');
    expect(listed.document).toMatchObject({ items: [{ name: 'main', permissions: { withdraw: false }, fault: null }] });
    expect(codeOf(await add('main'))).toBe('exchange_key_taken');
    expect((await keys('remove', '--name', 'main')).document).toEqual({ removed: 'main' });
    expect((await keys('list')).document).toEqual({ items: [] });
    const gone = await keys('remove', '--name', 'main');
    expect([gone.status, codeOf(gone)]).toEqual([1, 'exchange_key_unknown']);
    for (const { stdout, stderr } of [added, listed, gone]) {
      expect(stdout + stderr).not.toContain(apiSecret);
      expect(stdout + stderr).not.toContain(apiKey);
    }
  });

  it('that may withdraw, or do not prove themselves, are not stored', async () => {
    const mighty = await issue({ permissions: ['TRADE', 'USER_DATA', 'WITHDRAW'] });
    const file = join(folder, 'secret');
    writeFileSync(file, `${mighty.apiSecret}\n`);
    const flags = ['exchange-keys', 'add', '--json', '--name', 'mighty', '--api-key', mighty.apiKey];
    const where = ['--venue', 'simulated', '--rest-url', exchange.restUrl, '--data-dir', data, '--secret-file', file];
    const refused = await runCommand([...flags, ...where]);
    expect([refused.status, codeOf(refused)]).toEqual([1, 'exchange_key_refused']);
    expect(codeOf(await add('wrong', [], 'not the secret'.replaceAll(' ', '')))).toBe('venue_key');
    const nobody = await runCommand([
      ...flags,
      ...where.map((each) => (each === exchange.restUrl ? 'http://127.0.0.1:9' : each)),
    ]);
    expect([nobody.status, codeOf(nobody)]).toEqual([1, 'venue_unreachable']);
    expect((await keys('list')).document).toEqual({ items: [] });
  });

  it('a secret among the arguments is refused and not repeated', async () => {
    for (const [flags, code] of [
      [['--secret', apiSecret], 'secret_in_argument'],
      [[`--secret=${apiSecret}`], 'secret_in_argument'],
      [[apiSecret], 'argument_unexpected'],
      [[`--api-secret=${apiSecret}`], 'flag_unknown'],
      [['--kind', apiSecret], 'flag_invalid'],
    ] as const) {
      const refused = await add('main', flags);
      expect([refused.status, codeOf(refused)]).toEqual([2, code]);
      expect(refused.stdout + refused.stderr).not.toContain(apiSecret);
    }
  });

  it('the master key may be in the environment, and is changed there', async () => {
    const [key, next] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
    const run = (
      argv: readonly string[],
      environment: Readonly<Record<string, string>>,
      input = '',
    ): Promise<CommandOutcome> =>
      runCommand(['exchange-keys', ...argv, '--json', '--data-dir', data], { environment, input });
    const where = ['--venue', 'simulated', '--rest-url', exchange.restUrl];
    const added = await run(
      ['add', '--name', 'main', '--api-key', apiKey, ...where],
      { MONSTA_SECRETS_KEY: key },
      apiSecret,
    );
    expect(added.document).toMatchObject({ masterKeyMadeAt: null });
    expect(codeOf(await run(['rekey'], { MONSTA_SECRETS_KEY: key }))).toBe('secrets_key_missing');
    expect((await run(['rekey'], { MONSTA_SECRETS_KEY: key, MONSTA_SECRETS_KEY_NEXT: next })).document).toEqual({
      rekeyed: 1,
    });
    expect((await run(['list'], { MONSTA_SECRETS_KEY: next })).document).toMatchObject({
      items: [{ venue: 'simulated' }],
    });
    expect(globSync('**/*.key', { cwd: folder })).toEqual([]);
  });

  it('a key file that others may read is refused with what to do', async () => {
    await add('main');
    chmodSync(join(data, 'secrets.key'), 0o644);
    const refused = await keys('list');
    expect([refused.status, codeOf(refused)]).toEqual([1, 'secrets_key_exposed']);
    expect(refused.stderr).toContain('chmod 600');
  });

  it('nothing that a running program writes holds a key or a secret: logs, ledger, journal, store', async () => {
    const program = await startProgram([
      ...['--venue', 'binance-testnet', '--rest-url', exchange.restUrl, '--ws-url', exchange.wsUrl],
      ...['--port', '0', '--data-dir', data, '--log-level', 'debug', '--instruments', 'BTCUSDT'],
    ]);
    try {
      const send = (body: object): Promise<Response> =>
        fetch(`${textOf(program, 'url')}/api/v1/exchange-keys`, {
          method: 'POST',
          headers: { authorization: `Bearer ${textOf(program, 'adminToken')}` },
          body: JSON.stringify(body),
        });
      const addition = { name: 'main', venue: 'binance-testnet', apiKey, secret: apiSecret };
      const added = await send(addition);
      expect(added.status).toBe(201);
      const texts = [await added.text()];
      for (const [wrong, status] of [
        [{ ...addition, name: 'b', secret: `${apiSecret}x` }, 422],
        [{ ...addition, name: 'b', apiKey: apiSecret }, 400],
        [{ ...addition, name: apiSecret.slice(0, 40), venue: apiSecret.slice(0, 20) }, 400],
      ] as const) {
        const refused = await send(wrong);
        expect(refused.status).toBe(status);
        texts.push(await refused.text());
      }
      // The key is in use by both at once: this command works beside the running program.
      expect((await keys('list')).document).toMatchObject({ items: [{ name: 'main', use: 'unknown' }] });
      expect(await program.stop()).toBe(0);
      const files = globSync('**/*', { cwd: data, withFileTypes: true }).filter((entry) => entry.isFile());
      expect(files.map(({ name }) => name)).toContain('ledger.sqlite');
      expect(files.length).toBeGreaterThan(3);
      for (const { parentPath, name } of files) texts.push(readFileSync(join(parentPath, name), 'latin1'));
      texts.push(program.log(), JSON.stringify(program.document));
      expect(program.log()).toContain('"level"');
      for (const hidden of [apiSecret, apiSecret.slice(20, 44), apiKey, apiKey.slice(20, 44)])
        expect(texts.map((text) => text.includes(hidden))).toEqual(texts.map(() => false));
    } finally {
      await program.kill();
      rmSync(folder, { recursive: true });
    }
  });
});
