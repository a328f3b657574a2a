import { err, ok, type Bar, type Instrument, type Result, type TimestampUs } from '@monsta/core';
import type { MarketHistory } from '@monsta/ports';
import type { ModelLine } from './model-line.ts';

/** Closed bars of a line, oldest first, and the instrument they are counted in. */
export interface ClosedBars {
  readonly bars: readonly Bar[];
  readonly instrument: Instrument;
}

/** What the model server asks of the market's history. */
export class HistoryReader {
  readonly #history: MarketHistory;

  constructor(history: MarketHistory) {
    this.#history = history;
  }

  /** The newest `limit` bars that are closed. Faults: those of the history; `instrument_unknown`. */
  async closedBars(line: ModelLine, limit: number): Promise<Result<ClosedBars>> {
    const instruments = await this.#history.instruments();
    if (!instruments.ok) return instruments;
    const instrument = instruments.value.find(({ id }) => id === line.instrument);
    if (instrument === undefined) return err('instrument_unknown', `${line.instrument} is no longer collected`);
    // One more, for the bar that is still forming.
    const found = await this.#history.bars({
      instrument: line.instrument,
      interval: line.interval,
      limit: limit + 1,
      beforeUs: null,
    });
    if (!found.ok) return found;
    return ok({ instrument, bars: found.value.filter(({ closed }) => closed).slice(-limit) });
  }

  /** True when the history reaches further back than `oldestOpenTimeUs`. */
  async hasOlder(line: ModelLine, oldestOpenTimeUs: TimestampUs): Promise<boolean> {
    const { instrument, interval } = line;
    const older = await this.#history.bars({ instrument, interval, limit: 1, beforeUs: oldestOpenTimeUs });
    return older.ok && older.value.length > 0;
  }

  /** The venue's time; `otherwise` while it is not known. */
  async nowUs(otherwise: TimestampUs): Promise<TimestampUs> {
    const now = await this.#history.venueTimeUs();
    return now.ok && now.value !== null ? now.value : otherwise;
  }
}
