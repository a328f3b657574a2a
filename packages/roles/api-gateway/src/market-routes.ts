import {
  barSchema,
  barsQuerySchema,
  bookQuerySchema,
  bookReplySchema,
  encodeBar,
  encodeBook,
  encodeInstrument,
  encodePrediction,
  encodeTrade,
  instrumentQuerySchema,
  instrumentsQuerySchema,
  instrumentsReplySchema,
  listOf,
  predictionSchema,
  tradeSchema,
  tradesQuerySchema,
  type BookReply,
} from '@monsta/contracts';
import { err, msFromUs, ok, usFromMs, type Instrument, type Result, type TimestampUs } from '@monsta/core';
import type { Ledger, MarketHistory, ModelServer } from '@monsta/ports';
import { readRoute, reply, type ApiRoute } from './route.ts';

const TAG = 'Market';
const MARKET_FAULTS = ['instrument_unknown', 'not_ready'] as const;

async function findInstrument(history: MarketHistory, id: string): Promise<Result<Instrument>> {
  const known = await history.instruments();
  if (!known.ok) return known;
  const found = known.value.find((instrument) => instrument.id === id);
  return found === undefined
    ? err(
        'instrument_unknown',
        `instrument '${id}' is not collected here; GET /api/v1/instruments lists those that are`,
      )
    : ok(found);
}

/** The time before which bars are asked for: given outright, or as the cursor of the page before. */
function beforeOf(beforeMs: number | undefined, cursor: string | undefined): Result<TimestampUs | null> {
  if (cursor === undefined) return ok(beforeMs === undefined ? null : usFromMs(beforeMs));
  if (beforeMs !== undefined) return err('parameter_invalid', 'query: give beforeMs or cursor, not both');
  return /^\d{1,13}$/.test(cursor)
    ? ok(usFromMs(Number(cursor)))
    : err('cursor_invalid', `cursor '${cursor.slice(0, 40)}' is none of this list's; use nextCursor as it came`);
}

export interface MarketSources {
  readonly history: MarketHistory;
  readonly models: ModelServer;
  readonly ledger: Pick<Ledger, 'instrumentsAt'>;
  /** The name that the venue's lists of instruments are kept under. */
  readonly market: string;
}

/** What the market listed at a time. Fault `listing_unknown` where nobody looked before it: today's list would leave out what is gone since. */
async function instrumentsAt({ ledger, market }: MarketSources, atMs: number) {
  const found = await ledger.instrumentsAt(market, usFromMs(atMs));
  if (!found.ok) return found;
  if (found.value.observedUs !== null) {
    const { instruments, observedUs } = found.value;
    return ok(reply({ items: instruments.map(encodeInstrument), nextCursor: null, observedMs: msFromUs(observedUs) }));
  }
  const { firstObservedUs } = found.value;
  const since =
    firstObservedUs === null
      ? 'it has not been read yet'
      : `it was first read at ${new Date(msFromUs(firstObservedUs)).toISOString()}`;
  const details = { firstObservedMs: firstObservedUs === null ? null : msFromUs(firstObservedUs) };
  return err('listing_unknown', `what the exchange listed then is not known: ${since}`, { details });
}

export function marketRoutes(sources: MarketSources): readonly ApiRoute[] {
  const { history, models } = sources;
  return [
    readRoute({
      method: 'GET',
      path: '/api/v1/instruments',
      tag: TAG,
      summary:
        'What is collected and can be traded, with its price and quantity steps; with atMs, what the exchange listed then',
      access: 'public',
      query: instrumentsQuerySchema,
      replies: { 200: { description: 'Every instrument', content: instrumentsReplySchema } },
      faults: ['not_ready', 'listing_unknown', 'ledger_unavailable'],
      async handle({ atMs }) {
        if (atMs !== undefined) return instrumentsAt(sources, atMs);
        const known = await history.instruments();
        return known.ok ? ok(reply({ items: known.value.map(encodeInstrument), nextCursor: null })) : known;
      },
    }),
    readRoute({
      method: 'GET',
      path: '/api/v1/bars',
      tag: TAG,
      summary: 'Bars of an instrument, oldest first; nextCursor leads to older ones',
      access: 'public',
      query: barsQuerySchema,
      replies: {
        200: {
          description: 'The newest bars, or those before the cursor. A gap stays a gap',
          content: listOf(barSchema),
        },
      },
      faults: [...MARKET_FAULTS, 'interval_unknown', 'cursor_invalid'],
      async handle({ instrument: id, interval, limit, beforeMs, cursor }) {
        const beforeUs = beforeOf(beforeMs, cursor);
        if (!beforeUs.ok) return beforeUs;
        const instrument = await findInstrument(history, id);
        if (!instrument.ok) return instrument;
        const bars = await history.bars({
          instrument: instrument.value.id,
          interval,
          limit,
          beforeUs: beforeUs.value,
        });
        if (!bars.ok) return bars;
        const [oldest] = bars.value;
        const nextCursor =
          oldest === undefined || bars.value.length < limit ? null : String(msFromUs(oldest.openTimeUs));
        return ok(reply({ items: bars.value.map((bar) => encodeBar(bar, instrument.value)), nextCursor }));
      },
    }),
    readRoute({
      method: 'GET',
      path: '/api/v1/trades',
      tag: TAG,
      summary: 'The newest trades of an instrument, oldest first',
      access: 'public',
      query: tradesQuerySchema,
      replies: { 200: { description: 'Trades with the exchange’s ids', content: listOf(tradeSchema) } },
      faults: MARKET_FAULTS,
      async handle({ instrument: id, limit }) {
        const instrument = await findInstrument(history, id);
        if (!instrument.ok) return instrument;
        const trades = await history.trades(instrument.value.id, limit);
        if (!trades.ok) return trades;
        const items = trades.value.map((trade) => encodeTrade(trade, instrument.value));
        return ok(reply({ items, nextCursor: null }));
      },
    }),
    readRoute({
      method: 'GET',
      path: '/api/v1/book',
      tag: TAG,
      summary: 'The top of the order book',
      access: 'public',
      query: bookQuerySchema,
      replies: {
        200: { description: 'The book; null sides, and why, while it is not in step', content: bookReplySchema },
      },
      faults: MARKET_FAULTS,
      async handle({ instrument: id, depth }) {
        const instrument = await findInstrument(history, id);
        if (!instrument.ok) return instrument;
        const book = await history.book(instrument.value.id, depth);
        if (!book.ok) return book;
        const body: BookReply =
          book.value === null
            ? {
                instrument: id,
                lastUpdateId: null,
                bids: null,
                asks: null,
                timeMs: null,
                absence: { code: 'book_not_in_step', reason: 'the local book is not in step with the venue' },
              }
            : { ...encodeBook(book.value, instrument.value, depth), absence: null };
        return ok(reply(body));
      },
    }),
    readRoute({
      method: 'GET',
      path: '/api/v1/predictions',
      tag: TAG,
      summary: 'The newest prediction of each model for an instrument, or why there is none',
      access: 'public',
      query: instrumentQuerySchema,
      replies: {
        200: { description: 'One entry a model, with its measured score', content: listOf(predictionSchema) },
      },
      faults: MARKET_FAULTS,
      async handle({ instrument: id }) {
        const instrument = await findInstrument(history, id);
        if (!instrument.ok) return instrument;
        const latest = await models.latest(instrument.value.id);
        return latest.ok ? ok(reply({ items: latest.value.map(encodePrediction), nextCursor: null })) : latest;
      },
    }),
  ];
}
