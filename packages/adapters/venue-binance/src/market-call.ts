import { err, type Result } from '@monsta/core';
import type { BinanceConnection } from './connection.ts';
import type { Priority } from './request-lanes.ts';
import type { RestReply } from './rest-client.ts';
import type { Parameters } from './signing.ts';

/** Request weights that the documentation gives. */
export const MARKET_WEIGHTS = { exchangeInfo: 20, klines: 2, trades: 25, aggregateTrades: 4 } as const;

/** Faults of a request that the venue would not have. */
const REFUSED: ReadonlySet<string> = new Set(['venue_rejected', 'venue_key']);
const UNKNOWN_SYMBOL = -1121;

export interface MarketCall {
  /** Below `/api/v3/`. */
  readonly path: string;
  readonly parameters: Parameters;
  readonly weight: number;
  /** Default `data`. */
  readonly priority?: Priority;
  readonly microseconds?: boolean;
  readonly signal?: AbortSignal;
}

/** GET of an endpoint of market data. Faults: those of `RestClient`, `instrument_unknown`, and `venue_protocol` for a request that was refused. */
export async function marketCall(connection: BinanceConnection, call: MarketCall): Promise<Result<RestReply>> {
  const { path, parameters, priority = 'data', microseconds = false, signal, weight } = call;
  const reply = await connection.publicClient.call({
    method: 'GET',
    path: `/api/v3/${path}`,
    parameters,
    security: 'public',
    weight,
    priority,
    microseconds,
    ...(signal === undefined ? {} : { signal }),
  });
  if (reply.ok || !REFUSED.has(reply.fault.code)) return reply;
  const { details = {}, message } = reply.fault;
  return details['venueCode'] === UNKNOWN_SYMBOL
    ? err('instrument_unknown', message, { details })
    : err('venue_protocol', message, { details });
}
