import {
  emptyBarSeries,
  err,
  INTERVALS,
  ok,
  sameSteps,
  msFromUs,
  type Balance,
  type Bar,
  type BarSeries,
  type Fill,
  type Instrument,
  type InstrumentId,
  type Interval,
  type Result,
  type TimestampUs,
} from '@monsta/core';
import type { KernelInput, KernelOutput } from '@monsta/trading';

const PPM = 1_000_000;

/** What a run saw and what it began with, out of its journal: the closed bars of each instrument, the first balances, and what its fills cost. */
export class JournalMarket {
  readonly #instruments = new Map<InstrumentId, Instrument>();
  readonly #bars = new Map<InstrumentId, Map<number, Bar>>();
  readonly #fees: { readonly ppm: number; readonly weight: number }[] = [];
  #restepped: InstrumentId | null = null;
  #balances: readonly Balance[] | null = null;
  #fromUs: TimestampUs | null = null;
  #toUs: TimestampUs | null = null;
  #feesInBase = false;

  /** When trading began. */
  get fromUs(): TimestampUs | null {
    return this.#fromUs;
  }

  get toUs(): TimestampUs | null {
    return this.#toUs;
  }

  /** Of the venue when trading began. */
  get balances(): readonly Balance[] | null {
    return this.#balances;
  }

  /** What a fill cost on average, parts per million of its value, rounded; null before the first. */
  get feePpm(): number | null {
    const weight = this.#fees.reduce((sum, fee) => sum + fee.weight, 0);
    return weight === 0 ? null : Math.round(this.#fees.reduce((sum, fee) => sum + fee.ppm * fee.weight, 0) / weight);
  }

  /** True where the exchange took its fees of what was bought. */
  get feesInBase(): boolean {
    return this.#feesInBase;
  }

  saw(input: KernelInput, outputs: readonly KernelOutput[]): void {
    this.#toUs = input.tsUs;
    if (input.kind === 'instruments') for (const instrument of input.instruments) this.#knows(instrument);
    else if (input.kind === 'warm-up') for (const bar of input.bars) this.#keep(bar);
    else if (input.kind === 'market' && input.event.kind === 'bar') this.#keep(input.event);
    else if (input.kind === 'recover') this.#fromUs ??= input.tsUs;
    else if (input.kind === 'reconcile') this.#balances ??= input.balances;
    for (const output of outputs) if (output.kind === 'fill') this.#paid(output.fill, output.instrument);
  }

  #knows(instrument: Instrument): void {
    const before = this.#instruments.get(instrument.id);
    if (before !== undefined && !sameSteps(before, instrument)) this.#restepped = instrument.id;
    this.#instruments.set(instrument.id, instrument);
  }

  #keep(bar: Bar): void {
    if (!bar.closed) return;
    const bars = this.#bars.get(bar.instrument) ?? new Map<number, Bar>();
    this.#bars.set(bar.instrument, bars);
    // Bars of several intervals may open together: the microsecond tells them apart.
    const key = bar.openTimeUs + INTERVALS.indexOf(bar.interval);
    if (!bars.has(key)) bars.set(key, bar);
  }

  #paid({ fee, feeAsset, price, quantity }: Fill, instrument: Instrument): void {
    const coins = (quantity * instrument.lot.units) / 10 ** instrument.lot.scale;
    const value = coins * ((price * instrument.tick.units) / 10 ** instrument.tick.scale);
    const paid = Number(fee) / 1e18;
    if (feeAsset === instrument.base) {
      this.#feesInBase = true;
      this.#fees.push({ ppm: (paid / coins) * PPM, weight: value });
    } else if (feeAsset === instrument.quote) this.#fees.push({ ppm: (paid / value) * PPM, weight: value });
  }

  /** The closed bars of an interval of each instrument that is traded. Faults: `parity_no_bars`, `parity_steps_changed`. */
  series(instruments: readonly InstrumentId[], interval: Interval): Result<readonly BarSeries[]> {
    if (this.#restepped !== null)
      return err('parity_steps_changed', `the tick or lot of ${this.#restepped} changed within the journal`);
    const all: BarSeries[] = [];
    for (const id of instruments) {
      const instrument = this.#instruments.get(id);
      const bars = [...(this.#bars.get(id)?.values() ?? [])]
        .filter((bar) => bar.interval === interval)
        .toSorted((left, right) => left.openTimeUs - right.openTimeUs);
      if (instrument === undefined || bars.length === 0)
        return err('parity_no_bars', `the journal holds no closed ${interval} bar of ${id}`);
      const series = emptyBarSeries(instrument, interval, bars.length);
      for (const [index, bar] of bars.entries()) {
        series.openTimeMs[index] = msFromUs(bar.openTimeUs);
        series.open[index] = bar.open;
        series.high[index] = bar.high;
        series.low[index] = bar.low;
        series.close[index] = bar.close;
        series.volume[index] = Number(bar.volume);
      }
      all.push(series);
    }
    return ok(all);
  }
}
