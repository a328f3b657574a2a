import {
  catalogueEntrySchema,
  dataDescriptionQuerySchema,
  dataDescriptionSchema,
  dataReportQuerySchema,
  listOf,
  noQuerySchema,
  type CatalogueEntryMessage,
  type DataDescription,
} from '@monsta/contracts';
import { ok, type Interval, type Result } from '@monsta/core';
import { readRoute, reply, type ApiRoute } from './route.ts';
import { SharedAnswers } from './shared-answers.ts';

export interface AskedDescription {
  /** Null: Binance's catalogue. */
  readonly market: string | null;
  readonly instrument: string;
  readonly interval: Interval;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly lags: number;
}

/** Has what is stored of the past. Faults: `catalog_unavailable`, `catalog_damaged`. */
export interface DataDesk {
  /** By market, kind, instrument and interval. */
  list(): Promise<Result<readonly CatalogueEntryMessage[]>>;
  /** Faults: `market_unknown`, `data_none`, `data_unfit`, `catalog_conflict`, `description_too_large`, `description_unavailable`, `shutting_down`. */
  description(asked: AskedDescription): Promise<Result<DataDescription>>;
  /** A description as one HTML file that stands alone. */
  report(description: DataDescription, language: 'en' | 'ko'): string;
}

const TAG = 'Data';
const PATH = '/api/v1/data';
const OF_LIST = ['catalog_unavailable', 'catalog_damaged'] as const;
const OF_DESCRIPTION = [
  ...OF_LIST,
  ...['market_unknown', 'data_none', 'data_unfit', 'catalog_conflict', 'interval_unknown'],
  ...['description_too_large', 'description_unavailable', 'too_many_requests', 'shutting_down'],
];
/** Different descriptions that may wait for the one that is being made. */
const WAITING_MAX = 8;

interface Asking {
  readonly market?: string | undefined;
  readonly instrument: string;
  readonly interval: Interval;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly lags: number;
}

function askedOf({ market, instrument, interval, fromMs, toMs, lags }: Asking): AskedDescription {
  return { market: market ?? null, instrument, interval, fromMs: fromMs ?? null, toMs: toMs ?? null, lags };
}

/** The catalogues, and descriptions of their bars, which anybody at the door may read. */
export function dataRoutes(desk: DataDesk): readonly ApiRoute[] {
  const descriptions = new SharedAnswers<DataDescription>(WAITING_MAX);
  const described = (asked: AskedDescription): Promise<Result<DataDescription>> =>
    descriptions.of(JSON.stringify(asked), () => desk.description(asked));
  return [
    readRoute({
      method: 'GET',
      path: PATH,
      tag: TAG,
      summary: 'What the catalogues hold: bars and trades of the past, by market, instrument and interval',
      access: 'public',
      query: noQuerySchema,
      replies: { 200: { description: 'All of it', content: listOf(catalogueEntrySchema) } },
      faults: OF_LIST,
      async handle() {
        const found = await desk.list();
        return found.ok ? ok(reply({ items: found.value, nextCursor: null })) : found;
      },
    }),
    readRoute({
      method: 'GET',
      path: `${PATH}/description`,
      tag: TAG,
      summary: 'What bars are like: distribution, tails, stationarity, autocorrelation, volatility, seasons, missing',
      access: 'public',
      query: dataDescriptionQuerySchema,
      replies: { 200: { description: 'docs/describe.md defines each figure', content: dataDescriptionSchema } },
      faults: OF_DESCRIPTION,
      async handle(query) {
        const found = await described(askedOf(query));
        return found.ok ? ok(reply(found.value)) : found;
      },
    }),
    readRoute({
      method: 'GET',
      path: `${PATH}/report`,
      tag: TAG,
      summary: 'The same as one HTML file that stands alone',
      access: 'public',
      query: dataReportQuerySchema,
      replies: { 200: { description: 'A page that runs and fetches nothing', content: 'text/html' } },
      faults: OF_DESCRIPTION,
      async handle({ language, ...query }) {
        const found = await described(askedOf(query));
        return found.ok ? ok({ kind: 'report', status: 200, html: desk.report(found.value, language) }) : found;
      },
    }),
  ];
}
