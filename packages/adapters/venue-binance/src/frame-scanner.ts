import type { Step } from '@monsta/core';
import { TIME_MS_MAX, TIME_MS_MIN } from './json-reader.ts';

const ZERO = 48;
const NINE = 57;
const POINT = 46;
const QUOTE = 34;

/**
 * Reads a frame of a known layout from left to right without building objects. Nothing is skipped or guessed: the first
 * character that is not as expected sets `failed`, and the frame goes to the full parser, which says what is wrong.
 */
export class FrameScanner {
  text = '';
  position = 0;
  failed = false;
  #value = 0;

  begin(text: string, position: number): void {
    this.text = text;
    this.position = position;
    this.failed = false;
  }

  /** Exactly these characters. */
  literal(expected: string): void {
    if (this.text.startsWith(expected, this.position)) this.position += expected.length;
    else this.failed = true;
  }

  /** True and past them if these characters are next. */
  accepts(expected: string): boolean {
    if (!this.text.startsWith(expected, this.position)) return false;
    this.position += expected.length;
    return true;
  }

  /** A whole number ≥ 0 that is safe. */
  integer(): number {
    const { text } = this;
    const start = this.position;
    let at = start;
    let value = 0;
    for (let code = text.charCodeAt(at); code >= ZERO && code <= NINE; code = text.charCodeAt(at)) {
      value = value * 10 + (code - ZERO);
      at += 1;
    }
    this.position = at;
    if (at === start || value > Number.MAX_SAFE_INTEGER || (at - start > 1 && text.charCodeAt(start) === ZERO))
      this.failed = true;
    return value;
  }

  /** Epoch milliseconds between 2010 and 2100. */
  timeMs(): number {
    const time = this.integer();
    if (time < TIME_MS_MIN || time > TIME_MS_MAX) this.failed = true;
    return time;
  }

  /** A decimal in quotes (`"61737.63000000"`) as whole steps of the grid; fails on what lies between two steps. */
  steps(step: Step): number {
    const between = this.#readSteps(step);
    if (between) this.failed = true;
    return this.#value;
  }

  /** The same, rounded down to whole steps. */
  stepsDown(step: Step): number {
    this.#readSteps(step);
    return this.#value;
  }

  /** Leaves the whole steps in `#value`; true when the number lies between two steps. */
  #readSteps(step: Step): boolean {
    const { text } = this;
    let between = false;
    let at = this.position;
    if (text.charCodeAt(at) !== QUOTE) this.failed = true;
    at += 1;
    const start = at;
    let value = 0;
    let code = text.charCodeAt(at);
    while (code >= ZERO && code <= NINE) {
      value = value * 10 + (code - ZERO);
      at += 1;
      code = text.charCodeAt(at);
    }
    if (at === start) this.failed = true;
    let scale = step.scale;
    if (code === POINT) {
      at += 1;
      const fraction = at;
      code = text.charCodeAt(at);
      while (code >= ZERO && code <= NINE) {
        if (scale > 0) {
          value = value * 10 + (code - ZERO);
          scale -= 1;
        } else if (code !== ZERO) between = true;
        at += 1;
        code = text.charCodeAt(at);
      }
      if (at === fraction) this.failed = true;
    }
    for (; scale > 0; scale -= 1) value *= 10;
    if (code !== QUOTE || value > Number.MAX_SAFE_INTEGER) this.failed = true;
    this.position = at + 1;
    if (step.units !== 1) {
      const rest = value % step.units;
      if (rest !== 0) between = true;
      value = (value - rest) / step.units;
    }
    this.#value = value;
    return between;
  }

  /** Nothing may follow. */
  end(): void {
    if (this.position !== this.text.length) this.failed = true;
  }
}
