import {
  err,
  inferInstrument,
  ok,
  timestampUs,
  type Instrument,
  type InstrumentTerms,
  type MarketEvent,
  type Result,
  type Step,
} from '@monsta/core';
import { UNIT_SCALE } from './recorded-payloads.ts';
import { RecordedTrades } from './recorded-trades.ts';
import type { RecordedSymbol } from './recorded-symbol.ts';
import { openRecording, type Recording } from './recording.ts';
import { ReplayBook } from './replay-book.ts';

/** More levels than any recorded snapshot has. */
const DEPTH_MAX = 100_000;

/** What recordings hold of one instrument, as a backtest is fed it: no server, no clock. */
export interface RecordedTicks {
  readonly instrument: Instrument;
  /** When the first event was told, and the last. */
  readonly startMs: number;
  readonly endMs: number;
  readonly trades: number;
  readonly quotes: number;
  readonly bookChanges: number;
  /** Whether a book can be known at all: changes alone, without a snapshot, are none. */
  readonly bookSnapshots: number;
  /**
   * Trades, quotes, snapshots and changes of the book in the order they were told, stamped with when they happened (`tsEventUs`; of quotes the exchange doesn't say, so when they were told) and when
   * they were told (`tsInitUs`), both on the exchange's clock. Each call begins anew. Changes of the book follow its snapshot without a hole: those from before are part of it, and where
   * the recording has a hole, a feed event of status `gap` says so and none follow until the next snapshot.
   */
  events(): Generator<MarketEvent>;
}

/** True when every multiple of 10^-digits is one of the step. */
function fits(step: Step, digits: number): boolean {
  return 10 ** (UNIT_SCALE - digits) % (step.units * 10 ** (UNIT_SCALE - step.scale)) === 0;
}

/** The instrument in the steps asked for. Faults `ticks_off_tick`, `ticks_off_lot`: what was recorded is finer. */
function instrumentOf(terms: InstrumentTerms, symbol: RecordedSymbol): Result<Instrument> {
  const { price, quantity } = symbol.digits;
  const tick = terms.tick ?? { units: 1, scale: price };
  if (!fits(tick, price))
    return err(
      'ticks_off_tick',
      `prices of ${terms.id} have ${price} digits behind the point; give a tick that is as fine`,
    );
  if (!fits(terms.lot, quantity))
    return err(
      'ticks_off_lot',
      `quantities of ${terms.id} have ${quantity} digits behind the point; give a lot that is as fine`,
    );
  return ok(inferInstrument({ ...terms, tick }));
}

class Ticks implements RecordedTicks {
  readonly instrument: Instrument;
  readonly #recording: Recording;
  readonly #symbol: RecordedSymbol;
  readonly #index: number;

  constructor(recording: Recording, index: number, symbol: RecordedSymbol, instrument: Instrument) {
    this.#recording = recording;
    this.#index = index;
    this.#symbol = symbol;
    this.instrument = instrument;
  }

  get startMs(): number {
    return Math.floor(this.#recording.startUs / 1_000);
  }
  get endMs(): number {
    return Math.floor(this.#recording.endUs / 1_000);
  }
  get trades(): number {
    return this.#symbol.tradeId.length;
  }
  get quotes(): number {
    return this.#symbol.quoteEvent.length;
  }
  get bookChanges(): number {
    return this.#symbol.depthEvent.length;
  }
  get bookSnapshots(): number {
    return this.#symbol.snapshotEvent.length;
  }

  *events(): Generator<MarketEvent> {
    const recording = this.#recording;
    const trades = new RecordedTrades(recording, this.#symbol, this.instrument);
    const book = new ReplayBook(recording, this.#symbol, this.instrument);
    /** The last change that the book has; null while no book is known. */
    let lastUpdateId: number | null = null;
    for (let event = 0; event < recording.length; event += 1) {
      if (recording.symbolOf(event) !== this.#index) continue;
      const kind = recording.kindOf(event);
      if (kind === 'trade') yield trades.trade(recording.rowOf(event));
      else if (kind === 'bookTicker') yield book.quoteOf(event);
      else if (kind === 'snapshot') {
        // With the changes that had been told already and are newer than it.
        const known = book.at(recording.atUs(event), DEPTH_MAX);
        lastUpdateId = known.ok ? known.value.lastUpdateId : null;
        if (known.ok) yield known.value;
      } else if (lastUpdateId !== null) {
        const row = recording.rowOf(event);
        const [first, last]: [number, number] = [this.#symbol.depthFirstId.at(row), this.#symbol.depthLastId.at(row)];
        if (last <= lastUpdateId) continue;
        if (first > lastUpdateId + 1) {
          const atUs = timestampUs(recording.atUs(event));
          const reason = `updates ${lastUpdateId + 1} to ${first - 1} are not in the recording`;
          const { id } = this.instrument;
          yield { kind: 'feed', instrument: id, status: 'gap', reason, tsEventUs: atUs, tsInitUs: atUs };
          lastUpdateId = null;
        } else {
          yield book.deltaOf(event);
          lastUpdateId = last;
        }
      }
    }
  }
}

/**
 * Reads recordings for a backtest, of each instrument asked for, in their order: files as `openRecording` takes them. Faults: those of `openRecording`; `ticks_mismatch` (an instrument is not in
 * them), `ticks_off_tick`, `ticks_off_lot`.
 */
export async function openRecordedTicks(
  paths: readonly string[],
  terms: readonly InstrumentTerms[],
): Promise<Result<readonly RecordedTicks[]>> {
  const opened = await openRecording(paths);
  if (!opened.ok) return opened;
  const recording = opened.value;
  const ticks: RecordedTicks[] = [];
  for (const asked of terms) {
    const index = recording.symbols.findIndex(({ name }) => name === asked.id);
    const symbol = recording.symbols[index];
    if (symbol === undefined)
      return err(
        'ticks_mismatch',
        `${asked.id} is not in the recording, which holds ${recording.symbols.map(({ name }) => name).join(', ')}`,
      );
    const instrument = instrumentOf(asked, symbol);
    if (!instrument.ok) return instrument;
    ticks.push(new Ticks(recording, index, symbol, instrument.value));
  }
  return ok(ticks);
}
