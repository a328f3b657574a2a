import type { TradeSeries } from '@monsta/core';

/** Farther than this no price goes from one trade to the next but by a fault, or in a market that broke. */
const JUMP_RATIO = 5;

/** Ids that are missing between two trades. */
export interface IdGap {
  readonly beforeId: number;
  readonly afterId: number;
  readonly beforeUs: number;
  readonly afterUs: number;
  readonly missing: number;
}

/** A trade whose price is five times, or a fifth, of the one before. */
export interface TradeJump {
  readonly tradeId: number;
  readonly timeUs: number;
  readonly ratio: number;
}

export interface TradeQuality {
  readonly trades: number;
  /** Null where there is no trade. */
  readonly firstId: number | null;
  readonly lastId: number | null;
  readonly firstUs: number | null;
  readonly lastUs: number | null;
  /** Ids that are missing; the longest gaps are the examples. An exchange leaves none out. */
  readonly gaps: { readonly count: number; readonly missing: number; readonly examples: readonly IdGap[] };
  readonly jumps: { readonly count: number; readonly examples: readonly TradeJump[] };
}

/** Counts missing ids and prices that jump, of trades that come in pieces, one behind the other; prices of all pieces in one tick. */
export class TradeQualityCount {
  readonly #examplesMax: number;
  #trades = 0;
  #first: { readonly id: number; readonly us: number } | null = null;
  #lastId = 0;
  #lastUs = 0;
  #lastPrice = 0;
  #gaps = 0;
  #missing = 0;
  #longest: IdGap[] = [];
  #jumps = 0;
  readonly #jumped: TradeJump[] = [];

  constructor(examplesMax: number) {
    this.#examplesMax = examplesMax;
  }

  /** `tickValue`: what a tick of this piece is worth. */
  take({ tradeId, timeUs, price, length }: TradeSeries, tickValue = 1): void {
    for (let index = 0; index < length; index += 1) {
      const [id = 0, us = 0] = [tradeId[index], timeUs[index]];
      const value = (price[index] ?? 0) * tickValue;
      if (this.#first === null) this.#first = { id, us };
      else this.#follow(id, us, value / this.#lastPrice);
      this.#lastId = id;
      this.#lastUs = us;
      this.#lastPrice = value;
    }
    this.#trades += length;
  }

  #follow(id: number, us: number, ratio: number): void {
    const missing = id - this.#lastId - 1;
    if (missing > 0) this.#gap({ beforeId: this.#lastId, afterId: id, beforeUs: this.#lastUs, afterUs: us, missing });
    if (ratio < JUMP_RATIO && ratio > 1 / JUMP_RATIO) return;
    this.#jumps += 1;
    if (this.#jumped.length < this.#examplesMax) this.#jumped.push({ tradeId: id, timeUs: us, ratio });
  }

  #gap(gap: IdGap): void {
    this.#gaps += 1;
    this.#missing += gap.missing;
    const shortest = this.#longest.at(-1)?.missing ?? 0;
    if (this.#longest.length >= this.#examplesMax && gap.missing <= shortest) return;
    this.#longest = [...this.#longest, gap]
      .toSorted((left, right) => right.missing - left.missing)
      .slice(0, this.#examplesMax);
  }

  result(): TradeQuality {
    return {
      trades: this.#trades,
      firstId: this.#first?.id ?? null,
      lastId: this.#first === null ? null : this.#lastId,
      firstUs: this.#first?.us ?? null,
      lastUs: this.#first === null ? null : this.#lastUs,
      gaps: { count: this.#gaps, missing: this.#missing, examples: this.#longest },
      jumps: { count: this.#jumps, examples: this.#jumped },
    };
  }
}
