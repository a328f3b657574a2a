import type { Lane } from './lane.ts';

/** The prices that every open position of a lane has seen: a bar between them has nothing to tell, once all of it came after they were opened. */
export class SeenRange {
  low = -Infinity;
  high = Infinity;
  /** Bars that close from then on began after every position was opened. */
  wholeFromUs = -Infinity;

  constructor(lane: Lane) {
    this.read(lane);
  }

  /** As it is now. */
  read({ extremes, stepUs }: Lane): void {
    this.low = -Infinity;
    this.high = Infinity;
    this.wholeFromUs = -Infinity;
    for (const { low, high, openedUs } of extremes) {
      this.low = Math.max(this.low, low);
      this.high = Math.min(this.high, high);
      this.wholeFromUs = Math.max(this.wholeFromUs, openedUs + stepUs);
    }
  }
}
