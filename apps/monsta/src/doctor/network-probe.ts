import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, rootCertificates, type TLSSocket } from 'node:tls';
import { err, ok, type Result } from '@monsta/core';
import type { Clock } from '@monsta/ports';

export type Family = 4 | 6;

export interface Resolved {
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
}

/** What a connection of one family came to. */
export interface Connected {
  readonly address: string;
  readonly ms: number;
  /** Null where the address is one without TLS. */
  readonly tls: { readonly protocol: string; readonly issuer: string; readonly validToMs: number | null } | null;
}

/** The network below HTTP: names, addresses, certificates. */
export interface NetworkProbe {
  /** Fault `name_unresolved`. */
  resolve(host: string): Promise<Result<Resolved>>;
  /** Opens and closes a connection to one address. Faults: `connect_failed`, `certificate_refused`. */
  connect(url: URL, address: string): Promise<Result<Connected>>;
}

const TIMEOUT_MS = 5_000;
const SECURE: ReadonlySet<string> = new Set(['https:', 'wss:']);

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';

/** The host of a URL without the brackets of IPv6. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1');

async function resolve(host: string): Promise<Result<Resolved>> {
  try {
    const found = await lookup(host, { all: true });
    const of = (family: Family): readonly string[] =>
      found.filter((each) => each.family === family).map(({ address }) => address);
    return ok({ ipv4: of(4), ipv6: of(6) });
  } catch (thrown) {
    return err('name_unresolved', `${host}: ${messageOf(thrown)}`, { retry: 'retryable' });
  }
}

function describeTls(socket: TLSSocket): Connected['tls'] {
  const certificate = socket.getPeerCertificate();
  const issuer = certificate.issuer?.O ?? certificate.issuer?.CN;
  const validTo = Date.parse(certificate.valid_to ?? '');
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    issuer: typeof issuer === 'string' ? issuer : 'unknown',
    validToMs: Number.isNaN(validTo) ? null : validTo,
  };
}

/** Certificates as those of this program, and `certificates` besides. */
export function createNetworkProbe(clock: Clock, certificates: readonly string[]): NetworkProbe {
  return {
    resolve,
    connect(url, address) {
      const secure = SECURE.has(url.protocol);
      const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
      const host = hostOf(url);
      const startMs = clock.monotonicMs();
      const { promise, resolve: settle } = Promise.withResolvers<Result<Connected>>();
      const connected = (tls: Connected['tls']): void =>
        settle(ok({ address, ms: clock.monotonicMs() - startMs, tls }));
      const socket: Socket = secure
        ? connectTls({
            host: address,
            port,
            ca: [...rootCertificates, ...certificates],
            ...(isIP(host) === 0 ? { servername: host } : {}),
          })
        : connectTcp({ host: address, port });
      socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
      socket.once(secure ? 'secureConnect' : 'connect', () =>
        connected(secure ? describeTls(socket as TLSSocket) : null),
      );
      socket.once('error', (thrown) => {
        const refused = /CERT|SIGNED|ALTNAME|ISSUER/.test(codeOf(thrown));
        settle(
          err(refused ? 'certificate_refused' : 'connect_failed', `${address} port ${port}: ${messageOf(thrown)}`, {
            retry: 'retryable',
          }),
        );
      });
      return promise.finally(() => socket.destroy());
    },
  };
}
