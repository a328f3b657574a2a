import {
  encodeRoundTrip,
  EXPORT_LINES_MAX,
  exportQuerySchema,
  fillCsvLine,
  FILLS_CSV_HEADER,
  performanceQuerySchema,
  performanceSchema,
  roundTripCsvLine,
  roundTripListSchema,
  ROUND_TRIPS_CSV_HEADER,
  roundTripsQuerySchema,
  type PerformanceReply,
} from '@monsta/contracts';
import {
  err,
  instrumentId,
  ok,
  strategyId,
  timestampUs,
  usFromMs,
  type AccountId,
  type Instrument,
  type Result,
} from '@monsta/core';
import type { Ledger, TimeSpan } from '@monsta/ports';
import type { AccountView } from './account-view.ts';
import { performanceOf, type BookReader } from './performance.ts';
import { SharedAnswers } from './shared-answers.ts';
import { csvReply, readRoute, reply, type ApiRoute } from './route.ts';

export interface BookRoutesDependencies {
  readonly ledger: BookReader & Pick<Ledger, 'instruments'>;
  readonly view: Pick<AccountView, 'account'>;
  readonly accountId: AccountId;
  readonly quoteAsset: string;
}

const LEDGER_FAULTS = ['ledger_unavailable'] as const;
const TAG = 'Performance';
/** All samples of a year take seconds to go through. */
const PERFORMANCE_WAITING_MAX = 8;
const CSV = 'text/csv; charset=utf-8';

interface SpanQuery {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/** `toMs` is a whole millisecond: everything within it counts. */
const spanOf = ({ fromMs, toMs }: SpanQuery): TimeSpan => ({
  ...(fromMs === undefined ? {} : { fromUs: usFromMs(fromMs) }),
  ...(toMs === undefined ? {} : { toUs: timestampUs(usFromMs(toMs + 1) - 1) }),
});

/** All lines of an export as one text. Fault `export_too_large`. */
async function linesOf<T>(
  header: string,
  items: AsyncIterable<Result<T>>,
  lineOf: (item: T) => string,
): Promise<Result<string>> {
  const lines = [header];
  for await (const item of items) {
    if (!item.ok) return item;
    if (lines.length > EXPORT_LINES_MAX) {
      return err(
        'export_too_large',
        `more than ${EXPORT_LINES_MAX} lines: ask for a shorter span with fromMs and toMs, or run monsta export, which has no limit`,
      );
    }
    lines.push(lineOf(item.value));
  }
  return ok(lines.join(''));
}

/** The account over time, its round trips, and both books as CSV. */
export function bookRoutes({ ledger, view, accountId, quoteAsset }: BookRoutesDependencies): readonly ApiRoute[] {
  const performance = new SharedAnswers<Omit<PerformanceReply, 'slippage'>>(PERFORMANCE_WAITING_MAX);
  return [
    readRoute({
      method: 'GET',
      path: '/api/v1/performance',
      tag: TAG,
      summary: 'Equity, drawdown and returns over time, and statistics of round trips; of the account or a strategy',
      access: 'public',
      query: performanceQuerySchema,
      replies: {
        200: { description: 'Nulls, and absence says why, where no equity is known', content: performanceSchema },
      },
      faults: [...LEDGER_FAULTS, 'too_many_requests'],
      async handle(query) {
        const asked = {
          accountId,
          quoteAsset,
          strategyId: query.strategy === undefined ? null : strategyId(query.strategy),
          span: spanOf(query),
          points: query.points,
        };
        const found = await performance.of(JSON.stringify(asked), () => performanceOf(ledger, asked));
        if (!found.ok) return found;
        const { slippage } = view.account();
        const own = slippage?.filter(({ strategyId: id }) => query.strategy === undefined || id === query.strategy);
        return ok(reply({ ...found.value, slippage: own ?? null }));
      },
    }),
    readRoute({
      method: 'GET',
      path: '/api/v1/round-trips',
      tag: TAG,
      summary: 'Positions from flat to flat, newest first, of all or of one strategy or instrument',
      access: 'public',
      query: roundTripsQuerySchema,
      replies: { 200: { description: 'Round trips as the ledger has them', content: roundTripListSchema } },
      faults: [...LEDGER_FAULTS, 'cursor_invalid'],
      async handle({ strategy, instrument, limit, cursor = null }) {
        const trips = await ledger.roundTrips(accountId, {
          limit,
          cursor,
          ...(strategy === undefined ? {} : { strategyId: strategyId(strategy) }),
          ...(instrument === undefined ? {} : { instrument: instrumentId(instrument) }),
        });
        if (!trips.ok) return trips;
        return ok(reply({ items: trips.value.items.map(encodeRoundTrip), nextCursor: trips.value.nextCursor }));
      },
    }),
    readRoute({
      method: 'GET',
      path: '/api/v1/export/fills.csv',
      tag: TAG,
      summary: 'Fills as CSV (RFC 4180), oldest first',
      access: 'public',
      query: exportQuerySchema,
      replies: { 200: { description: `At most ${EXPORT_LINES_MAX} lines and a header`, content: CSV } },
      faults: [...LEDGER_FAULTS, 'export_too_large'],
      async handle(query) {
        const fills = ledger.allFills(accountId, spanOf(query));
        const lines = await linesOf(FILLS_CSV_HEADER, fills, ({ value, instrument }) => fillCsvLine(value, instrument));
        return lines.ok ? ok(csvReply('fills.csv', lines.value)) : lines;
      },
    }),
    readRoute({
      method: 'GET',
      path: '/api/v1/export/round-trips.csv',
      tag: TAG,
      summary: 'Round trips as CSV (RFC 4180), in the order of their closing',
      access: 'public',
      query: exportQuerySchema,
      replies: { 200: { description: `At most ${EXPORT_LINES_MAX} lines and a header`, content: CSV } },
      faults: [...LEDGER_FAULTS, 'export_too_large'],
      async handle(query) {
        const instruments = await ledger.instruments();
        if (!instruments.ok) return instruments;
        const terms = new Map<string, Instrument>(instruments.value.map((each) => [each.id, each]));
        const trips = ledger.allRoundTrips(accountId, spanOf(query));
        const lines = await linesOf(ROUND_TRIPS_CSV_HEADER, trips, (trip) =>
          roundTripCsvLine(encodeRoundTrip(trip), terms.get(trip.instrument) ?? null),
        );
        return lines.ok ? ok(csvReply('round-trips.csv', lines.value)) : lines;
      },
    }),
  ];
}
