import {
  floorToInterval,
  usFromMs,
  type Bar,
  type Instrument,
  type Interval,
  type MarketEvent,
  type TradeTick,
} from '@monsta/core';
import { BarBuilder } from '@monsta/market-data';
import type { RecordedTicks } from '@monsta/venue-replay';

/** Builds the bars of one instrument from its trades; the one that was under way when the recording began is not whole, and is left out. */
class RecordedBars {
  readonly #builders: readonly BarBuilder[];
  readonly #startUs: number;

  constructor(instrument: Instrument, intervals: readonly Interval[], startMs: number) {
    this.#builders = intervals.map((interval) => new BarBuilder(instrument, interval));
    this.#startUs = usFromMs(startMs);
  }

  /** The bars that a trade shows to be over. */
  apply(trade: TradeTick): readonly Bar[] {
    return this.#builders.flatMap((builder) => {
      if (floorToInterval(trade.tsEventUs, builder.interval) < this.#startUs) return [];
      return builder.apply(trade) ?? [];
    });
  }
}

interface Source {
  readonly events: Iterator<MarketEvent>;
  readonly bars: RecordedBars;
  next: MarketEvent | null;
}

/** The events of several instruments in the order in which they were learned, each bar before the trade that shows it to be over. `untilMs`: none from then on. */
export function* mergedEvents(
  ticks: readonly Pick<RecordedTicks, 'instrument' | 'startMs' | 'events'>[],
  intervals: readonly Interval[],
  untilMs: number | null,
): Generator<MarketEvent> {
  const untilUs = untilMs === null ? Infinity : usFromMs(untilMs);
  const sources = ticks.map((each): Source => {
    const events = each.events();
    const first = events.next();
    const bars = new RecordedBars(each.instrument, intervals, each.startMs);
    return { events, bars, next: first.done === true ? null : first.value };
  });
  for (;;) {
    let earliest: Source | null = null;
    for (const source of sources)
      if ((source.next?.tsInitUs ?? Infinity) < (earliest?.next?.tsInitUs ?? Infinity)) earliest = source;
    const event = earliest?.next ?? null;
    if (earliest === null || event === null || event.tsInitUs >= untilUs) return;
    if (event.kind === 'trade') yield* earliest.bars.apply(event);
    yield event;
    const next = earliest.events.next();
    earliest.next = next.done === true ? null : next.value;
  }
}
