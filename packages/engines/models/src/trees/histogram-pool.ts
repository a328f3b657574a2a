import type { GrowingNode } from './growing-tree.ts';

/** Room for histograms of nodes, taken once and used again and again. */
export class HistogramPool {
  readonly #free: number[];
  readonly capacity: number;

  /** `slots`: where each begins, at least two. */
  constructor(slots: readonly number[]) {
    this.#free = slots.toReversed();
    this.capacity = slots.length;
  }

  get free(): number {
    return this.#free.length;
  }

  take(): number {
    const slot = this.#free.pop();
    if (slot === undefined) throw new Error('no room for a histogram is left: take none before looking at `free`');
    return slot;
  }

  /** Takes a node's histogram back. Its children will be built from their rows, both of them, instead of one as the difference to the other. */
  release(node: GrowingNode): void {
    if (node.slot === null) return;
    this.#free.push(node.slot);
    node.slot = null;
  }

  /** Takes histograms back, those of the least gain first, until `wanted` are free or none of `nodes` holds one. */
  makeRoom(wanted: number, nodes: readonly GrowingNode[]): void {
    if (this.free >= wanted) return;
    const holders = nodes
      .filter(({ slot }) => slot !== null)
      .toSorted((a, b) => (a.split?.gain ?? 0) - (b.split?.gain ?? 0) || b.index - a.index);
    for (const node of holders) {
      if (this.free >= wanted) return;
      this.release(node);
    }
  }
}
