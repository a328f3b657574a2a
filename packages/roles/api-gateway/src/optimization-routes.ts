import {
  listOf,
  listQuerySchema,
  noQuerySchema,
  optimizationDetailSchema,
  optimizationSummarySchema,
  type OptimizationDetail,
  type OptimizationSummary,
} from '@monsta/contracts';
import { ok, type Result } from '@monsta/core';
import type { Page, PageRequest } from '@monsta/ports';
import { readRoute, reply, type ApiRoute, type Caller } from './route.ts';

/** Has what came of optimisations, and how far those are that run. Faults beside those named: `optimization_unreadable`. */
export interface OptimizationDesk {
  /** Newest first. Fault `cursor_invalid`. */
  list(page: PageRequest): Promise<Result<Page<OptimizationSummary>>>;
  /** Fault `optimization_unknown`. */
  detail(id: string): Promise<Result<OptimizationDetail>>;
  /** One HTML file that stands alone. Faults: `optimization_unknown`, `optimization_unfinished`, `optimization_without_result`. */
  report(id: string): Promise<Result<string>>;
}

const TAG = 'Optimisations';
const PATH = '/api/v1/optimizations';
const OF_ONE = ['optimization_unreadable', 'optimization_unknown'] as const;
const params = { id: 'the id of an optimisation' };
const idOf = ({ params: { id = '' } }: Caller): string => id.slice(0, 100);

/** Optimisations, which anybody at the door may read. */
export function optimizationRoutes(desk: OptimizationDesk): readonly ApiRoute[] {
  return [
    readRoute({
      method: 'GET',
      path: PATH,
      tag: TAG,
      summary: 'Optimisations, newest first, with their state and progress',
      access: 'public',
      query: listQuerySchema,
      replies: {
        200: {
          description: 'Optimisations of the page, of the command line',
          content: listOf(optimizationSummarySchema),
        },
      },
      faults: ['optimization_unreadable', 'cursor_invalid'],
      async handle({ limit, cursor = null }) {
        const found = await desk.list({ limit, cursor });
        return found.ok ? ok(reply(found.value)) : found;
      },
    }),
    readRoute({
      method: 'GET',
      path: `${PATH}/:id`,
      params,
      tag: TAG,
      summary: 'One optimisation: its specification, and what came of it',
      access: 'public',
      query: noQuerySchema,
      replies: { 200: { description: 'result is null until it is done', content: optimizationDetailSchema } },
      faults: OF_ONE,
      async handle(_query, caller) {
        const found = await desk.detail(idOf(caller));
        return found.ok ? ok(reply(found.value)) : found;
      },
    }),
    readRoute({
      method: 'GET',
      path: `${PATH}/:id/report`,
      params,
      tag: TAG,
      summary: 'The report as one HTML file that stands alone, in English',
      access: 'public',
      query: noQuerySchema,
      replies: { 200: { description: 'A page that runs and fetches nothing', content: 'text/html' } },
      faults: [...OF_ONE, 'optimization_unfinished', 'optimization_without_result'],
      async handle(_query, caller) {
        const found = await desk.report(idOf(caller));
        return found.ok ? ok({ kind: 'report', status: 200, html: found.value }) : found;
      },
    }),
  ];
}
