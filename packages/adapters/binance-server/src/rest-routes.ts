import type { HttpRoute, IncomingRequest, OutgoingResponse } from '@monsta/ports';
import type { ApiDesk, ApiReply, ApiRequest } from './api-desk.ts';
import type { ApiMethod } from './api-method.ts';
import { Parameters, type BinanceError } from './parameters.ts';
import { parseTimeUnit, timeUnitError } from './time-unit.ts';
import { signedText } from './trading/signatures.ts';
import type { TimeUnit } from './wire.ts';

type Headers = Readonly<Record<string, string>>;

/** The body and status of an error as Binance sends it. */
export function errorResponse(error: BinanceError, headers: Headers = {}): OutgoingResponse {
  return {
    status: error.status,
    headers: { 'content-type': 'application/json;charset=UTF-8', ...headers },
    body: JSON.stringify(error.body()),
  };
}

function timeUnit(request: IncomingRequest): TimeUnit {
  const header = request.headers['x-mbx-time-unit'];
  const unit = header === undefined ? 'ms' : parseTimeUnit(header);
  if (unit === null) throw timeUnitError();
  return unit;
}

/** The wallet's methods name the weight differently; here it is counted together with the others'. */
function usedWeightOf(path: string, usedWeight: number): Headers {
  const used = String(usedWeight);
  return path.startsWith('/sapi/')
    ? { 'x-sapi-used-ip-weight-1m': used }
    : { 'x-mbx-used-weight': used, 'x-mbx-used-weight-1m': used };
}

function headersOf(path: string, { usedWeight, orderCounts, retryAfterSeconds }: ApiReply): Headers {
  return {
    ...usedWeightOf(path, usedWeight),
    'cache-control': 'no-store',
    ...(orderCounts === null
      ? {}
      : {
          'x-mbx-order-count-10s': String(orderCounts.tenSeconds),
          'x-mbx-order-count-1d': String(orderCounts.day),
        }),
    ...(retryAfterSeconds === 0 ? {} : { 'retry-after': String(retryAfterSeconds) }),
  };
}

/** The body where it carries parameters: one that came with a GET, or that is JSON, is no part of the request and is not signed. */
function formOf({ method, headers, body }: IncomingRequest): string {
  return method === 'GET' || /^application\/json\b/i.test(headers['content-type'] ?? '') ? '' : body;
}

function answer(
  desk: ApiDesk,
  method: ApiMethod,
  request: IncomingRequest,
  originHeaders: Headers,
): OutgoingResponse | Promise<OutgoingResponse> {
  const { rawQuery, headers, remoteAddress } = request;
  const body = formOf(request);
  const asked: ApiRequest = {
    method,
    parameters: Parameters.fromForm(rawQuery, body),
    credentials: {
      kind: 'signed',
      apiKey: headers['x-mbx-apikey'] ?? null,
      text: () => signedText(rawQuery, body),
    },
    remoteAddress,
    unit: () => timeUnit(request),
    door: 'rest',
  };
  const perform = (): OutgoingResponse => responseOf(request.path, desk.perform(asked), originHeaders);
  return desk.prepared(asked)?.then(perform) ?? perform();
}

function responseOf(path: string, reply: ApiReply, originHeaders: Headers): OutgoingResponse {
  const sent = { ...originHeaders, ...headersOf(path, reply) };
  if (reply.error !== null) return errorResponse(reply.error, sent);
  return {
    status: 200,
    headers: { ...sent, 'content-type': 'application/json;charset=UTF-8' },
    body: JSON.stringify(reply.body),
  };
}

/** Methods that are also found where they were before `/api/v3`: older clients begin there. */
const FIRST_VERSION = [
  'ping',
  'time',
  'exchangeInfo',
  'depth',
  'trades',
  'historicalTrades',
  'aggTrades',
  'klines',
  'ticker/24hr',
].map((name) => `/api/v3/${name}`);

function pathsOf(path: string): readonly string[] {
  return FIRST_VERSION.includes(path) ? [path, path.replace('/v3/', '/v1/')] : [path];
}

/** The routes of all methods that REST serves. `originHeaders` say what the data is; they are on every response. */
export function restRoutes(desk: ApiDesk, methods: readonly ApiMethod[], originHeaders: Headers): readonly HttpRoute[] {
  return methods.flatMap((method) => {
    const { rest } = method;
    if (rest === null) return [];
    const handle = (request: IncomingRequest): OutgoingResponse | Promise<OutgoingResponse> =>
      answer(desk, method, request, originHeaders);
    return pathsOf(rest.path).map((path) => ({ method: rest.method, path, handle }));
  });
}
