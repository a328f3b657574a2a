import { errorBody, errorMapping } from '@monsta/contracts';
import type { Fault } from '@monsta/core';
import type { OutgoingResponse } from '@monsta/ports';

const COMMON = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** What data may do in a browser: nothing. */
const DATA_HEADERS = {
  ...COMMON,
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

/** What our own pages may do: run what they bring along (Next.js writes its start-up into the page), talk to us and to nobody else. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  ...COMMON,
  'content-security-policy': [
    "default-src 'self'",
    "script-src 'self' 'unsafe-inline'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self' ws: wss:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
};

/** What a report may do: show itself. It runs nothing, fetches nothing and sends nothing, whatever is written in it. */
const REPORT_HEADERS = {
  ...COMMON,
  'cache-control': 'no-store',
  'content-security-policy': [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    'sandbox',
  ].join('; '),
} as const;

type ExtraHeaders = Readonly<Record<string, string>>;

export function json(status: number, body: unknown, headers: ExtraHeaders = {}): OutgoingResponse {
  return {
    status,
    headers: { ...DATA_HEADERS, 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

export function text(status: number, contentType: string, body: string, headers: ExtraHeaders = {}): OutgoingResponse {
  return { status, headers: { ...DATA_HEADERS, 'content-type': contentType, ...headers }, body };
}

export function page(status: number, html: string): OutgoingResponse {
  return {
    status,
    headers: { ...PAGE_HEADERS, 'cache-control': 'no-cache', 'content-type': 'text/html; charset=utf-8' },
    body: html,
  };
}

export function report(status: number, html: string): OutgoingResponse {
  return { status, headers: { ...REPORT_HEADERS, 'content-type': 'text/html; charset=utf-8' }, body: html };
}

/** The reply a fault becomes: status and body by the error table, `Retry-After` where the fault knows it. */
export function refusal(
  fault: Pick<Fault, 'code' | 'message' | 'details' | 'retryAfterMs'>,
  headers: ExtraHeaders = {},
): OutgoingResponse {
  const retryAfter =
    fault.retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(fault.retryAfterMs / 1000)) };
  return json(errorMapping(fault.code).http, errorBody(fault), { ...retryAfter, ...headers });
}
