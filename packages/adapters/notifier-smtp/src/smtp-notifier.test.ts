import { expectOk } from '@monsta/core';
import {
  notifierConformance,
  portOfNobody,
  haltAlert,
  startSmtpAlertServer,
  TEST_AUTHORITY,
  VirtualClock,
  type Mail,
  type NotifierRig,
} from '@monsta/testkit';
import { systemClock } from '@monsta/clock-system';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSmtpNotifier, type SmtpNotifierOptions } from './smtp-notifier.ts';

const PASSWORD = 'mail-password-2718';

const notifierTo = (port: number, over: Partial<SmtpNotifierOptions> = {}) =>
  createSmtpNotifier({
    name: 'mail',
    host: '127.0.0.1',
    port,
    security: 'none',
    login: { user: 'monsta', password: PASSWORD },
    from: 'MONSTA <alerts@monsta.test>',
    to: ['trader@home.test'],
    certificates: [],
    clock: systemClock(),
    ...over,
  });

const decodeWords = (text: string): string =>
  text
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi, (_, how: string, coded: string) =>
      how.toUpperCase() === 'B' ? Buffer.from(coded, 'base64').toString('utf8') : unquote(coded.replaceAll('_', ' ')),
    );
const unquote = (text: string): string =>
  Buffer.from(
    text.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');

/** Subject and text as a mail program shows them. */
function readMail({ source }: Mail): string {
  const [head = '', ...rest] = source.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  const unfolded = head.replaceAll(/\r\n[ \t]/g, ' ');
  const subject = decodeWords(/^Subject: (.*)$/m.exec(unfolded)?.[1] ?? '');
  const coding = /^Content-Transfer-Encoding: (.*)$/m.exec(unfolded)?.[1]?.trim();
  if (coding === 'base64') return `${subject}\n${Buffer.from(body, 'base64').toString('utf8')}`;
  if (coding === 'quoted-printable') return `${subject}\n${unquote(body.replaceAll('=\r\n', ''))}`;
  return `${subject}\n${body.replaceAll(/(\S) \r\n/g, '$1 ')}`;
}

notifierConformance('e-mail', async (): Promise<NotifierRig> => {
  const server = await startSmtpAlertServer();
  return {
    notifier: notifierTo(server.port),
    nobody: notifierTo(await portOfNobody()),
    secret: PASSWORD,
    limitedMs: null,
    garbageIsUnknown: false,
    behave: (how) => server.behave(how),
    taken: () => server.taken.map(readMail),
    stop: () => server.stop(),
  };
});

it('logs in, and writes to each address once, under an id that stays the same when it is sent again', async () => {
  const server = await startSmtpAlertServer();
  onTestFinished(() => server.stop());
  const clock = new VirtualClock(1_700_000_000_000_000);
  const notifier = notifierTo(server.port, { to: ['a@home.test', 'B <b@home.test>'], clock });
  expectOk(await notifier.send(haltAlert(), 10_000));
  expectOk(await notifier.send(haltAlert(), 10_000));
  expect(server.logins).toEqual([`monsta:${PASSWORD}`, `monsta:${PASSWORD}`]);
  expect(server.taken.map(({ from, to }) => [from, ...to])).toEqual(
    Array.from({ length: 2 }, () => ['alerts@monsta.test', 'a@home.test', 'b@home.test']),
  );
  const ids = server.taken.map(({ source }) => /^Message-ID: (.*)$/im.exec(source)?.[1]);
  expect(ids[0]).toMatch(/^<[0-9a-f]{32}@monsta\.test>/);
  expect(ids[1]).toBe(ids[0]);
  expect(server.taken[0]?.source).toContain('Date: Tue, 14 Nov 2023 22:13:20 +0000');
  expect(server.taken[0]?.source).not.toContain(PASSWORD);
});

it('sends neither message nor password where encryption was asked for and is not offered', async () => {
  const server = await startSmtpAlertServer();
  onTestFinished(() => server.stop());
  const sent = await notifierTo(server.port, { security: 'starttls' }).send(haltAlert(), 10_000);
  expect(sent).toMatchObject({ ok: false, fault: { code: 'notifier_unreachable', retry: 'permanent' } });
  expect(server.logins).toEqual([]);
  expect(server.taken).toEqual([]);
});

describe.each(['starttls', 'tls'] as const)('with %s', (security) => {
  const towards = (port: number, certificates: readonly string[]) =>
    notifierTo(port, { host: 'localhost', security, certificates });

  it('sends through an encrypted connection to a server whose certificate is trusted', async () => {
    const server = await startSmtpAlertServer(security);
    onTestFinished(() => server.stop());
    expectOk(await towards(server.port, [TEST_AUTHORITY]).send(haltAlert(), 10_000));
    expect(server.logins).toEqual([`monsta:${PASSWORD}`]);
    expect(server.taken.map(readMail)[0]).toContain('Trading is halted');
  });

  it('gives neither password nor message to a server whose certificate is not trusted', async () => {
    const server = await startSmtpAlertServer(security);
    onTestFinished(() => server.stop());
    const sent = await towards(server.port, []).send(haltAlert(), 10_000);
    expect(sent).toMatchObject({ ok: false, fault: { code: 'notifier_unreachable', retry: 'permanent' } });
    expect(server.logins).toEqual([]);
    expect(server.taken).toEqual([]);
  });
});
