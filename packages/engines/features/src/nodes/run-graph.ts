import type { BarInputs } from './higher-bars.ts';
import type { InputNode, Node } from './node.ts';

/** Inputs of a bar that only some sources know. */
export const FLOW_INPUTS = ['takerBuyVolume', 'trades', 'bookImbalance'] as const;
export type FlowInput = (typeof FLOW_INPUTS)[number];

/** What a run is told of the graph that it reckons. */
export interface RunGraph extends BarInputs {
  /** In the order in which they can be reckoned. */
  readonly nodes: readonly Node[];
  /** How many rows before the newest have to be kept. */
  readonly looksBack: number;
  /** An interval's length. */
  readonly stepMs: number;
  readonly flow: ReadonlyMap<FlowInput, InputNode>;
  /** By instrument: closes of other instruments at the same times. */
  readonly others: ReadonlyMap<string, InputNode>;
  /** By name: columns that are made outside. */
  readonly external: ReadonlyMap<string, InputNode>;
}
