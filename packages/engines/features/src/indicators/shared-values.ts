import type { BarFrame } from './bar-frame.ts';

/** A figure's form over columns, and for an index what it is there. */
type Over = (frame: BarFrame) => Values;
type Values = (index: number) => unknown;

/** What is kept of one frame at most. */
const KEPT_BYTES_MAX = 64 * 2 ** 20;
/** A column of values, and what they are made from. */
const BYTES_A_BAR = 16;
const KEPT_MIN = 4;

/** Which figure a form over columns is. Of shipped ones only: what somebody made himself may be called as it likes. */
const figures = new WeakMap<Over, string>();
const kept = new WeakMap<BarFrame, Map<string, Values>>();
/** The columns of those that are reckoned already. */
const reckoned = new WeakMap<Values, Float64Array>();

/** Says that forms over columns that are given the same text are the same figure. */
export const nameFigure = (over: Over, figure: string): void => {
  figures.set(over, figure);
};

/**
 * A figure over columns. What was reckoned of a shipped one is kept with the bars, 64 MB at most, the least used let go of: another run over the same bars (a trial of an optimisation)
 * that asks for the same figure finds it there. It is the same number either way.
 */
export function valuesOver(over: Over, frame: BarFrame): Values {
  const figure = figures.get(over);
  if (figure === undefined) return over(frame);
  let ofFrame = kept.get(frame);
  if (ofFrame === undefined) {
    ofFrame = new Map();
    kept.set(frame, ofFrame);
  }
  const known = ofFrame.get(figure);
  const values = known ?? remembered(over(frame), frame.length);
  // The newest is the last.
  ofFrame.delete(figure);
  ofFrame.set(figure, values);
  const most = Math.max(KEPT_MIN, Math.floor(KEPT_BYTES_MAX / (BYTES_A_BAR * frame.length)));
  for (const oldest of ofFrame.keys()) {
    if (ofFrame.size <= most) break;
    ofFrame.delete(oldest);
  }
  return values;
}

/** A figure all of whose numbers are there. */
export function columnValues(column: Float64Array): (index: number) => number {
  const values = (index: number): number => column[index] as number;
  reckoned.set(values, column);
  return values;
}

/** All its numbers by index, where they are reckoned already; null where they are not. */
export const columnOf = (values: Values): Float64Array | null => reckoned.get(values) ?? null;

/** Numbers are reckoned once; bands and the like each time. */
function remembered(values: Values, length: number): Values {
  if (reckoned.has(values)) return values;
  const column = new Float64Array(length).fill(Number.NaN);
  return (index) => {
    const known = column[index] as number;
    if (!Number.isNaN(known)) return known;
    const value = values(index);
    if (typeof value === 'number') column[index] = value;
    return value;
  };
}
