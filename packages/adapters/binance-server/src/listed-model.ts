import type {
  BookSnapshot,
  InstrumentId,
  Interval,
  QuoteTick,
  Result,
  TimestampUs,
  Bar,
  TradeTick,
} from '@monsta/core';
import type { DataOrigin, Timer } from '@monsta/ports';
import type {
  AggregateTrade,
  AggregateTradeQuery,
  ExchangeModel,
  ExchangeSymbol,
  FeedEvent,
  FeedKind,
  FeedValues,
  KlineQuery,
  TradeQuery,
  TradingModel,
} from './exchange-model.ts';

/** A model of whose symbols some may be taken off the list: nobody can ask for them any more. */
export class ListedModel implements ExchangeModel {
  readonly #model: ExchangeModel;
  readonly #delisted = new Set<InstrumentId>();

  constructor(model: ExchangeModel) {
    this.#model = model;
  }

  /** Takes a symbol off the list, or puts it there again. */
  list(symbol: InstrumentId, listed: boolean): void {
    if (listed) this.#delisted.delete(symbol);
    else this.#delisted.add(symbol);
  }

  get origin(): DataOrigin {
    return this.#model.origin;
  }

  get disclosure(): string {
    return this.#model.disclosure;
  }

  get publishLagMs(): number {
    return this.#model.publishLagMs;
  }

  get trading(): TradingModel | null {
    return this.#model.trading;
  }

  symbols(): readonly ExchangeSymbol[] {
    const all = this.#model.symbols();
    return this.#delisted.size === 0 ? all : all.filter(({ instrument }) => !this.#delisted.has(instrument.id));
  }

  nowUs(): TimestampUs {
    return this.#model.nowUs();
  }

  setVenueTimer(atUs: TimestampUs, task: () => void): Timer {
    return this.#model.setVenueTimer(atUs, task);
  }

  book(instrument: InstrumentId, depth: number): Result<BookSnapshot> {
    return this.#model.book(instrument, depth);
  }

  quote(instrument: InstrumentId): QuoteTick | null {
    return this.#model.quote(instrument);
  }

  klines(instrument: InstrumentId, interval: Interval, query: KlineQuery): readonly Bar[] {
    return this.#model.klines(instrument, interval, query);
  }

  trades(instrument: InstrumentId, query: TradeQuery): readonly TradeTick[] {
    return this.#model.trades(instrument, query);
  }

  aggregateTrades(instrument: InstrumentId, query: AggregateTradeQuery): readonly AggregateTrade[] {
    return this.#model.aggregateTrades(instrument, query);
  }

  listen<K extends FeedKind>(
    kind: K,
    instrument: InstrumentId,
    listener: (event: FeedEvent<FeedValues[K]>) => void,
  ): () => void {
    return this.#model.listen(kind, instrument, listener);
  }

  ended(): boolean {
    return this.#model.ended();
  }

  close(): void {
    this.#model.close();
  }
}
