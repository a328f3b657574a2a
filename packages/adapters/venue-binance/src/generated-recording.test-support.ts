import { formatPrice, formatQuantity, intervalMs, usFromMs, type BookLevel } from '@monsta/core';
import type { Bar, InstrumentId, Interval } from '@monsta/core';
import { VirtualClock } from '@monsta/testkit';
import { createSimulatedExchange } from '@monsta/venue-simulated';

const START_MS = Date.UTC(2025, 5, 1, 12);

/** A recording as a recorder writes it, of some seconds of the simulated market, and bars before it; nothing in it is real. */
export interface GeneratedRecording {
  /** `<receive ns> <JSON>` lines. */
  readonly lines: string;
  /** `openTimeMs,open,high,low,close,volume` lines with a head. */
  readonly history: string;
  readonly firstBarMs: number;
  readonly startMs: number;
}

export async function generateRecording(
  instrument: InstrumentId,
  seconds: number,
  bars: { readonly interval: Interval; readonly count: number },
): Promise<GeneratedRecording> {
  const clock = new VirtualClock(usFromMs(START_MS));
  const model = createSimulatedExchange({ seed: 3, clock, instruments: [instrument] });
  const symbol = model.symbols()[0]?.instrument;
  if (symbol === undefined) throw new Error(`${instrument} can't be simulated`);
  const lines: string[] = [];
  const write = (json: string): void => void lines.push(`${clock.nowUs()}000 ${json}`);
  const streams = { trade: 'trade', bookTicker: 'bookTicker', depth: 'depth@100ms' } as const;
  for (const kind of ['trade', 'bookTicker', 'depth'] as const) {
    const stream = `${instrument.toLowerCase()}@${streams[kind]}`;
    model.listen(kind, instrument, ({ json }) => write(`{"stream":"${stream}","data":${json}}`));
  }
  await clock.advance(500);
  const book = model.book(instrument, 1_000);
  if (!book.ok) throw new Error(book.fault.message);
  const levels = (side: readonly BookLevel[]) =>
    side.map(([price, quantity]) => [formatPrice(price, symbol), formatQuantity(quantity, symbol)]);
  const { lastUpdateId, bids, asks } = book.value;
  write(JSON.stringify({ lastUpdateId, bids: levels(bids), asks: levels(asks) }));
  await clock.advance(seconds * 1_000);

  const stepMs = intervalMs(bars.interval);
  const endMs = START_MS - (START_MS % stepMs);
  const firstBarMs = endMs - bars.count * stepMs;
  const held: Bar[] = [];
  for (let fromMs = firstBarMs; fromMs < endMs; fromMs += 1_000 * stepMs) {
    const query = { fromUs: usFromMs(fromMs), toUs: usFromMs(endMs - 1), limit: 1_000 };
    held.push(...model.klines(instrument, bars.interval, query));
  }
  model.close();
  const row = (bar: Bar): string => {
    const prices = [bar.open, bar.high, bar.low, bar.close].map((each) => formatPrice(each, symbol));
    return [bar.openTimeUs / 1_000, ...prices, Number(bar.volume) / 1e8].join(',');
  };
  const history = `openTimeMs,open,high,low,close,volume\n${held.map(row).join('\n')}\n`;
  return { lines: `${lines.join('\n')}\n`, history, firstBarMs, startMs: START_MS };
}
