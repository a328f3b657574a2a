import type { Clock, HttpRoute, IncomingRequest, OutgoingResponse } from '@monsta/ports';
import { BinanceError } from '../parameters.ts';
import { errorResponse } from '../rest-routes.ts';
import type { AwkwardFills } from './awkward-fills.ts';
import type { FaultInjector, Strike } from './fault-injector.ts';
import type { FaultAnswer } from './fault-plan.ts';
import { clueInBody, clueInRequest } from './order-clue.ts';
import { damagedResponse } from './damage.ts';
import { answerBody, requestFate, type RequestFate } from './request-fate.ts';

/** What a wrapped door needs. */
export interface FaultTools {
  readonly injector: FaultInjector;
  readonly clock: Clock;
  /** Lets time pass for a request; at once when the rules are taken away. */
  readonly pause: (delayMs: number) => Promise<void>;
  readonly fills: AwkwardFills;
  /** True while the venue is closed for maintenance: nothing is served. */
  readonly closed: () => boolean;
  /** The streams that a connection's address names. */
  readonly streamsInUrl: (request: IncomingRequest) => readonly string[];
  /** Says that this is not the exchange; on every answer that a fault gives. */
  readonly originHeaders: Readonly<Record<string, string>>;
}

/** What Binance says while it is not there. */
export function closedResponse(headers: Readonly<Record<string, string>>): OutgoingResponse {
  return errorResponse(new BinanceError(-1016, 'This service is no longer available.', 503), headers);
}

const CUT: OutgoingResponse = { status: 503, body: '', cut: true };

/** The answer of a fault over HTTP. */
export function faultResponse(
  answer: FaultAnswer,
  rule: string,
  headers: Readonly<Record<string, string>>,
): OutgoingResponse {
  const { type, text } = answerBody(answer);
  return {
    status: answer.status,
    headers: {
      ...headers,
      ...(answer.retryAfterS === null ? {} : { 'retry-after': String(answer.retryAfterS) }),
      'x-monsta-fault': rule,
      'content-type': type,
    },
    body: text,
  };
}

async function ending(
  { fault, armed }: Strike,
  headers: Readonly<Record<string, string>>,
  tools: FaultTools,
): Promise<OutgoingResponse> {
  if (fault.kind === 'refuse' || fault.kind === 'fail') return faultResponse(fault, armed.rule.id, headers);
  if (fault.kind === 'silence') await tools.pause(fault.forMs);
  return CUT;
}

async function suffer(
  route: HttpRoute,
  request: IncomingRequest,
  { before, after, damages }: RequestFate,
  tools: FaultTools,
): Promise<OutgoingResponse> {
  for (const strike of before.fills) tools.fills.fill(strike, clueInRequest(request));
  if (before.delayMs > 0) await tools.pause(before.delayMs);
  if (before.end !== null) return ending(before.end, tools.originHeaders, tools);
  const handled = route.handle(request);
  const response = handled instanceof Promise ? await handled : handled;
  for (const strike of after.fills) tools.fills.fill(strike, clueInBody(response.body, clueInRequest(request)));
  if (after.delayMs > 0) await tools.pause(after.delayMs);
  if (after.end === null) return damages.reduce(damagedResponse, response);
  return ending(after.end, response.headers ?? tools.originHeaders, tools);
}

/** The route with the faults of `tools` in front of it and behind it. Without one that strikes, it is called as it is. */
export function faultyRoute(route: HttpRoute, tools: FaultTools): HttpRoute {
  return {
    method: route.method,
    path: route.path,
    handle(request) {
      if (tools.closed()) return closedResponse(tools.originHeaders);
      if (!tools.injector.watches('rest')) return route.handle(request);
      const strikes = tools.injector.strikeAll({
        channel: 'rest',
        httpMethod: request.method,
        subjects: [request.path],
        connection: null,
        to: request.remoteAddress,
      });
      return strikes.length === 0 ? route.handle(request) : suffer(route, request, requestFate(strikes), tools);
    },
  };
}
