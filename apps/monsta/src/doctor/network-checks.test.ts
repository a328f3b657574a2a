import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { systemClock } from '@monsta/clock-system';
import { err, ok, type Result } from '@monsta/core';
import { afterEach, describe, expect, it } from 'vitest';
import { OWN_CERTIFICATE, OWN_KEY } from './certificate.test-support.ts';
import type { Check } from './check.ts';
import { networkChecks } from './network-checks.ts';
import { createNetworkProbe, type Connected, type NetworkProbe, type Resolved } from './network-probe.ts';

const NOW_MS = 1_740_830_400_000;
const DAY_MS = 86_400_000;
const statuses = (checks: readonly Check[]): Readonly<Record<string, string>> =>
  Object.fromEntries(checks.map(({ name, status }) => [name, status]));
const urls = (text = 'https://api.exchange.test') => [new URL(text)];

/** A network in which names and connections are what the test says. */
function said(
  resolved: Result<Resolved>,
  connect: (address: string) => Result<Partial<Connected>> = () => ok({}),
): NetworkProbe {
  const tls = { protocol: 'TLSv1.3', issuer: 'A Known Authority', validToMs: NOW_MS + 60 * DAY_MS };
  return {
    resolve: () => Promise.resolve(resolved),
    connect(_, address) {
      const connected = connect(address);
      return Promise.resolve(connected.ok ? ok({ address, ms: 12, tls, ...connected.value }) : connected);
    },
  };
}
const both = ok({ ipv4: ['192.0.2.1'], ipv6: ['2001:db8::1'] });
const lost = (code = 'connect_failed') => err(code, 'no route');

describe('the network', () => {
  it('is fine where both families connect', async () => {
    const checks = await networkChecks(said(both), urls(), null, NOW_MS);
    expect(statuses(checks)).toEqual({ proxy: 'ok', names: 'ok', ipv4: 'ok', ipv6: 'ok' });
    expect(checks.map(({ seen }) => seen).join()).toContain('TLSv1.3, certificate of A Known Authority');
  });

  it('is not where a name is not resolved, and says what to do', async () => {
    const checks = await networkChecks(said(err('name_unresolved', 'no such name')), urls(), null, NOW_MS);
    expect(statuses(checks)).toEqual({ proxy: 'ok', names: 'failed', ipv4: 'skipped', ipv6: 'skipped' });
    expect(checks.find(({ status }) => status === 'failed')?.todo).toContain('resolv.conf');
  });

  it('with an IPv6 that goes nowhere is a warning while IPv4 works, and the other way round a failure', async () => {
    const dead6 = said(both, (address) => (address.includes(':') ? lost() : ok({})));
    expect(statuses(await networkChecks(dead6, urls(), null, NOW_MS))).toMatchObject({ ipv4: 'ok', ipv6: 'warning' });
    const dead4 = said(both, (address) => (address.includes(':') ? ok({}) : lost()));
    expect(statuses(await networkChecks(dead4, urls(), null, NOW_MS))).toMatchObject({ ipv4: 'failed', ipv6: 'ok' });
    const only6 = said(ok({ ipv4: [], ipv6: ['2001:db8::1'] }), () => lost());
    expect(statuses(await networkChecks(only6, urls(), null, NOW_MS))).toMatchObject({
      ipv4: 'skipped',
      ipv6: 'failed',
    });
  });

  it('in which somebody else answers is a failure', async () => {
    const checks = await networkChecks(
      said(both, () => lost('certificate_refused')),
      urls(),
      null,
      NOW_MS,
    );
    expect(statuses(checks)).toMatchObject({ ipv4: 'failed', ipv6: 'failed' });
    expect(checks.at(-1)?.todo).toContain('in the exchange’s place');
  });

  it('warns of a certificate that ends soon, and of no TLS outside this machine', async () => {
    const soon = { protocol: 'TLSv1.3', issuer: 'A', validToMs: NOW_MS + 2 * DAY_MS };
    const ending = await networkChecks(
      said(both, () => ok({ tls: soon })),
      urls(),
      null,
      NOW_MS,
    );
    expect(statuses(ending)).toMatchObject({ ipv4: 'warning' });
    expect(ending[2]?.seen).toContain('2 days more');
    const clear = said(both, () => ok({ tls: null }));
    expect(statuses(await networkChecks(clear, urls('http://api.exchange.test'), null, NOW_MS))).toMatchObject({
      ipv4: 'warning',
    });
    expect(statuses(await networkChecks(clear, urls('http://127.0.0.1:9080'), null, NOW_MS))).toMatchObject({
      names: 'skipped',
      ipv4: 'ok',
    });
  });

  it('behind a proxy is the proxy’s', async () => {
    const checks = await networkChecks(said(lost()), urls(), 'proxy.test:3128', NOW_MS);
    expect(statuses(checks)).toEqual({ proxy: 'ok', names: 'skipped', ipv4: 'skipped', ipv6: 'skipped' });
    expect(checks[0]?.seen).toContain('proxy.test:3128');
  });
});

describe('the probe of the network, on this machine', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function listening(server: Server, host: string): Promise<number> {
    servers.push(server);
    server.listen(0, host);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }
  const probe = (...certificates: string[]): NetworkProbe => createNetworkProbe(systemClock(), certificates);
  const codeOf = (result: Result<unknown>): string | null => (result.ok ? null : result.fault.code);

  it.each(['127.0.0.1', '::1'])('connects to %s', async (address) => {
    const port = await listening(
      createServer((socket) => socket.end()),
      address,
    );
    const host = address.includes(':') ? `[${address}]` : address;
    const connected = await probe().connect(new URL(`http://${host}:${port}`), address);
    expect(connected).toMatchObject({ ok: true, value: { address, tls: null } });
  });

  it('says that nobody listens', async () => {
    const server = createServer();
    const port = await listening(server, '127.0.0.1');
    server.close();
    expect(codeOf(await probe().connect(new URL(`http://127.0.0.1:${port}`), '127.0.0.1'))).toBe('connect_failed');
  });

  it('refuses a certificate that nobody vouches for, and takes it from its own authority', async () => {
    const port = await listening(createTlsServer({ cert: OWN_CERTIFICATE, key: OWN_KEY }), '127.0.0.1');
    const url = new URL(`https://localhost:${port}`);
    expect(codeOf(await probe().connect(url, '127.0.0.1'))).toBe('certificate_refused');
    expect(codeOf(await probe(OWN_CERTIFICATE).connect(new URL(`https://exchange.test:${port}`), '127.0.0.1'))).toBe(
      'certificate_refused',
    );
    expect(await probe(OWN_CERTIFICATE).connect(url, '127.0.0.1')).toMatchObject({
      ok: true,
      value: { tls: { protocol: 'TLSv1.3', issuer: 'Doctor Test' } },
    });
  });

  it('resolves the name of this machine, and none that there is not', async () => {
    expect(await probe().resolve('localhost')).toMatchObject({ ok: true });
    expect(codeOf(await probe().resolve('no-such-host.invalid'))).toBe('name_unresolved');
  });
});
