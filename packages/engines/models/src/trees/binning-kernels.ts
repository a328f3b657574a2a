import { binningWasm } from '../kernels/binning.wasm.ts';
import { platform, type SharedMemory } from '../kernels/web-assembly.ts';

/** The kernels of `kernels/binning.as.ts`; each says there what it does. Pointers are byte offsets into the memory they were bound to. */
export interface BinningKernels {
  readonly sortFloats: (
    count: number,
    values: number,
    rows: number,
    scratch: number,
    scratchRows: number,
    digits: number,
  ) => void;
  readonly distinctValues: (
    count: number,
    values: number,
    rows: number,
    weights: number,
    distinct: number,
    before: number,
  ) => number;
  readonly assignBins: (count: number, values: number, cuts: number, missing: number, bins: number) => void;
  readonly queueEnd: (from: number, count: number, values: number, runs: number) => number;
  readonly summarise: (count: number, values: number, rows: number, weights: number, out: number) => number;
  readonly pruneSummary: (entries: number, from: number, size: number, out: number) => number;
  readonly combineSummaries: (entriesA: number, fromA: number, entriesB: number, fromB: number, out: number) => number;
  readonly binMaxima: (count: number, values: number, bins: number, many: number, out: number) => void;
}

const module = new platform.Module(Uint8Array.fromBase64(binningWasm));

/** Binds the kernels to a memory, in whichever thread. */
export const bindBinningKernels = (memory: SharedMemory): BinningKernels =>
  new platform.Instance(module, { env: { memory } }).exports as BinningKernels;
