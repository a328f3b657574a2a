import { err, ok, parseVolume, type Result } from '@monsta/core';
import type { BarLayout } from './bar-layout.ts';
import { cellText, type Cells } from './cells.ts';

/** What Binance's archive says of each bar beside the prices: volumes in units of 10^-8. */
export interface BarFlow {
  readonly quoteVolume: readonly bigint[];
  readonly takerVolume: readonly bigint[];
  readonly takerQuoteVolume: readonly bigint[];
  readonly trades: readonly number[];
}

/** Turnover of a day can be above 2^53 units of 10^-8, so that these are bigints. */
export class FlowColumns {
  readonly #layout: NonNullable<BarLayout['flow']>;
  readonly #flow = {
    quoteVolume: [] as bigint[],
    takerVolume: [] as bigint[],
    takerQuoteVolume: [] as bigint[],
    trades: [] as number[],
  };

  constructor(layout: NonNullable<BarLayout['flow']>) {
    this.#layout = layout;
  }

  /** Fault `corrupt`: a cell that can't be read. */
  take(cells: Cells): Result<null> {
    const values: bigint[] = [];
    for (const name of ['quoteVolume', 'takerVolume', 'takerQuoteVolume'] as const) {
      const text = cellText(cells, this.#layout[name]);
      const value = parseVolume(text);
      if (!value.ok || value.value < 0n)
        return err('corrupt', `${name} '${text}' is no decimal number with at most 8 fractional digits`);
      values.push(value.value);
    }
    const text = cellText(cells, this.#layout.trades);
    const trades = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(trades))
      return err('corrupt', `the number of trades '${text}' is no whole number`);
    const [quoteVolume = 0n, takerVolume = 0n, takerQuoteVolume = 0n] = values;
    this.#flow.quoteVolume.push(quoteVolume);
    this.#flow.takerVolume.push(takerVolume);
    this.#flow.takerQuoteVolume.push(takerQuoteVolume);
    this.#flow.trades.push(trades);
    return ok(null);
  }

  finish(): BarFlow {
    return this.#flow;
  }
}
