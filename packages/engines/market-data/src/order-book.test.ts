import { instrumentId, price, quantity, timestampUs, type BookDelta, type BookLevel } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BookSynchroniser } from './book-synchroniser.ts';
import { OrderBook } from './order-book.ts';

const BTC = instrumentId('BTCUSDT');
const stamp = { tsEventUs: timestampUs(1), tsInitUs: timestampUs(1) };
type RawLevel = readonly [at: number, size: number];
const levels = (raw: readonly RawLevel[]): BookLevel[] => raw.map(([at, size]) => [price(at), quantity(size)]);
const delta = (first: number, last: number, bids: readonly RawLevel[], asks: readonly RawLevel[]): BookDelta => ({
  kind: 'book-delta',
  instrument: BTC,
  firstUpdateId: first,
  lastUpdateId: last,
  bids: levels(bids),
  asks: levels(asks),
  ...stamp,
});

/** The obvious book: a map a side. */
class NaiveBook {
  readonly bids = new Map<number, number>();
  readonly asks = new Map<number, number>();
  apply({ bids, asks }: Pick<BookDelta, 'bids' | 'asks'>): void {
    for (const [side, changes] of [
      [this.bids, bids],
      [this.asks, asks],
    ] as const) {
      for (const [at, size] of changes) {
        if (size === 0) side.delete(at);
        else side.set(at, size);
      }
    }
  }
  top(depth: number): unknown {
    return {
      bids: [...this.bids].sort(([left], [right]) => right - left).slice(0, depth),
      asks: [...this.asks].sort(([left], [right]) => left - right).slice(0, depth),
    };
  }
}

const side = (low: number, high: number) =>
  fc.array(fc.tuple(fc.integer({ min: low, max: high }), fc.integer({ min: 0, max: 5 })), { maxLength: 12 });
const changes = fc.array(fc.record({ bids: side(1, 120), asks: side(121, 240) }), { minLength: 1, maxLength: 40 });

describe('an order book', () => {
  it('equals a naive map after any changes, at any depth', () => {
    fc.assert(
      fc.property(changes, fc.integer({ min: 0, max: 300 }), (steps, depth) => {
        const book = new OrderBook(BTC);
        const naive = new NaiveBook();
        steps.forEach(({ bids, asks }, index) => {
          const change = delta(index + 1, index + 1, bids, asks);
          book.apply(change);
          naive.apply(change);
          expect(book.snapshot(depth, stamp)).toMatchObject(naive.top(depth) as object);
          expect(book.bestBid()).toEqual(book.snapshot(1, stamp).bids[0] ?? null);
          expect(book.bestAsk()).toEqual(book.snapshot(1, stamp).asks[0] ?? null);
          expect(book.isCrossed()).toBe(false);
        });
      }),
    );
  });

  it('is crossed when the best bid reaches the best ask, and not while a side is empty', () => {
    const book = new OrderBook(BTC);
    book.apply(delta(1, 1, [[100, 1]], []));
    expect(book.isCrossed()).toBe(false);
    book.apply(delta(2, 2, [], [[101, 1]]));
    expect(book.isCrossed()).toBe(false);
    book.apply(delta(3, 3, [[101, 1]], []));
    expect(book.isCrossed()).toBe(true);
  });

  it('forgets the levels farthest from the touch beyond its limit', () => {
    const book = new OrderBook(BTC, 3);
    book.apply(
      delta(
        1,
        1,
        [
          [10, 1],
          [11, 1],
          [12, 1],
          [13, 1],
        ],
        [
          [20, 1],
          [21, 1],
          [22, 1],
          [19, 1],
        ],
      ),
    );
    const { bids, asks } = book.snapshot(10, stamp);
    expect(bids.map(([at]) => at)).toEqual([13, 12, 11]);
    expect(asks.map(([at]) => at)).toEqual([19, 20, 21]);
  });
});

describe('bringing a book in step', () => {
  const snapshotAt = (book: NaiveBook, lastUpdateId: number) => ({
    kind: 'book-snapshot' as const,
    instrument: BTC,
    lastUpdateId,
    ...(book.top(1_000) as { bids: BookLevel[]; asks: BookLevel[] }),
    ...stamp,
  });

  it('never yields a book with a gap, whatever is lost and whenever the snapshot comes', () => {
    const scenario = fc.record({
      steps: fc.array(
        fc.record({
          bids: side(1, 50),
          asks: side(51, 100),
          ids: fc.integer({ min: 1, max: 4 }),
          lost: fc.boolean(),
          fetch: fc.boolean(),
          age: fc.integer({ min: 0, max: 5 }),
        }),
        {
          minLength: 5,
          maxLength: 60,
        },
      ),
    });
    fc.assert(
      fc.property(scenario, ({ steps }) => {
        const book = new OrderBook(BTC);
        const sync = new BookSynchroniser(book, 8);
        const venue = new NaiveBook();
        // What the venue's book was after each change, and a copy of it.
        const past: { id: number; book: NaiveBook }[] = [];
        let id = 100;
        let lost = 0;
        for (const step of steps) {
          const change = delta(id + 1, id + step.ids, step.bids, step.asks);
          id += step.ids;
          venue.apply(change);
          const copy = new NaiveBook();
          for (const [at, size] of venue.bids) copy.bids.set(at, size);
          for (const [at, size] of venue.asks) copy.asks.set(at, size);
          past.push({ id, book: copy });
          // Every fourth lost at most, so that it can get in step at all.
          if (step.lost && lost % 4 === 0) lost += 1;
          else {
            if (step.lost) lost += 1;
            sync.onDelta(change);
          }
          if (step.fetch) {
            const at = past.at(-1 - Math.min(step.age, past.length - 1));
            if (at !== undefined) sync.onSnapshot(snapshotAt(at.book, at.id));
          }
          if (!sync.inStep) continue;
          const truth = past.find((entry) => entry.id === book.lastUpdateId);
          expect(truth).toBeDefined();
          expect(book.snapshot(1_000, stamp)).toMatchObject(truth?.book.top(1_000) as object);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('asks for another snapshot when the first ends before the buffer begins', () => {
    const sync = new BookSynchroniser(new OrderBook(BTC));
    expect(sync.onDelta(delta(10, 12, [[100, 1]], [[101, 1]]))).toBe('buffered');
    const snapshot = {
      kind: 'book-snapshot' as const,
      instrument: BTC,
      bids: levels([[99, 1]]),
      asks: levels([[105, 1]]),
      ...stamp,
    };
    expect(sync.onSnapshot({ ...snapshot, lastUpdateId: 8 })).toBe('too_old');
    expect(sync.inStep).toBe(false);
    expect(sync.onSnapshot({ ...snapshot, lastUpdateId: 11 })).toBe('synced');
    expect(sync.inStep).toBe(true);
  });

  it('starts over at a gap and keeps the change after it', () => {
    const book = new OrderBook(BTC);
    const sync = new BookSynchroniser(book);
    const empty = { kind: 'book-snapshot' as const, instrument: BTC, bids: [], asks: [], ...stamp };
    sync.onSnapshot({ ...empty, lastUpdateId: 10 });
    expect(sync.onDelta(delta(9, 10, [[1, 1]], []))).toBe('ignored');
    expect(sync.onDelta(delta(11, 12, [[2, 1]], []))).toBe('applied');
    expect(sync.onDelta(delta(14, 15, [[3, 1]], []))).toBe('gap');
    expect(sync.inStep).toBe(false);
    expect(sync.onSnapshot({ ...empty, lastUpdateId: 14 })).toBe('synced');
    expect(book.lastUpdateId).toBe(15);
    expect(book.bestBid()).toEqual([3, 1]);
  });

  it('voids a book that became crossed', () => {
    const sync = new BookSynchroniser(new OrderBook(BTC));
    sync.onSnapshot({
      kind: 'book-snapshot',
      instrument: BTC,
      lastUpdateId: 1,
      bids: levels([[100, 1]]),
      asks: levels([[101, 1]]),
      ...stamp,
    });
    expect(sync.onDelta(delta(2, 2, [[102, 1]], []))).toBe('crossed');
    expect(sync.inStep).toBe(false);
  });
});
