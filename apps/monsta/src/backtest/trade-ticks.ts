import {
  err,
  ok,
  price,
  quantity,
  timestampUs,
  type InstrumentTerms,
  type MarketEvent,
  type Result,
  type Step,
  type TradeSeries,
} from '@monsta/core';
import { readTradeFile } from '@monsta/data-files';
import { openRecordedTicks, type RecordedTicks } from '@monsta/venue-replay';

/** Tables of trades, as an exchange's archive has them; anything else is a recording. */
const TRADE_FILE = /\.(csv|parquet|zip)(\.gz|\.zip)?$/i;

/** Trades of one instrument, each told at the moment at which it happened: an archive does not say when. */
class TradeTicks implements RecordedTicks {
  readonly instrument: RecordedTicks['instrument'];
  readonly startMs: number;
  readonly endMs: number;
  readonly trades: number;
  readonly quotes = 0;
  readonly bookChanges = 0;
  readonly bookSnapshots = 0;
  readonly #files: readonly TradeSeries[];

  /** At least one file, in the order of time. */
  constructor(files: readonly [TradeSeries, ...TradeSeries[]]) {
    const [first] = files;
    const last = files.at(-1) ?? first;
    this.#files = files;
    this.instrument = first.instrument;
    this.trades = files.reduce((sum, { length }) => sum + length, 0);
    this.startMs = Math.floor((first.timeUs[0] ?? 0) / 1_000);
    this.endMs = Math.floor((last.timeUs[last.length - 1] ?? 0) / 1_000);
  }

  *events(): Generator<MarketEvent> {
    for (const { instrument, length, tradeId, timeUs, price: ticks, quantity: lots, buyerIsMaker } of this.#files)
      for (let row = 0; row < length; row += 1) {
        const at = timestampUs(timeUs[row] ?? 0);
        yield {
          kind: 'trade',
          instrument: instrument.id,
          tradeId: tradeId[row] ?? 0,
          price: price(ticks[row] ?? 0),
          quantity: quantity(lots[row] ?? 0),
          buyerIsMaker: buyerIsMaker[row] === 1,
          tsEventUs: at,
          tsInitUs: at,
        };
      }
  }
}

const sizeOf = ({ units, scale }: Step): number => units * 10 ** -scale;

/** Reads files of one instrument on one tick: the finest of theirs, where none is given. */
async function readAll(paths: readonly string[], terms: InstrumentTerms): Promise<Result<readonly TradeSeries[]>> {
  const files: TradeSeries[] = [];
  for (const path of paths) {
    const read = await readTradeFile(path, { instrument: terms, fromMs: null, toMs: null });
    if (!read.ok) return read;
    files.push(read.value);
  }
  const ticks = files.map(({ instrument: { tick } }) => tick).toSorted((one, other) => sizeOf(one) - sizeOf(other));
  const [finest] = ticks;
  const coarsest = ticks.at(-1);
  if (finest === undefined || coarsest === undefined || sizeOf(finest) === sizeOf(coarsest)) return ok(files);
  return readAll(paths, { ...terms, tick: finest });
}

async function tradesOf(paths: readonly string[], terms: InstrumentTerms): Promise<Result<RecordedTicks>> {
  const read = await readAll(paths, terms);
  if (!read.ok) return read;
  const [first, ...more] = read.value;
  if (first === undefined) return err('ticks_mismatch', `there is no file of trades of ${terms.id}`);
  let before = first;
  for (const [index, next] of more.entries()) {
    if ((next.timeUs[0] ?? 0) < (before.timeUs[before.length - 1] ?? 0))
      return err(
        'ticks_order',
        `${paths[index + 1] ?? ''} begins before ${paths[index] ?? ''} ends; give files in the order of time`,
      );
    before = next;
  }
  return ok(new TradeTicks([first, ...more]));
}

/**
 * What a run of ticks is fed: recordings, or tables of trades as an exchange's archive has them; of those one for each instrument in their order, or of one instrument several in the order of time.
 * Faults: those of `openRecordedTicks` and `readTradeFile`, `ticks_mismatch`, `ticks_order`.
 */
export async function openTicks(
  paths: readonly string[],
  terms: readonly InstrumentTerms[],
): Promise<Result<readonly RecordedTicks[]>> {
  const tables = paths.filter((path) => TRADE_FILE.test(path));
  if (tables.length === 0) return openRecordedTicks(paths, terms);
  if (tables.length < paths.length)
    return err('ticks_mismatch', 'recordings and tables of trades were given together; give one kind');
  if (terms.length > 1 && tables.length !== terms.length)
    return err(
      'ticks_mismatch',
      `tables of trades do not say of what they are: give one for each of the ${terms.length} instruments, in their order`,
    );
  const opened: RecordedTicks[] = [];
  for (const [index, each] of terms.entries()) {
    const own = terms.length === 1 ? tables : tables.slice(index, index + 1);
    const ticks = await tradesOf(own, each);
    if (!ticks.ok) return ticks;
    opened.push(ticks.value);
  }
  return ok(opened);
}
