import { mkdtempSync, rmSync } from 'node:fs';
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

interface Report {
  readonly ok: boolean;
  readonly checks: readonly { readonly name: string; readonly status: string; readonly todo: string | null }[];
}

const reportOf = ({ document }: CommandOutcome): Report => document as Report;
const failedIn = (outcome: CommandOutcome): readonly string[] =>
  reportOf(outcome)
    .checks.filter(({ status }) => status === 'failed')
    .map(({ name }) => name);

describe('the doctor', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-doctor-'));
  const data = join(folder, 'data');
  const exchanges: ServedExchange[] = [];

  /** `keySeed`: another exchange, whose accounts have other keys. */
  async function serve(keySeed: number): Promise<ServedExchange> {
    const { logger } = silentTelemetry();
    const clock = systemClock();
    const model = createSimulatedExchange({ seed: 1, clock });
    const httpServer = createHttpServer({ logger });
    const served = expectOk(
      await serveExchange({ model, clock, logger, httpServer, host: '127.0.0.1', port: 0, keySeed }),
    );
    exchanges.push(served);
    return served;
  }
  const at = ({ restUrl }: ServedExchange): readonly string[] => [
    ...['--venue', 'simulated', '--rest-url', restUrl, '--data-dir', data, '--json'],
  ];

  let exchange: ServedExchange;
  let secret: string;
  beforeAll(async () => {
    exchange = await serve(1);
    const { apiKey = '', apiSecret = '' } = exchange.accounts[0] ?? {};
    secret = apiSecret;
    const flags = ['exchange-keys', 'add', '--name', 'main', '--api-key', apiKey, ...at(exchange)];
    const added = await runCommand(flags, { input: apiSecret });
    if (added.status !== 0) throw new Error(`the key was not added: ${added.stderr}`);
  }, 60_000);
  afterAll(async () => {
    for (const each of exchanges) await each.close(200);
    rmSync(folder, { recursive: true });
  });

  it('finds a healthy exchange and account well', async () => {
    const outcome = await runCommand(['doctor', '--account', 'main', ...at(exchange)]);
    expect([outcome.status, reportOf(outcome).ok, failedIn(outcome)]).toEqual([0, true, []]);
    expect(reportOf(outcome).checks.map(({ name }) => name)).toEqual([
      ...['disk', 'proxy', 'names', 'ipv4', 'ipv6', 'rest', 'clock', 'limits', 'instruments', 'market-stream'],
      ...['key', 'order-limits', 'user-stream'],
    ]);
    const ran = reportOf(outcome).checks.filter(({ status }) => status !== 'skipped');
    expect(ran.map(({ name }) => name)).toEqual(expect.arrayContaining(['rest', 'key', 'user-stream']));
    expect(outcome.stdout + outcome.stderr).not.toContain(secret);
  });

  it('finds a key that is of another exchange, and exits with 1', async () => {
    const other = await serve(2);
    const outcome = await runCommand(['doctor', '--account', 'main', ...at(other)]);
    expect([outcome.status, reportOf(outcome).ok, failedIn(outcome)]).toEqual([1, false, ['key']]);
    expect(reportOf(outcome).checks.find(({ name }) => name === 'key')?.todo).toContain('not of its testnet');
  });

  it('finds that nobody is there, and refuses a wrong command line', async () => {
    const nobody = ['doctor', '--venue', 'simulated', '--rest-url', 'http://127.0.0.1:9', '--data-dir', data, '--json'];
    const outcome = await runCommand(nobody);
    expect([outcome.status, failedIn(outcome)]).toEqual([1, ['ipv4', 'rest']]);
    for (const flags of [[], ['--venue', 'replay'], ['--venue', 'simulated', '--ws-url', 'ws://127.0.0.1:9']]) {
      const refused = await runCommand(['doctor', '--json', ...flags]);
      expect([refused.status, refused.document]).toMatchObject([2, { error: { code: 'flag_invalid' } }]);
    }
  });
});
