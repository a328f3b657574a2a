import type { BarFrame } from './bar-frame.ts';

/** A figure's form over columns, and for an index what it is there. */
type Over = (frame: BarFrame) => Values;
type Values = (index: number) => unknown;

/** What is kept of one frame at most. */
const KEPT_BYTES_MAX = 64 * 2 ** 20;
/** A column of values, and what they are made from. */
const BYTES_A_BAR = 16;
const KEPT_MIN = 4;

/** Numbers that are reckoned ahead of the one that is looked at. */
const AHEAD = 1_023;

/** What was reckoned over one frame. */
class FrameFigures {
  /** By what they are; the least used first. */
  readonly kept = new Map<string, Values>();
  /** Columns that nobody looks at any more, to be written anew; and those that a run may still look at, though they are kept no longer. Null: such are left to the machine. */
  spare: Float64Array[] | null = null;
  leaving: Float64Array[] = [];
}

/** Which figure a form over columns is. Of shipped ones only: what somebody made himself may be called as it likes. */
const figures = new WeakMap<Over, string>();
const reckoned = new WeakMap<BarFrame, FrameFigures>();
/** The columns that numbers are in, once they are reckoned. */
const columns = new WeakMap<Values, Float64Array>();

/** Says that forms over columns that are given the same text are the same figure. */
export const nameFigure = (over: Over, figure: string): void => {
  figures.set(over, figure);
};

function figuresOver(frame: BarFrame): FrameFigures {
  const known = reckoned.get(frame);
  if (known !== undefined) return known;
  const made = new FrameFigures();
  reckoned.set(frame, made);
  return made;
}

/**
 * A figure over columns. What was reckoned of a shipped one is kept with the bars, 64 MB at most, the least used let go of: another run over the same bars (a trial of an optimisation)
 * that asks for the same figure finds it there. It is the same number either way.
 */
export function valuesOver(over: Over, frame: BarFrame): Values {
  const figure = figures.get(over);
  if (figure === undefined) return over(frame);
  const ofFrame = figuresOver(frame);
  const { kept } = ofFrame;
  const values = kept.get(figure) ?? remembered(over(frame), frame);
  // The newest is the last.
  kept.delete(figure);
  kept.set(figure, values);
  const most = Math.max(KEPT_MIN, Math.floor(KEPT_BYTES_MAX / (BYTES_A_BAR * frame.length)));
  for (const [name, oldest] of kept) {
    if (kept.size <= most) break;
    kept.delete(name);
    const column = columns.get(oldest);
    if (ofFrame.spare !== null && column !== undefined) ofFrame.leaving.push(column);
  }
  return values;
}

/**
 * Says that no run over these bars is under way, and others are to come: whatever was handed out of figures over them is looked at no more. What is kept stays; the memory of what was let go of since is used again.
 */
export function endRunsOver(frame: BarFrame): void {
  const ofFrame = figuresOver(frame);
  ofFrame.spare = [...(ofFrame.spare ?? []), ...ofFrame.leaving];
  ofFrame.leaving = [];
}

/** Room for a number of each bar, which is to be written from end to end: something else may be in it. */
export const columnFor = (frame: BarFrame): Float64Array =>
  reckoned.get(frame)?.spare?.pop() ?? new Float64Array(frame.length);

/** A figure all of whose numbers are there. */
export function columnValues(column: Float64Array): (index: number) => number {
  const values = (index: number): number => column[index] as number;
  columns.set(values, column);
  return values;
}

/** Its numbers by index, NaN where one is not reckoned yet; null where it has none so far. */
export const columnOf = (values: Values): Float64Array | null => columns.get(values) ?? null;

/** Numbers are reckoned once, and those of the bars behind one that is looked at with it; bands and the like each time. */
function remembered(values: Values, frame: BarFrame): Values {
  if (columns.has(values)) return values;
  let column: Float64Array | null = null;
  const known = (index: number): unknown => {
    const before = column === null ? Number.NaN : (column[index] as number);
    if (!Number.isNaN(before)) return before;
    const value = values(index);
    if (typeof value !== 'number') return value;
    if (column === null) {
      column = columnFor(frame).fill(Number.NaN);
      columns.set(known, column);
    }
    column[index] = value;
    fill(column, values as (index: number) => number, index + 1);
    return value;
  };
  return known;
}

/** From an index on, as far as nothing is known. Whoever goes from bar to bar asks once in so many, and the loop that reckons them does nothing else. */
function fill(column: Float64Array, values: (index: number) => number, from: number): void {
  const to = Math.min(column.length, from + AHEAD);
  for (let index = from; index < to && Number.isNaN(column[index]); index += 1) column[index] = values(index);
}
