import {
  encodeFeed,
  healthSchema,
  noQuerySchema,
  readySchema,
  statusSchema,
  type StatusMessage,
} from '@monsta/contracts';
import { msFromUs, ok, type Result } from '@monsta/core';
import type { Clock, MarketHistory, Metrics } from '@monsta/ports';
import { z } from 'zod';
import type { AccountView } from './account-view.ts';
import { docsPage } from './docs-page.ts';
import type { OpenApiDocument } from './openapi.ts';
import type { ProgramStatus } from './program-status.ts';
import { readRoute, reply, type ApiRoute } from './route.ts';

export interface SystemRoutesDependencies {
  readonly history: MarketHistory;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly view: AccountView;
  readonly status: () => ProgramStatus;
  /** False from the moment the program is asked to stop. */
  readonly taking: () => boolean;
  readonly document: () => OpenApiDocument;
}

type StatusDependencies = Pick<SystemRoutesDependencies, 'history' | 'clock' | 'view' | 'status'>;

/** Everything the status page tells, put together now. */
export async function currentStatus(deps: StatusDependencies): Promise<Result<StatusMessage>> {
  const { tradingMode: _mode, ...program } = deps.status();
  const trading = await deps.view.tradingState();
  if (!trading.ok) return trading;
  const [feeds, venueTime] = await Promise.all([deps.history.feeds(), deps.history.venueTimeUs()]);
  return ok({
    ...program,
    nowMs: msFromUs(deps.clock.nowUs()),
    // A collector that is not ready yet has no feeds and no venue time; the roles say so.
    venueTimeMs: venueTime.ok && venueTime.value !== null ? msFromUs(venueTime.value) : null,
    feeds: feeds.ok ? feeds.value.map(encodeFeed) : [],
    trading: trading.value,
  });
}

export function systemRoutes(deps: SystemRoutesDependencies): readonly ApiRoute[] {
  const TAG = 'System';
  return [
    readRoute({
      method: 'GET',
      path: '/api/v1/status',
      tag: TAG,
      summary: 'What runs here, on which data, and how its parts are',
      access: 'public',
      query: noQuerySchema,
      replies: { 200: { description: 'The status', content: statusSchema } },
      faults: ['ledger_unavailable'],
      async handle() {
        const status = await currentStatus(deps);
        return status.ok ? ok(reply(status.value)) : status;
      },
    }),
    readRoute({
      method: 'GET',
      path: '/healthz',
      tag: TAG,
      summary: 'Whether the process lives',
      access: 'public',
      query: noQuerySchema,
      replies: { 200: { description: 'It does', content: healthSchema } },
      faults: [],
      handle: () => ok(reply({ status: 'alive' })),
    }),
    readRoute({
      method: 'GET',
      path: '/readyz',
      tag: TAG,
      summary: 'Whether every role is ready, and what is missing',
      access: 'public',
      query: noQuerySchema,
      replies: {
        200: { description: 'All are ready', content: readySchema },
        503: { description: 'Not yet, or not any more: waitingFor says what is missing', content: readySchema },
      },
      faults: [],
      handle() {
        const { roles } = deps.status();
        const stopping = { name: 'api-gateway', ready: false, waitingFor: ['stopping'] };
        const shown = deps.taking() ? roles : [...roles.filter(({ name }) => name !== stopping.name), stopping];
        const ready = shown.length > 0 && shown.every((role) => role.ready);
        return ok(reply({ ready, roles: shown }, ready ? 200 : 503));
      },
    }),
    readRoute({
      method: 'GET',
      path: '/metrics',
      tag: TAG,
      summary: 'Metrics for Prometheus',
      access: 'public',
      query: noQuerySchema,
      replies: { 200: { description: 'The text exposition', content: 'text/plain' } },
      faults: [],
      async handle() {
        const { contentType, body } = await deps.metrics.expose();
        return ok({ kind: 'text', status: 200, contentType, body });
      },
    }),
    readRoute({
      method: 'GET',
      path: '/openapi.json',
      tag: TAG,
      summary: 'This API as an OpenAPI 3.1 document',
      access: 'public',
      query: noQuerySchema,
      replies: { 200: { description: 'The document', content: z.looseObject({ openapi: z.literal('3.1.0') }) } },
      faults: [],
      handle: () => ok(reply(deps.document())),
    }),
    readRoute({
      method: 'GET',
      path: '/docs',
      tag: TAG,
      summary: 'This API as a page to read',
      access: 'public',
      query: noQuerySchema,
      replies: { 200: { description: 'The page', content: 'text/html' } },
      faults: [],
      handle: () => ok({ kind: 'page', status: 200, html: docsPage(deps.document()) }),
    }),
  ];
}
