import type { ClosesParts } from './closes-parts.ts';
import { LastBinary } from './approximate-worth.ts';

/** Binary sums of a few amounts are exact to 10⁻¹⁵ of the largest; what is closer than this is looked at exactly. */
export const NEAR = 1e-9;

/** Between which equities nothing comes of another one. */
export class EquityLimits {
  /** Below this equity a limit may be reached; above `peak` there may be a new one. */
  floor = -Infinity;
  peak = Infinity;
  /** The part of the floor that does not follow the peak, and how far below the peak the other one is; null where none is. */
  #lossFloor = -Infinity;
  #drawdownPpm: number | null = null;
  readonly #lossBases = new LastBinary();
  readonly #peaks = new LastBinary();

  /** Reads them anew. */
  read({ config, gate, monitor }: Pick<ClosesParts, 'config' | 'gate' | 'monitor'>): void {
    const { peakEquity, lossBase } = monitor.state;
    const { dailyLossPpmMax, drawdownPpmMax } = config.limits;
    this.#lossFloor = -Infinity;
    this.#drawdownPpm = null;
    this.peak = -Infinity;
    if (lossBase !== null && !gate.has('daily_loss')) {
      const base = this.#lossBases.of(lossBase);
      this.#lossFloor = base - (Math.abs(base) * dailyLossPpmMax) / 1e6;
    }
    this.floor = this.#lossFloor;
    if (peakEquity === null) return;
    if (!gate.has('drawdown')) this.#drawdownPpm = drawdownPpmMax;
    this.peak = this.#peaks.of(peakEquity);
    this.floor = this.floorBelow(this.peak);
  }

  /** The floor where that is the peak. */
  floorBelow(peak: number): number {
    const ppm = this.#drawdownPpm;
    return ppm === null ? this.#lossFloor : Math.max(this.#lossFloor, peak - (Math.abs(peak) * ppm) / 1e6);
  }
}
