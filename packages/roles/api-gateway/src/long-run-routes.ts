import {
  backtestLanguageQuerySchema,
  backtestRemovedSchema,
  listOf,
  listQuerySchema,
  noQuerySchema,
} from '@monsta/contracts';
import { ok, type Result } from '@monsta/core';
import type { Page, PageRequest } from '@monsta/ports';
import type { z } from 'zod';
import { changeRoute, readRoute, removeRoute, reply, type ApiRoute, type Caller } from './route.ts';

/** Runs something as long jobs, and has what came of them. Faults beside those named: `…_unreadable`, `jobs_unavailable`; of one: `…_unknown`. */
export interface LongRunDesk<Spec, Summary, Detail> {
  /** Newest first. Fault `cursor_invalid`. */
  list(page: PageRequest): Promise<Result<Page<Summary>>>;
  detail(id: string): Promise<Result<Detail>>;
  /** Durable when it resolves. Faults: `…_spec`, `backtest_forbidden`, `strategy_unknown`, `parameters_invalid`, `queue_full`, `worker_off`. */
  submit(spec: Spec): Promise<Result<Summary>>;
  /** Fault `…_final`. */
  cancel(id: string): Promise<Result<Summary>>;
  /** Fault `…_unfinished`. */
  remove(id: string): Promise<Result<null>>;
  /** One HTML file that stands alone. Faults: `…_unfinished`, `…_without_result`. */
  report(id: string, language: 'en' | 'ko'): Promise<Result<string>>;
}

interface LongRunTerms<Spec extends z.ZodType, Summary extends z.ZodType, Detail extends z.ZodType> {
  readonly tag: string;
  readonly path: string;
  /** Codes of faults begin with it. */
  readonly kind: 'backtest' | 'optimization';
  /** `a backtest` */
  readonly one: string;
  readonly spec: Spec;
  readonly summary: Summary;
  readonly detail: Detail;
}

/** The id in a caller's path. */
export const idOf = ({ params: { id = '' } }: Caller): string => id.slice(0, 100);

/** The faults that routes of long runs may answer with. */
export const longRunFaults = (kind: LongRunTerms<z.ZodType, z.ZodType, z.ZodType>['kind']) => {
  const all = ['jobs_unavailable', `${kind}_unreadable`];
  const ofOne = [...all, `${kind}_unknown`];
  return { all, ofOne, ofResult: [...ofOne, `${kind}_unfinished`, `${kind}_without_result`] };
};

/** Long runs of one kind: what is changed needs the admin token, what came of them anybody at the door may read. */
export function longRunRoutes<Spec extends z.ZodType, Summary extends z.ZodType, Detail extends z.ZodType>(
  { tag, path, kind, one, ...schemas }: LongRunTerms<Spec, Summary, Detail>,
  desk: LongRunDesk<z.output<Spec>, z.output<Summary>, z.output<Detail>>,
): readonly ApiRoute[] {
  const faults = longRunFaults(kind);
  const params = { id: `the id of ${one}` };
  const access = { read: { tag, access: 'public' }, change: { tag, access: 'admin' } } as const;
  return [
    readRoute({
      ...access.read,
      ...{ method: 'GET', path, query: listQuerySchema },
      summary: `${tag}, newest first, with their state and progress`,
      replies: {
        200: { description: `${tag} of the page, of REST and of the command line`, content: listOf(schemas.summary) },
      },
      faults: [...faults.all, 'cursor_invalid'],
      async handle({ limit, cursor = null }) {
        const found = await desk.list({ limit, cursor });
        return found.ok ? ok(reply(found.value)) : found;
      },
    }),
    changeRoute({
      ...access.change,
      ...{ method: 'POST', path, query: noQuerySchema, body: schemas.spec },
      summary: `Run ${one}: it waits for its turn, and is told at once`,
      replies: { 202: { description: 'Queued and durable', content: schemas.summary } },
      faults: [
        ...[...faults.all, `${kind}_spec`, 'backtest_forbidden'],
        ...['strategy_unknown', 'parameters_invalid', 'queue_full', 'worker_off'],
      ],
      async handle(_query, spec) {
        const queued = await desk.submit(spec);
        return queued.ok ? ok(reply(queued.value, 202)) : queued;
      },
    }),
    readRoute({
      ...access.read,
      ...{ method: 'GET', path: `${path}/:id`, params, query: noQuerySchema },
      summary: `What ${one} was asked to do, and what came of it`,
      replies: { 200: { description: 'result is null until it is done', content: schemas.detail } },
      faults: faults.ofOne,
      async handle(_query, caller) {
        const found = await desk.detail(idOf(caller));
        return found.ok ? ok(reply(found.value)) : found;
      },
    }),
    removeRoute({
      ...access.change,
      ...{ method: 'DELETE', path: `${path}/:id`, params, query: noQuerySchema },
      summary: `Remove ${one} that has ended, and all that came of it`,
      replies: { 200: { description: 'Gone', content: backtestRemovedSchema } },
      faults: [...faults.ofOne, `${kind}_unfinished`],
      async handle(_query, caller) {
        const removed = await desk.remove(idOf(caller));
        return removed.ok ? ok(reply({ removed: idOf(caller) })) : removed;
      },
    }),
    changeRoute({
      ...access.change,
      ...{ method: 'POST', path: `${path}/:id/cancel`, params, query: noQuerySchema, body: noQuerySchema },
      summary: `Cancel ${one}: one that waits at once, one that runs within moments`,
      replies: { 200: { description: 'As it is now', content: schemas.summary } },
      faults: [...faults.ofOne, `${kind}_final`],
      async handle(_query, _body, caller) {
        const canceled = await desk.cancel(idOf(caller));
        return canceled.ok ? ok(reply(canceled.value)) : canceled;
      },
    }),
    readRoute({
      ...access.read,
      ...{ method: 'GET', path: `${path}/:id/report`, params, query: backtestLanguageQuerySchema },
      summary: 'The report as one HTML file that stands alone',
      replies: { 200: { description: 'A page that runs and fetches nothing', content: 'text/html' } },
      faults: faults.ofResult,
      async handle({ language }, caller) {
        const found = await desk.report(idOf(caller), language);
        return found.ok ? ok({ kind: 'report', status: 200, html: found.value }) : found;
      },
    }),
  ];
}
