import {
  timestampUs,
  type BookDelta,
  type BookLevel,
  type Instrument,
  type Price,
  type Quantity,
  type TimestampUs,
} from '@monsta/core';
import type { ExchangeModel, FeedEvent } from './exchange-model.ts';
import type { KlineGrid } from './kline-intervals.ts';
import { klinesOf } from './klines.ts';
import type { StreamKind, TickerKind } from './stream-names.ts';
import { averagePriceEvent, type TickerBoard, type TickerEvent } from './ticker-events.ts';
import type { VenueTicks } from './venue-ticks.ts';
import { aggregateTradeEvent, depthBody, depthUpdateEvent, klineEvent, tradeEvent, type TimeUnit } from './wire.ts';

/** Binance sends a forming kline every two seconds, when it has changed; that of a second each second. */
const KLINE_PERIOD_MS = 2_000;
const SECOND_KLINE_PERIOD_MS = 1_000;
const TICKER_PERIOD_MS = 1_000;
/** More bars than this have closed at once only when time has jumped; the oldest of them are then not sent. */
const CLOSED_BARS_MAX = 1_000;

type Emit = (json: string) => void;
type Stop = () => void;

/** What streams are made of. */
export interface SourceParts {
  readonly model: ExchangeModel;
  readonly ticks: VenueTicks;
  readonly board: TickerBoard;
  readonly unit: TimeUnit;
  readonly emit: Emit;
}

interface Source extends SourceParts {
  readonly instrument: Instrument;
}

function klineSource({ model, ticks, instrument, unit, emit }: Source, grid: KlineGrid): Stop {
  let openUs: TimestampUs | null = null;
  let told = '';
  const periodMs = grid.interval === '1s' ? SECOND_KLINE_PERIOD_MS : KLINE_PERIOD_MS;
  return ticks.every(periodMs, model.publishLagMs, () => {
    const klines = klinesOf(model, instrument, grid, {
      fromUs: openUs,
      toUs: null,
      limit: openUs === null ? 1 : CLOSED_BARS_MAX,
    });
    for (const kline of klines) {
      // What had closed before anybody listened is history, which klines over REST has.
      const old = openUs === null && kline.closed;
      openUs = kline.openTimeUs;
      const state = `${kline.openTimeUs}:${kline.closed}:${kline.lastTradeId ?? ''}:${kline.volume}`;
      if (state === told) continue;
      told = state;
      if (!old) emit(klineEvent(kline, grid.interval, instrument, model.nowUs(), unit));
    }
  });
}

/** Merges a second's changes: per price the last quantity stands. */
function slowDepthSource({ model, ticks, instrument, unit, emit }: Source, everyMs: number): Stop {
  let first: BookDelta | null = null;
  let last: BookDelta | null = null;
  const bids = new Map<Price, Quantity>();
  const asks = new Map<Price, Quantity>();
  const stopListening = model.listen('depth', instrument.id, ({ value }) => {
    first ??= value;
    last = value;
    for (const [price, quantity] of value.bids) bids.set(price, quantity);
    for (const [price, quantity] of value.asks) asks.set(price, quantity);
  });
  const flush = (): void => {
    if (first === null || last === null) return;
    const byPrice = (side: Map<Price, Quantity>, direction: 1 | -1): BookLevel[] =>
      [...side].sort((left, right) => (left[0] - right[0]) * direction);
    const merged: BookDelta = {
      ...last,
      firstUpdateId: first.firstUpdateId,
      bids: byPrice(bids, -1),
      asks: byPrice(asks, 1),
    };
    first = null;
    last = null;
    bids.clear();
    asks.clear();
    emit(depthUpdateEvent(merged, instrument, model.nowUs(), unit));
  };
  const stopTicking = ticks.every(everyMs, 0, flush);
  return () => {
    stopTicking();
    stopListening();
  };
}

function partialDepthSource({ model, ticks, instrument, emit }: Source, levels: number, everyMs: number): Stop {
  let told = -1;
  return ticks.every(everyMs, 0, () => {
    const book = model.book(instrument.id, levels);
    if (!book.ok || book.value.lastUpdateId === told) return;
    told = book.value.lastUpdateId;
    emit(JSON.stringify(depthBody(book.value, instrument)));
  });
}

/** Sends what has changed, once a second. */
function tickerSource({ ticks, emit }: SourceParts, make: () => TickerEvent | null): Stop {
  let told: string | null = null;
  return ticks.every(TICKER_PERIOD_MS, 0, () => {
    const event = make();
    if (event === null || event.state === told) return;
    told = event.state;
    emit(event.json);
  });
}

/** The tickers of all symbols in one frame; a symbol that has not changed is not in it, and an empty frame is not sent. */
export function startMarketSource({ model, ticks, board, unit, emit }: SourceParts, ticker: TickerKind): Stop {
  const told = new Map<string, string>();
  return ticks.every(TICKER_PERIOD_MS, 0, () => {
    const changed: string[] = [];
    for (const { instrument } of model.symbols()) {
      const event = board.event(instrument, ticker, unit);
      if (event === null || told.get(instrument.id) === event.state) continue;
      told.set(instrument.id, event.state);
      changed.push(event.json);
    }
    if (changed.length > 0) emit(`[${changed.join(',')}]`);
  });
}

const EVENT_TIME = /"E":(\d+)/;

/**
 * When an event was told, in µs, from the payload that the model wrote in ms; never before it happened, which the digits that ms leave out
 * would make it.
 */
function eventTimeUs({ json }: FeedEvent<unknown>, happenedUs: TimestampUs): TimestampUs {
  return timestampUs(Math.max(Number(EVENT_TIME.exec(json)?.[1] ?? 0) * 1_000, happenedUs));
}

function feedSource({ model, instrument, unit, emit }: Source, kind: 'trade' | 'aggTrade' | 'depth'): Stop {
  if (unit === 'ms') return model.listen(kind, instrument.id, ({ json }) => emit(json));
  switch (kind) {
    case 'trade':
      return model.listen(kind, instrument.id, (event) =>
        emit(tradeEvent(event.value, instrument, eventTimeUs(event, event.value.tsEventUs), unit)),
      );
    case 'aggTrade':
      return model.listen(kind, instrument.id, (event) =>
        emit(aggregateTradeEvent(event.value, instrument, eventTimeUs(event, event.value.tsEventUs), unit)),
      );
    case 'depth':
      return model.listen(kind, instrument.id, (event) =>
        emit(depthUpdateEvent(event.value, instrument, eventTimeUs(event, event.value.tsEventUs), unit)),
      );
  }
}

/** Starts what makes the payloads of one symbol's stream; the function returned stops it. */
export function startSource(source: Source, stream: StreamKind): Stop {
  const { model, instrument, board, unit, emit } = source;
  switch (stream.kind) {
    case 'trade':
    case 'aggTrade':
      return feedSource(source, stream.kind);
    case 'bookTicker':
      return model.listen('bookTicker', instrument.id, (event) => emit(event.json));
    case 'depth':
      return stream.everyMs === 100 ? feedSource(source, 'depth') : slowDepthSource(source, stream.everyMs);
    case 'partial-depth':
      return partialDepthSource(source, stream.levels, stream.everyMs);
    case 'kline':
      return klineSource(source, stream.grid);
    case 'avgPrice':
      return tickerSource(source, () => averagePriceEvent(model, instrument, unit));
    case 'ticker':
    case 'miniTicker':
    case 'window-ticker':
      return tickerSource(source, () => board.event(instrument, stream, unit));
    case 'silent':
      return () => undefined;
  }
}
