import { fault, type Fault } from '@monsta/core';
import { bearerToken, isHostAllowed, isOriginAllowed, type Identity } from '@monsta/identity';
import type { IncomingRequest } from '@monsta/ports';
import type { ApiGatewayConfig } from './config.ts';
import { WrongTokens } from './wrong-tokens.ts';

const READS = new Set(['GET', 'HEAD']);

/** Decides who comes in: by the name they call us, the page they come from, the token they bring. */
export class Doors {
  readonly #config: ApiGatewayConfig;
  readonly #identity: Identity;
  readonly #wrongTokens: WrongTokens;
  readonly #hosts: readonly string[];

  constructor(config: ApiGatewayConfig, identity: Identity) {
    this.#config = config;
    this.#identity = identity;
    this.#wrongTokens = new WrongTokens(config.wrongTokensMax, config.wrongTokensPerMinute);
    // An address to listen on is a name of ours; "every address" is none.
    const own = config.host.includes(':') ? `[${config.host}]` : config.host;
    this.#hosts =
      config.host === '0.0.0.0' || config.host === '::' ? config.hostsAllowed : [own, ...config.hostsAllowed];
  }

  /** For every request, before anything else. */
  guard({ method, headers }: IncomingRequest): Fault | null {
    if (!isHostAllowed(headers, this.#hosts))
      return fault(
        'host_forbidden',
        `'${(headers['host'] ?? '').slice(0, 80)}' is no name of this server; call it by a loopback address, or list the name under hostsAllowed`,
      );
    if (!READS.has(method) && !isOriginAllowed(headers, this.#config.originsAllowed))
      return fault('origin_forbidden', 'pages of this origin may not change anything; list it under originsAllowed');
    return null;
  }

  /** For routes that need the admin token. */
  admin({ headers, remoteAddress }: IncomingRequest, nowMs: number): Fault | null {
    const token = bearerToken(headers);
    if (token === null)
      return fault('token_missing', 'this call needs the admin token: Authorization: Bearer monsta_admin_…');
    if (this.#identity.isAdmin(token)) return null;
    const waitMs = this.#wrongTokens.record(remoteAddress, nowMs);
    return waitMs === null
      ? fault('token_invalid', 'this is not the admin token of this MONSTA')
      : fault('too_many_requests', 'too many wrong tokens from this address', {
          retry: 'retryable',
          retryAfterMs: waitMs,
        });
  }
}
