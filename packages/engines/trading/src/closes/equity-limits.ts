import type { ClosesParts } from './closes-parts.ts';
import { LastBinary } from './approximate-worth.ts';

/** Binary sums of a few amounts are exact to 10⁻¹⁵ of the largest; what is closer than this is looked at exactly. */
export const NEAR = 1e-9;

/** Between which equities nothing comes of another one. */
export class EquityLimits {
  /** Below this equity a limit may be reached; above `peak` there may be a new one. */
  floor = -Infinity;
  peak = Infinity;
  readonly #lossBases = new LastBinary();
  readonly #peaks = new LastBinary();

  /** Reads them anew. */
  read({ config, gate, monitor }: Pick<ClosesParts, 'config' | 'gate' | 'monitor'>): void {
    const { peakEquity, lossBase } = monitor.state;
    const { dailyLossPpmMax, drawdownPpmMax } = config.limits;
    this.floor = -Infinity;
    this.peak = -Infinity;
    if (lossBase !== null && !gate.has('daily_loss')) {
      const base = this.#lossBases.of(lossBase);
      this.floor = base - (Math.abs(base) * dailyLossPpmMax) / 1e6;
    }
    if (peakEquity === null) return;
    this.peak = this.#peaks.of(peakEquity);
    if (gate.has('drawdown')) return;
    this.floor = Math.max(this.floor, this.peak - (Math.abs(this.peak) * drawdownPpmMax) / 1e6);
  }
}
