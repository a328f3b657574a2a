import { errorMapping } from '@monsta/contracts';
import type { Fault, Result } from '@monsta/core';
import type { HttpRoute, IncomingRequest, OutgoingResponse } from '@monsta/ports';
import type { z } from 'zod';
import { json, page, refusal, report, text } from './replies.ts';
import { queryReader, readBody } from './validation.ts';

/** Who may call: anyone who reaches the door, or the holder of the admin token. */
type Access = 'public' | 'admin';

/** What a handler answers with. */
export type Reply =
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown }
  | {
      readonly kind: 'text';
      readonly status: number;
      readonly contentType: string;
      readonly body: string;
      /** A browser keeps it under this name instead of showing it. */
      readonly fileName?: string;
    }
  /** `report`: a document with text of others in it, which may do nothing. */
  | { readonly kind: 'report'; readonly status: number; readonly html: string }
  | { readonly kind: 'page'; readonly status: number; readonly html: string };

export const reply = (body: unknown, status = 200): Reply => ({ kind: 'json', status, body });

/** A file of comma-separated values. */
export const csvReply = (fileName: string, body: string): Reply => ({
  kind: 'text',
  status: 200,
  contentType: 'text/csv; charset=utf-8',
  body,
  fileName,
});

/** What a status of a route carries. */
export interface ReplySpec {
  readonly description: string;
  /** A schema for JSON, a content type for anything else. */
  readonly content: z.ZodType | string;
}

interface RouteDescription {
  readonly method: HttpRoute['method'];
  /** `:name` takes one segment. */
  readonly path: string;
  /** What each `:name` of the path is, in words. */
  readonly params?: Readonly<Record<string, string>>;
  readonly tag: string;
  readonly summary: string;
  readonly access: Access;
  readonly replies: Readonly<Record<number, ReplySpec>>;
  /** Codes of the error table that this route may answer with, besides those of its input and access. */
  readonly faults: readonly string[];
}

export type OnFault = (fault: Fault) => void;

/** A route of the table: everything OpenAPI tells about it, and how it answers. */
export interface ApiRoute extends RouteDescription {
  readonly query: z.ZodObject;
  readonly body: z.ZodType | null;
  /** Statuses of failed replies. */
  readonly failureStatuses: readonly number[];
  /** `onFault` hears of every refusal, before what is internal is hidden. */
  answer(request: IncomingRequest, onFault: OnFault): Promise<OutgoingResponse>;
}

/** What a request brings beside query and body. */
export interface Caller {
  /** The parts of the path that its `:name`s stand for. */
  readonly params: Readonly<Record<string, string>>;
  /** The trace context as it came, null without one. */
  readonly traceparent: string | null;
}

export interface RouteSpec<Q extends z.ZodObject> extends RouteDescription {
  readonly query: Q;
  handle(query: z.output<Q>, caller: Caller): Promise<Result<Reply>> | Result<Reply>;
}

export interface ChangeSpec<Q extends z.ZodObject, B extends z.ZodType> extends RouteDescription {
  readonly query: Q;
  readonly body: B;
  handle(query: z.output<Q>, body: z.output<B>, caller: Caller): Promise<Result<Reply>>;
}

function respond(result: Result<Reply>, onFault: OnFault): OutgoingResponse {
  if (!result.ok) {
    onFault(result.fault);
    return refusal(result.fault);
  }
  const { value } = result;
  if (value.kind === 'json') return json(value.status, value.body);
  if (value.kind === 'page') return page(value.status, value.html);
  if (value.kind === 'report') return report(value.status, value.html);
  const { fileName } = value;
  const headers = fileName === undefined ? {} : { 'content-disposition': `attachment; filename="${fileName}"` };
  return text(value.status, value.contentType, value.body, headers);
}

const ACCESS_FAULTS = { public: [], admin: ['token_missing', 'token_invalid', 'too_many_requests'] } as const;
const READ_FAULTS = ['parameter_invalid', 'host_forbidden', 'internal'] as const;
const CHANGE_FAULTS = [...READ_FAULTS, 'origin_forbidden', 'body_too_large'] as const;

const statuses = (codes: readonly string[]): readonly number[] =>
  [...new Set(codes.map((code) => errorMapping(code).http))].sort((left, right) => left - right);

const callerOf = ({ params, headers }: IncomingRequest): Caller => ({
  params,
  traceparent: headers['traceparent'] ?? null,
});

/** A route that reads. */
export function readRoute<Q extends z.ZodObject>(spec: RouteSpec<Q>): ApiRoute {
  const readQuery = queryReader(spec.query);
  return {
    ...spec,
    body: null,
    failureStatuses: statuses([...READ_FAULTS, ...ACCESS_FAULTS[spec.access], ...spec.faults]),
    async answer(request, onFault) {
      const query = readQuery(request.rawQuery);
      return respond(query.ok ? await spec.handle(query.value, callerOf(request)) : query, onFault);
    },
  };
}

/** A route that takes something away: what, its query says. */
export function removeRoute<Q extends z.ZodObject>(spec: RouteSpec<Q>): ApiRoute {
  const route = readRoute(spec);
  return { ...route, failureStatuses: statuses([...CHANGE_FAULTS, ...ACCESS_FAULTS[spec.access], ...spec.faults]) };
}

/** A route that changes something. */
export function changeRoute<Q extends z.ZodObject, B extends z.ZodType>(spec: ChangeSpec<Q, B>): ApiRoute {
  const readQuery = queryReader(spec.query);
  return {
    ...spec,
    failureStatuses: statuses([...CHANGE_FAULTS, ...ACCESS_FAULTS[spec.access], ...spec.faults]),
    async answer(request, onFault) {
      const query = readQuery(request.rawQuery);
      if (!query.ok) return respond(query, onFault);
      const body = readBody(spec.body, request.body);
      return respond(body.ok ? await spec.handle(query.value, body.value, callerOf(request)) : body, onFault);
    },
  };
}
