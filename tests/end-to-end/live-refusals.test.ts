import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveExchange, type ServedExchange } from '@monsta/binance-server';
import { systemClock } from '@monsta/clock-system';
import { expectOk } from '@monsta/core';
import { createHttpServer } from '@monsta/http-server-fastify';
import { silentTelemetry } from '@monsta/testkit';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, type CommandOutcome } from '../support/command.test-support.ts';

const codeOf = ({ document }: CommandOutcome): unknown =>
  (document as { error?: { code?: unknown } } | null)?.error?.code ?? null;

describe('live trading does not begin', { timeout: 120_000 }, () => {
  let exchange: ServedExchange;
  let folder: string;
  let number: string;

  const data = (): string => join(folder, 'data');
  const add = (
    name: string,
    key: { readonly apiKey: string; readonly apiSecret: string },
    restUrl = exchange.restUrl,
  ): Promise<CommandOutcome> =>
    runCommand(
      [
        ...['exchange-keys', 'add', '--json', '--name', name, '--api-key', key.apiKey, '--venue', 'binance'],
        ...['--rest-url', restUrl, '--data-dir', data()],
      ],
      { input: key.apiSecret },
    );
  const start = (live: object, venue = 'binance'): Promise<CommandOutcome> => {
    const config = join(folder, 'config.json');
    writeFileSync(config, JSON.stringify({ trading: { live: { account: number, exposure_max: '100', ...live } } }));
    return runCommand([
      ...['start', '--json', '--trading', 'live', '--config', config, '--port', '0', '--log-level', 'error'],
      ...['--venue', venue, '--rest-url', exchange.restUrl, '--ws-url', exchange.wsUrl, '--data-dir', data()],
    ]);
  };

  beforeAll(async () => {
    const { logger } = silentTelemetry();
    const clock = systemClock();
    const model = createSimulatedExchange({ seed: 1, clock });
    const httpServer = createHttpServer({ logger });
    exchange = expectOk(await serveExchange({ model, clock, logger, httpServer, host: '127.0.0.1', port: 0 }));
    folder = mkdtempSync(join(tmpdir(), 'monsta-refusals-'));
    const [account] = exchange.accounts;
    if (account === undefined) throw new Error('the exchange has no account');
    const added = await add('main', account);
    if (added.status !== 0) throw new Error(`the key could not be stored: ${added.stderr}`);
    const told = await runCommand([
      ...['doctor', '--json', '--venue', 'binance', '--account', 'main', '--data-dir', data()],
      ...['--rest-url', exchange.restUrl, '--ws-url', exchange.wsUrl],
    ]);
    const { checks } = told.document as {
      readonly checks: readonly { readonly name: string; readonly facts: { readonly number?: string } }[];
    };
    number = checks.find(({ name }) => name === 'account')?.facts.number ?? 'not told';
  });
  afterAll(async () => {
    await exchange.close(200);
    rmSync(folder, { recursive: true });
  });

  it('on another account than the one named, whose number is not told', async () => {
    const refused = await start({ keys: 'main', account: '999999' });
    expect([refused.status, codeOf(refused)]).toEqual([1, 'account_mismatch']);
    expect(refused.stdout + refused.stderr).not.toContain(number);
    expect(refused.stdout + refused.stderr).toContain(`…${number.slice(-3)}`);
  });

  it('without its key, or with one of another exchange', async () => {
    expect(codeOf(await start({ keys: 'none' }))).toBe('exchange_key_unknown');
    expect(codeOf(await start({ keys: 'main' }, 'binance-testnet'))).toBe('exchange_key_venue');
  });

  it('with a key that may withdraw by now', async () => {
    const issued = await fetch(`${exchange.restUrl}/sim/keys`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ account: exchange.accounts[0]?.account, permissions: ['TRADE', 'USER_DATA', 'WITHDRAW'] }),
    });
    const mighty = (await issued.json()) as { readonly apiKey: string; readonly apiSecret: string };
    // It was harmless when it was stored: so says this stand-in of the exchange.
    const harmless = createServer((request, response) => {
      void fetch(`${exchange.restUrl}${request.url ?? ''}`, { headers: request.headers as Record<string, string> })
        .then((reply) => reply.text())
        .then((body) => response.end(body.replace('"enableWithdrawals":true', '"enableWithdrawals":false')));
    });
    await new Promise<void>((resolve) => harmless.listen(0, '127.0.0.1', resolve));
    const address = harmless.address();
    if (address === null || typeof address === 'string') throw new Error('the stand-in does not listen');
    try {
      expect((await add('mighty', mighty, `http://127.0.0.1:${address.port}`)).status).toBe(0);
    } finally {
      harmless.closeAllConnections();
      harmless.close();
    }
    const refused = await start({ keys: 'mighty' });
    expect([refused.status, codeOf(refused)]).toEqual([1, 'exchange_key_refused']);
  });

  it('and leaves nothing behind: no watchdog, no lock', () => {
    expect(['watchdog.lock', 'watchdog.sock', 'monsta.lock'].map((name) => existsSync(join(data(), name)))).toEqual([
      false,
      false,
      false,
    ]);
  });
});
