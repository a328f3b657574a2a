import { err, msFromUs, ok, type Result } from '@monsta/core';
import type { WebSocketConnection } from '@monsta/ports';
import type { BinanceConnection } from './connection.ts';
import { isObject, readArray, readId, readObject, readText } from './json-reader.ts';
import { decodeBody } from './replies.ts';
import type { RestClient } from './rest-client.ts';
import { signedSocketParameters, type BinanceCredentials } from './signing.ts';
import { readExchangeListing, type ExchangeListing } from './symbol-rules-reader.ts';

/** A limit that the venue counts; `used` null where it does not say. */
export interface VenueLimit {
  /** `REQUEST_WEIGHT 1 MINUTE`. */
  readonly name: string;
  readonly limit: number;
  readonly used: number | null;
}

const WEIGHT = { ping: 1, exchangeInfo: 20, orderCounts: 40 } as const;
const UNKNOWN_SYMBOL = -1121;
const SUBSCRIBE = 'userDataStream.subscribe.signature';
const NORMAL = 1000;

const everyoneMay = { method: 'GET', security: 'public', priority: 'trading' } as const;

/** Milliseconds from the question to the answer. Faults are those of `RestClient`. */
export async function pingVenue({ publicClient }: BinanceConnection): Promise<Result<number>> {
  const reply = await publicClient.call({ ...everyoneMay, path: '/api/v3/ping', weight: WEIGHT.ping });
  return reply.ok ? ok(reply.value.receivedMs - reply.value.sentMs) : reply;
}

function readLimits(value: unknown): readonly VenueLimit[] {
  return readArray(value, 'rateLimits').map((each, index) => {
    const limit = readObject(each, `rateLimits[${index}]`);
    const text = (name: string): string => readText(limit[name], name);
    return {
      name: `${text('rateLimitType')} ${readId(limit['intervalNum'], 'intervalNum')} ${text('interval')}`,
      limit: readId(limit['limit'], 'limit'),
      used: limit['count'] === undefined ? null : readId(limit['count'], 'count'),
    };
  });
}

/** What the venue says of its limits and of these symbols. */
export interface VenueListing {
  readonly limits: readonly VenueLimit[];
  readonly listing: ExchangeListing;
}

/** Null where the venue has no such symbol. */
async function askListing(
  { publicClient, time }: BinanceConnection,
  symbols: readonly string[],
): Promise<Result<VenueListing | null>> {
  const path = '/api/v3/exchangeInfo';
  const parameters = { symbols: JSON.stringify(symbols) };
  const reply = await publicClient.call({ ...everyoneMay, path, parameters, weight: WEIGHT.exchangeInfo });
  if (!reply.ok) return reply.fault.details?.['venueCode'] === UNKNOWN_SYMBOL ? ok(null) : reply;
  return decodeBody(reply.value.body, path, (json) => ({
    limits: readLimits(readObject(json, path)['rateLimits']),
    listing: readExchangeListing(json, time.nowUs()),
  }));
}

/** The venue's limits and rules of symbols. One that it does not list is missing from the answer. Faults are those of `RestClient`. */
export async function readVenueListing(
  connection: BinanceConnection,
  symbols: readonly string[],
): Promise<Result<VenueListing>> {
  const together = await askListing(connection, symbols);
  if (!together.ok) return together;
  if (together.value !== null) return ok(together.value);
  // One that is not there has the whole question refused.
  let found: VenueListing | null = null;
  for (const symbol of symbols) {
    const alone = await askListing(connection, [symbol]);
    if (!alone.ok) return alone;
    if (alone.value === null) continue;
    const { limits, listing }: VenueListing = alone.value;
    const before: ExchangeListing = found?.listing ?? { ...listing, symbols: new Map(), leftOut: [] };
    found = {
      limits,
      listing: {
        ...listing,
        symbols: new Map([...before.symbols, ...listing.symbols]),
        leftOut: [...before.leftOut, ...listing.leftOut],
      },
    };
  }
  return found === null ? err('instrument_unknown', `the venue lists none of ${symbols.join(', ')}`) : ok(found);
}

/** Orders that the account has placed in its windows. Faults are those of `RestClient`. */
export async function readOrderCounts(client: RestClient): Promise<Result<readonly VenueLimit[]>> {
  const path = '/api/v3/rateLimit/order';
  const reply = await client.call({
    method: 'GET',
    security: 'signed',
    priority: 'trading',
    path,
    weight: WEIGHT.orderCounts,
  });
  return reply.ok ? decodeBody(reply.value.body, path, readLimits) : reply;
}

/** What a socket is asked, and what of its frames is the answer: null for one that is none. */
interface SocketQuestion {
  readonly url: string;
  /** Sent once it is open; null where there is nothing to ask. */
  readonly ask: string | null;
  readonly answer: (text: string) => Result<null> | null;
}

/** Milliseconds until the socket gave an answer. Fault `venue_unreachable`, and those of the answer. */
async function askSocket(
  { clock, transport }: BinanceConnection,
  { url, ask, answer }: SocketQuestion,
  timeoutMs: number,
): Promise<Result<number>> {
  const startMs = clock.monotonicMs();
  const { promise, resolve } = Promise.withResolvers<Result<null>>();
  const unreachable = (message: string): void =>
    resolve(err('venue_unreachable', `${url}: ${message}`, { retry: 'retryable' }));
  const timer = clock.setTimer(timeoutMs, () => unreachable(`no answer within ${timeoutMs} ms`));
  const socket: WebSocketConnection = transport.connect(
    url,
    {
      onOpen: () => void (ask === null ? undefined : socket.send(ask)),
      onMessage(text) {
        const said = answer(text);
        if (said !== null) resolve(said);
      },
      onClose: (code, reason) => unreachable(`closed with ${code}${reason === '' ? '' : ` (${reason})`}`),
    },
    { openTimeoutMs: timeoutMs },
  );
  const answered = await promise;
  timer.cancel();
  socket.close(NORMAL, 'asked');
  return answered.ok ? ok(clock.monotonicMs() - startMs) : answered;
}

const PROBE_TIMEOUT_MS = 10_000;

/** Milliseconds until the first quote of a symbol came over the market's streams. Fault `venue_unreachable`. */
export const probeMarketStream = (connection: BinanceConnection, symbol: string): Promise<Result<number>> =>
  askSocket(
    connection,
    {
      url: `${connection.wsUrl}/stream?streams=${symbol.toLowerCase()}@bookTicker/${symbol.toLowerCase()}@depth@100ms`,
      ask: null,
      answer: (text) => (text.startsWith('{"stream":') ? ok(null) : null),
    },
    PROBE_TIMEOUT_MS,
  );

/** Milliseconds until the account's events were subscribed to by signature. Faults `venue_unreachable`, `venue_key`, `venue_clock`, `venue_rejected`. */
export function probeUserStream(
  connection: BinanceConnection,
  credentials: BinanceCredentials,
): Promise<Result<number>> {
  const { config, time, wsApiUrl } = connection;
  if (wsApiUrl === null) return Promise.resolve(err('venue_unreachable', 'there is no address of the WebSocket API'));
  const params = signedSocketParameters(
    { recvWindow: config.recvWindowMs, timestamp: msFromUs(time.measuredNowUs()) },
    credentials,
  );
  return askSocket(
    connection,
    {
      url: `${wsApiUrl}/ws-api/v3`,
      ask: JSON.stringify({ id: 'probe', method: SUBSCRIBE, params }),
      answer: subscriptionAnswer,
    },
    PROBE_TIMEOUT_MS,
  );
}

const REFUSALS: Readonly<Record<number, string>> = {
  [-1021]: 'venue_clock',
  [-1002]: 'venue_key',
  [-1022]: 'venue_key',
  [-2014]: 'venue_key',
  [-2015]: 'venue_key',
};

function subscriptionAnswer(text: string): Result<null> | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(json) || json['id'] !== 'probe') return null;
  if (json['status'] === 200) return ok(null);
  const error = isObject(json['error']) ? json['error'] : {};
  const code = typeof error['code'] === 'number' ? error['code'] : 0;
  return err(
    REFUSALS[code] ?? 'venue_rejected',
    `the subscription was refused: ${code} ${typeof error['msg'] === 'string' ? error['msg'] : ''}`,
  );
}
