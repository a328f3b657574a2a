import type { KeptRecords } from '../kept-records.ts';
import type { Emit } from '../kernel-types.ts';
import type { StrategyGates } from '../strategy-gates.ts';
import type { StrategyHandler } from '../strategy-watch.ts';
import type { CarryOutParts } from './carry-out.ts';
import type { SightParts } from './sight.ts';

/** How long a closed bar is kept waiting for the bars of other intervals that closed with it. */
export const WAIT_US = 5_000_000;
/** How many timers ring at one input. */
export const RINGS_MAX = 1_000;
/** What a strategy that a person paused is told all the same, so that what it remembers stays true. */
export const TOLD_WHILE_PAUSED: ReadonlySet<StrategyHandler> = new Set(['onFill', 'onOrder']);

export interface StrategyDeskParts extends CarryOutParts, SightParts {
  readonly gates: StrategyGates;
  readonly emit: Emit;
  readonly keeps: KeptRecords;
}
