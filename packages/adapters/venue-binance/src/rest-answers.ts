import { err, MS_PER_SECOND, type Err } from '@monsta/core';
import type { HttpRequest, HttpResponse } from '@monsta/ports';
import { decodeError, type VenueError } from './replies.ts';

/** Where a 429 or 418 does not say how long: a window, and the shortest ban. */
const LIMITED_MS = 60_000;
const BANNED_MS = 120_000;
const FIREWALL_MS = 300_000;

const TOO_MANY_REQUESTS = -1003;
const TOO_MANY_ORDERS = -1015;
const TIME_OUTSIDE_WINDOW = -1021;
/** The venue itself does not know what became of the request: an answer it did not expect, and none in time. */
const OUTCOME_UNKNOWN: ReadonlySet<number> = new Set([-1006, -1007]);
/** Key, signature or permissions. */
export const KEY_REFUSED: ReadonlySet<number> = new Set([-1002, -1022, -2014, -2015]);

/** What an answer that was no success came to. */
export interface Refusal {
  readonly result: Err;
  /**
   * `address` and `orders`: nothing more may be sent for a while; `clock`: the time we signed with was wrong, and the request was certainly
   * refused; `failed`: the venue failed, and a read may be repeated; `final`: it would be refused again.
   */
  readonly kind: 'address' | 'orders10s' | 'orders1d' | 'clock' | 'failed' | 'final';
  /** Why, as a log shows it. */
  readonly detail: string;
  /** For `address`: how long. */
  readonly forMs: number;
}

/** Milliseconds from `Retry-After` in seconds; null when absent or unreadable. */
function retryAfterMs(response: HttpResponse): number | null {
  const text = response.headers['retry-after'];
  const seconds = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * MS_PER_SECOND : null;
}

/** Why the address must stop and for how long; null where it need not. */
function addressBlock(
  response: HttpResponse,
  said: VenueError | null,
): { readonly forMs: number; readonly why: string } | null {
  const askedMs = retryAfterMs(response);
  if (response.status === 418) return { forMs: askedMs ?? BANNED_MS, why: 'the venue has banned this address' };
  if (said?.code === TOO_MANY_REQUESTS || (response.status === 429 && said?.code !== TOO_MANY_ORDERS))
    return { forMs: askedMs ?? LIMITED_MS, why: 'over the venue’s request limit' };
  if (response.status === 403 && said === null)
    return { forMs: FIREWALL_MS, why: 'the venue’s firewall refuses this address' };
  return null;
}

/** Reads an answer outside 2xx. `venue_limited` is completed by who knows for how long. */
export function refusalOf(
  call: Pick<HttpRequest, 'method'> & { readonly path: string },
  response: HttpResponse,
): Refusal {
  const { status } = response;
  const said = decodeError(response.body);
  const detail = said === null ? `status ${status}` : `status ${status}, ${said.code} ${said.message}`;
  const details = {
    status,
    ...(said === null ? {} : { venueCode: said.code, venueMessage: said.message, venueData: said.data }),
  };
  const changes = call.method !== 'GET';
  const final = (code: string, message: string): Refusal => ({
    kind: 'final',
    detail,
    forMs: 0,
    result: err(code, `${call.path}: ${message} (${detail})`, { details }),
  });
  const block = addressBlock(response, said);
  if (block !== null) {
    const { forMs, why } = block;
    const seconds = Math.ceil(forMs / MS_PER_SECOND);
    const result = err('venue_limited', `${call.path}: ${why} (${detail}); no call for ${seconds} s`, {
      retry: 'retryable',
      retryAfterMs: forMs,
      details,
    });
    return { kind: 'address', detail: `${why} (${detail})`, forMs, result };
  }
  if (said?.code === TOO_MANY_ORDERS) {
    const kind = /\bDAY\b/i.test(said.message) ? 'orders1d' : 'orders10s';
    return { ...final('venue_limited', 'too many orders'), kind };
  }
  if (said?.code === TIME_OUTSIDE_WINDOW)
    return { ...final('venue_clock', 'the venue’s clock differs'), kind: 'clock' };
  if (said !== null && KEY_REFUSED.has(said.code)) return final('venue_key', 'the venue refuses the API key');
  if (status >= 500 || (said !== null && OUTCOME_UNKNOWN.has(said.code))) {
    const failure = changes
      ? err('outcome_unknown', `${call.path}: the venue failed, and may have carried it out (${detail})`, {
          retry: 'unknown_outcome',
          details,
        })
      : err('venue_unreachable', `${call.path}: the venue failed (${detail})`, { retry: 'retryable', details });
    return { kind: 'failed', detail, forMs: 0, result: failure };
  }
  if (status === 451) return final('venue_unreachable', 'the venue does not serve this location');
  if (status < 400) return final('venue_protocol', 'an answer of another kind than documented');
  return final('venue_rejected', 'the venue refused the request');
}
