import {
  backtestChoicesSchema,
  backtestCurveSchema,
  backtestDetailSchema,
  backtestLanguageQuerySchema,
  backtestPointsQuerySchema,
  backtestPricesQuerySchema,
  backtestPricesSchema,
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
import { idOf, longRunFaults, longRunRoutes, type LongRunDesk } from './long-run-routes.ts';
import { readRoute, reply, type ApiRoute } from './route.ts';

/** Runs backtests as long jobs, and has what came of them. Faults beside those named: those of every long run. */
export interface BacktestDesk extends LongRunDesk<BacktestSpec, BacktestSummary, BacktestDetail> {
  /** What a backtest may be of. */
  choices(): Promise<Result<BacktestChoices>>;
  /** Newest first. Faults of all that read a result: `backtest_unfinished`, `backtest_without_result`; here also `cursor_invalid`. */
  trades(id: string, page: PageRequest): Promise<Result<Page<BacktestTradeMessage>>>;
  equity(id: string, points: number): Promise<Result<BacktestCurve>>;
  /** Fault `instrument_unknown`. */
  prices(id: string, instrument: string | null, points: number): Promise<Result<BacktestPrices>>;
}

const TAG = 'Backtests';
const PATH = '/api/v1/backtests';
const FAULTS = longRunFaults('backtest');
const params = { id: 'the id of a backtest' };

/** Backtests as long jobs, and what there is to make them of. */
export function backtestRoutes(desk: BacktestDesk): readonly ApiRoute[] {
  return [
    ...longRunRoutes(
      {
        ...{ tag: TAG, path: PATH, kind: 'backtest', one: 'a backtest' },
        spec: backtestSpecSchema,
        summary: backtestSummarySchema,
        detail: backtestDetailSchema,
      },
      desk,
    ),
    readRoute({
      method: 'GET',
      path: `${PATH}/choices`,
      tag: TAG,
      summary: 'What a backtest may be of: strategies with their parameters, and the bars that are there',
      access: 'public',
      query: noQuerySchema,
      replies: { 200: { description: 'Strategies and sources of bars', content: backtestChoicesSchema } },
      faults: FAULTS.all,
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
      faults: [...FAULTS.ofResult, 'cursor_invalid'],
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
      faults: FAULTS.ofResult,
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
      faults: [...FAULTS.ofResult, 'instrument_unknown'],
      async handle({ points, instrument = null }, caller) {
        const found = await desk.prices(idOf(caller), instrument, points);
        return found.ok ? ok(reply(found.value)) : found;
      },
    }),
  ];
}
