import type { BookDelta, BookLevel, Instrument, Interval, Price, Quantity, TimestampUs } from '@monsta/core';
import type { ExchangeModel } from './exchange-model.ts';
import { miniTickerEvent, tickerEvent } from './rolling-window.ts';
import type { StreamKind } from './stream-names.ts';
import type { VenueTicks } from './venue-ticks.ts';
import { depthBody, depthUpdateEvent, klineEvent } from './wire.ts';

/** Binance sends a forming kline every two seconds, when it has changed. */
const KLINE_PERIOD_MS = 2_000;
const TICKER_PERIOD_MS = 1_000;
/** More bars than this have closed at once only when time has jumped; the oldest of them are then not sent. */
const CLOSED_BARS_MAX = 1_000;

type Emit = (json: string) => void;
type Stop = () => void;

interface Source {
  readonly model: ExchangeModel;
  readonly ticks: VenueTicks;
  readonly instrument: Instrument;
  readonly emit: Emit;
}

function klineSource({ model, ticks, instrument, emit }: Source, interval: Interval): Stop {
  let openUs: TimestampUs | null = null;
  let told = '';
  return ticks.every(KLINE_PERIOD_MS, model.publishLagMs, () => {
    const bars = model.klines(instrument.id, interval, {
      fromUs: openUs,
      toUs: null,
      limit: openUs === null ? 1 : CLOSED_BARS_MAX,
    });
    for (const bar of bars) {
      // What had closed before anybody listened is history, which klines over REST has.
      const old = openUs === null && bar.closed;
      openUs = bar.openTimeUs;
      const state = `${bar.openTimeUs}:${bar.closed}:${bar.lastTradeId ?? ''}:${bar.volume}`;
      if (state === told) continue;
      told = state;
      if (!old) emit(klineEvent(bar, interval, instrument, model.nowUs()));
    }
  });
}

/** Merges a second's changes: per price the last quantity stands. */
function slowDepthSource({ model, ticks, instrument, emit }: Source, everyMs: number): Stop {
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
    emit(depthUpdateEvent(merged, instrument, model.nowUs()));
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

function tickerSource({ ticks, emit }: Source, make: () => string | null): Stop {
  let told: string | null = null;
  return ticks.every(TICKER_PERIOD_MS, 0, () => {
    const json = make();
    if (json === null || json === told) return;
    told = json;
    emit(json);
  });
}

/** Starts what makes a stream's payloads; the function returned stops it. */
export function startSource(source: Source, stream: StreamKind): Stop {
  const { model, instrument, emit } = source;
  switch (stream.kind) {
    case 'trade':
      return model.listen('trade', instrument.id, (event) => emit(event.json));
    case 'aggTrade':
      return model.listen('aggTrade', instrument.id, (event) => emit(event.json));
    case 'bookTicker':
      return model.listen('bookTicker', instrument.id, (event) => emit(event.json));
    case 'depth':
      return stream.everyMs === 100
        ? model.listen('depth', instrument.id, (event) => emit(event.json))
        : slowDepthSource(source, stream.everyMs);
    case 'partial-depth':
      return partialDepthSource(source, stream.levels, stream.everyMs);
    case 'kline':
      return klineSource(source, stream.interval);
    case 'ticker':
      return tickerSource(source, () => tickerEvent(model, instrument));
    case 'miniTicker':
      return tickerSource(source, () => miniTickerEvent(model, instrument));
  }
}
