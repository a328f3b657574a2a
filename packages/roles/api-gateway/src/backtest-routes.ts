import {
  backtestChoicesSchema,
  backtestCurveSchema,
  backtestDetailSchema,
  backtestLanguageQuerySchema,
  backtestPointsQuerySchema,
  backtestPricesQuerySchema,
  backtestPricesSchema,
  backtestRemovedSchema,
  backtestSpecSchema,
  backtestStatisticListSchema,
  backtestSummarySchema,
  backtestTradeSchema,
  listOf,
  listQuerySchema,
  noQuerySchema,
  type BacktestChoices,
  type BacktestCurve,
  type BacktestDetail,
  type BacktestPrices,
  type BacktestSpec,
  type BacktestSummary,
  type BacktestTradeMessage,
} from '@monsta/contracts';
import { ok, type Result } from '@monsta/core';
import type { Page, PageRequest } from '@monsta/ports';
import { statisticList } from '@monsta/simulation';
import { changeRoute, readRoute, removeRoute, reply, type ApiRoute, type Caller } from './route.ts';

/** Runs backtests as long jobs, and has what came of them. Faults beside those named: `backtest_unknown`, `backtest_unreadable`, `jobs_unavailable`. */
export interface BacktestDesk {
  /** What a backtest may be of. */
  choices(): Promise<Result<BacktestChoices>>;
  /** Newest first. Fault `cursor_invalid`. */
  list(page: PageRequest): Promise<Result<Page<BacktestSummary>>>;
  detail(id: string): Promise<Result<BacktestDetail>>;
  /** Durable when it resolves. Faults: `backtest_spec`, `backtest_forbidden`, `strategy_unknown`, `parameters_invalid`, `queue_full`, `worker_off`. */
  submit(spec: BacktestSpec): Promise<Result<BacktestSummary>>;
  /** Fault `backtest_final`. */
  cancel(id: string): Promise<Result<BacktestSummary>>;
  /** Fault `backtest_unfinished`. */
  remove(id: string): Promise<Result<null>>;
  /** Newest first. Faults of all that read a result: `backtest_unfinished`, `backtest_without_result`; here also `cursor_invalid`. */
  trades(id: string, page: PageRequest): Promise<Result<Page<BacktestTradeMessage>>>;
  equity(id: string, points: number): Promise<Result<BacktestCurve>>;
  /** Fault `instrument_unknown`. */
  prices(id: string, instrument: string | null, points: number): Promise<Result<BacktestPrices>>;
  /** One HTML file that stands alone. */
  report(id: string, language: 'en' | 'ko'): Promise<Result<string>>;
}

const TAG = 'Backtests';
const PATH = '/api/v1/backtests';
const FAULTS = ['jobs_unavailable', 'backtest_unreadable'] as const;
const OF_ONE = [...FAULTS, 'backtest_unknown'] as const;
const OF_RESULT = [...OF_ONE, 'backtest_unfinished', 'backtest_without_result'] as const;
const params = { id: 'the id of a backtest' };
const idOf = ({ params: { id = '' } }: Caller): string => id.slice(0, 100);

/** Backtests as long jobs: what is changed needs the admin token, what came of them anybody at the door may read. */
export function backtestRoutes(desk: BacktestDesk): readonly ApiRoute[] {
  return [
    readRoute({
      method: 'GET',
      path: PATH,
      tag: TAG,
      summary: 'Backtests, newest first, with their state and progress',
      access: 'public',
      query: listQuerySchema,
      replies: {
        200: {
          description: 'Backtests of the page, of REST and of the command line',
          content: listOf(backtestSummarySchema),
        },
      },
      faults: [...FAULTS, 'cursor_invalid'],
      async handle({ limit, cursor = null }) {
        const found = await desk.list({ limit, cursor });
        return found.ok ? ok(reply(found.value)) : found;
      },
    }),
    changeRoute({
      method: 'POST',
      path: PATH,
      tag: TAG,
      summary: 'Run a backtest: it waits for its turn, and is told at once',
      access: 'admin',
      query: noQuerySchema,
      body: backtestSpecSchema,
      replies: { 202: { description: 'Queued and durable', content: backtestSummarySchema } },
      faults: [
        ...FAULTS,
        ...[
          'backtest_spec',
          'backtest_forbidden',
          'strategy_unknown',
          'parameters_invalid',
          'queue_full',
          'worker_off',
        ],
      ],
      async handle(_query, spec) {
        const queued = await desk.submit(spec);
        return queued.ok ? ok(reply(queued.value, 202)) : queued;
      },
    }),
    readRoute({
      method: 'GET',
      path: `${PATH}/choices`,
      tag: TAG,
      summary: 'What a backtest may be of: strategies with their parameters, and the bars that are there',
      access: 'public',
      query: noQuerySchema,
      replies: { 200: { description: 'Strategies and sources of bars', content: backtestChoicesSchema } },
      faults: FAULTS,
      async handle() {
        const choices = await desk.choices();
        return choices.ok ? ok(reply(choices.value)) : choices;
      },
    }),
    readRoute({
      method: 'GET',
      path: `${PATH}/statistics`,
      tag: TAG,
      summary: 'What each statistic is called and means, in groups',
      access: 'public',
      query: backtestLanguageQuerySchema,
      replies: { 200: { description: 'In the order of docs/statistics.md', content: backtestStatisticListSchema } },
      faults: [],
      handle: ({ language }) => ok(reply(statisticList(language))),
    }),
    readRoute({
      method: 'GET',
      path: `${PATH}/:id`,
      params,
      tag: TAG,
      summary: 'One backtest: its specification, and what came of it',
      access: 'public',
      query: noQuerySchema,
      replies: { 200: { description: 'result is null until it is done', content: backtestDetailSchema } },
      faults: OF_ONE,
      async handle(_query, caller) {
        const found = await desk.detail(idOf(caller));
        return found.ok ? ok(reply(found.value)) : found;
      },
    }),
    removeRoute({
      method: 'DELETE',
      path: `${PATH}/:id`,
      params,
      tag: TAG,
      summary: 'Remove a finished backtest and all that came of it',
      access: 'admin',
      query: noQuerySchema,
      replies: { 200: { description: 'Gone', content: backtestRemovedSchema } },
      faults: [...OF_ONE, 'backtest_unfinished'],
      async handle(_query, caller) {
        const removed = await desk.remove(idOf(caller));
        return removed.ok ? ok(reply({ removed: idOf(caller) })) : removed;
      },
    }),
    changeRoute({
      method: 'POST',
      path: `${PATH}/:id/cancel`,
      params,
      tag: TAG,
      summary: 'Cancel a backtest: one that waits at once, one that runs within moments',
      access: 'admin',
      query: noQuerySchema,
      body: noQuerySchema,
      replies: { 200: { description: 'As it is now', content: backtestSummarySchema } },
      faults: [...OF_ONE, 'backtest_final'],
      async handle(_query, _body, caller) {
        const canceled = await desk.cancel(idOf(caller));
        return canceled.ok ? ok(reply(canceled.value)) : canceled;
      },
    }),
    ...resultRoutes(desk),
  ];
}

function resultRoutes(desk: BacktestDesk): readonly ApiRoute[] {
  return [
    readRoute({
      method: 'GET',
      path: `${PATH}/:id/trades`,
      params,
      tag: TAG,
      summary: 'Positions from flat to flat, newest first; those open at the end come first',
      access: 'public',
      query: listQuerySchema,
      replies: { 200: { description: 'Trades', content: listOf(backtestTradeSchema) } },
      faults: [...OF_RESULT, 'cursor_invalid'],
      async handle({ limit, cursor = null }, caller) {
        const found = await desk.trades(idOf(caller), { limit, cursor });
        return found.ok ? ok(reply(found.value)) : found;
      },
    }),
    readRoute({
      method: 'GET',
      path: `${PATH}/:id/equity`,
      params,
      tag: TAG,
      summary: 'The account over the backtest, with its drawdown, beside buy-and-hold',
      access: 'public',
      query: backtestPointsQuerySchema,
      replies: { 200: { description: 'Oldest first', content: backtestCurveSchema } },
      faults: OF_RESULT,
      async handle({ points }, caller) {
        const found = await desk.equity(idOf(caller), points);
        return found.ok ? ok(reply(found.value)) : found;
      },
    }),
    readRoute({
      method: 'GET',
      path: `${PATH}/:id/prices`,
      params,
      tag: TAG,
      summary: 'The prices that the backtest ran on, in as many bars as fit',
      access: 'public',
      query: backtestPricesQuerySchema,
      replies: {
        200: { description: 'Oldest first; each with the extremes of its stretch', content: backtestPricesSchema },
      },
      faults: [...OF_RESULT, 'instrument_unknown'],
      async handle({ points, instrument = null }, caller) {
        const found = await desk.prices(idOf(caller), instrument, points);
        return found.ok ? ok(reply(found.value)) : found;
      },
    }),
    readRoute({
      method: 'GET',
      path: `${PATH}/:id/report`,
      params,
      tag: TAG,
      summary: 'The report as one HTML file that stands alone',
      access: 'public',
      query: backtestLanguageQuerySchema,
      replies: { 200: { description: 'A page that runs and fetches nothing', content: 'text/html' } },
      faults: OF_RESULT,
      async handle({ language }, caller) {
        const found = await desk.report(idOf(caller), language);
        return found.ok ? ok({ kind: 'report', status: 200, html: found.value }) : found;
      },
    }),
  ];
}
