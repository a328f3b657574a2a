import type { HttpRoute, IncomingRequest, OutgoingResponse } from '@monsta/ports';
import { BinanceError } from '../parameters.ts';

type Headers = Readonly<Record<string, string>>;
export type Json = Readonly<Record<string, unknown>>;

/** A control request that can't be done: what is wrong, in words for people. */
export class Refusal extends Error {
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

/** The JSON object that a control request carries. Throws `Refusal`. */
export function readJson(request: IncomingRequest): Json {
  // A page of another site can't send this content type without being asked first.
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
    throw new Refusal('send JSON, with content-type application/json', 415);
  }
  let value: unknown;
  try {
    value = JSON.parse(request.body);
  } catch {
    throw new Refusal('the body is no JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Refusal('send a JSON object');
  return Object.fromEntries(Object.entries(value));
}

function respond(
  request: IncomingRequest,
  originHeaders: Headers,
  act: (request: IncomingRequest) => unknown,
): OutgoingResponse {
  const headers = { ...originHeaders, 'content-type': 'application/json;charset=UTF-8', 'cache-control': 'no-store' };
  const reply = (status: number, body: unknown): OutgoingResponse => ({ status, headers, body: JSON.stringify(body) });
  try {
    if (!LOOPBACK.test(request.remoteAddress)) {
      throw new Refusal('the simulation is controlled from its own machine only', 403);
    }
    return reply(200, act(request));
  } catch (thrown) {
    if (thrown instanceof Refusal) return reply(thrown.status, { error: thrown.message });
    if (thrown instanceof BinanceError) return reply(thrown.status, thrown.body());
    throw thrown;
  }
}

/** A route `/sim/<path>`, which no real exchange has, for the machine itself only. `act` answers what is sent as JSON, or throws `Refusal` or `BinanceError`. */
export function controlRoute(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  originHeaders: Headers,
  act: (request: IncomingRequest) => unknown,
): HttpRoute {
  return { method, path: `/sim/${path}`, handle: (request) => respond(request, originHeaders, act) };
}
