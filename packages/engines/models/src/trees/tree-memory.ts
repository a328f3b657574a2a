import { invariant } from '@monsta/core';
import { treesWasm } from '../kernels/trees.wasm.ts';
import { platform, type SharedMemory } from '../kernels/web-assembly.ts';

type Histogram1 = (count: number, rows: number, pairs: number, column: number, out: number) => void;

type Histogram4 = (
  count: number,
  rows: number,
  pairs: number,
  a: number,
  b: number,
  c: number,
  d: number,
  outA: number,
  outB: number,
  outC: number,
  outD: number,
) => void;

type CountBins = (count: number, rows: number, column: number, out: number) => void;

type Partition = (count: number, rows: number, column: number, goesLeft: number, spare: number) => number;

/** The kernels of `kernels/trees.as.ts`; each says there what it does. Pointers are byte offsets into the memory it was made with. */
export interface TreeKernels {
  readonly subtract: (count: number, a: number, b: number, out: number) => void;
  readonly histogram1: Histogram1;
  readonly histogram1Wide: Histogram1;
  readonly histogram4: Histogram4;
  readonly histogram4Wide: Histogram4;
  readonly countBins: CountBins;
  readonly countBinsWide: CountBins;
  readonly subtractCounts: (count: number, a: number, b: number, out: number) => void;
  readonly partition: Partition;
  readonly partitionWide: Partition;
  readonly gatherPairs: (count: number, rows: number, pairs: number, out: number) => void;
  readonly addToMargins: (
    count: number,
    rows: number,
    margins: number,
    step: number,
    value: number,
    single: number,
  ) => void;
  readonly logisticPairs: (
    count: number,
    margins: number,
    labels: number,
    weights: number,
    floor: number,
    single: number,
    out: number,
  ) => void;
  readonly scanPlain: (
    histogram: number,
    bins: number,
    hasMissing: number,
    total: number,
    lambda: number,
    hessianMin: number,
    rootGain: number,
    out: number,
  ) => void;
  readonly scanGeneral: (
    histogram: number,
    counts: number,
    bins: number,
    hasMissing: number,
    node: number,
    rules: number,
    direction: number,
    leftFirst: number,
    out: number,
  ) => void;
}

/** A part of a `TreeMemory`: where it begins, in bytes, and the numbers there. */
export interface MemoryBlock<View> {
  readonly pointer: number;
  readonly view: View;
}

const PAGE_BYTES = 65_536;
/** 4 GB, all that 32-bit pointers reach; memory that nobody touches costs nothing. */
const PAGES_MAX = 65_536;
/** What a cache line holds; blocks begin on one, so that two threads never write to the same line of two blocks. */
const LINE_BYTES = 64;

const module = new platform.Module(Uint8Array.fromBase64(treesWasm));

/** Binds the kernels to a memory, in whichever thread; costs some 0.1 ms. */
export function bindTreeKernels(memory: SharedMemory): TreeKernels {
  return new platform.Instance(module, { env: { memory } }).exports as TreeKernels;
}

/**
 * Memory that tree training shares with its kernels and its threads: blocks are given out one after the other and taken back all at once, so that a training allocates once and the
 * next one uses the same pages again. Views made before `reset` must not be used after it.
 */
export class TreeMemory {
  readonly memory: SharedMemory = new platform.Memory({ initial: 1, maximum: PAGES_MAX, shared: true });
  readonly kernels = bindTreeKernels(this.memory);
  /** The first line stays free: pointer 0 means "none". */
  #used = LINE_BYTES;

  /** Bytes given out. */
  get usedBytes(): number {
    return this.#used;
  }

  /** Bytes that can still be given out. */
  get freeBytes(): number {
    return PAGES_MAX * PAGE_BYTES - this.#used;
  }

  reset(): void {
    this.#used = LINE_BYTES;
  }

  /** Takes back what was given out since `usedBytes` was `used`. */
  releaseTo(used: number): void {
    invariant(used >= LINE_BYTES && used <= this.#used, `can't go back to ${used} bytes of ${this.#used}`);
    this.#used = used;
  }

  bytes(count: number): MemoryBlock<Uint8Array> {
    const pointer = this.#take(count);
    return { pointer, view: new Uint8Array(this.memory.buffer, pointer, count) };
  }

  words(count: number): MemoryBlock<Uint32Array> {
    const pointer = this.#take(count * 4);
    return { pointer, view: new Uint32Array(this.memory.buffer, pointer, count) };
  }

  integers(count: number): MemoryBlock<Int32Array> {
    const pointer = this.#take(count * 4);
    return { pointer, view: new Int32Array(this.memory.buffer, pointer, count) };
  }

  floats(count: number): MemoryBlock<Float32Array> {
    const pointer = this.#take(count * 4);
    return { pointer, view: new Float32Array(this.memory.buffer, pointer, count) };
  }

  doubles(count: number): MemoryBlock<Float64Array> {
    const pointer = this.#take(count * 8);
    return { pointer, view: new Float64Array(this.memory.buffer, pointer, count) };
  }

  #take(bytes: number): number {
    const pointer = this.#used;
    const end = pointer + Math.ceil(bytes / LINE_BYTES) * LINE_BYTES;
    const pages = Math.ceil(end / PAGE_BYTES);
    invariant(pages <= PAGES_MAX, `tree training needs more than the ${PAGES_MAX / 16_384} GB that it can reach`);
    const held = this.memory.buffer.byteLength / PAGE_BYTES;
    if (pages > held) this.memory.grow(pages - held);
    this.#used = end;
    return pointer;
  }
}
