const SPACE = 32;
const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
const EXPONENT = 101;
const LOWER = 32;

/** Powers of ten that a double holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
const EXACT_DIGITS = 15;
const WORD_BYTES_MAX = 10;

/** How a value that isn't there is written, in any case: what pandas, R and SQL write. */
const MISSING: ReadonlySet<string> = new Set(['', 'na', 'n/a', '#n/a', '<na>', 'nan', '-nan', 'null', 'none', 'nil']);
const WORDS: ReadonlyMap<string, number> = new Map([
  ['inf', Number.POSITIVE_INFINITY],
  ['+inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['infinity', Number.POSITIVE_INFINITY],
  ['-infinity', Number.NEGATIVE_INFINITY],
  ['true', 1],
  ['false', 0],
]);

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE;

/**
 * Reads numbers out of the bytes of a text, to the nearest double. Up to fifteen digits and a power of ten up to 22 are exact in a double, and so is one division or multiplication of them
 * rounded right (Clinger 1990); what is longer is left to `Number`.
 */
export class NumberCell {
  /** What was read last; NaN: the cell says that there is none. */
  value = Number.NaN;

  /** Reads the bytes `from … to − 1`. False: they are neither a number nor one of the words for a missing value. */
  read(bytes: Buffer, from: number, to: number): boolean {
    let at = from;
    let end = to;
    while (at < end && (bytes[at] as number) <= SPACE) at += 1;
    while (end > at && (bytes[end - 1] as number) <= SPACE) end -= 1;
    const start = at;
    const sign = at < end ? (bytes[at] as number) : 0;
    if (sign === MINUS || sign === PLUS) at += 1;
    let mantissa = 0;
    let digits = 0;
    let fraction = 0;
    for (; at < end && isDigit(bytes[at] as number); at += 1) {
      mantissa = mantissa * 10 + (bytes[at] as number) - ZERO;
      digits += 1;
    }
    if (at < end && bytes[at] === DOT) {
      at += 1;
      for (; at < end && isDigit(bytes[at] as number); at += 1) {
        mantissa = mantissa * 10 + (bytes[at] as number) - ZERO;
        digits += 1;
        fraction += 1;
      }
    }
    if (digits === 0) return this.#word(bytes, start, end);
    let power = 0;
    if (at < end && ((bytes[at] as number) | LOWER) === EXPONENT) {
      at += 1;
      const negative = bytes[at] === MINUS;
      if (negative || bytes[at] === PLUS) at += 1;
      if (at === end) return false;
      for (; at < end && isDigit(bytes[at] as number); at += 1)
        power = Math.min(9_999, power * 10 + (bytes[at] as number) - ZERO);
      if (negative) power = -power;
    }
    if (at !== end) return false;
    power -= fraction;
    if (digits > EXACT_DIGITS || power > 22 || power < -22) {
      this.value = Number(bytes.toString('latin1', start, end));
      return true;
    }
    const size = power < 0 ? mantissa / (POWERS[-power] as number) : mantissa * (POWERS[power] as number);
    this.value = sign === MINUS ? -size : size;
    return true;
  }

  #word(bytes: Buffer, from: number, to: number): boolean {
    this.value = Number.NaN;
    if (from === to) return true;
    if (to - from > WORD_BYTES_MAX) return false;
    const word = bytes.toString('latin1', from, to).toLowerCase();
    if (MISSING.has(word)) return true;
    const value = WORDS.get(word);
    if (value === undefined) return false;
    this.value = value;
    return true;
  }
}
