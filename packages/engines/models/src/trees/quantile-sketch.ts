import type { BinningKernels } from './binning-kernels.ts';
import type { TreeMemory } from './tree-memory.ts';

/** Bytes of an entry of a summary: least and greatest rank, weight, value, as 32-bit floats. */
const ENTRY_BYTES = 16;
/** Entries that a sketch keeps for a bin (`WQSketch::kFactor`). */
const FACTOR = 8;

interface Summary {
  readonly pointer: number;
  entries: number;
}

/** Room for the sketch of one column. */
export interface SketchScratch {
  readonly levels: readonly Summary[];
  readonly temp: Summary;
  readonly merged: Summary;
  /** All of the memory as 32-bit floats. */
  readonly floats: Float32Array;
}

/** What is sorted: pointers and the room for it. */
interface Sorting {
  readonly values: number;
  readonly rows: number;
  readonly spare: number;
  readonly spareRows: number;
  readonly digits: number;
}

/** Levels of a sketch of `count` values and the entries that each keeps (`QuantileSketchTemplate::LimitSizeLevel`). */
function sketchLimits(count: number, binsMax: number): { readonly levels: number; readonly size: number } {
  const error = 1 / (Math.max(1, Math.min(binsMax, count)) * FACTOR);
  for (let levels = 1; ; levels += 1) {
    const size = Math.min(count, Math.ceil(levels / error) + 1);
    if (2 ** levels * size >= count) return { levels, size };
  }
}

/** Takes room for sketches of columns of up to `rows` values, cut into at most `binsMax` bins. */
export function sketchScratch(memory: TreeMemory, rows: number, binsMax: number): SketchScratch {
  // A column with missing values has one bin less. Fewer values never need more levels or larger ones.
  const most = sketchLimits(rows, binsMax);
  const fewer = sketchLimits(rows, binsMax - 1);
  const levels = Math.max(most.levels, fewer.levels);
  const size = Math.max(most.size, fewer.size, binsMax * FACTOR);
  const summary = (): Summary => ({ pointer: memory.bytes((2 * size + 2) * ENTRY_BYTES).pointer, entries: 0 });
  const all = Array.from({ length: levels + 3 }, summary);
  const [temp, merged, ...rest] = all as [Summary, Summary, ...Summary[]];
  return { levels: rest, temp, merged, floats: new Float32Array(memory.memory.buffer) };
}

/** One column's sketch: a queue, and levels of summaries that are merged as they fill, after Greenwald & Khanna 2001 with weights (Chen & Guestrin 2016, appendix). */
class ColumnSketch {
  readonly #kernels: BinningKernels;
  readonly #scratch: SketchScratch;
  readonly #size: number;

  constructor(kernels: BinningKernels, scratch: SketchScratch, size: number) {
    this.#kernels = kernels;
    this.#scratch = scratch;
    this.#size = size;
    for (const level of scratch.levels) level.entries = 0;
  }

  #level(index: number): Summary {
    const level = this.#scratch.levels[index];
    if (level === undefined) throw new Error(`a sketch has grown beyond its ${this.#scratch.levels.length} levels`);
    return level;
  }

  #prune(from: Summary, size: number, to: Summary): void {
    to.entries = this.#kernels.pruneSummary(from.entries, from.pointer, size, to.pointer);
  }

  #combine(a: Summary, b: Summary, to: Summary): void {
    to.entries = this.#kernels.combineSummaries(a.entries, a.pointer, b.entries, b.pointer, to.pointer);
  }

  /** A full queue, summarised in `temp`, goes up the levels (`PushTemp`). */
  push(): void {
    const { temp, merged } = this.#scratch;
    let carried: Summary = temp;
    let spare: Summary = merged;
    for (let at = 1; ; at += 1) {
      const level = this.#level(at);
      if (level.entries === 0) {
        this.#prune(carried, this.#size, level);
        return;
      }
      this.#prune(carried, this.#size, this.#level(0));
      this.#combine(this.#level(0), level, spare);
      if (spare.entries <= this.#size) {
        this.#prune(spare, this.#size, level);
        return;
      }
      level.entries = 0;
      [carried, spare] = [spare, carried];
    }
  }

  /** All that was pushed and the last queue, summarised in `temp` (`GetSummary`); `pushed`: whether the levels hold anything. */
  finish(pushed: boolean): Summary {
    const { temp, merged, levels } = this.#scratch;
    const bottom = this.#level(0);
    this.#prune(temp, this.#size, bottom);
    if (!pushed) return bottom;
    for (const level of levels.slice(1)) {
      if (level.entries === 0) continue;
      if (bottom.entries === 0) this.#prune(level, this.#size, bottom);
      else {
        this.#combine(bottom, level, merged);
        this.#prune(merged, this.#size, bottom);
      }
    }
    return bottom;
  }
}

/**
 * Cuts a column of `count` gathered values (and their rows, where `weights` isn't 0) as XGBoost's `hist` does: the values go through its quantile sketch in the order of the rows, whose
 * summary is pruned to `binsMax` cuts (`HostSketchContainer::MakeCuts`, 1.7). Writes the cuts and returns how many bins there are.
 */
export function sketchColumn(
  kernels: BinningKernels,
  sorting: Sorting,
  scratch: SketchScratch,
  count: number,
  binsMax: number,
  weights: number,
  cuts: Float32Array,
): number {
  const { size } = sketchLimits(count, binsMax);
  const sketch = new ColumnSketch(kernels, scratch, size);
  const { temp, merged } = scratch;
  let pushed = false;
  for (let from = 0; from < count;) {
    const to = kernels.queueEnd(from, count, sorting.values, 2 * size);
    const values = sorting.values + from * 4;
    const rows = weights === 0 ? 0 : sorting.rows + from * 4;
    kernels.sortFloats(to - from, values, rows, sorting.spare, sorting.spareRows, sorting.digits);
    temp.entries = kernels.summarise(to - from, values, rows, weights, temp.pointer);
    from = to;
    if (from === count) break;
    sketch.push();
    pushed = true;
  }
  const summary = sketch.finish(pushed);
  const few = Math.min(count, binsMax * FACTOR);
  merged.entries = kernels.pruneSummary(summary.entries, summary.pointer, few, merged.pointer);
  const most = Math.min(few, binsMax);
  temp.entries = kernels.pruneSummary(merged.entries, merged.pointer, most + 1, temp.pointer);
  let bins = 1;
  for (let entry = 1; entry < Math.min(temp.entries, most); entry += 1) {
    const value = scratch.floats[temp.pointer / 4 + entry * 4 + 3] as number;
    if (bins > 1 && value <= (cuts[bins - 2] as number)) continue;
    cuts[bins - 1] = value;
    bins += 1;
  }
  return bins;
}
