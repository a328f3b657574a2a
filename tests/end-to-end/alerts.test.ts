import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHttpAlertServer, startSmtpAlertServer, type HttpAlertServer } from '@monsta/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runCommand } from '../support/command.test-support.ts';
import { getJson, startProgram, textOf, until, type RunningProgram } from '../support/program.test-support.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'monsta-alerts-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}

async function takingServer(): Promise<HttpAlertServer> {
  const server = await startHttpAlertServer((how) => ({ status: how === 'takes' ? 200 : 503, body: '' }));
  onTestFinished(() => server.stop());
  return server;
}

function configured(at: string, channels: readonly unknown[]): string {
  const file = join(at, 'config.json');
  writeFileSync(file, JSON.stringify({ alerts: { channels, sending: { retry_ms_min: 200, retry_ms_max: 200 } } }));
  return file;
}

interface Listed {
  readonly items: readonly { readonly kind: string; readonly deliveries: readonly { readonly status: string }[] }[];
}

const kindsTaken = (server: HttpAlertServer): readonly string[] =>
  server.taken.map(({ body }) => (JSON.parse(body) as { kind: string }).kind);
const taken = (server: HttpAlertServer, kind: string): number =>
  kindsTaken(server).filter((each) => each === kind).length;

async function setState(base: string, token: string, state: string): Promise<void> {
  const reply = await fetch(`${base}/api/v1/trading/state`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ state, reason: 'a test of alerts' }),
  });
  expect(reply.status).toBe(200);
}

describe('the program with a webhook', { timeout: 180_000 }, () => {
  it('tells of a halt once, and after kill -9 what had been waiting', async () => {
    const server = await takingServer();
    const at = folder();
    const config = configured(at, [{ name: 'hook', kind: 'webhook', url: `http://127.0.0.1:${server.port}/in` }]);
    const flags = ['--config', config, '--port', '0', '--data-dir', join(at, 'data'), '--log-level', 'warn'];
    const ready = async (program: RunningProgram): Promise<string> => {
      const base = textOf(program, 'url');
      await until(
        async () => (await fetch(`${base}/readyz`)).status,
        (status) => status === 200,
        60_000,
        'readiness',
      );
      return base;
    };
    const first = await startProgram(flags);
    onTestFinished(() => first.kill());
    const token = textOf(first, 'adminToken');
    const base = await ready(first);
    await setState(base, token, 'HALTED');
    await until(
      () => Promise.resolve(taken(server, 'halt')),
      (count) => count === 1,
      20_000,
      'the halt',
    );
    server.behave('busy');
    await setState(base, token, 'ACTIVE');
    const list = (url: string): Promise<Listed> => getJson<Listed>(`${url}/api/v1/alerts`);
    const statusOf = ({ items }: Listed, kind: string): string | undefined =>
      items.find((item) => item.kind === kind)?.deliveries[0]?.status;
    await until(
      () => list(base),
      (all) => statusOf(all, 'resumed') === 'queued',
      20_000,
      'the waiting alert',
    );
    await first.kill();
    expect(taken(server, 'resumed')).toBe(0);
    server.behave('takes');
    const second = await startProgram(flags);
    onTestFinished(() => second.kill());
    const again = await ready(second);
    await until(
      () => list(again),
      (all) => statusOf(all, 'resumed') === 'sent',
      30_000,
      'the alert after the restart',
    );
    expect(taken(server, 'resumed')).toBe(1);
    expect(taken(server, 'halt')).toBe(1);
    expect(await second.stop()).toBe(0);
  });
});

describe('monsta alerts test', { timeout: 120_000 }, () => {
  it('sends a message through each channel and says which of them failed', async () => {
    const server = await takingServer();
    const mail = await startSmtpAlertServer();
    onTestFinished(() => mail.stop());
    const at = folder();
    const password = 'the-mail-password';
    writeFileSync(join(at, 'password'), `${password}\n`, { mode: 0o600 });
    const smtp = {
      kind: 'smtp',
      host: '127.0.0.1',
      port: mail.port,
      security: 'none',
      from: 'a@monsta.test',
      to: ['b@monsta.test'],
    };
    const config = configured(at, [
      { name: 'hook', kind: 'webhook', url: `http://127.0.0.1:${server.port}/in` },
      { name: 'mail', ...smtp, user: 'monsta', secret_file: join(at, 'password') },
    ]);
    const all = await runCommand(['alerts', 'test', '--config', config, '--json']);
    expect([all.status, all.document]).toMatchObject([
      0,
      {
        items: [
          { channel: 'hook', error: null },
          { channel: 'mail', error: null },
        ],
      },
    ]);
    expect(kindsTaken(server)).toEqual(['test']);
    expect(mail.logins).toEqual([`monsta:${password}`]);
    mail.behave('unauthorized');
    const failed = await runCommand(['alerts', 'test', '--config', config, '--channel', 'mail']);
    expect(failed.status).toBe(1);
    expect(failed.stdout).toContain('mail: notifier_unauthorized');
    expect(failed.stdout + failed.stderr).not.toContain(password);
    chmodSync(join(at, 'password'), 0o644);
    const exposed = await runCommand(['alerts', 'test', '--config', config]);
    expect([exposed.status, exposed.stderr.includes('alert_secret_exposed')]).toEqual([1, true]);
  });

  it('takes no secret from the command line, and repeats none that was typed there', async () => {
    for (const argv of [['--token', '123456:AA-secret'], ['123456:AA-secret']]) {
      const refused = await runCommand(['alerts', 'test', ...argv]);
      expect(refused.status).toBe(2);
      expect(refused.stdout + refused.stderr).not.toContain('AA-secret');
    }
  });
});
