import { forestWasm } from '../kernels/forest.wasm.ts';
import { platform, type SharedMemory } from '../kernels/web-assembly.ts';

/** The kernels of `kernels/forest.as.ts`; each says there what it does. Pointers are byte offsets into the memory they were bound to. */
export interface ForestKernels {
  readonly splitCounts: (
    count: number,
    rows: number,
    stats: number,
    column: number,
    bins: number,
    missing: number,
    entropy: number,
    total: bigint,
    rowsMin: number,
    weightMin: number,
    histogram: number,
    marks: number,
    out: number,
  ) => number;
  readonly splitValues: (
    count: number,
    rows: number,
    stats: number,
    column: number,
    bins: number,
    missing: number,
    totals: number,
    rowsMin: number,
    weightMin: number,
    histogram: number,
    marks: number,
    out: number,
  ) => number;
  readonly splitClasses: (
    count: number,
    rows: number,
    stats: number,
    column: number,
    bins: number,
    missing: number,
    classes: number,
    entropy: number,
    totals: number,
    rowsMin: number,
    weightMin: number,
    histogram: number,
    left: number,
    marks: number,
    out: number,
  ) => number;
  readonly partition: (
    count: number,
    rows: number,
    stats: number,
    wide: number,
    column: number,
    bin: number,
    missing: number,
    missingLeft: number,
    spareRows: number,
    spareStats: number,
  ) => number;
  readonly sumCounts: (count: number, stats: number) => bigint;
  readonly sumValues: (count: number, stats: number, totals: number) => void;
  readonly sumClasses: (count: number, stats: number, classes: number, totals: number) => void;
}

const module = new platform.Module(Uint8Array.fromBase64(forestWasm));

/** Binds the kernels to a memory, in whichever thread. */
export const bindForestKernels = (memory: SharedMemory): ForestKernels =>
  new platform.Instance(module, { env: { memory } }).exports as ForestKernels;
