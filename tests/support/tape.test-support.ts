import { writeFileSync } from 'node:fs';
import { seededRandom, type Random } from '@monsta/core';

/** 2024-08-09T00:00:00Z. */
export const BEGIN_MS = 1_723_161_600_000;
const STEP_MS = 2_000;
const QUANTITY = '50.00000';

/** One symbol's events; ids of trades and of book changes count up by one, as the exchange's do. */
class Market {
  readonly #name: string;
  readonly #random: Random;
  #price: number;
  #trade = 0;
  #change: number;

  /** `firstChange` is far from those of others: a snapshot belongs to the symbol whose ids are nearest. */
  constructor(name: string, price: number, firstChange: number, random: Random) {
    this.#name = name;
    this.#price = price;
    this.#change = firstChange;
    this.#random = random;
  }

  first(): readonly string[] {
    const level = (offset: number): string[] => [(this.#price + offset).toFixed(2), QUANTITY];
    const levels = { bids: [level(-0.01), level(-1)], asks: [level(0.01), level(1)] };
    // Behind the first change: the recording's reader then knows whose it is.
    const before = [this.#tradeAt(BEGIN_MS), this.#depthAt(BEGIN_MS)];
    const snapshot = `${BEGIN_MS}000000 ${JSON.stringify({ lastUpdateId: this.#change, ...levels })}`;
    return [...before, snapshot];
  }

  at(ms: number): readonly string[] {
    this.#price = Number((this.#price * (1 + (this.#random.next() - 0.5) * 0.0004)).toFixed(2));
    return [this.#quoteAt(ms), this.#tradeAt(ms), this.#depthAt(ms)];
  }

  #line(ms: number, kind: string, data: object): string {
    return `${ms}000000 ${JSON.stringify({ stream: `${this.#name.toLowerCase()}@${kind}`, data })}`;
  }

  #tradeAt(ms: number): string {
    this.#trade += 1;
    const sides = { m: this.#trade % 2 === 0, M: true };
    const price = this.#price.toFixed(2);
    return this.#line(ms, 'trade', {
      ...{ e: 'trade', E: ms, s: this.#name, t: this.#trade, p: price, q: '0.50000', T: ms, ...sides },
    });
  }

  #quoteAt(ms: number): string {
    const [bid, ask] = [-0.01, 0.01].map((offset) => (this.#price + offset).toFixed(2));
    return this.#line(ms, 'bookTicker', { u: this.#change, s: this.#name, b: bid, B: QUANTITY, a: ask, A: QUANTITY });
  }

  /** Changes nothing, but tells that the book is alive. */
  #depthAt(ms: number): string {
    this.#change += 1;
    const ids = { U: this.#change, u: this.#change };
    return this.#line(ms, 'depth@100ms', { e: 'depthUpdate', E: ms, s: this.#name, ...ids, b: [], a: [] });
  }
}

/** Writes a made-up recording, as the venue `replay` plays it: trades and quotes of each symbol every other second, prices a seeded walk. */
export function writeTape(path: string, prices: Readonly<Record<string, number>>, minutes: number, seed = 1): void {
  const random = seededRandom(seed);
  const symbols = Object.entries(prices).map(
    ([name, price], index) => new Market(name, price, 1_000_000 * (index + 1), random),
  );
  const lines = symbols.flatMap((symbol) => symbol.first());
  for (let ms = BEGIN_MS + STEP_MS; ms < BEGIN_MS + minutes * 60_000; ms += STEP_MS)
    lines.push(...symbols.flatMap((symbol) => symbol.at(ms)));
  writeFileSync(path, `${lines.join('\n')}\n`);
}
