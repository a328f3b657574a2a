const DIGITS = Array.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');
/** Two digits at a time: half the steps. */
const PAIRS = DIGITS.flatMap((first) => DIGITS.map((second) => first + second));
const BASE = PAIRS.length;
/** So many counts have the same end of their name. */
const BLOCK = BASE * BASE;

function mix(state: number, pair: number): number {
  const mixed = Math.imul(state ^ (pair + 1), 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

function shifted(digits: number, state: number): number {
  return (digits + (state >>> 16)) % BASE;
}

/**
 * Names for the requests on a symbol that gave none: 22 letters and digits, as long as Binance makes them. A name follows from the symbol and the count alone. Two counts
 * below 2^53 never give the same one: every two of its digits hold two of the count's, shifted by what can be read off the digits after them.
 */
export class GeneratedNames {
  readonly #salt: number;
  #block = -1;
  #state = 0;
  #end = '';

  constructor(symbol: string) {
    let hash = 0x811c9dc5;
    for (let index = 0; index < symbol.length; index += 1) {
      hash = Math.imul(hash ^ symbol.charCodeAt(index), 0x01000193);
    }
    this.#salt = hash;
  }

  at(count: number): string {
    const block = Math.floor(count / BLOCK);
    if (block !== this.#block) this.#enter(block);
    const rest = count - block * BLOCK;
    const above = Math.floor(rest / BASE);
    const first = shifted(above, this.#state);
    const state = mix(this.#state, first);
    const second = shifted(rest - above * BASE, state);
    const third = shifted(0, mix(state, second));
    return (PAIRS[third] ?? '') + (PAIRS[second] ?? '') + (PAIRS[first] ?? '') + this.#end;
  }

  /** The sixteen digits at the end of the names of a block of counts. */
  #enter(block: number): void {
    let state = this.#salt;
    let end = '';
    let rest = block;
    for (let step = 0; step < 8; step += 1) {
      const above = Math.floor(rest / BASE);
      const pair = shifted(rest - above * BASE, state);
      rest = above;
      end = (PAIRS[pair] ?? '') + end;
      state = mix(state, pair);
    }
    this.#block = block;
    this.#state = state;
    this.#end = end;
  }
}
