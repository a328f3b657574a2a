import { barNumber } from '@monsta/core';
import type { BarColumns, BarValues } from './bar-columns.ts';
import type { HigherRun } from './nodes/higher-bars.ts';
import type { Column } from './nodes/node.ts';
import { FLOW_INPUTS, type RunGraph } from './nodes/run-graph.ts';

/** What bars are accompanied by, in columns beside them. */
export interface Companions {
  /** By instrument: closes at the same times, NaN where there is none. */
  readonly others: ReadonlyMap<string, Float64Array>;
  /** By name: columns that are made outside. */
  readonly external: ReadonlyMap<string, Float64Array>;
}

/** Reckons a graph over one contiguous piece of history after another, in bounded memory. */
export class FeatureRun implements HigherRun {
  readonly outputs: readonly Column[];
  readonly #graph: RunGraph;
  readonly #kept: number;
  readonly #capacity: number;
  #size = 0;

  /** `rowsAtOnce`: how many bars are reckoned together at most. */
  constructor(graph: RunGraph, outputs: readonly Column[], rowsAtOnce: number) {
    this.#graph = graph;
    this.outputs = outputs;
    this.#kept = graph.looksBack;
    this.#capacity = this.#kept + rowsAtOnce;
    for (const node of graph.nodes) {
      node.allocate(this.#capacity);
      node.reset();
    }
  }

  /** Row of the newest bar. */
  get newest(): number {
    return this.#size - 1;
  }

  reset(): void {
    this.#size = 0;
    for (const node of this.#graph.nodes) node.reset();
  }

  /** Takes the next bar; it must follow on. */
  push(openTimeMs: number, open: number, high: number, low: number, close: number, volume: number): void {
    const row = this.#write(openTimeMs, open, high, low, close, volume);
    this.#reckon(row, row + 1);
  }

  /** The same with what accompanies a bar; what is not given is not known. */
  pushBar(bar: BarValues, others: ReadonlyMap<string, number>, external: ReadonlyMap<string, number>): void {
    const row = this.#write(bar.openTimeMs, bar.open, bar.high, bar.low, bar.close, bar.volume);
    const { flow, others: otherInputs, external: externalInputs } = this.#graph;
    for (const [name, input] of flow) input.values[row] = bar[name] ?? Number.NaN;
    for (const [instrument, input] of otherInputs) input.values[row] = others.get(instrument) ?? Number.NaN;
    for (const [name, input] of externalInputs) input.values[row] = external.get(name) ?? Number.NaN;
    this.#reckon(row, row + 1);
  }

  /** Takes bars `from` on of the columns, `to − 1` the last at most, and returns where it stopped; they must follow on. Their rows end with the newest. */
  append(columns: BarColumns, from: number, to: number, { others, external }: Companions): number {
    const count = Math.min(to - from, this.#capacity - this.#kept);
    if (this.#size + count > this.#capacity) this.#keepNewest();
    const row = this.#size;
    const graph = this.#graph;
    const take = (into: Float64Array, column: Float64Array | null | undefined): void => {
      if (column === null || column === undefined) into.fill(Number.NaN, row, row + count);
      else into.set(column.subarray(from, from + count), row);
    };
    for (const name of ['openTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const)
      take(graph[name].values, columns[name]);
    for (const name of FLOW_INPUTS) {
      const input = graph.flow.get(name);
      if (input !== undefined) take(input.values, columns[name]);
    }
    for (const [instrument, input] of graph.others) take(input.values, others.get(instrument));
    for (const [name, input] of graph.external) take(input.values, external.get(name));
    this.#reckon(row, row + count);
    return from + count;
  }

  #write(openTimeMs: number, open: number, high: number, low: number, close: number, volume: number): number {
    if (this.#size === this.#capacity) this.#keepNewest();
    const row = this.#size;
    const graph = this.#graph;
    graph.openTimeMs.values[row] = openTimeMs;
    graph.open.values[row] = open;
    graph.high.values[row] = high;
    graph.low.values[row] = low;
    graph.close.values[row] = close;
    graph.volume.values[row] = volume;
    return row;
  }

  #reckon(from: number, to: number): void {
    const first = barNumber(this.#graph.openTimeMs.values[from] as number, this.#graph.stepMs);
    for (const node of this.#graph.nodes) node.run(from, to, first);
    this.#size = to;
  }

  /** Makes room: what lies further back than any node looks is needed no more. */
  #keepNewest(): void {
    const from = this.#size - this.#kept;
    if (from <= 0) return;
    for (const node of this.#graph.nodes) node.moveRows(from, this.#size);
    this.#size = this.#kept;
  }
}
