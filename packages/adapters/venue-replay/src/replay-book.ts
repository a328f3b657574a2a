import {
  err,
  ok,
  timestampUs,
  type BookDelta,
  type BookSnapshot,
  type Instrument,
  type QuoteTick,
  type Result,
} from '@monsta/core';
import { OrderBook } from '@monsta/market-data';
import { depthPayload, quotePayload, snapshotPayload } from './recorded-payloads.ts';
import { gridConversion, type GridConversion, type RecordedSymbol } from './recorded-symbol.ts';
import type { Recording } from './recording.ts';

interface Standing {
  readonly book: OrderBook;
  readonly snapshotRow: number;
  /** Depth rows looked at. */
  applied: number;
  /** The update ids where the recording has a hole; the book is not known from there to the next snapshot. */
  gap: string | null;
}

/** The order book of one symbol at any time of the recording, brought forward when it is asked for. */
export class ReplayBook {
  readonly #recording: Recording;
  readonly #symbol: RecordedSymbol;
  readonly #instrument: Instrument;
  readonly #grid: GridConversion;
  #standing: Standing | null = null;

  constructor(recording: Recording, symbol: RecordedSymbol, instrument: Instrument) {
    this.#recording = recording;
    this.#symbol = symbol;
    this.#instrument = instrument;
    this.#grid = gridConversion(instrument);
  }

  /** The recorded snapshot itself, before and at its time; after it, brought up to date with the recorded changes. */
  at(nowUs: number, depth: number): Result<BookSnapshot> {
    const { snapshotEvent, depthEvent } = this.#symbol;
    if (snapshotEvent.length === 0) {
      return err('book_unknown', `the recording holds no depth snapshot of ${this.#instrument.id}`);
    }
    const events = this.#recording.countUpTo(nowUs);
    const passed = snapshotEvent.countBelow(events);
    const snapshotRow = Math.max(0, passed - 1);
    const told = passed === 0 ? 0 : depthEvent.countBelow(events);
    let standing = this.#standing;
    if (standing === null || standing.snapshotRow !== snapshotRow || standing.applied > told) {
      standing = this.#load(snapshotRow);
      this.#standing = standing;
    }
    this.#bringForward(standing, told);
    if (standing.gap !== null) {
      return err('book_unknown', `the recording has a hole in ${this.#instrument.id}'s depth: ${standing.gap}`);
    }
    const stamp = timestampUs(nowUs);
    return ok(standing.book.snapshot(depth, { tsEventUs: stamp, tsInitUs: stamp }));
  }

  #load(snapshotRow: number): Standing {
    const snapshot = this.#snapshotOf(this.#symbol.snapshotEvent.at(snapshotRow));
    const book = new OrderBook(this.#instrument.id);
    book.load(snapshot);
    // Changes that came in before the snapshot may be newer than it: the ids decide, not the order of receipt.
    const applied = this.#symbol.depthLastId.countUpTo(snapshot.lastUpdateId);
    return { book, snapshotRow, applied, gap: null };
  }

  #bringForward(standing: Standing, told: number): void {
    const { depthEvent, depthFirstId } = this.#symbol;
    for (; standing.applied < told && standing.gap === null; standing.applied += 1) {
      const firstId = depthFirstId.at(standing.applied);
      const have = standing.book.lastUpdateId;
      if (firstId > have + 1) {
        standing.gap = `updates ${have + 1} to ${firstId - 1} are missing`;
        return;
      }
      standing.book.apply(this.deltaOf(depthEvent.at(standing.applied)));
    }
  }

  /** A recorded snapshot as it was told. */
  #snapshotOf(event: number): BookSnapshot {
    const snapshot = snapshotPayload(this.#recording.payloadFields(event));
    const atUs = timestampUs(this.#recording.atUs(event));
    return {
      kind: 'book-snapshot',
      instrument: this.#instrument.id,
      lastUpdateId: snapshot.lastUpdateId,
      bids: this.#grid.levels(snapshot.bids),
      asks: this.#grid.levels(snapshot.asks),
      tsEventUs: atUs,
      tsInitUs: atUs,
    };
  }

  /** A recorded change of the book. */
  deltaOf(event: number): BookDelta {
    const delta = depthPayload(this.#recording.payloadFields(event));
    return {
      kind: 'book-delta',
      instrument: this.#instrument.id,
      firstUpdateId: delta.firstUpdateId,
      lastUpdateId: delta.lastUpdateId,
      bids: this.#grid.levels(delta.bids),
      asks: this.#grid.levels(delta.asks),
      tsEventUs: timestampUs(delta.eventMs * 1_000),
      tsInitUs: timestampUs(this.#recording.atUs(event)),
    };
  }

  /** The last recorded best bid and ask; null before the first. */
  quote(nowUs: number): QuoteTick | null {
    const events = this.#recording.countUpTo(nowUs);
    const told = this.#symbol.quoteEvent.countBelow(events);
    if (told === 0) return null;
    const event = this.#symbol.quoteEvent.at(told - 1);
    return this.quoteOf(event);
  }

  quoteOf(event: number): QuoteTick {
    const quote = quotePayload(this.#recording.payloadFields(event));
    const atUs = timestampUs(this.#recording.atUs(event));
    return {
      kind: 'quote',
      instrument: this.#instrument.id,
      updateId: quote.updateId,
      bidPrice: this.#grid.price(quote.bidPrice),
      bidQuantity: this.#grid.quantity(quote.bidQuantity),
      askPrice: this.#grid.price(quote.askPrice),
      askQuantity: this.#grid.quantity(quote.askQuantity),
      tsEventUs: atUs,
      tsInitUs: atUs,
    };
  }
}
