import type { Bar, Instrument } from '@monsta/core';

/** Closed bars of an instrument, oldest first, and the instrument that they are counted in. */
export interface InstrumentBars {
  readonly bars: readonly Bar[];
  readonly instrument: Instrument;
}

/** Those of a line, and of the same times those of the other instruments that its features read. */
export interface ClosedBars extends InstrumentBars {
  readonly others: readonly InstrumentBars[];
}
