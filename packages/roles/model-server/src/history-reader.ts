import { err, intervalUs, ok, type InstrumentId, type Result, type TimestampUs } from '@monsta/core';
import type { MarketHistory } from '@monsta/ports';
import type { ClosedBars, InstrumentBars } from './closed-bars.ts';
import type { ModelLine } from './model-line.ts';

/** What the model server asks of the market's history. */
export class HistoryReader {
  readonly #history: MarketHistory;

  constructor(history: MarketHistory) {
    this.#history = history;
  }

  /** The newest `limit` bars that are closed, and the others' of these times. Faults: those of the history; `instrument_unknown`. */
  async closedBars(line: ModelLine, limit: number): Promise<Result<ClosedBars>> {
    const instruments = await this.#history.instruments();
    if (!instruments.ok) return instruments;
    const read = async (id: InstrumentId, count: number, beforeUs: TimestampUs | null) => {
      const instrument = instruments.value.find((each) => each.id === id);
      if (instrument === undefined) return err('instrument_unknown', `${id} is not collected`);
      const found = await this.#history.bars({ instrument: id, interval: line.interval, limit: count, beforeUs });
      return found.ok ? ok({ instrument, bars: found.value.filter(({ closed }) => closed) }) : found;
    };
    // One more, for the bar that is still forming.
    const own = await read(line.instrument, limit + 1, null);
    if (!own.ok) return own;
    const bars = own.value.bars.slice(-limit);
    const [oldest, newest] = [bars[0], bars.at(-1)];
    const others: InstrumentBars[] = [];
    for (const id of line.features.others) {
      const span = oldest === undefined || newest === undefined ? 0 : newest.closeTimeUs - oldest.openTimeUs;
      const found = await read(
        id,
        Math.max(1, Math.ceil(span / intervalUs(line.interval))),
        newest?.closeTimeUs ?? null,
      );
      if (!found.ok) return found;
      const from = oldest?.openTimeUs ?? 0;
      others.push({ ...found.value, bars: found.value.bars.filter(({ openTimeUs }) => openTimeUs >= from) });
    }
    return ok({ ...own.value, bars, others });
  }

  /** True when the history of all that a line reads reaches further back than `oldestOpenTimeUs`. */
  async hasOlder(line: ModelLine, oldestOpenTimeUs: TimestampUs): Promise<boolean> {
    for (const instrument of [line.instrument, ...line.features.others]) {
      const { interval } = line;
      const older = await this.#history.bars({ instrument, interval, limit: 1, beforeUs: oldestOpenTimeUs });
      if (!older.ok || older.value.length === 0) return false;
    }
    return true;
  }

  /** The venue's time; `otherwise` while it is not known. */
  async nowUs(otherwise: TimestampUs): Promise<TimestampUs> {
    const now = await this.#history.venueTimeUs();
    return now.ok && now.value !== null ? now.value : otherwise;
  }
}
