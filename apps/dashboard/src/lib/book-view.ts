import type { BookMessage } from '@monsta/contracts';
import { forDrawing, percentChange, runningSums, subtract } from './decimal-text.ts';

export interface BookRow {
  readonly price: string;
  readonly quantity: string;
  /** Quantity from the best level to this one. */
  readonly sum: string;
  /** `sum` as a share (0–1) of the deeper side's, for drawing. */
  readonly share: number;
}

export interface BookView {
  /** From the worst shown to the best, as they stand above the bids. */
  readonly asks: readonly BookRow[];
  /** From the best down. */
  readonly bids: readonly BookRow[];
  /** Best ask minus best bid; null while a side is empty. */
  readonly spread: string | null;
  /** In percent of the best bid, six digits. */
  readonly spreadPercent: string | null;
}

type Levels = BookMessage['bids'];

function rowsOf(levels: Levels, deepest: number): readonly BookRow[] {
  const sums = runningSums(levels.map(([, quantity]) => quantity));
  return levels.flatMap(([price, quantity], index) => {
    const sum = sums[index];
    if (sum === undefined) return [];
    const drawn = forDrawing(sum);
    return [{ price, quantity, sum, share: drawn === null || deepest === 0 ? 0 : Math.min(1, drawn / deepest) }];
  });
}

const depthOf = (levels: Levels): number => {
  const last = runningSums(levels.map(([, quantity]) => quantity)).at(-1);
  return last === undefined ? 0 : (forDrawing(last) ?? 0);
};

/** The `levels` best of each side with their running sums. */
export function bookView(book: Pick<BookMessage, 'bids' | 'asks'>, levels: number): BookView {
  const bids = book.bids.slice(0, levels);
  const asks = book.asks.slice(0, levels);
  const deepest = Math.max(depthOf(bids), depthOf(asks));
  const bestBid = bids[0]?.[0];
  const bestAsk = asks[0]?.[0];
  const both = bestBid !== undefined && bestAsk !== undefined;
  return {
    bids: rowsOf(bids, deepest),
    asks: rowsOf(asks, deepest).toReversed(),
    spread: both ? subtract(bestAsk, bestBid) : null,
    spreadPercent: both ? percentChange(bestBid, bestAsk, 6) : null,
  };
}
