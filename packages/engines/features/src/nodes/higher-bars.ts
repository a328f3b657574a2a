import { barNumber, barOpenMs, invariant } from '@monsta/core';
import { Node, SideNode, type Column } from './node.ts';

/** The bars of a run, as columns. */
export interface BarInputs {
  readonly openTimeMs: Column;
  readonly open: Column;
  readonly high: Column;
  readonly low: Column;
  readonly close: Column;
  readonly volume: Column;
}

/** What takes the bars of the higher interval as they close, and knows its columns as of the newest. */
export interface HigherRun {
  readonly outputs: readonly Column[];
  /** The newest row of its columns. */
  readonly newest: number;
  reset(): void;
  push(openTimeMs: number, open: number, high: number, low: number, close: number, volume: number): void;
}

/**
 * Columns of a higher interval, `times` bars to one of it: of each bar what they were at the last higher bar that has closed by then. A higher bar begins where bars of its length do (`barOpenMs`)
 * and counts when all its bars are there; one that is still forming is never looked at.
 */
export class HigherBarsNode extends Node {
  readonly #outputs: SideNode[] = [];
  readonly #bars: BarInputs;
  readonly #times: number;
  /** The number of a bar that a higher one begins with. */
  readonly #phase: number;
  readonly #makeRun: () => HigherRun;
  #run: HigherRun | null = null;
  #count = 0;
  #openTimeMs = 0;
  #open = 0;
  #high = 0;
  #low = 0;
  #volume = 0;
  #anyClosed = false;

  /** `stepMs`: of a bar. `makeRun` is called when all that is wanted of the longer bars is known. */
  constructor(bars: BarInputs, stepMs: number, times: number, makeRun: () => HigherRun) {
    super();
    this.#bars = bars;
    this.#times = times;
    this.#phase = barNumber(barOpenMs(0, stepMs * times), stepMs);
    this.#makeRun = makeRun;
  }

  /** A column of the run's, the next one of its outputs, brought to the shorter bars. */
  addOutput(): SideNode {
    const output = new SideNode();
    this.#outputs.push(output);
    return output;
  }

  override allocate(rows: number): void {
    super.allocate(rows);
    this.#run = this.#makeRun();
  }

  override reset(): void {
    this.#count = 0;
    this.#anyClosed = false;
    this.#run?.reset();
  }

  override run(from: number, to: number, barNumber: number): void {
    const { openTimeMs, open, high, low, close, volume } = this.#bars;
    const times = this.#times;
    const run = this.#run;
    invariant(run !== null, 'longer bars are reckoned once there is room for them');
    const outputs = this.#outputs;
    for (let row = from; row < to; row += 1) {
      const place = (barNumber - this.#phase + row - from) % times;
      if (place === 0) {
        this.#count = 0;
        this.#openTimeMs = openTimeMs.values[row] as number;
        this.#open = open.values[row] as number;
        this.#high = Number.NEGATIVE_INFINITY;
        this.#low = Number.POSITIVE_INFINITY;
        this.#volume = 0;
      }
      this.#count += 1;
      this.#high = Math.max(this.#high, high.values[row] as number);
      this.#low = Math.min(this.#low, low.values[row] as number);
      this.#volume += volume.values[row] as number;
      if (place === times - 1 && this.#count === times) {
        run.push(this.#openTimeMs, this.#open, this.#high, this.#low, close.values[row] as number, this.#volume);
        this.#anyClosed = true;
      }
      const { newest } = run;
      for (let index = 0; index < outputs.length; index += 1) {
        const value = this.#anyClosed ? run.outputs[index]?.values[newest] : undefined;
        (outputs[index] as SideNode).values[row] = value ?? Number.NaN;
      }
    }
  }
}
