import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
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

  it('are added from a pipe, and listed', async () => {
    const added = await add('main');
    expect([added.status, added.document]).toMatchObject([0, { key: { name: 'main', use: 'trade' } }]);
    const listed = await keys('list');
    expect([listed.status, listed.document]).toMatchObject([0, { items: [{ name: 'main', fault: null }] }]);
    for (const { stdout, stderr } of [added, listed]) expect(stdout + stderr).not.toContain(apiSecret);
  });

  it('a secret among the arguments is refused and not repeated', async () => {
    for (const [flags, code] of [
      [[`--secret=${apiSecret}`], 'secret_in_argument'],
      [[apiSecret], 'argument_unexpected'],
      [[`--api-secret=${apiSecret}`], 'flag_unknown'],
    ] as const) {
      const refused = await add('main', flags);
      expect([refused.status, codeOf(refused)]).toEqual([2, code]);
      expect(refused.stdout + refused.stderr).not.toContain(apiSecret);
    }
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
