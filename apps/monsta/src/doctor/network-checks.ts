import { isIP } from 'node:net';
import type { Result } from '@monsta/core';
import { failure, fine, skipped, warning, type Check } from './check.ts';
import { hostOf, type Connected, type Family, type NetworkProbe, type Resolved } from './network-probe.ts';

const DAY_MS = 86_400_000;
/** A certificate that ends sooner makes one ask whether its owner has forgotten it. */
const CERTIFICATE_DAYS_LEAST = 7;
const LOOPBACK = /^(localhost|127\.|::1$)/;

async function resolveAll(
  probe: NetworkProbe,
  hosts: readonly string[],
): Promise<ReadonlyMap<string, Result<Resolved>>> {
  const found = await Promise.all(hosts.map(async (host) => [host, await probe.resolve(host)] as const));
  return new Map(found);
}

function nameCheck(resolved: ReadonlyMap<string, Result<Resolved>>): Check {
  const lost = [...resolved.values()].flatMap((each) => (each.ok ? [] : [each.fault.message]));
  const facts = Object.fromEntries([...resolved].map(([host, each]) => [host, each.ok ? each.value : null]));
  if (lost.length > 0)
    return failure(
      'names',
      lost.join('; '),
      'check this machine’s name servers (/etc/resolv.conf) and that it is online',
      facts,
    );
  const told = [...resolved].map(([host, each]) =>
    each.ok ? `${host}: ${each.value.ipv4.length} IPv4, ${each.value.ipv6.length} IPv6` : host,
  );
  return fine('names', told.join('; '), facts);
}

function connectionTold({ address, ms, tls }: Connected): string {
  const secured = tls === null ? 'without TLS' : `${tls.protocol}, certificate of ${tls.issuer}`;
  return `${address} in ${Math.round(ms)} ms, ${secured}`;
}

function connectedCheck(name: string, url: URL, connected: Connected, nowMs: number): Check {
  const { tls } = connected;
  const seen = connectionTold(connected);
  const facts = { ...connected };
  if (tls === null && !LOOPBACK.test(hostOf(url)))
    return warning(name, seen, 'keys and orders would go over this in the clear: use an https address', facts);
  const leftDays = tls?.validToMs === null || tls === null ? null : (tls.validToMs - nowMs) / DAY_MS;
  if (leftDays !== null && leftDays < CERTIFICATE_DAYS_LEAST)
    return warning(
      name,
      `${seen}, valid for ${Math.max(0, Math.floor(leftDays))} days more`,
      'ask who runs this server whether the certificate will be renewed',
      facts,
    );
  return fine(name, seen, facts);
}

/** One address of a family is enough; which one is tried is the name server's choice. */
async function familyCheck(
  probe: NetworkProbe,
  url: URL,
  family: Family,
  { ipv4, ipv6 }: Resolved,
  nowMs: number,
): Promise<Check> {
  const name = `ipv${family}`;
  const [own, others] = family === 4 ? [ipv4, ipv6] : [ipv6, ipv4];
  const [address] = own;
  if (address === undefined) return skipped(name, `${hostOf(url)} has no IPv${family} address`);
  const connected = await probe.connect(url, address);
  if (connected.ok) return connectedCheck(name, url, connected.value, nowMs);
  const { code, message } = connected.fault;
  if (code === 'certificate_refused')
    return failure(
      name,
      message,
      'something answers in the exchange’s place: do not go on before you know what. An own authority is named by transport.ca_file',
      { code },
    );
  if (family === 6 && others.length > 0)
    return warning(name, message, 'IPv4 is used instead; give this machine IPv6, or take its half-working IPv6 away', {
      code,
    });
  return failure(
    name,
    message,
    'check the way out of this network: a firewall, a cable, a proxy that must be used (transport.proxy_url)',
    { code },
  );
}

/** Names, IPv4 and IPv6 of the exchange's addresses. `proxyHost`: the proxy on the way there, which resolves and connects; nothing is to be seen from here then. */
export async function networkChecks(
  probe: NetworkProbe,
  urls: readonly URL[],
  proxyHost: string | null,
  nowMs: number,
): Promise<readonly Check[]> {
  const [first] = urls;
  if (proxyHost !== null || first === undefined) {
    const why = 'the proxy resolves names and connects';
    return [
      fine('proxy', `all goes through ${proxyHost ?? 'a proxy'}`),
      ...['names', 'ipv4', 'ipv6'].map((name) => skipped(name, why)),
    ];
  }
  const hosts = [...new Set(urls.map(hostOf))];
  const resolved = await resolveAll(probe, hosts);
  const names = hosts.every((host) => isIP(host) !== 0)
    ? skipped('names', `${hosts.join(', ')} is an address, not a name`)
    : nameCheck(resolved);
  const own = resolved.get(hostOf(first));
  const families =
    own?.ok === true
      ? await Promise.all(([4, 6] as const).map((family) => familyCheck(probe, first, family, own.value, nowMs)))
      : (['ipv4', 'ipv6'] as const).map((name) => skipped(name, 'its name has no address'));
  return [fine('proxy', 'none'), names, ...families];
}
