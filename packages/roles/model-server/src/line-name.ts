import type { InstrumentId, Interval } from '@monsta/core';

/** What tells the lines of models apart: there is one for each instrument, interval and executor. */
export interface ModelLineName {
  readonly instrument: InstrumentId;
  readonly interval: Interval;
  /** Name of the executor. */
  readonly model: string;
}

/** `BTCUSDT-1h-xgboost`; with its number the id of a model: `BTCUSDT-1h-xgboost-3`. */
export const lineKey = ({ instrument, interval, model }: ModelLineName): string => `${instrument}-${interval}-${model}`;
